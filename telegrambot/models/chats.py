"""The chats, and what each of them must show."""

import html
from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest, Least, Now
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from oauth.models import UserToken
from telegrambot.places import Place
from treasury.models import (
    ApprovalTask,
    Department,
    Event,
    Organization,
    PaymentRequest,
    RequesterConsent,
)

# The kind of the rows that keep the menu of a chat.
KEEPS_MENU = "menu"
# Characters; Telegram's have 32 or so.
INLINE_ID_LENGTH = 128


class ChatQuerySet(models.QuerySet["Chat"]):
    def hearing_of(self, organization_pk: int, department_pk: int) -> "ChatQuerySet":
        """The groups where requests of the one or of the other are announced; never a person's
        chat."""
        by_organization = Chat.organizations.through.objects.filter(organization=organization_pk)
        by_department = Chat.departments.through.objects.filter(department=department_pk)
        bound = by_organization.values("chat").union(by_department.values("chat"))
        return self.filter(pk__in=bound).exclude(kind=Chat.Kind.PRIVATE)

    def free(self, now: datetime) -> "ChatQuerySet":
        """Chats that may be spoken to, and are held by no worker."""
        return self.filter(
            Q(not_before=None) | Q(not_before__lte=now),
            Q(lease_until=None) | Q(lease_until__lte=now),
            state=Chat.State.ACTIVE,
        )

    def with_work(self, now: datetime) -> "ChatQuerySet":
        """Those of them that have something to show."""
        due = SentMessage.objects.due(now).filter(chat=models.OuterRef("pk"))
        return self.free(now).filter(models.Exists(due))

    def by_urgency(self, now: datetime) -> "ChatQuerySet":
        """Chats with work, the most urgent first, and of equals where it has waited longest."""
        due = SentMessage.objects.due(now).filter(chat=models.OuterRef("pk"))
        first = due.order_by("urgency", "id")
        named = self.free(now).annotate(
            urgency=models.Subquery(first.values("urgency")[:1]),
            first=models.Subquery(first.values("id")[:1]),
        )
        return named.filter(first__isnull=False).order_by("urgency", "first")

    def closed_to_approvers(self) -> "ChatQuerySet":
        """Those of people for whom a decision waits, who can be told of it no more."""
        closed = self.filter(kind=Chat.Kind.PRIVATE).exclude(state=Chat.State.ACTIVE)
        keys = [str(key) for key in closed.values_list("telegram_id", flat=True)]
        ties = UserToken.objects.valid().filter(kind=UserToken.Kind.TELEGRAM, token__in=keys)
        waiting = ApprovalTask.objects.filter(status=ApprovalTask.Status.OPEN)
        asked = ties.filter(employee__in=waiting.values("employee")).values_list("token", flat=True)
        return closed.filter(telegram_id__in=map(int, asked))


