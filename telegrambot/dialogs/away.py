"""Going away: until when, who decides meanwhile, and whether that is right."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from telegrambot.content.words import moment_of_year
from telegrambot.dialogs.days import Days, period
from telegrambot.dialogs.people import Keyed, Person, keyed
from telegrambot.dialogs.questions import Choice
from telegrambot.dialogs.script import Script, always
from telegrambot.models import Dialog
from treasury.models import Decision, Delegation, Employee, PaymentRequest
from treasury.services import delegations


def _present(dialog: Dialog, employee: Employee) -> Keyed:
    """The colleagues who are not away themselves before this person is back."""
    since, until = period(dialog.answers[UNTIL.name])
    absences = Delegation.objects.not_over()
    meanwhile = absences.filter(since__lt=until, until__gt=since or timezone.now())
    colleagues = Employee.objects.filter(is_active=True).exclude(pk=employee.pk)
    return keyed(colleagues.exclude(pk__in=meanwhile.values("principal")))


def _consequences(dialog: Dialog, employee: Employee) -> str:
    since, until = period(dialog.answers[UNTIL.name])
    facts: dict[str, Any] = {
        "deputy": _deputy(dialog).get_short_name(),
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


def _deputy(dialog: Dialog) -> Employee:
    return Employee.objects.get(pk=dialog.answers[DEPUTY.name])


UNTIL = Days(text=gettext_lazy("Until which day are you away, inclusive?"))
DEPUTY = Person(text=gettext_lazy("Who decides for you meanwhile?"), people=_present)
CONFIRM = Choice(
    name="confirm",
    text=gettext_lazy("Is that right?"),
    facts=_consequences,
    options={1: (gettext_lazy("✅ Yes"), 1)},
)


def _carry_out(dialog: Dialog, employee: Employee) -> str:
    since, until = period(dialog.answers[UNTIL.name])
    delegation = delegations.begin(
        principal=employee,
        deputy=_deputy(dialog),
        since=since,
        until=until,
        actor=employee,
        channel=Decision.Channel.TELEGRAM,
    )
    facts = {
        "since": moment_of_year(delegation.since),
        "until": moment_of_year(delegation.until),
        "deputy": delegation.deputy.get_short_name(),
    }
    if since:
        return (
            _("From %(since)s until %(until)s %(deputy)s decides for you too. /back ends it.")
            % facts
        )
    return _("Until %(until)s %(deputy)s decides for you too. /back ends it.") % facts


AWAY = Script(subject="away", questions=always(UNTIL, DEPUTY, CONFIRM), carry_out=_carry_out)
