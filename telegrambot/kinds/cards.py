"""What the kinds have in common that show a request: to a person with his buttons, to a group."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar, Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from oauth.models import UserToken
from telegrambot import doorbell
from telegrambot.content import keyboards
from telegrambot.content.aside import aside_for
from telegrambot.content.blocks import Block, fit
from telegrambot.content.card import Aside, card_of
from telegrambot.content.loading import documents, with_progress
from telegrambot.content.markup import EPHEMERAL_LIMIT, TEXT_LIMIT, plain, visible_length
from telegrambot.dialogs import engine
from telegrambot.dialogs.questions import Asked
from telegrambot.kinds import topic
from telegrambot.kinds.answer import to_be_seen_by
from telegrambot.kinds.base import NOTHING, Kind, Rendered
from telegrambot.kinds.hearing import hears_of
from telegrambot.models import Chat, SentMessage, Urgency
from telegrambot.places import Reader
from treasury import rights, standing
from treasury.approval import Approval, read
from treasury.models import ApprovalTask, Employee, OwnAccount, PaymentRequest
from treasury.workflow import RUNNING, Status

# What has ended so long ago is no news for a chat that opens only now.
OLD_NEWS = timedelta(days=30)
# What tells of a comment; see `kinds.comment`.
COMMENT = "comment"
# The kinds that show nothing of how the request stands: they carry files, or stand under a card.
_NO_CARDS = ("documents", "printed", "reminder", COMMENT)
# Of the accounts to pay from; further ones are chosen in the back office.
ACCOUNTS_SHOWN = 20


class Face(Protocol):
    """What is said of a request, in either dress."""

    def fitted(self, limit: int) -> str:
        """Telegram's HTML, within so many characters."""

    def blocks(self) -> list[Block]:
        """Of a rich message."""


class AboutRequest(Kind):
    """It shows a request, to everyone as it is his to see."""

    def is_urgent(self, message: SentMessage) -> bool:
        return message.request is not None and message.request.is_urgent

    def render(self, message: SentMessage) -> Rendered:
        if message.request_id is None:
            raise ValueError(f"message {message.pk} is about no request")
        if message.chat.is_group and not message.receiver_id:
            with translation.override(settings.LANGUAGE_CODE):
                return self._of_group(message, with_progress(message.request_id))
        reader = UserToken.objects.employee_of(message.reader_id)
        with translation.override(reader.language if reader else settings.LANGUAGE_CODE):
            if reader is None:
                return self.for_nobody(message)
            return self.for_person(message, with_progress(message.request_id), reader)

    def for_person(
        self, message: SentMessage, request: PaymentRequest, reader: Employee
    ) -> Rendered:
        raise NotImplementedError

    def for_group(self, message: SentMessage, request: PaymentRequest) -> Rendered:
        raise NotImplementedError

    def for_former_group(self, message: SentMessage, request: PaymentRequest) -> Rendered:
        """The group does not hear of the request any more: the one or the other has changed."""
        text = _("%(number)s is not shown in this group any more.") % {"number": request.number}
        return Rendered(plain(text), is_taken_back=True)

    def for_nobody(self, message: SentMessage) -> Rendered:
        """For a chat whose owner has left: what was sent stays closed to him from now on."""
        if not message.form:
            return NOTHING
        text = _("%(number)s: you have no access any more.") % {"number": message.request}
        return Rendered(plain(text))

    def _of_group(self, message: SentMessage, request: PaymentRequest) -> Rendered:
        if not message.form and is_old_news(request):
            return NOTHING
        if hears_of(message.chat, request):
            return self.for_group(message, request)
        return self.for_former_group(message, request) if message.form else NOTHING


