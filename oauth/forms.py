from typing import Any

from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _

from treasury.models import Employee
from treasury.services import passwords


class SignInForm(AuthenticationForm):
    """E-mail and password; what is wrong with them is nobody's business."""

    error_messages = {
        "invalid_login": _("Wrong e-mail or password."),
        "inactive": _("Wrong e-mail or password."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A phone's keyboard must not cover whose Telegram account it is about.
        del self.fields["username"].widget.attrs["autofocus"]


class PasswordByLinkForm(SetPasswordForm):  # type: ignore[type-arg]
    """The bearer of a link sets his password; whether it still holds the service says."""

    def __init__(self, *args: Any, token: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._token = token

    def save(self, commit: bool = True) -> Employee:
        return passwords.set_by_link(
            employee=self.user, token=self._token, password=self.cleaned_data["new_password1"]
        )
