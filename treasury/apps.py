from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TreasuryConfig(AppConfig):
    name = "treasury"
    verbose_name = _("Treasury")

    def ready(self) -> None:
        # The lookups register themselves with the fields when they are loaded.
        from treasury import sqlite

        sqlite.connect()
