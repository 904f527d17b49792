"""Who stands in for whom, and when."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from treasury.models.organizations import Employee, Organization
from treasury.models.routes import RouteStage


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def running(self) -> "DelegationQuerySet":
        now = timezone.now()
        return self.filter(since__lte=now, until__gt=now)

    def not_over(self) -> "DelegationQuerySet":
        """Running, or beginning later."""
        return self.filter(until__gt=timezone.now())

    def of(self, principal: Employee) -> "DelegationQuerySet":
        """When this person is or will be away, the earliest first."""
        return self.not_over().filter(principal=principal).order_by("since")

    def concerning(self, employee: Employee) -> "DelegationQuerySet":
        """Where this person is the one who is away, or the deputy."""
        return self.filter(Q(principal=employee) | Q(deputy=employee))

    def within(self, *, organization: int, stage: int | None) -> "DelegationQuerySet":
        """Those whose scope takes in this stage of a request (primary keys; None: gone)."""
        everywhere_or_here = Q(organization=None) | Q(organization=organization)
        return self.filter(everywhere_or_here, Q(stage=None) | Q(stage=stage))

    def covers(
        self, *, principal: int, deputy: int, organization: int, stage: int | None, asking: set[int]
    ) -> bool:
        """Whether the deputy may decide for the principal there and now (all are primary keys).

        Those who ask for the money do not choose who decides on it.
        """
        scope = self.running().within(organization=organization, stage=stage)
        chosen = scope.exclude(begun_by__in=asking)
        return chosen.filter(principal=principal, deputy=deputy).exists()


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
    stage = models.ForeignKey(
        RouteStage, models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("stage"), help_text=_("Empty: for all stages."),
    )  # fmt: skip
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    begun_by = models.ForeignKey(
        Employee, models.SET_NULL, related_name="+", null=True, editable=False,
        verbose_name=_("appointed by"),
    )  # fmt: skip

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
            # A stage belongs to a route, which says for which organizations it is.
            models.CheckConstraint(
                condition=Q(organization=None) | Q(stage=None), name="delegation_has_one_scope"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.principal} → {self.deputy}"

    @property
    def scope(self) -> str:
        if self.stage:
            return f"{self.stage.route}: {self.stage}"
        return str(self.organization or _("Everything"))

    def reaches(self, *, organization: int, stage: int | None, asking: set[int]) -> bool:
        """Whether the deputy could decide there for the principal: `covers` for a row at hand."""
        within = self.organization_id in (None, organization) and self.stage_id in (None, stage)
        return within and not asking & {self.deputy_id, self.begun_by_id}
