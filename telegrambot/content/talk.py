"""What people say of a request: the last of it on the card, the newest in the details."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from telegrambot.content.markup import shortened
from telegrambot.content.words import moment
from treasury.models import Comment
from treasury.prepared import Prepared

# Of the details.
_SHOWN = 7
# Characters of a comment on the card, and in the details.
_ON_CARD, _IN_DETAILS = 160, 300
_AUTHOR = {"author": ("id", "first_name", "last_name")}
_NEWEST = Prepared(
    lambda request: Comment.objects.filter(request=request).order_by("-number")[:_SHOWN],
    int,
    related=_AUTHOR,
)
_QUESTIONS = Prepared(
    lambda requests: (
        Comment.objects.open_questions().filter(request__pk__among=requests).order_by("-number")
    ),
    list,
    related=_AUTHOR,
)


def on_card(request_pk: int) -> str:
    """«❓ Question, B. Orlov: Where is the contract?» while it waits for its answer, the oldest of
    such; «💬 3 · A. Smirnova: Here it is», with how many there are. A line each."""
    last = next(iter(_NEWEST(request_pk)), None)
    if last is None:
        return ""
    asked = _oldest_questions([request_pk]).get(request_pk)
    lines = []
    if asked:
        lines.append(_question(asked))
    if asked != last:
        lines.append(f"💬 {last.number} · {_said(last, _ON_CARD)}")
    return "\n".join(lines)


def questions(request_pks: Sequence[int]) -> dict[int, str]:
    """The oldest that waits for its answer, by the keys of those that have some."""
    return {key: _question(asked) for key, asked in _oldest_questions(request_pks).items()}


def _oldest_questions(request_pks: Sequence[int]) -> dict[int, Comment]:
    return {asked.request_id: asked for asked in _QUESTIONS(request_pks)}


def in_details(request_pk: int) -> list[str]:
    """«24.11 17:36 A. Smirnova: Here it is», the oldest of the newest first."""
    return [
        f"{mark(comment)} {moment(comment.created_at)} {_said(comment, _IN_DETAILS)}"
        for comment in reversed(_NEWEST(request_pk))
    ]


def mark(comment: Comment) -> str:
    return "❓" if comment.is_question and comment.answer_id is None else "💬"


def edited(comment: Comment) -> str:
    """What is said beside a text that was another one before."""
    return _("edited") if comment.edited_at else ""


def _question(asked: Comment) -> str:
    return _("❓ Question, %(said)s") % {"said": _said(asked, _ON_CARD)}


def _said(comment: Comment, length: int) -> str:
    text = shortened(" ".join(comment.text.split()), length)
    note = f" ({edited(comment)})" if comment.edited_at else ""
    return f"{comment.author.get_short_name()}: {text}{note}"
