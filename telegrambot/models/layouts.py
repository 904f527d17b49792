"""What the cards of an organization show besides what every card does."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from treasury.models import Organization


class CardLayout(models.Model):
    """Without one a card shows every field, in the order of `content.fields`."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    # Names of `content.fields`, in their order; one that only another release knows is passed over.
    names = models.JSONField(_("fields"), default=list, blank=True)

    class Meta:
        verbose_name = _("what cards show")
        verbose_name_plural = _("what cards show")

    def __str__(self) -> str:
        return str(self.organization)
