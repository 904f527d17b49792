"""What was said to people because a stage waits for too long."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from treasury.models.approvals import ApprovalStage
from treasury.models.organizations import Employee
from treasury.models.requests import PaymentRequest


class Reminder(models.Model):
    """Written once, and never changed."""

    class Kind(models.TextChoices):
        EARLY = "early", pgettext_lazy("reminder", "Before the deadline")
        DEPUTIES = "deputies", pgettext_lazy("reminder", "After the deadline, to deputies")
        SUPERIOR = "superior", pgettext_lazy("reminder", "After the deadline, to the superior")
        NUDGE = "nudge", pgettext_lazy("reminder", "By the author")

    request = models.ForeignKey(PaymentRequest, models.CASCADE, related_name="reminders")
    stage = models.ForeignKey(ApprovalStage, models.CASCADE, related_name="reminders")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    # Who has asked for it; nobody but the calendar for the others.
    by = models.ForeignKey(Employee, models.PROTECT, related_name="+", null=True, db_index=False)
    # The superior who has heard of it, and may read the request from then on.
    told = models.ForeignKey(
        Employee, models.PROTECT, related_name="heard_of", null=True, db_index=False
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["id"]
        # Shown by the bot alone, and written by nobody.
        default_permissions = ()
        constraints = [
            # Promise: each once a stage, and so once a revision, however many look after it.
            models.UniqueConstraint(
                "stage", "kind", condition=~Q(kind="nudge"), name="one_reminder_a_stage"
            ),
            models.CheckConstraint(
                condition=Q(kind="nudge", by__isnull=False) | (~Q(kind="nudge") & Q(by=None)),
                name="a_nudge_is_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(kind="superior") | Q(told=None), name="only_a_superior_is_told"
            ),
        ]
        indexes = [
            # Which requests a superior may read: `visible_to`.
            models.Index(
                fields=["told", "-request"],
                condition=Q(told__isnull=False),
                name="reminder_by_superior",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage}: {self.get_kind_display()}"
