"""What administrators have a worker do about the webhook."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from treasury.models import Employee


class Errand(models.Model):
    """Asked for in the back office, and done by a worker, for it calls Telegram; it stays, to tell
    who has asked for what, and what came of it."""

    class Act(models.TextChoices):
        EXAMINE = "examine", _("Examine everything")
        SET = "set", _("Set the webhook")
        DELETE = "delete", _("Delete the webhook")

    act = models.CharField(_("what was asked for"), max_length=10, choices=Act)
    asked_by = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    language = models.CharField(max_length=10)
    # PEM, of which Telegram is told: without a key. Of the newest one that sets the webhook it is
    # the one in use.
    certificate = models.TextField(_("certificate"), blank=True)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    begun_at = models.DateTimeField(_("begun at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    # True until it is done, and null then: so the database takes one at a time.
    is_open = models.BooleanField(null=True, default=True, unique=True)
    # Of each result its title, level, what is said and the remedy, in that language.
    findings = models.JSONField(default=list)
    # What getWebhookInfo has told then, without secrets.
    info = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("errand at Telegram")
        verbose_name_plural = _("Telegram")
        default_permissions = ("add", "view")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_act_display()}, {timezone.localtime(self.asked_at):%d.%m.%Y %H:%M}"
