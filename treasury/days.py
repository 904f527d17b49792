"""Days on which banks make no payments. Holidays move with every year's decree: only weekends."""

from datetime import date
from enum import IntEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Weekday(IntEnum):
    """As `date.weekday`."""

    SATURDAY = 5
    SUNDAY = 6


DAYS_OFF: dict[int, Promise] = {
    Weekday.SATURDAY: _("Saturday: the bank will pay on Monday"),
    Weekday.SUNDAY: _("Sunday: the bank will pay on Monday"),
}


def day_off(day: date) -> str:
    """What to say of a day on which the bank does not pay; empty for a working day."""
    return str(DAYS_OFF.get(day.weekday(), ""))
