"""Days on which the calendar of this company differs from the one that everybody has."""

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CalendarDay(models.Model):
    """What the library of holidays does not know: a decree of this year, a day off of our own."""

    class Kind(models.TextChoices):
        WORKING = "working", pgettext_lazy("day", "Working day")
        SHORT = "short", pgettext_lazy("day", "Working day, an hour shorter")
        OFF = "off", pgettext_lazy("day", "Day off")

    date = models.DateField(_("day"), unique=True)
    kind = models.CharField(_("what it is"), max_length=10, choices=Kind.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("working calendar")
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"{date_format(self.date, 'SHORT_DATE_FORMAT')}: {self.get_kind_display()}"
