"""The channel's rows in words, for the back office: who, where, about what, what was shown."""

import json
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import Error
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from oauth.models import UserToken
from telegrambot.content import standing as of_group
from telegrambot.content.callback_data import CallbackData, Verb
from telegrambot.dialogs.registry import DIALOGS
from telegrambot.incoming.updates import (
    CallbackQuery,
    EditedMessage,
    Incoming,
    InlineQuery,
    Message,
    MyChatMember,
    parse,
)
from telegrambot.kinds import registry
from telegrambot.models import Chat, SentMessage, Update
from telegrambot.redaction import redacted
from treasury.models import ApprovalTask, Employee, PaymentRequest

logger = logging.getLogger(__name__)

# What is about a request itself; what has a task for its target is, too.
OF_REQUESTS = {
    Verb.DETAILS, Verb.DOCUMENTS, Verb.PRINTED, Verb.NUDGE, Verb.MINE, Verb.SUBMIT, Verb.COPY,
    Verb.APPROVE_HERE, Verb.DECLINE_HERE, Verb.DETAILS_HERE,
}  # fmt: skip
TEXT_SHOWN = 60
_OTHER_TAGS = re.compile(r"<(?!/?(?:b|i|u|s|code|pre|blockquote)>)[^>]*>")


@dataclass(frozen=True)
class Names:
    """Whatever a page of updates refers to, looked up at once."""

    people: dict[int, Employee]
    chats: dict[int, Chat]
    requests: dict[int, PaymentRequest]
    request_of_task: dict[int, int]

    @classmethod
    def of(cls, updates: Iterable[Update]) -> "Names":
        incoming = [found for update in updates if (found := parse(update.payload))]
        pressed = [data for item in incoming if (data := _data(item))]
        tasks = {data.target for data in pressed if _is_of_task(data)}
        of_task = dict(ApprovalTask.objects.filter(pk__in=tasks).values_list("pk", "request"))
        direct = {data.target for data in pressed if data.verb in OF_REQUESTS}
        numbered = PaymentRequest.objects.filter(pk__in=direct | set(of_task.values()))
        return cls(
            people=people(person for item in incoming if (person := _sender(item))),
            chats=_chats(incoming),
            requests={request.pk: request for request in numbered.only("pk", "number")},
            request_of_task=of_task,
        )

    def request(self, incoming: Incoming) -> PaymentRequest | None:
        data = _data(incoming)
        if data is None:
            return None
        if _is_of_task(data):
            return self.requests.get(self.request_of_task.get(data.target, 0))
        return self.requests.get(data.target) if data.verb in OF_REQUESTS else None


def people(telegram_ids: Iterable[int]) -> dict[int, Employee]:
    """Telegram id → who acts from it now."""
    keys = [str(key) for key in telegram_ids]
    ties = UserToken.objects.valid().filter(kind=UserToken.Kind.TELEGRAM, token__in=keys)
    return {int(tie.token): tie.employee for tie in ties.select_related("employee") if tie.employee}


def kind(update: Update) -> str:
    """«Button pressed: ✅ Approve», «Message: /pending»."""
    if update.removed:
        return _of_kind(update.kind)
    match parse(update.payload):
        case CallbackQuery() as query:
            label = query.label or query.data
            return _("Button pressed: %(button)s") % {"button": label}
        case Message() as message if message.words:
            return _("Message: %(text)s") % {"text": message.words[:TEXT_SHOWN]}
        case Message():
            return _("Message without text")
        case EditedMessage() as message:
            return _("Edited message: %(text)s") % {"text": message.text[:TEXT_SHOWN]}
        case InlineQuery():
            return _("Search from another chat")
        case MyChatMember() as change:
            return _("The bot in a chat: %(status)s") % {"status": change.status}
    return _of_kind(update.kind)


def _of_kind(kind: str) -> str:
    """One of which no more is known."""
    return {
        "message": _("Message"),
        "edited_message": _("Edited message"),
        "callback_query": _("Button pressed"),
        "inline_query": _("Search from another chat"),
        "my_chat_member": _("The bot in a chat"),
    }.get(kind, kind or "—")


def left(update: Update) -> SafeString | str:
    """What of the update is there, and why the rest is not."""
    rest = folded(update.payload) if update.payload else ""
    if update.removed == Update.Removed.OLD:
        hours = settings.KEPT["payloads"] // timedelta(hours=1)
        return _("Removed after %(hours)d hours.") % {"hours": hours}
    return format_html("{} {}", update.get_removed_display(), rest) if update.removed else rest


