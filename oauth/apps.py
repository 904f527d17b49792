from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from oauth.checks import check_sign_in


class OAuthConfig(AppConfig):
    name = "oauth"
    verbose_name = _("Sign-in")

    def ready(self) -> None:
        # The models that the receivers know are loaded only now.
        from oauth import receivers

        register(check_sign_in)
        receivers.connect()
