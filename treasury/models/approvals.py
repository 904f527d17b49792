"""The approval of a request: its stages, copied from the route; tasks; decisions."""

from datetime import datetime
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from treasury.models.acting import made_by, tasks_of
from treasury.models.organizations import Employee
from treasury.models.requests import PaymentRequest
from treasury.models.routes import RouteStage, SamePerson, StagePolicy
from treasury.workflow import DECISIONS, Action


class ApprovalStageQuerySet(models.QuerySet["ApprovalStage"]):
    def valid(self) -> "ApprovalStageQuerySet":
        """The chain that counts now, in its order."""
        return self.exclude(state=ApprovalStage.State.SUPERSEDED).order_by("position")

    def to_remind(self, now: datetime) -> "ApprovalStageQuerySet":
        """Those whose people are to be reminded, the longest due first."""
        due = self.filter(state=ApprovalStage.State.OPEN, remind_at__lte=now)
        return due.order_by("remind_at")


class ApprovalStage(StagePolicy):
    """A stage of one request, copied at submit: a changed route never touches it."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("stage", "Waiting")
        SKIPPED = "skipped", pgettext_lazy("stage", "Not needed for this amount")
        OPEN = "open", pgettext_lazy("stage", "Open")
        PASSED = "passed", pgettext_lazy("stage", "Passed")
        STOPPED = "stopped", pgettext_lazy("stage", "Stopped")
        SUPERSEDED = "superseded", pgettext_lazy("stage", "Superseded")

    request = models.ForeignKey(PaymentRequest, models.CASCADE, related_name="stages")
    # Tells whether a delegation of that stage covers this one, and who may take over here; no
    # other rule of the copy comes from it.
    route_stage = models.ForeignKey(
        RouteStage, models.SET_NULL, related_name="+", null=True, editable=False
    )
    revision = models.PositiveIntegerField(_("revision"))
    same_person = models.CharField(max_length=10, choices=SamePerson.choices)
    min_people = models.PositiveSmallIntegerField()
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.WAITING
    )
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    # Of an open one with a deadline; a corrected calendar leaves it as it is.
    due_at = models.DateTimeField(_("deadline"), null=True, blank=True)
    # When people are to be reminded next; nothing when all of them were.
    remind_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApprovalStageQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval stage")
        verbose_name_plural = _("approval stages")
        ordering = ["request", "revision", "position"]
        constraints = [
            models.UniqueConstraint(
                "request", "position", condition=~Q(state="superseded"),
                name="one_valid_stage_a_position",
            ),
            # Promise: at most one stage is open at a time.
            models.UniqueConstraint(
                "request", condition=Q(state="open"), name="one_open_stage_a_request"
            ),
        ]  # fmt: skip
        indexes = [
            # The reminders that are due are looked for every minute.
            models.Index(
                fields=["remind_at"], condition=Q(state="open"), name="open_stage_by_reminder"
            ),
            # What has ended in a week.
            models.Index(
                fields=["closed_at"], condition=Q(closed_at__isnull=False), name="stage_by_its_end"
            ),
        ]

    @property
    def configured(self) -> int | None:
        return self.route_stage_id

    @property
    def is_overdue(self) -> bool:
        return self.state == ApprovalStage.State.OPEN and self.is_late(timezone.now())

    def is_late(self, at: datetime) -> bool:
        """Whether its deadline is over at that moment."""
        return self.due_at is not None and self.due_at < at


class ApprovalTaskQuerySet(models.QuerySet["ApprovalTask"]):
    def open_for(self, employee: Employee) -> "ApprovalTaskQuerySet":
        """What this person is expected to decide now, oldest first; his own and as a deputy."""
        waiting = self.filter(reduce(or_, tasks_of(employee)), status=ApprovalTask.Status.OPEN)
        return waiting.exclude(made_by(employee.pk, "request__")).order_by("id")


class ApprovalTask(models.Model):
    """One person expected to act at one stage."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("task", "Open")
        DECIDED = "decided", pgettext_lazy("task", "Decided")
        CLOSED = "closed", pgettext_lazy("task", "Closed without a decision")

    class Origin(models.TextChoices):
        ROUTE = "route", _("By the route")
        # The voice of the requester, who is of the role: see `Roles.substitute`.
        SUBSTITUTE = "substitute", _("In the requester's place")
        # The voice of the role, given by somebody who holds it too or may take over.
        REASSIGNED = "reassigned", _("Reassigned")
        # The same by an administrator's choice alone.
        ASSIGNED = "assigned", _("without this role, chosen by an administrator")
        # A voice besides those of the role.
        ADDED = "added", _("Added by a colleague")

    request = models.ForeignKey(PaymentRequest, models.CASCADE, related_name="tasks")
    # No index of their own: others begin with them.
    stage = models.ForeignKey(ApprovalStage, models.CASCADE, related_name="tasks", db_index=False)
    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="tasks", db_index=False, verbose_name=_("approver")
    )
    revision = models.PositiveIntegerField(_("revision"))
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN
    )
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.ROUTE)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ApprovalTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval task")
        verbose_name_plural = _("approval tasks")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("stage", "employee", name="one_task_a_person_and_stage"),
        ]
        indexes = [
            # «My queue» in the chat and the back office.
            models.Index(
                fields=["employee"], condition=Q(status="open"), name="open_tasks_of_a_person"
            ),
            # Which requests a person may read: `visible_to`.
            models.Index(fields=["employee", "-request"], name="task_by_employee"),
        ]

    def __str__(self) -> str:
        return f"{self.request} · {self.stage} · {self.employee}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self, *requests: PaymentRequest | int) -> "DecisionQuerySet":
        """The approvals that count now, in their order."""
        approvals = self.filter(request__in=requests, action=Action.APPROVE).order_by("id")
        return approvals.exclude(task__stage__state=ApprovalStage.State.SUPERSEDED)


class Decision(models.Model):
    """What a person decided on one revision. Written once, never changed."""

    class Channel(models.TextChoices):
        TELEGRAM = "telegram", "Telegram"
        ADMIN = "admin", _("Back office")
        API = "api", "API"
        POLICY = "policy", _("By an earlier approval")

    task = models.OneToOneField(ApprovalTask, models.PROTECT, related_name="decision")
    request = models.ForeignKey(PaymentRequest, models.PROTECT, related_name="decisions")
    revision = models.PositiveIntegerField(_("revision"))
    snapshot = models.ForeignKey(
        "treasury.Revision", models.PROTECT, related_name="decisions", db_index=False
    )
    # The digest of the snapshot, once more: it cannot be changed for another behind the decision.
    digest = models.CharField(max_length=64)
    action = models.CharField(
        _("decision"), max_length=20, choices=[(a.value, a.label) for a in DECISIONS]
    )
    decided_by = models.ForeignKey(
        Employee, models.PROTECT, related_name="decisions", verbose_name=_("decided by")
    )
    on_behalf_of = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("on behalf of"),
    )  # fmt: skip
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(action=Action.APPROVE) | ~Q(reason=""),
                name="a_refusal_has_a_reason",
            ),
        ]
        indexes = [
            # Which requests a former deputy may read: `visible_to`.
            models.Index(
                fields=["decided_by", "-request"],
                condition=Q(on_behalf_of__isnull=False),
                name="decision_by_deputy",
            ),
            # The list of decisions filters by what was decided and shows the newest first.
            models.Index(fields=["action", "-id"], name="decision_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.decided_by}"
