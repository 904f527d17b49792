"""Files on their way to a request."""

from django.db import models

from treasury.models.organizations import Employee
from treasury.models.requests import attachment_path


class Upload(models.Model):
    """A file that a person has chosen and that no request has yet; kept for a day.

    Its row and its file become an `Attachment` without being copied.
    """

    owner = models.ForeignKey(Employee, models.CASCADE, related_name="+")
    file = models.FileField(upload_to=attachment_path, max_length=200)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering = ["id"]
        indexes = [
            # What is too old is thrown away.
            models.Index(fields=["uploaded_at"], name="uploads_by_age"),
        ]

    def __str__(self) -> str:
        return self.name
