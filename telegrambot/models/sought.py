"""What people look for: their words, for the pages of what is found."""

from django.db import models
from django.utils import timezone

from treasury.models import Employee


class Sought(models.Model):
    """Words by which more is found than a message shows; a button has no room for them."""

    employee = models.ForeignKey(Employee, models.CASCADE, related_name="+")
    words = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        indexes = [
            # What is old is forgotten every hour.
            models.Index(fields=["created_at"], name="sought_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.employee}: {self.words}"
