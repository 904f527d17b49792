"""What the administrators' chats are told: of trouble while it lasts, and what others have said."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Alert(models.Model):
    """Of what is wrong there is one while it lasts, whose message counts up."""

    class Subject(models.TextChoices):
        MESSAGES = "messages", pgettext_lazy("alert", "Messages that could not be delivered")
        UPDATES = "updates", pgettext_lazy("alert", "Updates that could not be handled")
        REQUESTS = "requests", pgettext_lazy("alert", "Requests whose news could not be told")
        LAG = "lag", pgettext_lazy("alert", "Messages are late")
        WEBHOOK = "webhook", pgettext_lazy("alert", "Telegram cannot reach the webhook")
        JOURNAL = "journal", pgettext_lazy("alert", "The journal is broken")
        # Of another system, or of a long operation that has ended.
        SAID = "said", pgettext_lazy("alert", "News")

    subject = models.CharField(_("about"), max_length=10, choices=Subject.choices)
    text = models.TextField(_("text"), blank=True)
    count = models.PositiveIntegerField(_("how many"), default=1)
    since = models.DateTimeField(_("since"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # What came with it, under its own name.
    file = models.FileField(_("file"), upload_to="alerts/%Y/%m/", blank=True)
    file_name = models.CharField(_("file"), max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            # Two workers that notice it at the same moment tell it once.
            models.UniqueConstraint(
                "subject", condition=Q(ended_at=None), name="alert_once_at_a_time"
            ),
        ]

        indexes = [
            # What is old is forgotten every hour.
            models.Index(
                fields=["ended_at"], condition=Q(ended_at__isnull=False), name="alert_by_its_end"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_subject_display())
