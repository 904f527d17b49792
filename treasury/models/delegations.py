"""Who stands in for whom, and when."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from treasury.models.acting import made_by
from treasury.models.organizations import Employee, Organization
from treasury.models.requests import PaymentRequest
from treasury.models.routes import RouteStage, StagePolicy


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def running(self, at: datetime | None = None) -> "DelegationQuerySet":
        """Now, unless another moment is given."""
        at = at or timezone.now()
        return self.filter(since__lte=at, until__gt=at)

    def not_over(self) -> "DelegationQuerySet":
        """Running, or beginning later."""
        return self.filter(until__gt=timezone.now())

    def of(self, principal: Employee) -> "DelegationQuerySet":
        """When this person is or will be away, the earliest first."""
        return self.not_over().filter(principal=principal).order_by("since")

    def concerning(self, employee: Employee) -> "DelegationQuerySet":
        """Where this person is the one who is away, or the deputy."""
        return self.filter(Q(principal=employee) | Q(deputy=employee))


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

    @property
    def _choosers(self) -> set[int]:
        """By whose will the deputy decides: those who ask for the money do not choose who decides
        on it."""
        return {self.principal_id, self.begun_by_id or self.principal_id}

    def reaches(self, request: PaymentRequest, stage: StagePolicy) -> bool:
        """Whether, while this runs, the deputy could decide there for the principal."""
        within = self.organization_id in (None, request.organization_id)
        within = within and self.stage_id in (None, stage.configured)
        unbiased = not request.asking & {self.deputy_id, *self._choosers}
        return within and unbiased and self.principal.is_active

    def reached(self) -> Q:
        """The tasks that `reaches` takes in, as a database finds them."""
        if not self.principal.is_active:
            return Q(pk__in=())
        scope = Q(employee=self.principal_id)
        if self.organization_id is not None:
            scope &= Q(request__organization=self.organization_id)
        if self.stage_id is not None:
            scope &= Q(stage__route_stage=self.stage_id)
        for person in {self.deputy_id, *self._choosers}:
            scope &= ~made_by(person, "request__")
        return scope
