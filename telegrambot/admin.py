"""The channel in the back office: the inbox, the chats, the messages; to be read and retried."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from telegrambot import doorbell, in_words
from telegrambot.delivery import chats
from telegrambot.incoming import inbox
from telegrambot.incoming.updates import ALLOWED_UPDATES
from telegrambot.kinds import registry
from telegrambot.layouts import CardLayoutAdmin
from telegrambot.models import (
    Alert,
    Bookmark,
    CardLayout,
    Chat,
    Errand,
    ReasonTemplate,
    SentMessage,
    Update,
)
from telegrambot.projection.news import project_group, show_everything_anew
from telegrambot.topics_page import TopicInline
from telegrambot.webhook_page import ErrandAdmin
from treasury.admin.base import BackOfficeAdmin, ReadOnlyAdmin
from treasury.admin.display import badge
from treasury.admin.fields import key_of
from treasury.admin.lookups import DepartmentsField, DepartmentsSelect
from treasury.admin.paging import FarChangeList, FarListAdmin
from treasury.admin.shown import AsShownForm
from treasury.models import Department

State = SentMessage.State
# The part of a message's page that its state names.
_PICTURE = "picture"
# Of a group: whose requests are announced there.
BOUND_TO = ("organizations", "departments")


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


class MessageList(FarChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """Whose chats these are is looked up for the whole page at once."""
        super().get_results(request)
        readers = in_words.people(message.chat.telegram_id for message in self.result_list)
        for message in self.result_list:
            message.employee = readers.get(message.chat.telegram_id)


class MessageKindFilter(admin.SimpleListFilter):
    title = _("what it is for")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.name, str(kind.label)) for kind in registry.KINDS.values()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[SentMessage]
    ) -> QuerySet[SentMessage]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(SentMessage)
class SentMessageAdmin(FarListAdmin, RepairableAdmin):
    list_display = [
        "what", "shown_state", "about", "where", "reader", "hindrance", "progress", "attempts",
        "next_try", "sent_at",
    ]  # fmt: skip
    list_filter = ["state", MessageKindFilter]
    list_select_related = ["request", "chat"]
    search_fields = ["request__number__finds", "chat__title__finds"]
    fieldsets = [
        (None, {"fields": [("what", "shown_state"), ("about", "where", "reader"), "hindrance"]}),
        (_PICTURE, {"fields": ["picture"]}),
        (
            _("Delivery"),
            {
                "fields": [
                    ("progress", "attempts", "next_try"),
                    ("created_at", "sent_at", "edited_at"),
                    "technical",
                ]
            },
        ),
    ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return MessageList

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What has not been sent, or not been changed yet, is not claimed to stand there."""
        stands = obj and obj.form and obj.shown == obj.wanted and obj.state == State.SENT
        heading = _("As the chat shows it now") if stands else _("As the chat is to show it")
        parts = super().get_fieldsets(request, obj)
        return [(heading if name == _PICTURE else name, options) for name, options in parts]

    @admin.display(description=_("what is in the way"), empty_value="—")
    def hindrance(self, message: SentMessage) -> str:
        return message.hindrance

    @admin.display(description=_("what it is for"), ordering="kind")
    def what(self, message: SentMessage) -> str:
        return registry.label(message)

    @admin.display(description=_("state"))
    def shown_state(self, message: SentMessage) -> SafeString:
        return badge(message.state, message.get_state_display())

    @admin.display(description=_("shown / wanted"))
    def progress(self, message: SentMessage) -> str:
        return f"{message.shown} / {message.wanted}"

    @admin.display(description=_("next try"), ordering="not_before", empty_value="—")
    def next_try(self, message: SentMessage) -> datetime | None:
        return in_words.to_come(message.not_before)

    @admin.display(description=_("request"), ordering="request")
    def about(self, message: SentMessage) -> SafeString | str:
        if message.request is None:
            return "—"
        return in_words.link("treasury_paymentrequest", message.request)

    @admin.display(description=_("chat"), ordering="chat")
    def where(self, message: SentMessage) -> SafeString:
        return in_words.link("telegrambot_chat", message.chat)

    @admin.display(description=_("employee"))
    def reader(self, message: Any) -> SafeString | str:
        """Of a private chat; the list has looked them all up."""
        telegram_id = message.chat.telegram_id
        if not hasattr(message, "employee"):
            message.employee = in_words.people([telegram_id]).get(telegram_id)
        if message.employee is None:
            return "—"
        return in_words.link("treasury_employee", message.employee)

    @admin.display(description=_("message"))
    def picture(self, message: SentMessage) -> SafeString | str:
        return in_words.picture(message)

    @admin.display(description=_("for specialists"))
    def technical(self, message: SentMessage) -> SafeString:
        names = ("message_ids", "form", "documents", "task_id", "event_id", "text")
        return in_words.folded({name: getattr(message, name) for name in names})

    def retry_all(self, queryset: QuerySet[SentMessage]) -> int:
        count = SentMessage.objects.filter(pk__in=queryset.values("pk")).retry()
        doorbell.ring()
        return count


