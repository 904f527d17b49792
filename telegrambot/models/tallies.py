"""What /metrics tells of things that happen and are over."""

from django.db import models


class Tally(models.Model):
    """One number, added up over all processes and machines; names and labels as Prometheus has
    them."""

    name = models.CharField(max_length=80)
    # JSON, its keys in their order.
    labels = models.CharField(max_length=200)
    value = models.FloatField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint("name", "labels", name="tally_once")]

    def __str__(self) -> str:
        return f"{self.name}{self.labels}: {self.value}"
