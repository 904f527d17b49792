from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from treasury.roles import synchronise


class TreasuryConfig(AppConfig):
    name = "treasury"
    verbose_name = _("Treasury")

    def ready(self) -> None:
        post_migrate.connect(synchronise, dispatch_uid="treasury.roles")