class ApproversFilter(admin.SimpleListFilter):
    title = _("approvers")
    parameter_name = "approvers"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("closed", str(_("a decision waits, and the chat is closed")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Chat]) -> QuerySet[Chat]:
        if self.value() != "closed":
            return queryset
        return queryset.filter(pk__in=Chat.objects.closed_to_approvers())


@admin.register(Chat)
class ChatAdmin(RepairableAdmin):
    """Whose requests come to which group is configuration; the rest Telegram tells."""

    form = AsShownForm
    list_display = [
        "title", "kind", "whose", "dress", "told", "shown_state", "state_reason", "paused_until",
    ]  # fmt: skip
    list_filter = ["kind", "state", ApproversFilter, "organizations"]
    search_fields = ["title__finds", "telegram_id"]
    inlines = [TopicInline]
    fields = [
        ("title", "kind", "telegram_id"), *BOUND_TO, ("dress", "alerts"), "topic_per",
        ("state", "state_reason"), "may", ("paused_until", "sending_until"),
    ]  # fmt: skip
    readonly_fields = [
        "may", "title", "kind", "telegram_id", "state", "state_reason", "paused_until",
        "sending_until", "whose",
    ]  # fmt: skip
    autocomplete_fields = ["organizations"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chat]:
        bound_to = ("organizations", "departments__organization")
        return super().get_queryset(request).prefetch_related(*bound_to)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "departments":
            kwargs |= {
                "form_class": DepartmentsField,
                "widget": DepartmentsSelect(db_field, self.admin_site),
                "queryset": Department.objects.select_related("organization"),
            }
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description=_("whose requests"))
    def whose(self, chat: Chat) -> str:
        return "; ".join(chat.bound_to()) or "—"

    @admin.display(description=_("tells of trouble"), ordering="alerts")
    def told(self, chat: Chat) -> str:
        """That most chats do not is no trouble itself, as Django's red cross would say."""
        return gettext("yes") if chat.alerts else "—"

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, chat: Chat) -> SafeString:
        return badge(chat.state, chat.get_state_display())

    @admin.display(description=_("paused until"), ordering="not_before", empty_value="—")
    def paused_until(self, chat: Chat) -> datetime | None:
        return in_words.to_come(chat.not_before)

    @admin.display(description=_("sending, at the latest until"), empty_value="—")
    def sending_until(self, chat: Chat) -> datetime | None:
        return in_words.to_come(chat.lease_until)

    @admin.display(description=_("the bot may there"))
    def may(self, chat: Chat) -> SafeString | str:
        return in_words.standing(chat)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_retry_permission(request) and (obj is None or obj.is_group)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """In a person's chat nothing is announced. Who only reads needs no names of departments
        without their organizations."""
        if obj and not obj.is_group:
            of_groups = (*BOUND_TO, "may", "topic_per")
            return [field for field in self.fields or () if field not in of_groups]
        if self.has_change_permission(request, obj):
            return self.fields
        first, *rest = (field for field in self.fields or () if field not in BOUND_TO)
        return [first, "whose", *rest]

    def save_model(self, request: HttpRequest, obj: Chat, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "dress" in form.changed_data:
            show_everything_anew(Chat.objects.filter(pk=obj.pk))

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj and obj.is_forum else []

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not set(BOUND_TO).isdisjoint(form.changed_data):
            project_group(form.instance)

    @admin.action(description=_("Try again"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Chat]) -> None:
        """Also what a chat has refused: who has given the bot other rights may know it before the
        bot does."""
        offered = sum(chats.revive(chat) + chats.offer_documents(chat) for chat in queryset)
        super().retry(request, queryset)
        if offered:
            text = ngettext(
                "%(count)d message with documents that were refused is offered once more.",
                "%(count)d messages with documents that were refused are offered once more.",
                offered,
            )
            self.message_user(request, text % {"count": offered}, messages.SUCCESS)

    def retry_all(self, queryset: QuerySet[Chat]) -> int:
        count = queryset.update(not_before=None)
        doorbell.ring()
        return count


@admin.register(Bookmark)
class BookmarkAdmin(RepairableAdmin):
    """Only of requests whose news could not be projected."""

    list_display = ["about", "attempts", "not_before", "error"]
    list_select_related = ["request"]
    search_fields = ["request__number__finds"]
    fields = ["about", ("attempts", "not_before"), "error"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bookmark]:
        return Bookmark.objects.stuck().order_by("-attempts", "request")

    @admin.display(description=_("request"), ordering="request")
    def about(self, bookmark: Bookmark) -> SafeString:
        return in_words.link("treasury_paymentrequest", bookmark.request)

    def retry_all(self, queryset: QuerySet[Bookmark]) -> int:
        count = Bookmark.objects.filter(pk__in=queryset.values("pk")).retry()
        doorbell.ring()
        return count


class UpdateList(FarChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """People, chats and requests are looked up for the whole page at once."""
        super().get_results(request)
        names = in_words.Names.of(self.result_list)
        for update in self.result_list:
            update.names = names


class KindFilter(admin.SimpleListFilter):
    """The kinds that we ask for: to look which there are would take reading all."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, in_words.kinds(kind)) for kind in ALLOWED_UPDATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Update]) -> QuerySet[Update]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Update)
class UpdateAdmin(FarListAdmin, RepairableAdmin):
    list_display = [
        "received_at", "what", "sender", "where", "about", "handled_at", "error", "attempts",
    ]  # fmt: skip
    sortable_by = ["received_at"]
    list_filter = [KindFilter, ("handled_at", admin.EmptyFieldListFilter)]
    search_fields = ["update_id", "error__finds"]
    fields = [
        "what", ("sender", "where", "about"), ("received_at", "handled_at", "attempts"), "error",
        "shown_payload",
    ]  # fmt: skip

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return UpdateList

    @admin.display(description=_("what"))
    def what(self, update: Update) -> str:
        return in_words.kind(update)

    @admin.display(description=_("who"))
    def sender(self, update: Update) -> SafeString | str:
        return in_words.sender(update, _names(update))

    @admin.display(description=_("chat"))
    def where(self, update: Update) -> SafeString | str:
        return in_words.chat(update, _names(update))

    @admin.display(description=_("request"))
    def about(self, update: Update) -> SafeString | str:
        return in_words.request(update, _names(update))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Update], search_term: str
    ) -> tuple[QuerySet[Update], bool]:
        """An update by its number; an error, which has only what could not be handled."""
        if not search_term:
            return queryset, False
        if key_of(search_term) is not None:
            return queryset.filter(update_id=search_term), False
        return queryset.filter(handled_at=None, error__finds=search_term), False

    def retry_all(self, queryset: QuerySet[Update]) -> int:
        failed = queryset.filter(handled_at=None).order_by("update_id")
        pks = list(failed.values_list("pk", flat=True))
        for pk in pks:
            inbox.retry(pk)
        return len(pks)

    @admin.display(description=_("payload"))
    def shown_payload(self, update: Update) -> SafeString | str:
        return in_words.left(update)


def _names(update: Any) -> in_words.Names:
    """Those of the whole list, or of the one update whose page it is."""
    if not hasattr(update, "names"):
        update.names = in_words.Names.of([update])
    names: in_words.Names = update.names
    return names


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """What administrators were told of, in the chats that have asked for it."""

    list_display = ["subject", "text", "count", "since", "ended_at"]
    list_filter = ["subject", ("ended_at", admin.EmptyFieldListFilter)]
    fields = ["subject", "text", ("count", "since", "ended_at"), "file_name"]


admin.site.register(CardLayout, CardLayoutAdmin)
admin.site.register(Errand, ErrandAdmin)


@admin.register(ReasonTemplate)
class ReasonTemplateAdmin(BackOfficeAdmin):
    list_display = ["text", "action", "position", "is_active"]
    list_filter = ["action", "is_active"]