class Personal(AboutRequest):
    """A card for one person, with the buttons of what he may do; in his private chat, or in a group
    as what nobody else sees."""

    # Whether it offers all the facts; where they are, it has them.
    offers_details: ClassVar[bool] = True

    def for_person(
        self, message: SentMessage, request: PaymentRequest, reader: Employee
    ) -> Rendered:
        approval = self.approval(request)
        task = self.task_to_decide(message, approval, reader) if approval else None
        if short := self.instead(message, request, task):
            return short
        if not may_read(message, request, reader, task):
            return self.for_nobody(message)
        aside = aside_for(request, task, reader, message.chat)
        shared = task or self.task_to_share(request, reader)
        dialog = engine.open_on(shared, message.reader_id) if shared else None
        if dialog:
            return self.asking(message, self.face(request, aside), engine.ask(dialog, reader))
        deciding: list[keyboards.Row] = []
        if approval and task:
            deciding = keyboards.decision(task, accounts_for(approval, task, reader))
        if shared and not message.receiver_id:
            # To hand it over takes a name to be typed, which all of a group would read.
            deciding = [*deciding, keyboards.colleagues(shared)]
        about = keyboards.information(
            request, details=self.offers_details, documents=bool(documents(request)),
            printed=not self.offers_details,
        )  # fmt: skip
        # Who may not enter the back office needs no way to it.
        link = keyboards.link(request) if reader.is_staff else []
        nudge = keyboards.nudge(request) if rights.may_nudge(request, reader) else []
        own = [] if message.receiver_id else self.of_author(request, reader)
        rows = [*deciding, nudge, own, about, keyboards.copies(self.copied(request)), link]
        face = self.face(request, aside)
        return Rendered(
            face.fitted(_limit(message)), keyboards.markup(rows), blocks=dress(message, face)
        )

    def approval(self, request: PaymentRequest) -> Approval | None:
        """None where nothing is decided."""
        return read(request)

    def task_to_decide(
        self, message: SentMessage, approval: Approval, reader: Employee
    ) -> ApprovalTask | None:
        """The task whose buttons it carries."""
        return rights.task_of(approval, reader)

    def task_to_share(self, request: PaymentRequest, reader: Employee) -> ApprovalTask | None:
        """The task of others that it lets the reader hand over."""
        return None

    def of_author(self, request: PaymentRequest, reader: Employee) -> keyboards.Row:
        """What it lets its author do with the request as a whole."""
        return []

    def copied(self, request: PaymentRequest) -> Iterable[tuple[str, str]]:
        """What its reader may want in another place: a label and a value each."""
        return ()

    def instead(
        self, message: SentMessage, request: PaymentRequest, task: ApprovalTask | None
    ) -> Rendered | None:
        """What it shows in place of the request; None for the request itself."""
        return None

    def face(self, request: PaymentRequest, aside: Aside) -> Face:
        """What it says of the request."""
        return card_of(request, aside)

    def asking(self, message: SentMessage, face: Face, asked: Asked) -> Rendered:
        """While the bot waits for an answer, for whose question the text makes room."""
        if message.receiver_id:
            hint = _("Answer by a button, or write to me privately: here everybody reads it.")
            asked = replace(asked, hint=hint)
        question = f"\n\n{asked.text}"
        text = face.fitted(_limit(message) - visible_length(question)) + question
        return Rendered(
            text, keyboards.markup(asked.rows), blocks=dress(message, face, asked.blocks)
        )


def for_all(request: PaymentRequest) -> dict[str, Any] | None:
    """The keyboard in a group: whoever has to decide is shown his own card there."""
    is_open = request.status == Status.IN_APPROVAL
    mine = keyboards.mine(request) if is_open else []
    return keyboards.markup([mine, keyboards.link(request)])


def _limit(message: SentMessage) -> int:
    return EPHEMERAL_LIMIT if message.receiver_id else TEXT_LIMIT


def dress(message: SentMessage, face: Face, more: Sequence[Block] = ()) -> tuple[Block, ...]:
    """Nothing for what is to be shown as text: its chat wants it so, or it is too much."""
    if not message.wears_rich or message.receiver_id:
        return ()
    dressed = (*face.blocks(), *more)
    return dressed if fit(dressed) else ()