def kinds(kind: str) -> str:
    """All updates of a kind of the Bot API's."""
    return {
        "message": _("Messages"),
        "edited_message": _("Edited messages"),
        "callback_query": _("Pressed buttons"),
        "inline_query": _("Searches from other chats"),
        "my_chat_member": _("The bot added to chats and removed"),
    }.get(kind, kind)


def sender(update: Update, names: Names) -> SafeString | str:
    incoming = parse(update.payload)
    person = _sender(incoming) if incoming else None
    if person is None:
        return "—"
    employee = names.people.get(person)
    return link("treasury_employee", employee) if employee else _stranger(incoming)


def chat(update: Update, names: Names) -> SafeString | str:
    incoming = parse(update.payload)
    where = getattr(incoming, "chat", None)
    if where is None:
        return "—"
    known = names.chats.get(where.id)
    return link("telegrambot_chat", known) if known else where.title or str(where.id)


def request(update: Update, names: Names) -> SafeString | str:
    incoming = parse(update.payload)
    found = names.request(incoming) if incoming else None
    return link("treasury_paymentrequest", found) if found else "—"


def link(page: str, row: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{page}_change", args=[row.pk]), row)


def to_come(moment: datetime | None) -> datetime | None:
    """Nothing of a wait that is over: its row keeps when it would have ended."""
    return moment if moment and moment > timezone.now() else None


def folded(value: Any) -> SafeString:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return format_html(
        '<details class="raw"><summary>{}</summary><pre>{}</pre></details>', _("Show"), text
    )


def standing(chat: Chat) -> SafeString | str:
    """What the bot may do there, and what to do about the rest."""
    lines = [
        (("✗" if remedy else "✓"), what, f": {remedy}" if remedy else "")
        for what, remedy in of_group.standing(chat)
    ]
    if not lines:
        return _("Telegram tells it when the bot is added, or is given other rights.")
    return format_html('<ul class="lines">{}</ul>', format_html_join("", "<li>{} {}{}</li>", lines))


def picture(message: SentMessage) -> SafeString | str:
    """The message as its reader's chat shows it now: rendered anew, and sent nowhere."""
    try:
        rendered = registry.render(message)
    except Error:
        # No fault of the message, and without a database there is no page.
        raise
    except Exception as exc:
        # As in its lane: a defect in one message is told, and the page is there to tell of it.
        logger.exception("cannot render: message=%s", message.pk)
        return _("It cannot be rendered: %(error)s") % {
            "error": f"{type(exc).__name__}: {redacted(exc)}"
        }
    if not (rendered.text or rendered.documents):
        return _("Nothing: there is no reader, or nothing to say.")
    # Our own renderer has escaped what people typed; of tags only the harmless ones stay.
    text = mark_safe(_OTHER_TAGS.sub("", rendered.text))  # noqa: S308
    documents = format_html_join("", "<li>📎 {}</li>", ((doc.name,) for doc in rendered.documents))
    rows = (rendered.keyboard or {}).get("inline_keyboard", [])
    buttons = format_html_join("", "<div>{}</div>", ((_row(row),) for row in rows))
    return format_html(
        '<div class="bubble"><ul class="lines">{}</ul><p>{}</p></div><div class="keys">{}</div>',
        documents, text, buttons,
    )  # fmt: skip


def _row(row: list[dict[str, str]]) -> SafeString:
    return format_html_join("", "<span>{}</span>", ((button["text"],) for button in row))


def _data(incoming: Incoming) -> CallbackData | None:
    return CallbackData.parse(incoming.data) if isinstance(incoming, CallbackQuery) else None


def _is_of_task(data: CallbackData) -> bool:
    return data.verb in (Verb.APPROVE, Verb.ACCOUNTS) or data.verb in DIALOGS


def _sender(incoming: Incoming) -> int | None:
    person = getattr(incoming, "sender", None)
    return person.id if person else None


def _stranger(incoming: Any) -> str:
    person = incoming.sender
    return _("%(name)s (not linked)") % {"name": person.name or person.id}


def _chats(incoming: Iterable[Incoming]) -> dict[int, Chat]:
    keys = {where.id for item in incoming if (where := getattr(item, "chat", None))}
    return {chat.telegram_id: chat for chat in Chat.objects.filter(telegram_id__in=keys)}
