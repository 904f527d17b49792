"""What was asked to be approved, each time it was another thing."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from treasury import facts
from treasury.models.requests import PaymentRequest


class Revision(models.Model):
    """The facts of a request as they were submitted, or became by a change after that.

    Written once: a database trigger refuses every update and delete.
    """

    # No index of its own: the constraint's begins with it.
    request = models.ForeignKey(
        PaymentRequest, models.PROTECT, related_name="revisions", db_index=False,
        verbose_name=_("request"),
    )  # fmt: skip
    number = models.PositiveIntegerField(_("revision"))
    # As `treasury.facts` has them; SHA-256 over these.
    facts = models.JSONField()
    digest = models.CharField(max_length=64)
    submitted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("revision")
        ordering = ["request", "number"]
        constraints = [
            models.UniqueConstraint("request", "number", name="revision_of_request"),
        ]

    def __str__(self) -> str:
        return f"{self.request} · {self.number}"

    def computed_digest(self) -> str:
        return facts.digest(self.facts)
