"""Who is tied to which Telegram account; to be read and revoked."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from oauth.models import UserToken
from treasury.admin.base import BackOfficeAdmin, ReadOnlyAdmin


@admin.register(UserToken)
class UserTokenAdmin(ReadOnlyAdmin):
    list_display = ["employee", "kind", "identifier", "created_at", "revoked_at"]
    fields = ["employee", "kind", "identifier", "created_at", "revoked_at"]
    list_filter = ["kind", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["employee"]
    search_fields = ["employee__last_name", "employee__email", "=token"]
    actions = ["revoke"]

    @admin.display(description=_("Telegram id"))
    def identifier(self, token: UserToken) -> str:
        """Only what is no secret."""
        return token.token if token.kind == UserToken.Kind.TELEGRAM else ""

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return BackOfficeAdmin.has_change_permission(self, request)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[UserToken]) -> None:
        count = queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
        text = ngettext("%(count)d token was revoked.", "%(count)d tokens were revoked.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
