"""Several requests that are approved by one tap: each by itself, and at most once."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from telegrambot.models.chats import Chat
from treasury.models import Employee


class BulkApproval(models.Model):
    """What a person was asked to confirm, and what has become of it so far."""

    chat = models.ForeignKey(Chat, models.CASCADE, related_name="+")
    employee = models.ForeignKey(Employee, models.CASCADE, related_name="+")
    # Of each request its key and its `standing.version` when he was told of it.
    told = models.JSONField()
    # A line of each that is done with, in their order.
    results = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    # The message that becomes the result.
    message_id = models.BigIntegerField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [
            # Workers look for what is confirmed and not done.
            models.Index(
                fields=["id"],
                condition=Q(confirmed_at__isnull=False, done_at=None),
                name="bulk_approval_to_do",
            ),
            # What is old is forgotten every hour.
            models.Index(fields=["created_at"], name="bulk_approval_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.employee}: {len(self.results)}/{len(self.told)}"
