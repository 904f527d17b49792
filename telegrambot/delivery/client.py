"""The only module that speaks HTTP to Telegram: one call, and errors named by what to do next.

Methods and limits: https://core.telegram.org/bots/api. The error texts are not documented there;
they are those of the server's source, https://github.com/tdlib/telegram-bot-api.
"""

import io
import json
import os
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import requests
from django.conf import settings
from urllib3.filepost import encode_multipart_formdata

from telegrambot.redaction import redacted

# Seconds to connect and to wait for an answer. The server may hold a call for eight seconds on
# a flood wait, so hanging up early would turn a plain "wait" into an unknown outcome.
TIMEOUTS = (5, 40)

# A file part: its name and its bytes.
File = tuple[str, bytes]


class TelegramError(Exception):
    """The call failed: repeating it unchanged would fail again."""

    def __init__(self, description: str, code: int = 0) -> None:
        super().__init__(description)
        self.description = description
        self.code = code


class RetryAfter(TelegramError):
    """Flood control: this chat must be left alone for `seconds`."""

    def __init__(self, description: str, code: int = 429, *, seconds: int) -> None:
        super().__init__(description, code)
        self.seconds = seconds


class ChatMigrated(TelegramError):
    """The group became the supergroup `new_chat_id`; its old messages cannot be edited there."""

    def __init__(self, description: str, code: int = 400, *, new_chat_id: int) -> None:
        super().__init__(description, code)
        self.new_chat_id = new_chat_id


class Unreachable(TelegramError):
    """Nothing can be sent to this chat until a person changes something; `reason` is a code."""

    def __init__(self, description: str, code: int = 403, *, reason: str) -> None:
        super().__init__(description, code)
        self.reason = reason


class NotModified(TelegramError):
    """It already is as asked: a success."""


class MessageGone(TelegramError):
    """The message was deleted."""


class CantEdit(TelegramError):
    """The message stays as it is for good; its news needs a new message."""


class ParseError(TelegramError):
    """The markup is broken; the plain text would pass."""


class WrongFile(TelegramError):
    """The remembered file_id is of no use; the bytes must be uploaded."""


class QueryTooOld(TelegramError):
    """Nobody waits for this answer any more."""


class ServerError(TelegramError):
    """Telegram failed and says so: not accepted, worth another try."""


class NotSent(TelegramError):
    """The call certainly never reached Telegram (network, settings): worth another try."""


class Unauthorized(NotSent):
    """Telegram does not accept the token."""


class DeliveryUnknown(TelegramError):
    """The call was sent and no answer came: it may or may not have been carried out."""


_Build = Callable[[str, int], TelegramError]

# The first fragment found in the lower-cased description decides.
_BY_DESCRIPTION: tuple[tuple[str, _Build], ...] = (
    ("not modified", NotModified),
    ("not_modified", NotModified),
    ("message to edit not found", MessageGone),
    ("message to delete not found", MessageGone),
    ("message to be replied not found", MessageGone),
    ("message_id_invalid", MessageGone),
    ("message can't be edited", CantEdit),
    ("there is no text in the message to edit", CantEdit),
    ("there is no caption in the message to edit", CantEdit),
    ("can't parse entities", ParseError),
    ("wrong file_id", WrongFile),
    ("wrong file identifier", WrongFile),
    ("wrong remote file identifier", WrongFile),
    ("query is too old", QueryTooOld),
    ("bot was blocked by the user", partial(Unreachable, reason="blocked")),
    ("user is deactivated", partial(Unreachable, reason="deactivated")),
    ("can't initiate conversation", partial(Unreachable, reason="not_started")),
    ("can't send messages to the bot", partial(Unreachable, reason="not_started")),
    ("bot was kicked from the", partial(Unreachable, reason="removed")),
    ("bot is not a member of the", partial(Unreachable, reason="removed")),
    ("the group chat was deleted", partial(Unreachable, reason="removed")),
    ("chat not found", partial(Unreachable, reason="not_found")),
    ("chat_id is empty", partial(Unreachable, reason="not_found")),
    ("not enough rights to send", partial(Unreachable, reason="restricted")),
    ("have no write access to the chat", partial(Unreachable, reason="restricted")),
    ("need administrator rights", partial(Unreachable, reason="restricted")),
)


