"""The open question of a dialog in words, and the buttons that answer it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from telegrambot.content import keyboards
from telegrambot.content.callback_data import Verb
from telegrambot.content.keyboards import Row
from telegrambot.content.markup import bold, plain
from telegrambot.content.words import moment_of_year
from telegrambot.dialogs.questions import (
    WITH_COLLEAGUES,
    Question,
    Subject,
    absence,
    current,
    ends_of_absence,
    people,
    roles,
)
from telegrambot.models import Dialog, ReasonTemplate
from treasury.errors import Text
from treasury.models import Employee, PaymentRequest

# So many names on a page: they, the turns and the way back must fit on a phone.
PAGE_SIZE = 8

_TEXTS: dict[tuple[Question, str], Text] = {
    (Question.REASON, Subject.DECLINE): gettext_lazy("Why is the request declined?"),
    (Question.REASON, Subject.RETURN): gettext_lazy("What is to be reworked?"),
    (Question.REASON, Subject.REASSIGN): gettext_lazy("Why is the task handed over?"),
    (Question.REASON, Subject.ADD_APPROVER): gettext_lazy("Why is one more approver needed?"),
    (Question.WHAT, Subject.COLLEAGUES): gettext_lazy("What is a colleague to do?"),
    (Question.WHOSE, Subject.REASSIGN): gettext_lazy("Whose task is handed over?"),
    (Question.PERSON, Subject.REASSIGN): gettext_lazy("Who is to decide instead?"),
    (Question.PERSON, Subject.ADD_APPROVER): gettext_lazy("Who is to decide as well?"),
    (Question.PERSON, Subject.AWAY): gettext_lazy("Who decides for you meanwhile?"),
    (Question.UNTIL, Subject.AWAY): gettext_lazy("Until which day are you away, inclusive?"),
    (Question.CONFIRM, Subject.AWAY): gettext_lazy("Is that right?"),
}
_SEARCH: Text = gettext_lazy("Choose, or send a part of the name as a message.")
_HINTS: dict[Question, Text] = {
    Question.REASON: gettext_lazy(
        "Choose the reason, or send it as a message. /cancel leaves everything as it is."
    ),
    Question.WHOSE: _SEARCH,
    Question.PERSON: _SEARCH,
    Question.UNTIL: gettext_lazy(
        "Choose, or send a day such as 25.12; for later days both, such as 24.12–10.01."
    ),
}


@dataclass(frozen=True)
class Asked:
    """An open question: what leads to it, itself, how to answer it, and the buttons."""

    facts: str
    question: str
    hint: str
    rows: list[Row]

    @property
    def text(self) -> str:
        """Telegram's HTML."""
        return "\n".join(filter(None, [plain(self.facts), bold(self.question), plain(self.hint)]))


def ask(dialog: Dialog, employee: Employee) -> Asked:
    """The open question of the dialog, as it is put to this person."""
    question = current(dialog)
    back = keyboards.options(Verb.BACK, dialog.pk, [(_("← Back"), 0)])
    return Asked(
        _facts(dialog, employee, question),
        str(_TEXTS[question, dialog.subject]),
        str(_HINTS.get(question, "")),
        [*_BUTTONS[question](dialog, employee), *back],
    )


def _facts(dialog: Dialog, employee: Employee, question: Question) -> str:
    """What has to be known before the answer."""
    if question == Question.CONFIRM:
        return _consequences(dialog, employee)
    if dialog.subject == Subject.ADD_APPROVER:
        return _("The stage then waits for the colleague too, besides those of its role.")
    if question == Question.PERSON and dialog.subject == Subject.REASSIGN:
        return _("Anybody without this role is chosen only by an administrator.")
    return ""


def _consequences(dialog: Dialog, employee: Employee) -> str:
    deputy = Employee.objects.get(pk=dialog.answers[Question.PERSON])
    since, until = absence(dialog.answers[Question.UNTIL])
    facts: dict[str, Any] = {
        "deputy": deputy.get_short_name(),
        "since": moment_of_year(since) if since else "",
        "until": moment_of_year(until),
    }
    end = _("You can still decide yourself. /back ends it at any time.")
    if since:
        what = _(
            "From %(since)s until %(until)s what you have to decide goes to %(deputy)s as well."
        )
        return f"{what % facts}\n{end}"
    count = PaymentRequest.objects.waiting_for(employee).count()
    waiting = ngettext(
        "%(count)d request that waits for you now is shown to the deputy at once.",
        "%(count)d requests that wait for you now are shown to the deputy at once.",
        count,
    )
    lines = [
        _("From now until %(until)s what you have to decide goes to %(deputy)s as well.") % facts,
        waiting % {"count": count} if count else "",
        end,
    ]
    return "\n".join(filter(None, lines))


def _subjects(dialog: Dialog, employee: Employee) -> list[Row]:
    labels = {
        Subject.REASSIGN: _("Decide instead of me"),
        Subject.ADD_APPROVER: _("Decide as well"),
    }
    offered = [(labels[subject], number) for number, subject in enumerate(WITH_COLLEAGUES)]
    return keyboards.options(Verb.WHAT, dialog.pk, offered)


def _people(dialog: Dialog, employee: Employee) -> list[Row]:
    everyone = people(dialog, employee)
    pages = max(1, -(-len(everyone) // PAGE_SIZE))
    page = min(max(dialog.page, 1), pages)
    shown = everyone[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    parts = roles([person for _key, person in shown])
    labels = [
        (" · ".join(filter(None, [person.get_full_name(), parts.get(person.pk, "")])), key)
        for key, person in shown
    ]
    choice = keyboards.options(Verb(current(dialog)), dialog.pk, labels)
    return [*choice, keyboards.turns(Verb.TURN, dialog.pk, page, pages)]


def _reasons(dialog: Dialog, employee: Employee) -> list[Row]:
    ready = ReasonTemplate.objects.filter(action=dialog.subject, is_active=True)
    return keyboards.options(Verb.REASON, dialog.pk, [(reason.text, reason.pk) for reason in ready])


def _days(dialog: Dialog, employee: Employee) -> list[Row]:
    offered = [
        (f"{name}, {last_day:%d.%m}", int(f"{last_day:%Y%m%d}"))
        for name, last_day in ends_of_absence()
    ]
    return keyboards.options(Verb.UNTIL, dialog.pk, offered)


def _confirmation(dialog: Dialog, employee: Employee) -> list[Row]:
    return keyboards.options(Verb.CONFIRM, dialog.pk, [(_("✅ Yes"), 1)])


_BUTTONS: dict[Question, Callable[[Dialog, Employee], list[Row]]] = {
    Question.WHAT: _subjects,
    Question.WHOSE: _people,
    Question.PERSON: _people,
    Question.REASON: _reasons,
    Question.UNTIL: _days,
    Question.CONFIRM: _confirmation,
}
