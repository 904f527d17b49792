"""Files on their way to Telegram."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

# How exactly it is known when a file was used last: not every sending needs a write of its own.
_TO_THE_DAY = timedelta(days=1)


class TelegramFileQuerySet(models.QuerySet["TelegramFile"]):
    def of_this_bot(self) -> "TelegramFileQuerySet":
        """What another bot has uploaded is of no use to this one."""
        return self.filter(bot_id=bot_id())

    def use(self, hashes: Collection[str]) -> dict[tuple[str, str], str]:
        """The ids to send these contents by, each by its kind and hash."""
        known = list(self.of_this_bot().filter(sha256__in=hashes))
        now = timezone.now()
        rested = [file.pk for file in known if file.used_at < now - _TO_THE_DAY]
        if rested:
            self.filter(pk__in=rested).update(used_at=now)
        return {(file.kind, file.sha256): file.file_id for file in known}


class TelegramFile(models.Model):
    """Telegram's id of a file that was uploaded once, so that no chat waits for it again.

    An id is one bot's own, and of one kind: a photo cannot be sent as a document by it.
    https://core.telegram.org/bots/api#sending-files
    """

    class Kind(models.TextChoices):
        """As Telegram calls what a message carries."""

        DOCUMENT = "document"
        PHOTO = "photo"
        VIDEO = "video"
        VOICE = "voice"

    bot_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    sha256 = models.CharField(max_length=64)
    file_id = models.CharField(max_length=255)
    used_at = models.DateTimeField(default=timezone.now)

    objects = TelegramFileQuerySet.as_manager()

    class Meta:
        constraints = [
            # Each is looked for before it is uploaded.
            models.UniqueConstraint("sha256", "kind", "bot_id", name="file_once_for_a_bot"),
        ]
        indexes = [
            # What nobody has sent for long is forgotten every hour.
            models.Index(fields=["used_at"], name="file_by_use"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:12]}"


def bot_id() -> int:
    """The Telegram id of the bot whose token is set; 0 for none."""
    number = settings.TELEGRAM_BOT_TOKEN.partition(":")[0]
    return int(number) if number.isdecimal() else 0
