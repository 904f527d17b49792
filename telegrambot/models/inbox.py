"""The inbox: what Telegram delivered, and what became of it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UpdateQuerySet(models.QuerySet["Update"]):
    def poisoned(self) -> "UpdateQuerySet":
        """What could not be handled, so far."""
        return self.filter(handled_at=None)

    def to_retry(self, now: datetime) -> "UpdateQuerySet":
        """The poisoned that deserve another try: soon after the first, later after the second."""
        soon = Q(attempts=1, received_at__lte=now - timedelta(seconds=10))
        later = Q(attempts=2, received_at__lte=now - timedelta(minutes=5))
        return self.poisoned().filter(soon | later).order_by("id")

    def since(self, update: "Update", **said: Any) -> "UpdateQuerySet":
        """What was handled of those of its kind that came later and said this; of one whose words
        are forgotten nobody can tell that it did not."""
        later = self.filter(kind=update.kind, pk__gt=update.pk, handled_at__isnull=False)
        return later.filter(Q(**said) | Q(removed=Update.Removed.OLD))


class Update(models.Model):
    """Its unique id makes a repeat visible; without `handled_at` it has failed so far."""

    class Removed(models.TextChoices):
        """Why nothing, or not everything, is there of what came."""

        NOTHING = "", "—"
        UNADDRESSED = "unaddressed", _("It was not said to the bot: nothing of it is kept.")
        SECRET = "secret", _("The text may be a code to sign in, or a password: it is never kept.")
        OLD = "old", _("Removed some time after it was handled.")

    update_id = models.BigIntegerField(_("update id"), unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    # As `incoming.updates.essence` leaves it, and empty once it is removed.
    payload = models.JSONField(_("payload"), default=dict, blank=True)
    removed = models.CharField(
        _("removed"), max_length=12, choices=Removed.choices, default=Removed.NOTHING, blank=True
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)

    objects = UpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("incoming update")
        verbose_name_plural = _("inbox")
        ordering = ["-id"]
        indexes = [
            # The sweep looks for what could not be handled.
            models.Index(
                fields=["received_at"], condition=Q(handled_at=None), name="updates_unhandled"
            ),
            # What was handled some time ago is emptied every hour: few are full.
            models.Index(
                fields=["handled_at"],
                condition=Q(removed__in=["", "secret"]),
                name="update_with_payload",
            ),
            # What is old is forgotten every hour; the list can be sorted by it.
            models.Index(fields=["received_at", "id"], name="update_by_received"),
            # The list filters by kind and shows the newest first.
            models.Index(fields=["kind", "-id"], name="update_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.update_id} {self.kind}"
