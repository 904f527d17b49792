"""Google as the one who says who somebody is."""

from typing import Any

from django.conf import settings
from social_core.backends.open_id_connect import OpenIdConnectAuth


def is_configured() -> bool:
    return bool(settings.SOCIAL_AUTH_GOOGLE_KEY and settings.SOCIAL_AUTH_GOOGLE_SECRET)


class GoogleOIDC(OpenIdConnectAuth[Any]):
    """OpenID Connect with discovery, state, nonce and PKCE.

    The library's own Google backends have fixed addresses, or check neither nonce nor signature.
    """

    name = "google"
    title = "Google"
    DEFAULT_SCOPE = ["openid", "email"]
    DEFAULT_USE_PKCE = True

    def user_data(self, access_token: str, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """The claims of the signed id_token: a call for the same once more would add nothing."""
        return self.id_token
