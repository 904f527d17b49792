"""Who lets whom ask for payments in his name."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from treasury.models.organizations import Employee

if TYPE_CHECKING:
    from treasury.models.requests import PaymentRequest


class RequesterConsentQuerySet(models.QuerySet["RequesterConsent"]):
    def of(self, request: "PaymentRequest") -> "RequesterConsentQuerySet":
        """What the requester has answered, or not yet, about the author of this request."""
        return self.filter(requester=request.requester_id, author=request.author_id)

    def given(self) -> "RequesterConsentQuerySet":
        return self.exclude(given_at=None)


class RequesterConsent(models.Model):
    """A person was asked once whether the author prepares requests in his name; until he has
    confirmed it, `given_at` is empty. One that was taken back is no more."""

    requester = models.ForeignKey(
        Employee, models.CASCADE, related_name="consents", verbose_name=_("requester"),
        db_index=False,
    )  # fmt: skip
    author = models.ForeignKey(Employee, models.CASCADE, related_name="+", verbose_name=_("author"))
    asked_at = models.DateTimeField(default=timezone.now)
    given_at = models.DateTimeField(null=True, blank=True)

    objects = RequesterConsentQuerySet.as_manager()

    class Meta:
        # Written by services alone, and read by those whom it concerns.
        default_permissions = ()
        ordering = ["id"]
        constraints = [
            # Nobody is asked twice. Also the index for a person's own.
            models.UniqueConstraint("requester", "author", name="one_consent_a_pair"),
            models.CheckConstraint(
                condition=~models.Q(requester=models.F("author")), name="nobody_consents_to_himself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requester} ← {self.author}"
