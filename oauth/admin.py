"""Who is tied to which Telegram account, and which links are out; to be read and revoked."""

from collections.abc import Iterable
from typing import Any

# Imported first, so that what it registers is there to be taken out again below.
import social_django.admin  # noqa: F401
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from social_django.models import Association, Nonce, UserSocialAuth

from oauth import linking
from oauth.models import UserToken
from treasury.admin import display
from treasury.admin.base import BackOfficeAdmin, ReadOnlyAdmin, employee_of
from treasury.admin.employees import EmployeeAdmin
from treasury.models import Employee

# Half-way sign-ins, which say nothing to a person and hold what is to stay secret.
admin.site.unregister([Association, Nonce, UserSocialAuth])


@admin.register(UserToken)
class UserTokenAdmin(ReadOnlyAdmin):
    list_display = [
        "employee", "kind", "identifier", "created_at", "expires_at", "last_used_at", "revoked_at",
    ]  # fmt: skip
    fields = [
        "employee", "kind", "identifier", "telegram_name", "created_at", "expires_at",
        "last_used_at", "revoked_at", "attempts",
    ]  # fmt: skip
    list_filter = ["kind", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["employee"]
    search_fields = [
        "employee__last_name__finds",
        "employee__email__finds",
        "=token",
        "=telegram_id",
    ]
    actions = ["revoke"]

    @admin.display(description=_("Telegram id"))
    def identifier(self, token: UserToken) -> str:
        """Only what is no secret."""
        is_telegram = token.kind == UserToken.Kind.TELEGRAM
        return token.token if is_telegram else str(token.telegram_id or "")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return BackOfficeAdmin.has_change_permission(self, request)

    def get_urls(self) -> list[URLPattern]:
        one = self.admin_site.admin_view(self.revoke_view)
        return [path("<int:pk>/revoke/", one, name="oauth_usertoken_revoke"), *super().get_urls()]

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[UserToken]) -> HttpResponse | None:
        """Asks once, by a page that sends the same again with the answer."""
        tokens = queryset.select_related("employee")
        if "confirmed" not in request.POST:
            return self._ask(request, list(tokens), action=request.get_full_path())
        self._revoke(request, tokens)
        return None

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One token, from the page of its employee and back to it."""
        if not self.has_revoke_permission(request):
            raise PermissionDenied
        token = get_object_or_404(UserToken.objects.select_related("employee"), pk=pk)
        if request.method != "POST":
            return self._ask(request, [token], action=request.path)
        self._revoke(request, [token])
        return redirect(self._page_of(token.employee))

    def _ask(self, request: HttpRequest, tokens: list[UserToken], action: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Revoke the access?"),
            "opts": self.opts,
            "tokens": tokens,
            "action": action,
            "back": self._page_of(tokens[0].employee if len(tokens) == 1 else None),
        }
        return render(request, "admin/oauth/usertoken/revoke.html", context)

    def _revoke(self, request: HttpRequest, tokens: Iterable[UserToken]) -> None:
        actor = employee_of(request)
        count = sum(linking.revoke(token=token, actor=actor) for token in tokens)
        text = ngettext("%(count)d token was revoked.", "%(count)d tokens were revoked.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)

    def _page_of(self, employee: Employee | None) -> str:
        if employee is None:
            return reverse("admin:oauth_usertoken_changelist")
        return reverse("admin:treasury_employee_change", args=[employee.pk])


class TelegramFilter(admin.SimpleListFilter):
    title = "Telegram"
    parameter_name = "telegram"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("linked", _("Linked")), ("unlinked", _("Unlinked")), ("never", _("Never linked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        ever = UserToken.objects.filter(kind=UserToken.Kind.TELEGRAM).values("employee")
        linked = ever.filter(revoked_at=None)
        match self.value():
            case "linked":
                return queryset.filter(pk__in=linked)
            case "unlinked":
                return queryset.filter(pk__in=ever).exclude(pk__in=linked)
            case "never":
                return queryset.exclude(pk__in=ever)
        return queryset


admin.site.unregister(Employee)


@admin.register(Employee)
class LinkedEmployeeAdmin(EmployeeAdmin):
    """The treasury's page, and whether the person can be reached in Telegram."""

    list_display = [*EmployeeAdmin.list_display[:3], "telegram", *EmployeeAdmin.list_display[3:]]
    list_filter = [TelegramFilter, *EmployeeAdmin.list_filter]

    def get_queryset(self, request: HttpRequest) -> Any:
        ties = UserToken.objects.filter(kind=UserToken.Kind.TELEGRAM).order_by("id")
        tied = Prefetch("tokens", queryset=ties, to_attr="ties")
        return super().get_queryset(request).prefetch_related(tied)

    @admin.display(description="Telegram")
    def telegram(self, employee: Any) -> SafeString | str:
        ties: list[UserToken] = employee.ties
        if not ties:
            return gettext("never linked")
        if ties[-1].revoked_at:
            return display.two_lines(gettext("unlinked"), display.moment(ties[-1].revoked_at))
        used = ties[-1].last_used_at
        return display.two_lines(gettext("linked"), display.moment(used) if used else "")
