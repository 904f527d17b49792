"""By when a stage has to be decided, and when people are reminded of it; in working time."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from treasury import working_time
from treasury.models import ApprovalStage
from treasury.working_time import WorkingTime

_HOUR = timedelta(hours=1)
# Of the time that there is: so much is over when people are reminded, and so much more is given to
# the deputies before a superior hears of it.
_EARLY, _GRACE = 3 / 4, 1 / 4


def begin(stage: ApprovalStage) -> None:
    """Of a stage that has just opened."""
    if stage.deadline_hours is None or stage.opened_at is None:
        return
    calendar, given = working_time.current(), _given(stage)
    stage.due_at = calendar.after(stage.opened_at, given)
    stage.remind_at = calendar.after(stage.opened_at, given * _EARLY)


def end_of_grace(stage: ApprovalStage, since: datetime) -> datetime:
    return working_time.current().after(since, _given(stage) * _GRACE)


def waits_for_you(since: datetime, until: datetime) -> str:
    """«Waits for you for 6 working hours»."""
    hours = _hours(since, until)
    if not hours:
        return _("Waits for you")
    text = ngettext(
        "Waits for you for %(count)d working hour",
        "Waits for you for %(count)d working hours",
        hours,
    )
    return text % {"count": hours}


def overdue(stage: ApprovalStage, at: datetime, calendar: WorkingTime | None = None) -> str:
    """«overdue by 6 working hours», at that moment; empty for what is not. By the `calendar`, where
    it is known already."""
    if stage.due_at is None or not stage.is_late(at):
        return ""
    hours = _hours(stage.due_at, at, calendar)
    if not hours:
        return _("overdue")
    text = ngettext(
        "overdue by %(count)d working hour", "overdue by %(count)d working hours", hours
    )
    return text % {"count": hours}


def _given(stage: ApprovalStage) -> timedelta:
    return timedelta(hours=stage.deadline_hours or 0)


def _hours(since: datetime, until: datetime, calendar: WorkingTime | None = None) -> int:
    """The full ones."""
    return (calendar or working_time.current()).between(since, until) // _HOUR
