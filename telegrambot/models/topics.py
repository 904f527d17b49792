"""The topics of chats: how each must be, and how it is as Telegram has told."""

from collections.abc import Mapping
from typing import Any

from django.core.validators import MinLengthValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from telegrambot import doorbell
from telegrambot.models.chats import Chat, SentMessage, SentMessageQuerySet, Urgency, anew
from treasury.models import PaymentRequest

# The kind of the row that keeps a topic as it must be; see `telegrambot.kinds.topic`.
KEEPS_TOPIC = "topic"
# Of each forum; it can be hidden, and neither made nor deleted.
# https://core.telegram.org/bots/api#editgeneralforumtopic
GENERAL = 1
# What Telegram has of a topic that nobody has changed, besides its name.
AS_MADE = {"icon": "", "is_closed": False, "is_hidden": False}
# So many wait for their turn.
WISHES = 20
# Characters of a name: https://core.telegram.org/bots/api#createforumtopic
NAME_LENGTH = 128


class TopicQuerySet(models.QuerySet["Topic"]):
    def standing(self) -> "TopicQuerySet":
        """Those that are there, as far as is known."""
        return self.filter(thread_id__isnull=False, is_deleted=False)


class Topic(models.Model):
    """A topic that must be in a chat.

    Its lane brings what `told` says nearer to what is wanted, a call at a time: see `kinds.topic`.
    What it must be called, and whether it must be closed, follows its request where it has one.
    """

    chat = models.ForeignKey(
        Chat, models.CASCADE, related_name="topics", db_index=False, verbose_name=_("chat")
    )
    # What there is one of in a chat: the policy of the chat and a key. Empty for what people make.
    key = models.CharField(max_length=40, blank=True, editable=False)
    request = models.ForeignKey(
        PaymentRequest, models.CASCADE, related_name="+", null=True, blank=True, editable=False
    )
    # Nothing before it is made.
    thread_id = models.BigIntegerField(_("number"), null=True, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=NAME_LENGTH, validators=[MinLengthValidator(1)])
    # An emoji of those that Telegram offers, or the number of one that a person has chosen there.
    icon = models.CharField(_("icon"), max_length=32, blank=True)
    is_closed = models.BooleanField(pgettext_lazy("topic", "closed"), default=False)
    # Only General can be.
    is_hidden = models.BooleanField(pgettext_lazy("topic", "hidden"), default=False)
    is_deleted = models.BooleanField(_("deleted"), default=False, editable=False)
    # Whether all that is pinned in it must be unpinned, once.
    unpins = models.BooleanField(_("unpin everything"), default=False)
    # `name`, `icon`, `is_closed`, `is_hidden`: as Telegram has it; what is not there is not known.
    told = models.JSONField(default=dict, editable=False)
    # What people have asked of it in the chat, the oldest first: `by` whom, and which `fields` are
    # to become what. It is kept apart until it is known that they may.
    wishes = models.JSONField(default=list, editable=False)
    # False while only somebody wishes it who may not be allowed to.
    is_wanted = models.BooleanField(default=True, editable=False)
    # Whose wish is being carried out: his Telegram id.
    asked_by = models.BigIntegerField(null=True, blank=True, editable=False)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "chat", "key", condition=~Q(key=""), name="topic_once_in_a_chat"
            ),
            models.UniqueConstraint("chat", "thread_id", name="topic_by_its_number"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_general(self) -> bool:
        return self.thread_id == GENERAL

    def wish(self, by: int, **fields: Any) -> bool:
        """Have it so, if this person (his Telegram id) may ask for it there; False: too much is
        wished already."""
        with transaction.atomic():
            mine = Topic.objects.select_for_update(no_key=True).filter(pk=self.pk)
            wishes = mine.get().wishes
            if len(wishes) >= WISHES:
                return False
            mine.update(wishes=[*wishes, {"by": by, "fields": fields}])
            self.keep()
            return True

    def doubt(self, *names: str) -> None:
        """What Telegram has told of these may not be so: they are asked for whatever is known."""
        with transaction.atomic():
            mine = Topic.objects.select_for_update(no_key=True).filter(pk=self.pk)
            for told in mine.values_list("told", flat=True):
                mine.update(told={key: told[key] for key in told.keys() - set(names)})

    def note(self, told: Mapping[str, Any], **fields: Any) -> None:
        """What Telegram has told of it, and what else is so now; others may note something too."""
        with transaction.atomic():
            mine = Topic.objects.select_for_update(no_key=True).filter(pk=self.pk)
            for earlier in mine.values_list("told", flat=True):
                mine.update(told={**earlier, **told}, **fields)

    def keep(self, urgency: int = Urgency.NOTICE) -> None:
        """Have its lane bring it to what it must be."""
        row = SentMessage(
            chat_id=self.chat_id, kind=KEEPS_TOPIC, key=str(self.pk), topic=self,
            request=self.request, text=escape(self.name), urgency=urgency,
        )  # fmt: skip
        SentMessage.objects.bulk_create([row], ignore_conflicts=True)
        none, pending = SentMessage.Form.NONE, SentMessage.State.PENDING
        self._rows.filter(state=SentMessage.State.GONE).update(state=pending, form=none)
        self._rows.update(**anew(timezone.now(), urgency))
        transaction.on_commit(doorbell.ring)

    def forget(self) -> None:
        """It is not there, and needed by nothing."""
        self._rows.delete()
        self.delete()

    @property
    def _rows(self) -> SentMessageQuerySet:
        """The one that keeps it."""
        return SentMessage.objects.filter(topic=self, kind=KEEPS_TOPIC)