def accounts_for(approval: Approval, task: ApprovalTask, reader: Employee) -> list[OwnAccount]:
    """Among which the reader chooses from where it is paid; none when that is not his to say."""
    if not rights.chooses_account(approval, task, reader):
        return []
    fitting = OwnAccount.objects.to_pay(approval.request).select_related("bank")
    return list(fitting[:ACCOUNTS_SHOWN])


def may_read(
    message: SentMessage, request: PaymentRequest, reader: Employee, task: ApprovalTask | None
) -> bool:
    """Whether the request is still the reader's to see: a deputy's time ends, and a chat may come
    to belong to somebody else."""
    if task or reader.pk in request.asking:
        return True
    if message.task and message.task.employee_id == reader.pk:
        return True
    if _has_decided(request, reader):
        return True
    return PaymentRequest.objects.filter(pk=request.pk).readable_by(reader).exists()


def answer(chat: Chat, request: PaymentRequest, kind: str, **carries: Any) -> None:
    """Show it to whoever has asked. An impatient second tap wants no second message."""
    if chat.messages.filter(request=request, kind=kind, form="", is_behind=True).exists():
        return
    shown = SentMessage(
        chat=chat, request=request, kind=kind, event=request.events.latest("id"),
        urgency=Urgency.ANSWER, **carries,
    )  # fmt: skip
    topic.place([shown])
    shown.save()
    transaction.on_commit(doorbell.ring)


def card_above(message: SentMessage) -> int | None:
    """The number of the newest message there that shows the request, and changes with it."""
    same_place = SentMessage.objects.filter(
        chat=message.chat_id, topic=message.topic_id, thread_id=message.thread_id, receiver_id=None
    )
    standing = same_place.filter(state=SentMessage.State.SENT).exclude(
        form__in=[SentMessage.Form.NONE, SentMessage.Form.ALBUM, SentMessage.Form.TOPIC]
    )
    cards = standing.filter(request=message.request_id).exclude(kind__in=_NO_CARDS)
    return cards.order_by("-pk").values_list("first_id", flat=True).first()


def answer_alone(
    chat: Chat, request: PaymentRequest, kind: str, reader: Reader, thread_id: int | None
) -> None:
    """Show it in a group to whoever has asked, and to nobody else. What he was shown there before
    that is left as it is, for his app may have forgotten it."""
    key = f"{request.pk}:{reader.id}"
    asked = {**to_be_seen_by(reader), "thread_id": thread_id, "created_at": timezone.now()}
    earlier = chat.messages.filter(kind=kind, key=key)
    waiting = earlier.filter(state=SentMessage.State.PENDING, form=SentMessage.Form.NONE)
    if not waiting.update(**asked):
        # What all can see stays to be deleted.
        earlier.exclude(form=SentMessage.Form.TEXT).update(state=SentMessage.State.GONE)
        earlier.update(key="")
        shown = SentMessage(
            chat=chat, request=request, kind=kind, key=key, urgency=Urgency.ANSWER, **asked
        )
        # Asked twice at the same moment, it is shown once.
        SentMessage.objects.bulk_create([shown], ignore_conflicts=True)
    transaction.on_commit(doorbell.ring)


def is_old_news(request: PaymentRequest) -> bool:
    """It has ended long ago, whatever was written about it since."""
    long_ago = timezone.now() - OLD_NEWS
    # Most are not so old themselves, and their journals need not be looked at.
    is_perhaps = request.status not in RUNNING and request.created_at < long_ago
    return is_perhaps and standing.since(request) < long_ago


def _has_decided(request: PaymentRequest, reader: Employee) -> bool:
    tasks = (task for stage in request.stages.all() for task in stage.tasks.all())
    return any(hasattr(task, "decision") and task.decision.decided_by == reader for task in tasks)