def error_for(code: int, description: str, parameters: Mapping[str, Any]) -> TelegramError:
    """The exception for an answer with `"ok": false`."""
    if "migrate_to_chat_id" in parameters:
        return ChatMigrated(description, code, new_chat_id=parameters["migrate_to_chat_id"])
    if code == 429:
        return RetryAfter(description, code, seconds=parameters.get("retry_after", 1))
    if code >= 500:
        return ServerError(description, code)
    # A malformed token makes an unknown address: the same "Not Found" as no token at all.
    if code == 401 or (code, description) == (404, "Not Found"):
        return Unauthorized(description, code)
    lowered = description.lower()
    for fragment, build in _BY_DESCRIPTION:
        if fragment in lowered:
            return build(description, code)
    return TelegramError(description, code)


def call(
    method: str,
    params: Mapping[str, Any] | None = None,
    files: Mapping[str, File] | None = None,
) -> Any:
    """Call a Bot API method and return its `result`; parameters that are None are left out.

    Raises a `TelegramError`. It blocks for seconds: never call it inside a transaction.
    """
    if not settings.TELEGRAM_BOT_TOKEN:
        raise NotSent("TELEGRAM_BOT_TOKEN is not set")
    present = {name: value for name, value in (params or {}).items() if value is not None}
    response = _post(method, *_encode(present, files or {}))
    answer = _answer(response)
    if answer.get("ok") is True:
        return answer["result"]
    raise error_for(
        answer.get("error_code", response.status_code),
        answer.get("description", ""),
        answer.get("parameters") or {},
    )


class _Body(io.BytesIO):
    """A request body that knows how much of it the network was given.

    A server acts on complete requests only, so what was not handed over was not accepted,
    whatever broke: DNS, a proxy, the TLS handshake or an upload half-way.
    """

    def handed_over(self) -> bool:
        return self.tell() == self.getbuffer().nbytes


def _encode(params: Mapping[str, Any], files: Mapping[str, File]) -> tuple[_Body, str]:
    if not files:
        return _Body(json.dumps(params, ensure_ascii=False).encode()), "application/json"
    fields = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in params.items()
    }
    body, content_type = encode_multipart_formdata({**fields, **files})
    return _Body(body), content_type


def _post(method: str, body: _Body, content_type: str) -> requests.Response:
    url = f"{settings.TELEGRAM_API_URL}/bot{settings.TELEGRAM_BOT_TOKEN}/{method}"
    try:
        return _session().post(
            url,
            data=body,
            headers={"Content-Type": content_type},
            timeout=TIMEOUTS,
            allow_redirects=False,
        )
    except requests.RequestException as exc:
        kind = DeliveryUnknown if body.handed_over() else NotSent
        # The cause is left behind because its text holds the address, and so the token.
        raise kind(f"{method}: {type(exc).__name__}: {redacted(exc)}") from None


def _answer(response: requests.Response) -> dict[str, Any]:
    """The JSON object of a Bot API answer; anything else came from a machine in between."""
    try:
        answer = response.json()
    except requests.JSONDecodeError:
        answer = None
    if isinstance(answer, dict) and "ok" in answer:
        return answer
    description = f"{response.status_code} {response.reason}, not a Bot API answer"
    if 400 <= response.status_code < 500:
        return {"ok": False, "description": description}
    raise DeliveryUnknown(description, response.status_code)


_local = threading.local()


def _session() -> requests.Session:
    """This thread's session: a connection must not be shared, least of all across a fork."""
    owner = (os.getpid(), settings.TELEGRAM_PROXY_URL)
    if getattr(_local, "owner", None) != owner:
        session = requests.Session()
        # A proxy or a password from the environment would be a hidden setting.
        session.trust_env = False
        if settings.TELEGRAM_PROXY_URL:
            session.proxies = dict.fromkeys(("http", "https"), settings.TELEGRAM_PROXY_URL)
        _local.owner, _local.session = owner, session
    return _local.session  # type: ignore[no-any-return]
