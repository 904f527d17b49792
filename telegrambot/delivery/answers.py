"""What the Bot API has answered, checked field by field: from here on it is what it should be.

https://core.telegram.org/bots/api#making-requests
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Bytes, decoded: an album of ten messages with the longest captions is a tenth of it.
LARGEST = 1_048_576
# Of one update, by the webhook or here. Anybody may send 4096 characters that JSON writes in twelve
# bytes each, in reply to as many: 96 KiB. Of a rich message, which only bots write and anybody may
# pass on, it is 32,768 characters: 768 KiB, and more for its markup.
LARGEST_UPDATE = 2_097_152
# Of the updates that are asked for at a time, 15 at the most.
LARGEST_UPDATES = 16 * LARGEST_UPDATE
# The longest flood wait that is believed, in seconds.
LONGEST_WAIT = 86_400
# Of a description, in characters.
LONGEST_TEXT = 500
# "At most 52 significant bits", says the documentation; a database's integer has 64.
LARGEST_ID = 2**63 - 1


class NotAnAnswer(ValueError):
    """It is of another machine, or of a mind that is not the Bot API's."""


@dataclass(frozen=True)
class Success:
    """`result` has the shape that the method promises."""

    result: Any


@dataclass(frozen=True)
class Refusal:
    """`parameters` are those of ResponseParameters; a code of 429 has `retry_after`."""

    code: int
    description: str
    parameters: Mapping[str, int]


def largest(method: str) -> int:
    """Bytes of an answer, decoded; a longer one is none."""
    return LARGEST_UPDATES if method == "getUpdates" else LARGEST


def read(content: bytes, method: str, params: Mapping[str, Any]) -> Success | Refusal:
    """Raises NotAnAnswer."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise NotAnAnswer from exc
    match answer:
        case {"ok": True, "result": result}:
            _check_result(result, method, params)
            return Success(result)
        case {"ok": False, "error_code": code, "description": str(description)} if description:
            parameters = _parameters(answer.get("parameters"), code, params)
            return Refusal(_integer(code, 400, 599), printable(description), parameters)
    raise NotAnAnswer


def printable(text: str) -> str:
    """As a database takes it: no NUL, no half of a surrogate pair, and not too long."""
    return text.replace("\0", "").encode(errors="replace").decode()[:LONGEST_TEXT]


def _parameters(given: object, code: object, params: Mapping[str, Any]) -> Mapping[str, int]:
    given = given if isinstance(given, dict) else {}
    known = {}
    if "migrate_to_chat_id" in given:
        known["migrate_to_chat_id"] = _integer(given["migrate_to_chat_id"], -LARGEST_ID, LARGEST_ID)
        if known["migrate_to_chat_id"] == params.get("chat_id"):
            raise NotAnAnswer
    if code == 429:
        known["retry_after"] = _integer(given.get("retry_after"), 1, LONGEST_WAIT)
    return known


def _check_result(result: object, method: str, params: Mapping[str, Any]) -> None:
    if "inline_message_id" in params:
        if result is not True:
            raise NotAnAnswer
    elif method in _SHAPES:
        _SHAPES[method](result)


def _check_message(result: object) -> None:
    message = _object(result)
    # What only its reader sees has a number of another kind.
    number = message.get("message_id") or message.get("ephemeral_message_id")
    _integer(number, 1, LARGEST_ID)


def _check_album(result: object) -> None:
    if not isinstance(result, list) or not result:
        raise NotAnAnswer
    for message in result:
        _check_message(message)


def _check_file(result: object) -> None:
    if not isinstance(_object(result).get("file_path"), str):
        raise NotAnAnswer


def _check_topic(result: object) -> None:
    _integer(_object(result).get("message_thread_id"), 1, LARGEST_ID)


def _check_icons(result: object) -> None:
    if not isinstance(result, list):
        raise NotAnAnswer
    for sticker in map(_object, result):
        if not all(isinstance(sticker.get(name), str) for name in ("emoji", "custom_emoji_id")):
            raise NotAnAnswer


def _check_member(result: object) -> None:
    if not isinstance(_object(result).get("status"), str):
        raise NotAnAnswer


def _check_updates(result: object) -> None:
    if not isinstance(result, list):
        raise NotAnAnswer
    for update in result:
        _integer(_object(update).get("update_id"), 0, LARGEST_ID)


# Of what the lanes, polling and fetching call; on other results rests no more than what a command
# prints.
_SHAPES: Mapping[str, Callable[[object], None]] = {
    "sendMessage": _check_message,
    "sendRichMessage": _check_message,
    "sendDocument": _check_message,
    "sendPhoto": _check_message,
    "sendVideo": _check_message,
    "sendVoice": _check_message,
    "sendMediaGroup": _check_album,
    "editMessageText": _check_message,
    "editMessageCaption": _check_message,
    "createForumTopic": _check_topic,
    "getForumTopicIconStickers": _check_icons,
    "getChatMember": _check_member,
    "getFile": _check_file,
    "getUpdates": _check_updates,
}


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise NotAnAnswer
    return value


def _integer(value: object, smallest: int, largest: int) -> int:
    # JSON's true is Python's 1.
    if type(value) is not int or not smallest <= value <= largest:
        raise NotAnAnswer
    return value
