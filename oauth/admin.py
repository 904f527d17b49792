"""Who is tied to which Telegram account, and which links are out; to be read and revoked."""

# Imported first, so that what it registers is there to be taken out again below.
import social_django.admin  # noqa: F401
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from social_django.models import Association, Nonce, UserSocialAuth

from oauth import linking
from oauth.models import UserToken
from treasury.admin.base import BackOfficeAdmin, ReadOnlyAdmin, employee_of

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

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[UserToken]) -> None:
        actor = employee_of(request)
        tokens = queryset.select_related("employee")
        count = sum(linking.revoke(token=token, actor=actor) for token in tokens)
        text = ngettext("%(count)d token was revoked.", "%(count)d tokens were revoked.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
