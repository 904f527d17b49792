"""What waits for a person, at his hour: composed when it is sent, and then it stays."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from oauth.models import UserToken
from telegrambot.content import digest, keyboards, talk
from telegrambot.content.aside import news_of_each
from telegrambot.content.doubts import doubts_of_each
from telegrambot.content.words import priority
from telegrambot.kinds.base import NOTHING, Kind, Rendered
from telegrambot.models import Chat, SentMessage, Urgency
from treasury import deadlines, rights, standing, working_time
from treasury.approval import read_each
from treasury.models import Employee, OwnAccount, PaymentRequest
from treasury.working_time import WorkingTime

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
            return as_composed if _is_still_his(message, reader) else NOTHING
        with translation.override(reader.language):
            return _composed(message, reader, today)


def row(chat: Chat, day: date) -> SentMessage:
    return SentMessage(chat=chat, kind=NAME, key=str(day), text=str(day))


def reasons(
    requests: Collection[PaymentRequest], reader: Employee, chat: Chat
) -> dict[int, list[str]]:
    """By the key of each request why it is no usual one for him whose chat it is, a line each;
    nothing for one that is. In as many queries as of one."""
    questions = talk.questions([request.pk for request in requests])
    doubtful, news = doubts_of_each(requests), news_of_each(requests, reader, chat)
    now, calendar = timezone.now(), working_time.current()
    found = {
        request.pk: [
            *_why_now(request, now, calendar),
            *filter(None, [questions.get(request.pk)]),
            *_changed(news.get(request.pk, "")),
            *doubtful[request.pk].splitlines(),
        ]
        for request in requests
    }
    usual = [request for request in requests if not found[request.pk]]
    for key in _lacking_account(usual, reader):
        found[key].append(_("🏦 Choose the account from which it is paid"))
    return found


def usual_in(message: SentMessage) -> list[tuple[int, int]]:
    """The keys of the usual requests of which this digest tells, each with its `standing.version`
    then."""
    return message.told["usual"] if message.told else []


def _is_still_his(message: SentMessage, reader: Employee) -> bool:
    """Whether it was composed for him who reads there now, and he may still read of all that it
    names."""
    told = message.told
    named = PaymentRequest.objects.filter(pk__among=told["named"])
    may_read = named.readable_by(reader).count() == len(told["named"])
    return bool(told["reader"] == reader.pk and may_read)


def _why_now(request: PaymentRequest, now: datetime, calendar: WorkingTime) -> Iterable[str]:
    """Why it is more urgent than others."""
    late = deadlines.overdue(request.stage, now, calendar) if request.stage else ""
    return filter(None, [f"⏰ {late}" if late else "", priority(request)])


def _changed(news: str) -> list[str]:
    return [_("✏️ Changed: %(changes)s") % {"changes": "; ".join(news.splitlines())}] if news else []


def _composed(message: SentMessage, reader: Employee, today: date) -> Rendered:
    waiting = PaymentRequest.objects.waiting_for(reader)
    totals = waiting.totals()
    if not totals:
        return NOTHING
    most_urgent = waiting.with_facts().select_related("stage").most_urgent_first()
    requests = list(most_urgent[:MOST])
    why = reasons(requests, reader, message.chat)
    doubtful = [digest.Doubtful(one, why[one.pk]) for one in requests if why[one.pk]]
    usual = [one for one in requests if not why[one.pk]]
    told = digest.told(today, totals, doubtful, usual)
    keyboard = _keyboard(message, told)
    kept = {"text": told.text, "keyboard": keyboard, "told": _told(told, reader)}
    return Rendered(told.text, keyboard, keeps=kept)


def _told(told: digest.Told, reader: Employee) -> dict[str, Any]:
    """By keys."""
    return {
        "reader": reader.pk,
        "named": [request.pk for request in (*told.doubtful, *told.usual)],
        "usual": [*standing.versions([request.pk for request in told.usual]).items()],
    }


def _keyboard(message: SentMessage, told: digest.Told) -> dict[str, Any] | None:
    """A number for each that needs a look: so many as a text has room for are fewer than the
    hundred buttons that a message may have."""
    numbered = [(str(number), one.pk) for number, one in enumerate(told.doubtful, start=1)]
    approving = keyboards.usual(message.pk, digest.label(told.usual))
    return keyboards.markup([*keyboards.listed(numbered), approving])


def _lacking_account(requests: Iterable[PaymentRequest], reader: Employee) -> set[int]:
    """The keys of those of which he has to say from where they are paid."""
    lacking = [request for request in requests if not request.own_account_id]
    if not lacking:
        return set()
    organizations = {request.organization_id for request in lacking}
    accounts = OwnAccount.objects.in_use().filter(organization__in=organizations).order_by()
    payable = set(accounts.values_list("organization", "currency").distinct())
    with_choice = [one for one in lacking if (one.organization_id, one.currency) in payable]
    approvals = {one.request.pk: one for one in read_each(with_choice)}
    tasks = rights.tasks_of_each(approvals.values(), reader)
    return {
        key for key, task in tasks.items() if rights.chooses_account(approvals[key], task, reader)
    }
