"""Files on their way to Telegram, and from it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from treasury.models import PaymentRequest

# How exactly it is known when a file was used last: not every sending needs a write of its own.
_TO_THE_DAY = timedelta(days=1)


class TelegramFileQuerySet(models.QuerySet["TelegramFile"]):
    def of_this_bot(self) -> "TelegramFileQuerySet":
        """What another bot has uploaded is of no use to this one."""
        return self.filter(bot_id=bot_id())

    def use(self, hashes: Collection[str]) -> dict[tuple[str, str, str], str]:
        """The ids to send these contents by, each by its kind, hash and name."""
        known = list(self.of_this_bot().filter(sha256__in=hashes))
        now = timezone.now()
        rested = [file.pk for file in known if file.used_at < now - _TO_THE_DAY]
        if rested:
            self.filter(pk__in=rested).update(used_at=now)
        return {(file.kind, file.sha256, file.name): file.file_id for file in known}


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
    # By which Telegram shows it, where it shows one.
    name = models.CharField(max_length=255, blank=True)
    used_at = models.DateTimeField(default=timezone.now)

    objects = TelegramFileQuerySet.as_manager()

    class Meta:
        constraints = [
            # Each is looked for before it is uploaded.
            models.UniqueConstraint("sha256", "kind", "bot_id", "name", name="file_once_for_a_bot"),
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


class IncomingFileQuerySet(models.QuerySet["IncomingFile"]):
    def waiting(self) -> "IncomingFileQuerySet":
        return self.filter(state=IncomingFile.State.WAITING)

    def due(self, now: datetime) -> "IncomingFileQuerySet":
        """What must be fetched now and nobody is fetching, the oldest first."""
        free = Q(held_until=None) | Q(held_until__lte=now)
        return self.waiting().filter(free, not_before__lte=now).order_by("id")

    def held(self, now: datetime) -> "IncomingFileQuerySet":
        """What somebody is fetching."""
        return self.waiting().filter(held_until__gt=now)

    def sent_with(self, file: "IncomingFile") -> "IncomingFileQuerySet":
        """It, and the rest of its album."""
        if not file.album:
            return self.filter(pk=file.pk)
        return self.filter(said_in=file.said_in, album=file.album)


class IncomingFile(models.Model):
    """A file that somebody has sent in answer to a card, or while he is asked for a request, until
    it is a document of the one or among the files of the other."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ATTACHED = "attached"
        REFUSED = "refused"

    request = models.ForeignKey(PaymentRequest, models.CASCADE, related_name="+", null=True)
    # The number of the dialog, of what belongs to no request yet.
    dialog = models.BigIntegerField(null=True)
    # The Telegram ids of who has sent it, and of the chat and the message in which he has.
    sender_id = models.BigIntegerField()
    said_in = models.BigIntegerField()
    message_id = models.BigIntegerField()
    album = models.CharField(max_length=40, blank=True)
    # As `incoming.enclosed` calls it.
    kind = models.CharField(max_length=10)
    file_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # What its sender is told of it, in his language.
    note = models.TextField(blank=True)
    is_told = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    held_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = IncomingFileQuerySet.as_manager()

    class Meta:
        constraints = [
            # However often its update comes.
            models.UniqueConstraint("said_in", "message_id", name="incoming_file_once"),
        ]
        indexes = [
            # The sweep looks for what is to be fetched.
            models.Index(
                fields=["not_before"], condition=Q(state="waiting"), name="incoming_files_waiting"
            ),
            # What is old is forgotten every hour.
            models.Index(fields=["created_at"], name="incoming_file_by_age"),
        ]

    def __str__(self) -> str:
        return self.name
