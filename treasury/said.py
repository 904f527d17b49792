"""Proving that each comment is what was said: the journal names what its row keeps, so that nobody
who has the database makes a question of it, or has another comment answer it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from treasury.models import Comment, Event
from treasury.workflow import TALK, Action

Row = dict[str, Any]


def row(comment: Comment) -> Row:
    """What an entry about it names, besides who has said what, and where."""
    return {
        "is_question": comment.is_question,
        "answer": comment.answer_id,
        "created_at": comment.created_at.isoformat(),
        "edited_at": comment.edited_at.isoformat() if comment.edited_at else None,
    }


def faults(events: Iterable[Event], comments: Iterable[Comment]) -> Iterator[str]:
    """Of what the journal of a request told last about each comment on it. Older entries name no
    row, and tell the rest all the same."""
    told: dict[int, Row] = {}
    for event in events:
        if event.action in TALK:
            _hear(told, event)
    for comment in comments:
        now = {
            "author": comment.author_id, "text": comment.text, "channel": comment.channel,
            "number": comment.number, **row(comment),
        }  # fmt: skip
        named = told.pop(comment.pk, None)
        if named is None or any(now[name] != value for name, value in named.items()):
            yield f"comment {comment.pk} is not the one in the journal"
    for key in told:
        yield f"comment {key} is missing"


def _hear(told: dict[int, Row], event: Event) -> None:
    data, key = event.data, event.data["comment"]
    begun = told.get(key, {"number": len(told) + 1, "channel": event.channel})
    told[key] = {
        "number": begun["number"], "channel": begun["channel"], "author": event.actor_id,
        "text": data["text"], **data.get("row", {}),
    }  # fmt: skip
    if event.action == Action.COMMENT:
        _hear_answer(told, event)


def _hear_answer(told: dict[int, Row], event: Event) -> None:
    """An older entry says only whose questions it answers: of these nothing is known then."""
    data = event.data
    if "answers" not in data:
        for said in told.values():
            if said["author"] in data["answered"]:
                said.pop("answer", None)
        return
    for question in data["answers"]:
        # To one that nobody has journalled nothing is added: it stays unknown.
        if question in told:
            told[question]["answer"] = data["comment"]
