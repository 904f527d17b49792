"""Comments on requests: said and edited by whoever may read them, and never taken back.

A comment changes nothing of a request: it asks nobody anew, and makes nobody a maker.
"""

import re
from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from treasury import journal, said
from treasury.errors import CommentRefused, NoRight
from treasury.mentions import meant
from treasury.models import Comment, Employee, Event, PaymentRequest
from treasury.models.comments import COMMENT_LENGTH
from treasury.services import approvals
from treasury.workflow import TALK, Action

# Of one person's in a minute.
A_MINUTE = 20
# For so long a comment can be edited: Telegram lets nobody edit a message after it.
EDITABLE = timedelta(hours=48)
# A sentence that ends so, wherever it stands; an address that does asks for nothing.
_ASKS = re.compile(r"(?<!\S)(?![^\w\s]*\w+://)\S*\?[!?)»”\"]*(?!\S)")


def add(
    *,
    request: PaymentRequest,
    author: Employee,
    channel: str,
    text: str,
    to: Comment | None = None,
    mentioned: Iterable[Employee] = (),
) -> Comment:
    """Say something about a request, also one that has ended. What has a sentence that ends with a
    question mark is a question to whoever asks for the money, unless only others are named; his
    next comment answers it.

    `to` is the comment that it is said in answer to, where that is known: of several questions it
    answers that one alone. `mentioned` are meant besides those whom the text names.
    Raises `NoRight` or `CommentRefused`.
    """
    text = checked(text)
    with transaction.atomic():
        request = approvals.lock(pk=request.pk)
        _check_reads(request, author)
        _check_pace(author)
        named = _mentioned(request, text, mentioned)
        comment = Comment.objects.create(
            request=request,
            number=request.comments.count() + 1,
            author=author,
            text=text,
            is_question=_is_question(request, author, text, named),
            channel=channel,
        )
        answered = _answer(comment, to)
        journal.append(
            request=request,
            action=Action.COMMENT,
            actor=author,
            channel=channel,
            data={
                "comment": comment.pk,
                "text": text,
                "mentioned": sorted(named),
                "answered": sorted({question.author_id for question in answered}),
                "answers": sorted(question.pk for question in answered),
                "row": said.row(comment),
            },
        )
    return comment


def edit(
    *,
    comment: Comment,
    actor: Employee,
    channel: str,
    text: str,
    mentioned: Iterable[Employee] = (),
) -> Comment:
    """Say it otherwise; the same text changes nothing. Raises `NoRight` or `CommentRefused`."""
    text = checked(text)
    with transaction.atomic():
        request = approvals.lock(pk=comment.request_id)
        comment = request.comments.get(pk=comment.pk)
        if comment.author_id != actor.pk:
            raise NoRight
        _check_reads(request, actor)
        _check_pace(actor)
        if comment.created_at < timezone.now() - EDITABLE:
            raise CommentRefused(_("It is too late to edit this comment: write another one."))
        if text == comment.text:
            return comment
        former, named = comment.text, _mentioned(request, text, mentioned)
        comment.text, comment.edited_at = text, timezone.now()
        comment.is_question = _is_question(request, actor, text, named)
        if not comment.is_question:
            comment.answer = None
        comment.save(update_fields=["text", "edited_at", "is_question", "answer"])
        journal.append(
            request=request,
            action=Action.EDIT_COMMENT,
            actor=actor,
            channel=channel,
            data={
                "comment": comment.pk,
                "former": former,
                "text": text,
                "mentioned": sorted(named),
                "row": said.row(comment),
            },
        )
    return comment


def checked(text: str) -> str:
    """As it is kept. Raises `CommentRefused`."""
    text = text.replace("\x00", "").strip()
    if not text:
        raise CommentRefused(_("The comment is empty."))
    if len(text) > COMMENT_LENGTH:
        raise CommentRefused(
            _("The comment is too long: at most %(limit)d characters.") % {"limit": COMMENT_LENGTH}
        )
    return text


def _check_reads(request: PaymentRequest, person: Employee) -> None:
    if not _may_read(request, person):
        raise NoRight


def _may_read(request: PaymentRequest, person: Employee) -> bool:
    return PaymentRequest.objects.filter(pk=request.pk).readable_by(person).exists()


def _check_pace(author: Employee) -> None:
    """Also of his edits, which tell and show as much anew."""
    since = timezone.now() - timedelta(minutes=1)
    lately = Event.objects.filter(actor=author, at__gt=since, action__in=TALK)
    if lately.count() >= A_MINUTE:
        raise CommentRefused(
            _("You have written %(count)d comments within a minute: wait a little.")
            % {"count": A_MINUTE}
        )


def _mentioned(request: PaymentRequest, text: str, others: Iterable[Employee]) -> set[int]:
    """The keys of those who are meant and may read it."""
    people = {person.pk: person for person in (*meant(text, _party(request)), *others)}
    return {key for key, person in people.items() if _may_read(request, person)}


def _party(request: PaymentRequest) -> Collection[Employee]:
    """Whoever has had a part in the request."""
    parts = (
        request.tasks.values_list("employee"),
        request.decisions.values_list("decided_by"),
        request.comments.values_list("author"),
    )
    asked = {key for part in parts for (key,) in part.order_by().distinct()}
    return list(Employee.objects.filter(pk__in=request.asking | asked, is_active=True))


def _is_question(
    request: PaymentRequest, author: Employee, text: str, named: Collection[int]
) -> bool:
    asking = request.asked_by
    is_to_others = bool(named) and asking.isdisjoint(named)
    return bool(_ASKS.search(text)) and author.pk not in asking and not is_to_others


def _answer(comment: Comment, to: Comment | None) -> list[Comment]:
    """The questions that it answers: that which it was said to, else all that are open."""
    if comment.author_id not in comment.request.asked_by:
        return []
    questions = list(comment.request.comments.open_questions())
    answered = [question for question in questions if question == to] or questions
    Comment.objects.filter(pk__in=[question.pk for question in answered]).update(answer=comment)
    return answered
