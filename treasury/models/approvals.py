"""Who must approve: configured routes, their snapshot on a request, tasks, decisions, deputies."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from treasury.models.organizations import Currency, Employee, Organization
from treasury.models.requests import PaymentRequest, acts_on_tasks
from treasury.workflow import DECISIONS, Action, Concern


class ApproverGroup(models.Model):
    """People of one role, such as financial managers or treasurers."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("approver group")
        verbose_name_plural = _("approver groups")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class GroupMembership(models.Model):
    group = models.ForeignKey(ApproverGroup, models.CASCADE, related_name="memberships")
    employee = models.ForeignKey(
        Employee, models.CASCADE, related_name="memberships", verbose_name=_("employee")
    )
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", null=True, blank=True,
        verbose_name=_("organization"), help_text=_("Empty: for all organizations."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint("group", "employee", "organization", name="membership_once"),
            # NULLs are distinct to a database, but «for all» twice is a slip of the hand.
            models.UniqueConstraint(
                "group", "employee", condition=Q(organization=None), name="membership_for_all_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.employee)


class Quorum(models.TextChoices):
    ANY = "any", pgettext_lazy("quorum", "Any one")
    ALL = "all", pgettext_lazy("quorum", "All")
    COUNT = "count", pgettext_lazy("quorum", "A number of them")


class SamePerson(models.TextChoices):
    """What happens when a person who has approved at a stage comes up again at a later one."""

    SKIP = "skip", _("Count the earlier approval")
    ASK = "ask", _("Ask again")
    FORBID = "forbid", _("Someone else must decide")


class Approvers(models.TextChoices):
    BUDGET_HOLDERS = "budget_holders", _("Budget holders of the department")
    GROUP = "group", _("Members of a group")


class ApprovalRoute(models.Model):
    name = models.CharField(_("name"), max_length=120)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="routes", null=True, blank=True,
        verbose_name=_("organization"), help_text=_("Empty: for all without a route of their own."),
    )  # fmt: skip
    same_person = models.CharField(
        _("same person at two stages"), max_length=10, choices=SamePerson.choices,
        default=SamePerson.SKIP,
    )  # fmt: skip
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("approval route")
        verbose_name_plural = _("approval routes")
        ordering = ["name"]
        constraints = [
            # Which route applies must never be a matter of chance.
            models.UniqueConstraint(
                "organization", condition=Q(is_active=True), name="one_active_route_an_organization"
            ),
            models.UniqueConstraint(
                "is_active", condition=Q(is_active=True, organization=None),
                name="one_active_general_route",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class StagePolicy(models.Model):
    """What a configured stage and its snapshot on a request have in common."""

    position = models.PositiveSmallIntegerField(_("position"), validators=[MinValueValidator(1)])
    name = models.CharField(_("name"), max_length=80)
    approvers = models.CharField(_("approvers"), max_length=20, choices=Approvers.choices)
    group = models.ForeignKey(
        ApproverGroup, models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("group"),
    )  # fmt: skip
    concern = models.CharField(_("answers for"), max_length=10, choices=Concern.choices)
    quorum = models.CharField(
        _("quorum"), max_length=10, choices=Quorum.choices, default=Quorum.ANY
    )
    quorum_count = models.PositiveSmallIntegerField(
        _("how many"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    min_amount = models.DecimalField(
        _("from amount"), max_digits=18, decimal_places=2, null=True, blank=True,
        help_text=_("In roubles. Empty: for every amount; other currencies always count as above."),
    )  # fmt: skip
    deadline_hours = models.PositiveSmallIntegerField(
        _("deadline"), null=True, blank=True, help_text=_("In working hours.")
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def applies_to(self, request: PaymentRequest) -> bool:
        """Thresholds are in roubles; another currency, with no rate at hand, is always above."""
        if self.min_amount is None or request.currency != Currency.RUB:
            return True
        return request.amount >= self.min_amount

    def needed(self, people: int) -> int:
        """How many of so many people must approve."""
        if self.quorum == Quorum.ALL:
            return people
        return self.quorum_count or 1 if self.quorum == Quorum.COUNT else 1


POLICY_FIELDS = (
    "position", "name", "approvers", "group", "concern", "quorum", "quorum_count", "min_amount",
    "deadline_hours",
)  # fmt: skip


class RouteStage(StagePolicy):
    route = models.ForeignKey(ApprovalRoute, models.CASCADE, related_name="stages")

    class Meta:
        verbose_name = _("route stage")
        verbose_name_plural = _("route stages")
        ordering = ["route", "position"]
        constraints = [
            models.UniqueConstraint("route", "position", name="route_stage_position"),
            models.CheckConstraint(
                condition=Q(approvers=Approvers.GROUP, group__isnull=False)
                | Q(approvers=Approvers.BUDGET_HOLDERS, group__isnull=True),
                name="route_stage_names_its_group",
            ),
            models.CheckConstraint(
                condition=Q(quorum=Quorum.COUNT, quorum_count__gte=1)
                | (~Q(quorum=Quorum.COUNT) & Q(quorum_count__isnull=True)),
                name="route_stage_quorum_has_its_number",
            ),
        ]

    def clean(self) -> None:
        if (self.approvers == Approvers.GROUP) != bool(self.group_id):
            raise ValidationError(
                {"group": _("Choose a group exactly when the approvers are members of one.")}
            )
        if (self.quorum == Quorum.COUNT) != bool(self.quorum_count):
            raise ValidationError(
                {"quorum_count": _("Say how many exactly when the quorum is a number.")}
            )


class ApprovalStageQuerySet(models.QuerySet["ApprovalStage"]):
    def valid(self) -> "ApprovalStageQuerySet":
        """The chain that counts now, in its order."""
        return self.exclude(state=ApprovalStage.State.SUPERSEDED).order_by("position")


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
    revision = models.PositiveIntegerField(_("revision"))
    same_person = models.CharField(max_length=10, choices=SamePerson.choices)
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.WAITING
    )
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

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
            # Promise: exactly one stage is open at a time.
            models.UniqueConstraint(
                "request", condition=Q(state="open"), name="one_open_stage_a_request"
            ),
        ]  # fmt: skip


class ApprovalTaskQuerySet(models.QuerySet["ApprovalTask"]):
    def open_for(self, employee: Employee) -> "ApprovalTaskQuerySet":
        """What this person is expected to decide now, oldest first; his own and as a deputy."""
        return (
            self.filter(acts_on_tasks(employee), status=ApprovalTask.Status.OPEN)
            .order_by("id")
            .distinct()
        )


class ApprovalTask(models.Model):
    """One person expected to act at one stage."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("task", "Open")
        DECIDED = "decided", pgettext_lazy("task", "Decided")
        CLOSED = "closed", pgettext_lazy("task", "Closed without a decision")

    class Origin(models.TextChoices):
        ROUTE = "route", _("By the route")
        REASSIGNED = "reassigned", _("Reassigned")

    request = models.ForeignKey(PaymentRequest, models.CASCADE, related_name="tasks")
    stage = models.ForeignKey(ApprovalStage, models.CASCADE, related_name="tasks")
    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="tasks", verbose_name=_("approver")
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
        ]

    def __str__(self) -> str:
        return f"{self.request} · {self.stage} · {self.employee}"


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

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.decided_by}"


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def running(self) -> "DelegationQuerySet":
        now = timezone.now()
        return self.filter(since__lte=now, until__gt=now)

    def covers(self, *, principal: int, deputy: int, organization: int) -> bool:
        """Whether the deputy may decide for the principal there and now (all are primary keys)."""
        scope = Q(organization=None) | Q(organization=organization)
        return self.running().filter(scope, principal=principal, deputy=deputy).exists()


class Delegation(models.Model):
    """While it runs the deputy may decide for the principal. Not passed on any further."""

    principal = models.ForeignKey(
        Employee, models.CASCADE, related_name="delegations", verbose_name=_("who is away")
    )
    deputy = models.ForeignKey(
        Employee, models.CASCADE, related_name="deputising", verbose_name=_("deputy")
    )
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", null=True, blank=True,
        verbose_name=_("organization"), help_text=_("Empty: for all organizations."),
    )  # fmt: skip
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        ordering = ["-since"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("since")), name="delegation_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~Q(principal=F("deputy")), name="nobody_deputises_for_himself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.principal} → {self.deputy}"

    def clean(self) -> None:
        if self.since and self.until and self.until <= self.since:
            raise ValidationError({"until": _("The end must be after the beginning.")})
        if self.principal_id and self.principal_id == self.deputy_id:
            raise ValidationError({"deputy": _("Choose another person.")})
