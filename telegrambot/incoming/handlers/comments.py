"""Words in answer to a message about a request: they become a comment, and follow its edits."""

import re

from django.utils import translation
from django.utils.translation import gettext as _

from oauth import linking
from oauth.models import UserToken
from telegrambot.content.markup import plain
from telegrambot.dialogs import engine
from telegrambot.incoming.handlers import membership, phrases
from telegrambot.incoming.handlers.answered import about_request
from telegrambot.incoming.replies import Reply, send
from telegrambot.incoming.updates import ChatInfo, EditedMessage, Message, Person, parse
from telegrambot.kinds.cards import COMMENT
from telegrambot.models import CommentSource, SentMessage, Update, UpdateQuerySet
from telegrambot.places import Place
from treasury.errors import CommentRefused, NoRight, TreasuryError
from treasury.models import Comment, Decision, Employee, PaymentRequest
from treasury.services import comments

# https://core.telegram.org/method/account.checkUsername
_USERNAME = re.compile(r"(?<![\w@.])@([A-Za-z0-9_]{4,32})(?!\w)", re.ASCII)


def said(message: Message, employee: Employee) -> Reply | None:
    """In private; None for what is no comment: it answers nothing about a request, or what he is
    asked about that."""
    sent = about_request(message) if message.words else None
    request = sent.request if sent else None
    if sent is None or request is None or _is_asked_about(request, message.chat.id):
        return None
    comment, refusal = _added(message, employee, sent, request)
    if comment is None:
        return send(message.place, plain(refusal))
    return send(message.place, plain(_kept(comment) % {"number": request.number}))


def _kept(comment: Comment) -> str:
    """What has become of what he has said."""
    if comment.is_question:
        return _(
            "Question asked: %(number)s. The answer comes here. Whoever sees its card reads it, "
            "also in groups."
        )
    if Comment.objects.filter(answer=comment).exists():
        return _(
            "Answered: %(number)s. It goes to who has asked. Whoever sees its card reads it, also "
            "in groups."
        )
    return _("Comment added: %(number)s. Whoever sees its card reads it, also in groups.")


def heard_in_group(message: Message) -> bool:
    """Whether it is said to a request that is shown there."""
    is_said = message.words and not message.words.startswith("/")
    return bool(is_said and about_request(message))


def say_in_group(message: Message, sender: Person) -> Reply | None:
    """The card there shows it; why it is refused is nobody else's business. Of whom nobody here
    knows it is none."""
    employee, sent = linking.recognise(telegram_id=sender.id), about_request(message)
    if employee is None or sent is None or sent.request is None:
        return None
    membership.open_chat(ChatInfo(sender.id, "private", sender.name))
    with translation.override(employee.language):
        _comment, refusal = _added(message, employee, sent, sent.request)
        return send(Place(sender.id), plain(refusal)) if refusal else None


def becomes_one(message: Message) -> bool:
    """Of what is said to a request, whether who says it may."""
    sent = about_request(message) if heard_in_group(message) else None
    if sent is None or message.sender is None:
        return False
    employee = UserToken.objects.employee_of(message.sender.id)
    if employee is None:
        return False
    return PaymentRequest.objects.filter(messages=sent).readable_by(employee).exists()


def edited(message: EditedMessage) -> Reply | None:
    """What has become a comment, or is to become one, says something else now."""
    employee = linking.recognise(telegram_id=message.sender.id)
    if employee is None:
        return None
    with translation.override(employee.language):
        # Before the comment is looked for: another try may just be making it.
        if waiting := _waiting(message, Update.objects.select_for_update()):
            return _say_otherwise(*waiting, message)
        comment = _comment_of(message)
        if comment is None:
            return None
        try:
            comments.edit(
                comment=comment,
                actor=employee,
                channel=Decision.Channel.TELEGRAM,
                text=message.text,
                mentioned=_called(message.text),
            )
        except TreasuryError as error:
            return send(Place(message.sender.id), plain(_refusal(error, comment.request)))
    return None


def edits_one(message: EditedMessage) -> bool:
    """A comment, or what has failed so far and becomes one at another try."""
    return bool(_comment_of(message) or _waiting(message, Update.objects.all()))


def _say_otherwise(
    waiting: Update, request: PaymentRequest, message: EditedMessage
) -> Reply | None:
    """What no comment may say leaves what he has said before."""
    try:
        comments.checked(message.text)
    except CommentRefused as error:
        return send(Place(message.sender.id), plain(_refusal(error, request)))
    waiting.payload["message"][_field_of_words(waiting)] = message.text
    waiting.save(update_fields=["payload"])
    return None


def _waiting(
    message: EditedMessage, updates: UpdateQuerySet
) -> tuple[Update, PaymentRequest] | None:
    """The update by which he has said what is still to become a comment, and on what."""
    update = (
        updates.poisoned()
        .filter(
            kind="message",
            payload__message__chat__id=message.chat.id,
            payload__message__message_id=message.message_id,
            payload__message__from__id=message.sender.id,
        )
        .first()
    )
    said = parse(update.payload) if update else None
    # Another try would run a command, though none was said.
    is_command = message.text.startswith("/")
    if update is None or not isinstance(said, Message) or is_command or not becomes_one(said):
        return None
    sent = about_request(said)
    return (update, sent.request) if sent and sent.request else None


def _field_of_words(update: Update) -> str:
    return "caption" if update.payload["message"].get("caption") else "text"


def _comment_of(message: EditedMessage) -> Comment | None:
    """Which of his own it is."""
    sources = CommentSource.objects.filter(
        said_in=message.chat.id, message_id=message.message_id
    ).select_related("comment__request")
    source, employee = sources.first(), UserToken.objects.employee_of(message.sender.id)
    is_his = source and employee and source.comment.author_id == employee.pk
    return source.comment if source and is_his else None


def _is_asked_about(request: PaymentRequest, telegram_id: int) -> bool:
    """Whether he answers a question, which stands on the cards of the request."""
    dialog = engine.open_to(telegram_id)
    return bool(dialog and dialog.task and dialog.task.request_id == request.pk)


def _added(
    message: Message, employee: Employee, sent: SentMessage, request: PaymentRequest
) -> tuple[Comment | None, str]:
    """Or why not."""
    try:
        comment = comments.add(
            request=request,
            author=employee,
            channel=Decision.Channel.TELEGRAM,
            text=message.words,
            to=Comment.objects.get(pk=int(sent.key)) if sent.kind == COMMENT else None,
            mentioned=_called(message.words),
        )
    except TreasuryError as error:
        return None, _refusal(error, request)
    # Another bot may have counted its messages up to this one before.
    CommentSource.objects.update_or_create(
        said_in=message.chat.id, message_id=message.message_id, defaults={"comment": comment}
    )
    return comment, ""


def _refusal(error: TreasuryError, request: PaymentRequest) -> str:
    if isinstance(error, NoRight):
        return phrases.not_found()
    return f"{request.number}: {phrases.refusal(error)}"


def _called(text: str) -> list[Employee]:
    return linking.called(set(_USERNAME.findall(text)))
