"""What of an update may be stored: never what is said to others, never a code or a password."""

import re
from typing import Any, NamedTuple

from oauth.models import UserToken
from telegrambot.incoming.enclosed import FIELDS
from telegrambot.incoming.foreign import Json
from telegrambot.incoming.handlers import account, commands, comments, files, topics
from telegrambot.incoming.updates import EditedMessage, Incoming, Message, essence, parse
from telegrambot.models import Update

Removed = Update.Removed

# Also a code that is mistyped is somebody's secret.
_LINK = re.compile(r"/start(@\w+)?\s+link-.*", re.ASCII | re.IGNORECASE | re.DOTALL)
# All that a stranger says and that can be no secret: a command, and nothing behind it.
_HARMLESS = re.compile(r"/start login|/[a-z]+(@\w+)?", re.ASCII | re.IGNORECASE)
# The fields of a message with what somebody says.
_WORDS = ("text", "caption")


class Kept(NamedTuple):
    payload: dict[str, Any]
    removed: Removed


def kept(payload: Json) -> Kept:
    """What is left of an update for another try, and why the rest is not."""
    incoming = parse(payload)
    if incoming is None or not _is_addressed(incoming):
        return Kept({}, Removed.UNADDRESSED)
    rest = essence(payload)
    if isinstance(incoming, Message):
        _drop_strangers_files(incoming, rest["message"])
        _drop_idle_caption(incoming, rest["message"])
    if isinstance(incoming, Message) and _may_be_secret(incoming):
        for name in _WORDS:
            rest["message"].pop(name, None)
        return Kept(rest, Removed.SECRET)
    return Kept(rest, Removed.NOTHING)


def is_kept_whole(payload: Json) -> bool:
    """Whether another try reads the same: of anything else, such as a telephone number, an error
    may quote what is not kept."""
    rest = kept(payload)
    return not rest.removed and parse(rest.payload) == parse(payload)


def _drop_strangers_files(message: Message, body: dict[str, Any]) -> None:
    """Nothing will ever come of them."""
    carried = body.keys() & FIELDS
    if carried and _is_strangers(message):
        for name in carried:
            del body[name]


def _drop_idle_caption(message: Message, body: dict[str, Any]) -> None:
    """A file may be addressed to the bot, and what is written under it not: it says something to a
    request or to nobody."""
    if "caption" in body and not comments.becomes_one(message):
        del body["caption"]


def _is_addressed(incoming: Incoming) -> bool:
    """To the bot. Of a group it is its commands, what is said in answer to its questions, files and
    comments in answer to its cards, and what becomes of the group itself; of what is edited the
    comments."""
    if isinstance(incoming, EditedMessage):
        return comments.edits_one(incoming)
    if not isinstance(incoming, Message) or incoming.chat.is_private:
        return True
    of_the_group = (
        incoming.migrate_to is not None or incoming.new_title or incoming.topic_change is not None
    )
    heard = commands.heard_in_group(incoming) or files.heard_in_group(incoming)
    answers = topics.heard_in_group(incoming) or comments.becomes_one(incoming)
    return bool(of_the_group or heard or answers)


def _may_be_secret(message: Message) -> bool:
    """A stranger is asked for a code, and may as well type his password, or mistype either."""
    text = message.words.strip()
    if not text:
        return False
    if account.code_in(text) or _LINK.fullmatch(text):
        return True
    if _HARMLESS.fullmatch(text):
        return False
    return _is_strangers(message)


def _is_strangers(message: Message) -> bool:
    return message.sender is None or UserToken.objects.tie_of(message.sender.id) is None
