"""How far the channel has read the journal: its own memory, of which the journal knows nothing."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from treasury.models import PaymentRequest


class BookmarkQuerySet(models.QuerySet["Bookmark"]):
    def stuck(self) -> "BookmarkQuerySet":
        """Of requests whose news could not be projected, so far."""
        return self.filter(attempts__gt=0)

    def due(self, now: datetime) -> "BookmarkQuerySet":
        """The stuck that deserve another try, those that have waited longest first."""
        ready = Q(not_before=None) | Q(not_before__lte=now)
        return self.stuck().filter(ready).order_by(F("not_before").asc(nulls_first=True))

    def retry(self) -> int:
        """Have the stuck tried at once; how many they are."""
        return self.stuck().update(not_before=None)

    def skip(self, requests: "models.QuerySet[PaymentRequest]") -> None:
        """Whatever the journal says of these so far is history, and no news."""
        ends = requests.values_list("pk", "journal_length")
        self.bulk_create(
            (Bookmark(request_id=request, sequence=length) for request, length in ends),
            update_conflicts=True,
            unique_fields=["request"],
            update_fields=["sequence"],
        )


class Bookmark(models.Model):
    """How far the channel has read the journal of a request, and why it could read no further.

    One number says it, for the entries of one request are committed in the order of their numbers:
    whoever writes the next one holds the request's row.
    """

    request = models.OneToOneField(
        PaymentRequest, models.CASCADE, primary_key=True, related_name="+",
        verbose_name=_("request"),
    )  # fmt: skip
    # The last entry that was consumed.
    sequence = models.PositiveIntegerField(_("no."), default=0)
    # Since then.
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("next try"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    objects = BookmarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("request not told of")
        verbose_name_plural = _("requests not told of")
        # Written by the program alone; to change it is to try again.
        default_permissions = ("view", "change")
        indexes = [
            # The projection looks for what is to be tried again, and the metrics count it.
            models.Index(fields=["not_before"], condition=Q(attempts__gt=0), name="bookmarks_stuck")
        ]

    def __str__(self) -> str:
        return f"{self.request} #{self.sequence}"


class Watermark(models.Model):
    """The entry of the journal, by its id, above which news are looked for; one row at the most.

    All up to it is old, and is consumed or of a request that is stuck. Ids are not committed in
    their order, so it never comes near those that are being written.
    """

    event = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.event)
