"""What an installation knows of its backups: when the last was made, and whether it is of one."""

from django.db import models
from django.utils import timezone


class LastBackup(models.Model):
    """One row, for whoever watches its age."""

    made_at = models.DateTimeField()
    name = models.CharField(max_length=255)
    # Bytes.
    size = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Hold(models.Model):
    """While there is one, no channel sends or takes in anything: the installation is a restored
    copy, and the one that it was made of may be at work."""

    since = models.DateTimeField(default=timezone.now)
    backed_up_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.backed_up_at:%Y-%m-%d %H:%M %Z}"
