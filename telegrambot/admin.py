"""The channel in the back office: the inbox, the chats, the messages; to be read and retried."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from telegrambot import chats, doorbell, inbox
from telegrambot.models import Chat, ReasonTemplate, SentMessage, Update
from telegrambot.tasks import call_soon
from treasury.admin.base import BackOfficeAdmin, ReadOnlyAdmin
from treasury.admin.display import badge


class RepairableAdmin(ReadOnlyAdmin):
    """Rows that nobody edits, and that whoever has the right to change may have tried again."""

    actions = ["retry"]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return BackOfficeAdmin.has_change_permission(self, request)

    @admin.action(description=_("Try again"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        count = self.retry_all(queryset)
        text = ngettext("%(count)d will be tried again.", "%(count)d will be tried again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)

    def retry_all(self, queryset: QuerySet[Any]) -> int:
        """How many were set in motion; those in order are left alone."""
        raise NotImplementedError


@admin.register(SentMessage)
class SentMessageAdmin(RepairableAdmin):
    list_display = [
        "request", "chat", "purpose", "shown_state", "progress", "attempts", "not_before", "error",
        "sent_at",
    ]  # fmt: skip
    list_filter = ["state", "purpose"]
    list_select_related = ["request", "chat"]
    search_fields = ["request__number__finds", "chat__title__finds"]
    exclude = ["shown_hash"]

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, message: SentMessage) -> SafeString:
        return badge(message.state, message.get_state_display())

    @admin.display(description=_("shown / wanted"))
    def progress(self, message: SentMessage) -> str:
        return f"{message.shown} / {message.wanted}"

    def retry_all(self, queryset: QuerySet[SentMessage]) -> int:
        count = chats.retry(queryset)
        doorbell.ring()
        return count


@admin.register(Chat)
class ChatAdmin(RepairableAdmin):
    """Which group belongs to which organization is configuration; the rest Telegram tells."""

    list_display = ["title", "kind", "organization", "shown_state", "state_reason", "not_before"]
    list_filter = ["kind", "state", "organization"]
    list_select_related = ["organization"]
    search_fields = ["title__finds", "telegram_id"]
    fields = [
        ("title", "kind", "telegram_id"), "organization", ("state", "state_reason"),
        ("not_before", "lease_until"),
    ]  # fmt: skip
    readonly_fields = [
        "title", "kind", "telegram_id", "state", "state_reason", "not_before", "lease_until",
    ]  # fmt: skip

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, chat: Chat) -> SafeString:
        return badge(chat.state, chat.get_state_display())

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_retry_permission(request)

    def retry_all(self, queryset: QuerySet[Chat]) -> int:
        for chat in queryset:
            chats.revive(chat)
        count = queryset.update(not_before=None)
        doorbell.ring()
        return count


@admin.register(Update)
class UpdateAdmin(RepairableAdmin):
    list_display = ["update_id", "kind", "received_at", "handled_at", "attempts", "error"]
    list_filter = ["kind", ("handled_at", admin.EmptyFieldListFilter)]
    search_fields = ["update_id", "error__finds"]
    fields = [
        "update_id", "kind", ("received_at", "handled_at", "attempts"), "error", "shown_payload",
    ]  # fmt: skip

    def retry_all(self, queryset: QuerySet[Update]) -> int:
        failed = queryset.filter(handled_at=None).order_by("update_id")
        pks = list(failed.values_list("pk", flat=True))
        for pk in pks:
            reply = inbox.retry(pk)
            if reply:
                call_soon(reply)
        return len(pks)

    @admin.display(description=_("payload"))
    def shown_payload(self, update: Update) -> SafeString:
        return format_html(
            "<pre>{}</pre>", json.dumps(update.payload, ensure_ascii=False, indent=2)
        )


@admin.register(ReasonTemplate)
class ReasonTemplateAdmin(BackOfficeAdmin):
    list_display = ["text", "action", "position", "is_active"]
    list_filter = ["action", "is_active"]
