"""Changing one's own password in the back office."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from treasury.models import Employee
from treasury.services import passwords


class OwnPasswordForm(AdminPasswordChangeForm):
    def save(self, commit: bool = True) -> Employee:
        """By the service, which leaves a trace."""
        password = self.cleaned_data["new_password1"]
        self.user: Any = passwords.change_own(employee=self.user, password=password)
        return self.user


def change(request: HttpRequest) -> HttpResponseBase:
    """As `AdminSite.password_change`, which takes no form but Django's."""
    view = PasswordChangeView.as_view(
        form_class=OwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    return view(request)