class Chat(models.Model):
    """A private chat, a group or an inline message, and its lane of delivery."""

    class Kind(models.TextChoices):
        PRIVATE = "private", pgettext_lazy("chat", "Private")
        GROUP = "group", pgettext_lazy("chat", "Group")
        SUPERGROUP = "supergroup", pgettext_lazy("chat", "Supergroup")
        CHANNEL = "channel", pgettext_lazy("chat", "Channel")
        # A lane of its own for each: in which chat it stands nobody tells.
        INLINE = "inline", pgettext_lazy("chat", "Inline message")

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("chat", "Active")
        BLOCKED = "blocked", pgettext_lazy("chat", "The user has blocked the bot")
        DEACTIVATED = "deactivated", pgettext_lazy("chat", "The user was deleted")
        NOT_STARTED = "not_started", pgettext_lazy("chat", "The user has not pressed Start")
        REMOVED = "removed", pgettext_lazy("chat", "The bot was removed")
        RESTRICTED = "restricted", pgettext_lazy("chat", "The bot may not write here")
        NOT_FOUND = "not_found", pgettext_lazy("chat", "Not found")

    class Dress(models.TextChoices):
        """Nothing tells whether the apps that read there can show rich messages."""

        TEXT = "text", pgettext_lazy("dress", "Text")
        RICH = "rich", pgettext_lazy("dress", "Card with tables")

    class TopicPer(models.TextChoices):
        """What has a topic of its own there, in which all about it stands."""

        NOTHING = "", pgettext_lazy("topic", "nothing: all stands in the chat itself")
        REQUEST = "request", pgettext_lazy("topic", "each request")
        ORGANIZATION = "organization", pgettext_lazy("topic", "each organization")
        DEPARTMENT = "department", pgettext_lazy("topic", "each department")
        PAYEE = "payee", pgettext_lazy("topic", "each payee")
        TICKET = "ticket", pgettext_lazy("topic", "each request that was declined or returned")

    telegram_id = models.BigIntegerField(_("Telegram id"), unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=255, blank=True)
    dress = models.CharField(
        _("how requests look"), max_length=4, choices=Dress.choices, default=Dress.TEXT,
        help_text=_(
            "Cards have tables and lists that fold. Older apps do not show them at all."
        ),
    )  # fmt: skip
    organizations = models.ManyToManyField(
        Organization, related_name="chats", blank=True, verbose_name=_("organizations"),
        help_text=_("The requests of these organizations are announced here."),
    )  # fmt: skip
    departments = models.ManyToManyField(
        Department, related_name="chats", blank=True, verbose_name=_("departments"),
        help_text=_("And those of these departments, whose organization need not be chosen."),
    )  # fmt: skip
    # Whether it has topics: a group that is a forum.
    is_forum = models.BooleanField(default=False, editable=False)
    topic_per = models.CharField(
        _("a topic for"), max_length=12, choices=TopicPer.choices, default=TopicPer.NOTHING,
        blank=True,
        help_text=_(
            "The group must have topics turned on, and the bot must be an administrator who may "
            "manage them. What stands there already stays where it is."
        ),
    )  # fmt: skip
    # What follows is of a person's chat, and his own to choose. At the hour he reads what waits for
    # him, nothing for never; each Monday, if he wants it, how the week has been.
    digest_at = models.TimeField(null=True, blank=True, default=time(9), editable=False)
    weekly = models.BooleanField(default=False, db_default=False, editable=False)
    # Since when these are as they are: what was due before is not sent.
    digests_since = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    # Between these hours nothing rings, but for what is urgent if that may pass.
    quiet_from = models.TimeField(null=True, blank=True, editable=False)
    quiet_until = models.TimeField(null=True, blank=True, editable=False)
    urgent_passes = models.BooleanField(default=True, db_default=True, editable=False)
    # The kinds of messages that he does not want.
    muted = models.JSONField(
        default=list, db_default=Value([], models.JSONField()), blank=True, editable=False
    )
    # By which his hours are counted; nothing for that of the company.
    zone = models.CharField(max_length=40, blank=True, default="", db_default="", editable=False)
    # What the bot is in it, and may do, as Telegram has last told: `status`, and can_… of it.
    rights = models.JSONField(default=dict, blank=True, editable=False)
    alerts = models.BooleanField(
        _("tells of trouble"), default=False,
        help_text=_("What could not be delivered or handled, and news of other systems."),
    )  # fmt: skip
    # Of the topic in which it does; nothing for the whole chat.
    alerts_thread = models.BigIntegerField(null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.ACTIVE)
    state_reason = models.CharField(_("reason"), max_length=255, blank=True)
    not_before = models.DateTimeField(_("paused until"), null=True, blank=True)
    # Until when it was Telegram's pace, or a refusal of its, that made it wait.
    asked_until = models.DateTimeField(null=True, blank=True, editable=False)
    # When Telegram has last told that the bot may speak there.
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    lease_token = models.CharField(max_length=32, blank=True)
    # Since when a worker holds it, which its lease does not say: that is as long as the upload.
    leased_at = models.DateTimeField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(_("sending, at the latest until"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("last delivery"), null=True, blank=True)
    # Of an inline message: how Telegram names it, and the Telegram id of whoever has sent it, whom
    # it shows what he may see. Its `telegram_id` is `places.inline_place`.
    inline_id = models.CharField(
        max_length=INLINE_ID_LENGTH, blank=True, default="", db_default="", editable=False
    )
    sender_id = models.BigIntegerField(null=True, blank=True, editable=False)
    # To the day: when whoever reads there has last opened it, or said something as a stranger.
    heard_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ChatQuerySet.as_manager()

    class Meta:
        verbose_name = _("chat")
        verbose_name_plural = _("chats")
        ordering = ["kind", "title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="chat_quiet_begins_and_ends",
            ),
        ]
        indexes = [
            # Chats of strangers are forgotten; those who speak are not looked at.
            models.Index(
                fields=["heard_at"],
                condition=Q(kind="private") | Q(kind="inline") | Q(state="removed"),
                name="chat_by_heard",
            ),
            # Whoever loses a right sees it in what he has sent too.
            models.Index(
                fields=["sender_id"],
                condition=Q(sender_id__isnull=False),
                name="inline_message_by_sender",
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.telegram_id)

    @property
    def is_group(self) -> bool:
        return self.kind not in (self.Kind.PRIVATE, self.Kind.INLINE)

    @property
    def uses_general(self) -> bool:
        """Whether requests come to the chat itself: of a group with topics that is General."""
        return self.topic_per in (self.TopicPer.NOTHING, self.TopicPer.TICKET)

    @property
    def time_zone(self) -> tzinfo:
        return ZoneInfo(self.zone) if self.zone else timezone.get_default_timezone()

    def local(self, moment: datetime) -> datetime:
        """By his own clock."""
        return moment.astimezone(self.time_zone)

    def choose(self, values: Mapping[str, Any], now: datetime) -> int:
        """Keep when he is to be told of what, by field; how many messages are looked at anew, as
        they waited by the hours of before."""
        changed = {name: value for name, value in values.items() if getattr(self, name) != value}
        if not changed:
            return 0
        if changed.keys() & {"digest_at", "weekly", "zone"}:
            changed["digests_since"] = now
        for name, value in changed.items():
            setattr(self, name, value)
        self.save(update_fields=[*changed])
        return self.messages.let_go(now)

    def quiet_end(self, now: datetime) -> datetime | None:
        """When the quiet hours end that it is in now; None outside of them."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        local = self.local(now)
        began, ended = local.time() >= self.quiet_from, local.time() >= self.quiet_until
        over_midnight = self.quiet_from > self.quiet_until
        if not (began or not ended if over_midnight else began and not ended):
            return None
        day = local.date() + timedelta(days=int(ended))
        return datetime.combine(day, self.quiet_until, self.time_zone)

    def bound_to(self) -> list[str]:
        """Whose requests are announced there, by name."""
        departments = (department.full_name for department in self.departments.all())
        return [*map(str, self.organizations.all()), *departments]


class Urgency(models.IntegerChoices):
    """Which of all that is to be shown comes first."""

    ANSWER = 0, pgettext_lazy("urgency", "Somebody waits for an answer")
    PRESSED = 1, pgettext_lazy("urgency", "A button was pressed under it")
    CARD = 2, pgettext_lazy("urgency", "Somebody is asked")
    NOTICE = 3, pgettext_lazy("urgency", "Somebody is told")
    CHANGE = 4, pgettext_lazy("urgency", "Something has changed")


class SentMessageQuerySet(models.QuerySet["SentMessage"]):
    def behind(self) -> "SentMessageQuerySet":
        return self.filter(is_behind=True)

    def waiting(self, now: datetime) -> "SentMessageQuerySet":
        """What could be shown now and is not, with `waits_since`: a closed chat, or a pause that
        Telegram wants, is nobody's delay; that its answers are awaited in vain, is one."""
        since = Greatest("behind_since", Coalesce("chat__asked_until", "behind_since"))
        in_open_lanes = self.behind().filter(chat__state=Chat.State.ACTIVE)
        return in_open_lanes.annotate(waits_since=since).filter(waits_since__lte=now)

    def at(self, telegram_id: int, message_id: int) -> "SentMessageQuerySet":
        """The one that stands there in the chat, as Telegram numbers both."""
        return self._at(telegram_id, message_id).filter(receiver_id=None)

    def seen_by(self, reader_id: int, telegram_id: int, ephemeral_id: int) -> "SentMessageQuerySet":
        """What he alone sees in the group: these have numbers of their own."""
        return self._at(telegram_id, ephemeral_id).filter(receiver_id=reader_id)

    def _at(self, telegram_id: int, message_id: int) -> "SentMessageQuerySet":
        # Not joined: every press updates what is found so.
        chat = Chat.objects.filter(telegram_id=telegram_id).values("pk")
        return self.filter(chat=models.Subquery(chat), first_id=message_id)

    def refresh_read_in(self, chats: "models.QuerySet[Chat]") -> int:
        """As `refresh`, of what stands in these chats, of what those whose private chats they are
        alone see in groups, and of what they have sent by inline mode."""
        people = list(chats.values_list("telegram_id", flat=True))
        # One after the other: of all at once PostgreSQL would read every message.
        alone = self.filter(receiver_id__isnull=False, receiver_id__in=people)
        passed_on = self.filter(chat__in=list(Chat.objects.filter(sender_id__in=people)))
        return self.filter(chat__in=chats).refresh() + alone.refresh() + passed_on.refresh()

    def of_reader(self, telegram_id: int) -> "SentMessageQuerySet":
        """What is shown to one person alone: in his private chat, and in groups."""
        return self.filter(Q(chat__telegram_id=telegram_id) | Q(receiver_id=telegram_id))

    def due(self, now: datetime) -> "SentMessageQuerySet":
        """What must be shown now, the most urgent first.

        Of equals what must be sent, in the order in which it must appear, and then what must be
        edited, of which the newest come first: a chat in which years of cards change is paced for
        long, and the old ones can wait.
        """
        ready = Q(not_before=None) | Q(not_before__lte=now)
        turn = Case(When(form="", then="id"), default=BigIntegerField.MAX_BIGINT - F("id"))
        return self.behind().filter(ready).order_by("urgency", turn)

    def let_go(self, now: datetime) -> int:
        """Look again at what quiet hours hold, which is late from their end on; how many they
        are."""
        unsent = self.behind().filter(form=SentMessage.Form.NONE, behind_since__gt=now)
        return unsent.update(not_before=None, behind_since=now)

    def refresh(self, urgency: int = Urgency.CHANGE) -> int:
        """Want them shown anew; how many they are. An album is never edited.

        What was given up is tried once more, for it would show yet another state by now; what its
        reader has thrown away stays so.
        """
        with transaction.atomic(savepoint=False):
            return self.locked_to_refresh().update(**anew(timezone.now(), urgency))

    def locked_to_refresh(self) -> "SentMessageQuerySet":
        """Those of them that a change concerns, to be changed by `anew` in a transaction."""
        return self.exclude(form=SentMessage.Form.ALBUM)._locked()

    def take_albums_back(self) -> None:
        """Have the albums among them taken from a group that hears of their requests no more: no
        other change concerns an album."""
        standing = self.filter(form=SentMessage.Form.ALBUM, state=SentMessage.State.SENT)
        with transaction.atomic(savepoint=False):
            standing._locked().update(**anew(timezone.now()))

    def _locked(self) -> "SentMessageQuerySet":
        # In the order of their keys: two who each had one that the other wants would wait for ever.
        locked = self.order_by("pk").select_for_update(of=("self",), no_key=True).values("pk")
        return SentMessage.objects.filter(pk__in=locked)

    def refused(self) -> "SentMessageQuerySet":
        """Documents that their group takes no more than any others: they rest, see `offer`."""
        resting = self.filter(state=SentMessage.State.PENDING, form=SentMessage.Form.ALBUM)
        return resting.filter(receiver_id=None)

    def offer(self) -> int:
        """Have the refused tried once more; how many they are."""
        return self.refused().update(
            form=SentMessage.Form.NONE, shown=0, error="", behind_since=timezone.now()
        )

    def retry(self) -> int:
        """Give those that were given up a fresh start, an album too; how many they are."""
        keys = list(self.filter(state__in=GIVEN_UP).values_list("pk", flat=True))
        given_up = SentMessage.objects.filter(pk__in=keys)
        given_up.filter(form=SentMessage.Form.ALBUM).update(form=SentMessage.Form.NONE)
        return given_up.update(behind_since=timezone.now(), **_afresh())


class SentMessage(models.Model):
    """A message that must exist in a chat and show the newest state of a request.

    `wanted` grows with every change, `shown` follows it: delivery renders at the moment of sending.
    What is about no request has its own text, and changes no more than by its button.
    """

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("message", "Not sent yet")
        SENDING = "sending", pgettext_lazy("message", "Being sent")
        SENT = "sent", pgettext_lazy("message", "Sent")
        UNKNOWN = "unknown", pgettext_lazy("message", "Sent, the answer was lost")
        GONE = "gone", pgettext_lazy("message", "Deleted by its reader")
        FAILED = "failed", pgettext_lazy("message", "Failed")

    class Form(models.TextChoices):
        """How the message stands in the chat, which decides the method that edits it."""

        NONE = "", "—"
        TEXT = "text", pgettext_lazy("message", "Text")
        RICH = "rich", pgettext_lazy("message", "Rich message")
        CAPTION = "caption", pgettext_lazy("message", "Document with caption")
        ALBUM = "album", pgettext_lazy("message", "Album")
        EPHEMERAL = "ephemeral", pgettext_lazy("message", "Seen by its reader alone")
        TOPIC = "topic", pgettext_lazy("message", "Topic")
        MENU = "menu", pgettext_lazy("message", "Menu")

    class Removal(models.IntegerChoices):
        """How it is taken back from a group that hears of its request no more: each way is for
        what Telegram lets nobody take back by the one before."""

        DELETED = 0
        # Its files are replaced by one with nothing in it.
        AS_DOCUMENT = 1
        AS_PHOTO = 2
        # Only what stands under its files.
        IN_WORDS = 3

    # No index of its own: that by which a pressed message is found begins with it.
    chat = models.ForeignKey(
        Chat, models.CASCADE, related_name="messages", db_index=False, verbose_name=_("chat")
    )
    request = models.ForeignKey(
        PaymentRequest, models.CASCADE, related_name="messages", null=True, blank=True,
        verbose_name=_("request"),
    )  # fmt: skip
    # Of `telegrambot.kinds`, by its name.
    kind = models.CharField(_("kind"), max_length=20)
    # What there is one of in a chat, for each kind; empty where there may be any number.
    key = models.CharField(max_length=40, blank=True, editable=False)
    task = models.ForeignKey(
        ApprovalTask, models.CASCADE, related_name="messages", null=True, blank=True,
        verbose_name=_("task"),
    )  # fmt: skip
    event = models.ForeignKey(
        Event, models.CASCADE, related_name="+", null=True, blank=True,
        verbose_name=_("journal entry"),
        help_text=_("What made the message necessary."),
    )  # fmt: skip
    text = models.TextField(
        _("text"), blank=True, help_text=_("Of what is about no request, as HTML.")
    )
    # What a notice asks; with it goes the button.
    consent = models.ForeignKey(
        RequesterConsent, models.SET_NULL, related_name="+", null=True, blank=True, editable=False
    )
    # An InlineKeyboardMarkup, of what has its own text; of a menu its commands.
    keyboard = models.JSONField(null=True, blank=True, editable=False)
    # Of a digest, once it is composed: the `reader` for whom, all requests that it has `named`, and
    # of these the `usual` ones, each with its `standing.version` then.
    told = models.JSONField(
        default=list, db_default=Value([], models.JSONField()), blank=True, editable=False
    )
    # That in which it stands, or which it keeps as it must be, if it is one of ours.
    topic = models.ForeignKey(
        "telegrambot.Topic", models.SET_NULL, related_name="messages", null=True, blank=True,
        db_index=False, editable=False,
    )  # fmt: skip
    # Of a group's topic that somebody has written in; nothing for the whole chat.
    thread_id = models.BigIntegerField(_("topic"), null=True, blank=True)
    # The Telegram id of the only reader of what is shown to nobody else in a group; with the press
    # that it answers, or the number of his command, by which it can be sent for a few seconds.
    receiver_id = models.BigIntegerField(null=True, blank=True, editable=False)
    query_id = models.CharField(max_length=64, blank=True, editable=False)
    command_id = models.BigIntegerField(null=True, blank=True, editable=False)
    # Keys of attachments, or 0 for the printed form: an announcement keeps what it was sent under.
    # Of an alert with a file its own key.
    documents = models.JSONField(_("documents"), default=list, blank=True)
    # Telegram would not take its rich dress: from then on it wears text.
    rich_refused = models.BooleanField(default=False, editable=False)
    # … nor its files as photos, videos or voice messages: they go as documents.
    as_documents = models.BooleanField(default=False, editable=False)
    removal = models.PositiveSmallIntegerField(
        default=Removal.DELETED, db_default=Removal.DELETED, editable=False
    )
    form = models.CharField(
        _("form"), max_length=10, choices=Form.choices, default=Form.NONE, blank=True
    )
    message_ids = models.JSONField(_("message ids"), default=list, blank=True)
    # As `message_id`, for a message to be found by it.
    first_id = models.GeneratedField(
        expression=Cast(KeyTextTransform(0, "message_ids"), models.BigIntegerField()),
        output_field=models.BigIntegerField(null=True), db_persist=True, editable=False,
    )  # fmt: skip
    wanted = models.PositiveIntegerField(_("wanted"), default=1)
    shown = models.PositiveIntegerField(_("shown"), default=0)
    shown_hash = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PENDING
    )
    # Stored, for PostgreSQL guesses that a third of all rows have less in one column than in
    # another, and then walks through all of them.
    is_behind = models.GeneratedField(
        expression=models.ExpressionWrapper(
            Q(shown__lt=F("wanted")) & ~Q(state__in=["unknown", "gone", "failed"]),
            models.BooleanField(),
        ),
        output_field=models.BooleanField(), db_persist=True, editable=False,
    )  # fmt: skip
    # While it is behind: since when it could have been shown, if Telegram let it.
    behind_since = models.DateTimeField(default=timezone.now, editable=False)
    error = models.TextField(_("error"), blank=True)
    # While it is behind.
    urgency = models.PositiveSmallIntegerField(
        _("urgency"), choices=Urgency.choices, default=Urgency.CHANGE
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Of those the sendings whose answer was lost: each may have left a copy in the chat.
    lost = models.PositiveSmallIntegerField(_("answers lost"), default=0)
    not_before = models.DateTimeField(_("next try"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)

    objects = SentMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        constraints = [
            # Projecting an event twice creates nothing twice.
            models.UniqueConstraint(
                "chat", "kind", "key", condition=~Q(key=""), name="message_once_in_a_chat"
            ),
            models.CheckConstraint(
                condition=Q(request__isnull=False) | ~Q(text=""),
                name="message_knows_what_it_is_about",
            ),
            models.CheckConstraint(
                condition=Q(shown__lte=F("wanted")), name="message_shows_no_future"
            ),
        ]
        indexes = [
            # Workers ask which chat has the most urgent work, and each delivery what its chat has.
            models.Index(
                fields=["chat", "urgency", "id"],
                condition=Q(is_behind=True),
                name="messages_behind",
            ),
            # A press on what is out of date has the message shown anew.
            models.Index(fields=["chat", "first_id"], name="message_by_first_id"),
            # Few stand in a topic of ours.
            models.Index(
                fields=["topic"], condition=Q(topic__isnull=False), name="message_by_its_topic"
            ),
            # Who has lost a right sees it in groups too.
            models.Index(
                fields=["receiver_id"],
                condition=Q(receiver_id__isnull=False),
                name="message_by_its_only_reader",
            ),
            # The metrics count what is not there as it should be; the list of messages shows it.
            models.Index(
                fields=["state", "-id"],
                condition=Q(state__in=["failed", "unknown", "gone"]),
                name="messages_in_trouble",
            ),
            # What is old is forgotten every hour: what only tells something before what shows a
            # request, of which a year is kept.
            models.Index(
                fields=["created_at"], condition=Q(request=None), name="message_by_age_told"
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(request__isnull=False),
                name="message_by_age_of_request",
            ),
            # … and what one reader alone has seen.
            models.Index(
                fields=["created_at"],
                condition=Q(receiver_id__isnull=False),
                name="message_by_age_seen_alone",
            ),
        ]

    def __str__(self) -> str:
        """As the title of its page: a text without its markup, and not all of a long one."""
        words = " ".join(html.unescape(strip_tags(self.text)).split())
        return str(self.request or Truncator(words).chars(60))

    @property
    def place(self) -> Place:
        thread_id = self.topic.thread_id if self.topic else self.thread_id
        return Place(self.chat.telegram_id, thread_id, inline_id=self.chat.inline_id)

    @property
    def reader_id(self) -> int:
        """The Telegram id of whoever reads it, where it is one person."""
        return self.receiver_id or self.chat.sender_id or self.chat.telegram_id

    @property
    def wears_rich(self) -> bool:
        """As its chat likes it, where it can: what stands under a document cannot be changed so,
        nor back what carries one."""
        if self.rich_refused or self.form in (self.Form.CAPTION, self.Form.ALBUM):
            return False
        likes = self.chat.dress == Chat.Dress.RICH
        return likes or (self.form == self.Form.RICH and bool(self.documents))

    @property
    def hindrance(self) -> str:
        """Why the chat does not show what it should, in words; empty when nothing is known of."""
        waits = self.is_behind and self.chat.state != Chat.State.ACTIVE
        reasons = [str(self.chat.get_state_display()) if waits else "", self.error]
        return " · ".join(filter(None, reasons))

    @property
    def message_id(self) -> int | None:
        """The message that is edited; of an album nothing is."""
        return self.message_ids[0] if self.message_ids else None


# What is tried no more until something changes.
GIVEN_UP = (SentMessage.State.UNKNOWN, SentMessage.State.FAILED)


def anew(now: datetime, urgency: int = Urgency.CHANGE) -> dict[str, Any]:
    """The fields of a message that must be shown anew, at least so urgently."""
    since = Case(When(is_behind=True, then=F("behind_since")), default=Value(now))
    more = Least("urgency", Value(urgency, models.PositiveSmallIntegerField()))
    return {"wanted": F("wanted") + 1, "urgency": more, "behind_since": since, **_afresh()}


def _afresh() -> dict[str, Any]:
    """The fields of a message that is tried anew, if it was given up."""
    was_given_up = Q(state__in=GIVEN_UP)
    stands = Case(
        When(was_given_up & Q(form=SentMessage.Form.NONE), then=Value(SentMessage.State.PENDING)),
        When(was_given_up, then=Value(SentMessage.State.SENT)),
        default=F("state"),
    )
    none = Value(0, models.PositiveSmallIntegerField())
    forgotten = {
        "attempts": none,
        "error": Value("", models.TextField()),
        "not_before": Value(None, models.DateTimeField()),
    }
    fields = {
        name: Case(When(was_given_up, then=nothing), default=F(name))
        for name, nothing in forgotten.items()
    }
    return {"state": stands, **fields}
