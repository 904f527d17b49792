"""What waits for a person, at his hour: composed when it is sent, and then it stays."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from oauth.models import UserToken
from telegrambot.content import digest, keyboards, talk
from telegrambot.content.doubts import doubts
from telegrambot.content.words import priority
from telegrambot.kinds.base import NOTHING, Kind, Rendered
from telegrambot.kinds.cards import accounts_for
from telegrambot.models import Chat, SentMessage, Urgency
from treasury import deadlines, rights, standing
from treasury.approval import read
from treasury.models import Employee, PaymentRequest

NAME = "digest"
# So many are looked at, the most urgent first; of the others it says how many they are.
MOST = 100


class Digest(Kind):
    name = NAME
    label = pgettext_lazy("message", "Tells what waits, once a day")
    urgency = Urgency.NOTICE

    def render(self, message: SentMessage) -> Rendered:
        as_composed = Rendered(message.text, message.keyboard)
        if message.form:
            return as_composed
        today = message.chat.local(timezone.now()).date()
        reader = UserToken.objects.employee_of(message.reader_id)
        if reader is None or message.key != str(today):
            return NOTHING
        if message.lost:
            # A copy may stand there already, whose button asks for what is kept here.
            return as_composed
        with translation.override(reader.language):
            return _composed(message, reader, today)


def row(chat: Chat, day: date) -> SentMessage:
    return SentMessage(chat=chat, kind=NAME, key=str(day), text=str(day))


def reasons(request: PaymentRequest, reader: Employee) -> list[str]:
    """Why it is no usual one for him, a line each; nothing for one that is."""
    late = deadlines.overdue(request.stage, timezone.now()) if request.stage else ""
    late = f"⏰ {late}" if late else ""
    asked = talk.question(request.pk)
    lines = list(filter(None, [late, priority(request), asked, *doubts(request).splitlines()]))
    if not lines and _needs_account(request, reader):
        lines.append(_("🏦 Choose the account from which it is paid"))
    return lines


def _composed(message: SentMessage, reader: Employee, today: date) -> Rendered:
    waiting = PaymentRequest.objects.waiting_for(reader)
    totals = waiting.totals()
    if not totals:
        return NOTHING
    doubtful, usual = [], []
    for request in waiting.with_facts().select_related("stage").most_urgent_first()[:MOST]:
        if why := reasons(request, reader):
            doubtful.append(digest.Doubtful(request, why))
        else:
            usual.append(request)
    text, named = digest.text(today, totals, doubtful, usual)
    keyboard = _keyboard(message, doubtful, named)
    told = [*standing.versions([request.pk for request in named]).items()]
    kept: dict[str, Any] = {"text": text, "keyboard": keyboard, "told": told}
    return Rendered(text, keyboard, keeps=kept)


def _keyboard(
    message: SentMessage, doubtful: list[digest.Doubtful], usual: Sequence[PaymentRequest]
) -> dict[str, Any] | None:
    numbered = [
        (str(number), entry.request.pk)
        for number, entry in enumerate(doubtful[: digest.NUMBERED], start=1)
    ]
    approving = keyboards.usual(message.pk, digest.label(usual))
    return keyboards.markup([*keyboards.listed(numbered), approving])


def _needs_account(request: PaymentRequest, reader: Employee) -> bool:
    """Whether he has to say from where it is paid."""
    if request.own_account_id:
        return False
    approval = read(request)
    task = rights.task_of(approval, reader)
    return task is not None and bool(accounts_for(approval, task, reader))
