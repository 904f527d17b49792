"""What a company configures: groups of approvers, routes, their stages."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from treasury.models.organizations import Currency, Employee, Organization
from treasury.models.requests import PaymentRequest
from treasury.sorting import BY_NAME
from treasury.workflow import Concern


class ApproverGroup(models.Model):
    """People of one role, such as financial managers or treasurers."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80, db_collation=BY_NAME)

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
        Organization, models.PROTECT, related_name="+", null=True, blank=True,
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
    name = models.CharField(_("name"), max_length=120, db_collation=BY_NAME)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="routes", null=True, blank=True,
        verbose_name=_("organization"), help_text=_("Empty: for all without a route of their own."),
    )  # fmt: skip
    same_person = models.CharField(
        _("same person at two stages"), max_length=10, choices=SamePerson.choices,
        default=SamePerson.SKIP,
    )  # fmt: skip
    min_people = models.PositiveSmallIntegerField(
        _("different people"), default=2, validators=[MinValueValidator(1)],
        help_text=_("So many different people have to approve before a request is approved."),
    )  # fmt: skip
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("approval route")
        verbose_name_plural = _("approval routes")
        ordering = ["name"]
        constraints = [
            # Which route applies must never be a matter of chance.
            models.UniqueConstraint(
                "organization", condition=Q(is_active=True),
                name="one_active_route_an_organization",
                violation_error_message=_("Another route of this organization is in use."),
            ),
            models.UniqueConstraint(
                "is_active", condition=Q(is_active=True, organization=None),
                name="one_active_general_route",
                violation_error_message=_("Another route for all organizations is in use."),
            ),
            # Nothing is ever approved by nobody.
            models.CheckConstraint(
                condition=Q(min_people__gte=1), name="route_wants_somebody",
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
        validators=[MinValueValidator(0, _("A threshold cannot be negative."))],
        help_text=_("In roubles. Empty: for every amount; other currencies always count as above."),
    )  # fmt: skip
    deadline_hours = models.PositiveSmallIntegerField(
        _("deadline"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("In working hours, of which a day has eight. Empty: none."),
    )  # fmt: skip
    escalate_to = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("hears of delays"),
        help_text=_("Empty: the head of the department. Deputies are told first."),
    )  # fmt: skip

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def configured(self) -> int | None:
        """The pk of the route's stage that this is or was copied from; None if that is gone."""
        raise NotImplementedError

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
    "deadline_hours", "escalate_to",
)  # fmt: skip
# What holds for all stages of a route, and is copied with each of them.
ROUTE_FIELDS = ("same_person", "min_people")


class RouteStage(StagePolicy):
    route = models.ForeignKey(ApprovalRoute, models.CASCADE, related_name="stages")
    stand_ins = models.ManyToManyField(
        Employee, related_name="+", blank=True, verbose_name=_("may take over"),
        help_text=_(
            "To whom, besides those of this role, a task may be handed over; and who is asked when "
            "an approver is the requester himself and the stage needs his voice."
        ),
    )  # fmt: skip

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
            # Below zero it would read as a condition and be none.
            models.CheckConstraint(
                condition=Q(min_amount__isnull=True) | Q(min_amount__gte=0),
                name="route_stage_threshold_not_negative",
            ),
        ]

    @property
    def configured(self) -> int | None:
        return self.pk

    def clean(self) -> None:
        if (self.approvers == Approvers.GROUP) != bool(self.group_id):
            raise ValidationError(
                {"group": _("Choose a group exactly when the approvers are members of one.")}
            )
        if (self.quorum == Quorum.COUNT) != bool(self.quorum_count):
            raise ValidationError(
                {"quorum_count": _("Say how many exactly when the quorum is a number.")}
            )
