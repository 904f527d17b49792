"""The only module that speaks HTTP to Telegram: one call, and errors named by what to do next.

Methods and limits: https://core.telegram.org/bots/api. The error texts are not documented there;
they are those of the server's source, https://github.com/tdlib/telegram-bot-api.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import IO, Any
from urllib.parse import quote, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from telegrambot import held, tallies
from telegrambot.delivery import answers, deadline
from telegrambot.delivery.upload import PIECE, Body, File, encode
from telegrambot.redaction import redacted

logger = logging.getLogger(__name__)

# Seconds for a whole call, and more for each byte that is uploaded: a slow line takes one for
# 256 KiB. The server may hold a call for eight seconds on a flood wait and three more for its own,
# so hanging up earlier would turn a plain "wait" into an unknown outcome.
SECONDS = 15.0
SECONDS_FOR_BYTE = 1 / 262_144

# By both the proxy looks up the names: where Telegram is blocked its name often is too.
_SCHEMES = frozenset({"http", "socks5h"})

# Answers of a machine in between by which it has handed nothing on, or to nobody, besides 3xx and
# 4xx: it cannot, found no server behind it or none that was free, does not speak so, or wants a
# log-in. Any other 5xx, such as that nobody answered in time, may have come after Telegram had the
# call. https://www.rfc-editor.org/rfc/rfc9110#name-server-error-5xx
_HANDED_NOTHING_ON = frozenset({501, 502, 503, 505, 511})

# Of the methods that begin with “get” those that are more than a question: what has come is taken
# away from whoever is to have it.
_TAKING = frozenset({"getUpdates", "getFile"})


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
    """A remembered file_id is of no use, or the storage gave up half-way: upload the bytes anew."""


class RichRefused(TelegramError):
    """The server does not understand this rich message, or does not take it: text would pass."""


class TopicGone(TelegramError):
    """The topic was deleted: the chat itself still takes it."""


class TopicClosed(TelegramError):
    """Nobody may write in the topic: the chat itself still takes it."""


class TopicRefused(TelegramError):
    """The chat has no topics, or the bot may not manage them."""


class UnknownMethod(TelegramError):
    """The server is older than the method."""


class MediaRefused(TelegramError):
    """The chat takes no such files, or the file is too large: the text alone would pass."""


class KindRefused(MediaRefused):
    """The file, or the chat, is not fit for a photo, a video or a voice message: a document might
    pass."""


class QueryTooOld(TelegramError):
    """Nobody waits for this answer any more."""


class ServerError(TelegramError):
    """Telegram failed and says so: not accepted, worth another try."""


class NotSent(TelegramError):
    """The call certainly never reached Telegram (network, settings): worth another try."""


class Held(NotSent):
    """This is a restored copy, which has to be silent yet."""


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
    ("message thread not found", TopicGone),
    ("topic_closed", TopicClosed),
    ("topic_deleted", TopicGone),
    ("topic_id_invalid", TopicGone),
    ("the chat is not a", TopicRefused),
    ("forum_create_forbidden", TopicRefused),
    ("not enough rights to create a topic", TopicRefused),
    ("not enough rights to edit the topic", TopicRefused),
    ("not enough rights to close or open the topic", TopicRefused),
    ("not enough rights to delete the topic", TopicRefused),
    ("not enough rights to manage pinned messages", TopicRefused),
    ("rich_message_", RichRefused),
    ("can't parse inputrich", RichRefused),
    ("not enough rights to send the rich message", RichRefused),
    # Of a server that looks for no other content.
    ("message text is empty", RichRefused),
    ("wrong file_id", WrongFile),
    ("wrong file identifier", WrongFile),
    ("wrong remote file identifier", WrongFile),
    ("too big for a photo", KindRefused),
    ("image_process_failed", KindRefused),
    ("photo_invalid_dimensions", KindRefused),
    ("photo_ext_invalid", KindRefused),
    ("voice_messages_forbidden", KindRefused),
    ("can't use the media of the specified type in the album", KindRefused),
    ("not enough rights to send photos", KindRefused),
    ("not enough rights to send videos", KindRefused),
    ("not enough rights to send voice", KindRefused),
    ("file is too big", MediaRefused),
    ("request entity too large", MediaRefused),
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
    ("not enough rights to send text messages", partial(Unreachable, reason="restricted")),
    ("not enough rights to send", MediaRefused),
    ("have no write access to the chat", partial(Unreachable, reason="restricted")),
    ("need administrator rights", partial(Unreachable, reason="restricted")),
)


def error_for(code: int, description: str, parameters: Mapping[str, int]) -> TelegramError:
    """The exception for an answer with `"ok": false`."""
    if "migrate_to_chat_id" in parameters:
        return ChatMigrated(description, code, new_chat_id=parameters["migrate_to_chat_id"])
    if code == 429:
        return RetryAfter(description, code, seconds=parameters["retry_after"])
    # 501 is no trouble that passes: this server cannot do it.
    if code >= 500 and code != 501:
        return ServerError(description, code)
    # A malformed token makes an unknown address: the same "Not Found" as no token at all.
    if code == 401 or (code, description) == (404, "Not Found"):
        return Unauthorized(description, code)
    if (code, description) == (404, "Not Found: method not found"):
        return UnknownMethod(description, code)
    lowered = description.lower()
    for fragment, build in _BY_DESCRIPTION:
        if fragment in lowered:
            return build(description, code)
    return TelegramError(description, code)


def call(
    method: str,
    params: Mapping[str, Any] | None = None,
    files: Mapping[str, File] | None = None,
    *,
    plain: Callable[[], Mapping[str, Any]] | None = None,
    hold: float = 0.0,
    seconds: float | None = None,
) -> Any:
    """Call a Bot API method and return its `result`; parameters that are None are left out.

    `plain` gives the parameters to call with when the markup of these is refused. The server is
    expected to hold its answer for up to `hold` seconds.

    Raises a `TelegramError`. It blocks for up to so many `seconds`, or SECONDS, and as long as the
    upload may take: never call it inside a transaction.
    """
    if not settings.TELEGRAM_BOT_TOKEN:
        raise NotSent("TELEGRAM_BOT_TOKEN is not set")
    _refuse_while_held(method)
    files = files or {}
    uploading = sum(file.size for file in files.values())
    with deadline.within((seconds or SECONDS) + hold + uploading * SECONDS_FOR_BYTE):
        try:
            return _call(method, params or {}, files)
        except ParseError as error:
            if plain is None:
                raise
            logger.error("our markup was refused, sending plain text: %s", error)
            return _call(method, plain(), files)


def call_patiently(
    method: str,
    params: Mapping[str, Any] | None = None,
    files: Mapping[str, File] | None = None,
) -> Any:
    """As `call`, and wait once for as long as Telegram asks: it changes a webhook once a second at
    the most."""
    try:
        return call(method, params, files)
    except RetryAfter as error:
        time.sleep(error.seconds)
        return call(method, params, files)


@dataclass(frozen=True)
class Reached:
    """How long a call has taken, and the seconds by which our clock is ahead of the server's; None
    if it does not tell its time."""

    seconds: float
    ahead: float | None


def reach(proxy: str) -> Reached:
    """Whether Telegram answers by this proxy, or directly if there is none; whatever it answers.

    Raises a `TelegramError`.
    """
    url, began = (
        f"{settings.TELEGRAM_API_URL}/bot{settings.TELEGRAM_BOT_TOKEN}/getMe",
        time.monotonic(),
    )
    try:
        with (
            deadline.within(SECONDS),
            _new_session(proxy) as session,
            session.get(url, timeout=deadline.left(), stream=True) as response,
        ):
            content = _content(response, answers.largest("getMe"))
            answers.read(content, "getMe", {})
    except answers.NotAnAnswer:
        reason = answers.printable(response.reason or "")
        raise NotSent(f"{response.status_code} {reason}, not a Bot API answer") from None
    except (requests.RequestException, TimeoutError) as exc:
        # The cause is left behind because its text holds the address, and so the token.
        raise NotSent(f"{type(exc).__name__}: {redacted(exc)}") from None
    return Reached(time.monotonic() - began, _ahead(response.headers.get("Date", "")))


def _ahead(date: str) -> float | None:
    try:
        return (datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return None


def _refuse_while_held(method: str) -> None:
    if method.startswith("get") and method not in _TAKING:
        return
    if problem := held.problem():
        raise Held(f"{method}: {problem}")


def download(file_id: str, into: IO[bytes], largest: int) -> None:
    """Write a file that somebody has sent; one of more than so many bytes is `MediaRefused`.

    Raises a `TelegramError`; call it outside a transaction. https://core.telegram.org/bots/api#file
    """
    path = call("getFile", {"file_id": file_id})["file_path"]
    with deadline.within(SECONDS + largest * SECONDS_FOR_BYTE):
        try:
            _fetch(path, into, largest)
        except (requests.RequestException, TimeoutError) as exc:
            # The cause is left behind because its text holds the address, and so the token.
            reason = f"file: {type(exc).__name__}: {redacted(exc)}"
            raise NotSent(reason) from None


def _fetch(path: str, into: IO[bytes], largest: int) -> None:
    url = f"{settings.TELEGRAM_API_URL}/file/bot{settings.TELEGRAM_BOT_TOKEN}/{quote(path)}"
    with _session().get(url, timeout=deadline.left(), stream=True) as response:
        if response.status_code != 200:
            raise NotSent(f"file: {response.status_code}", response.status_code)
        left = largest
        for piece in response.iter_content(PIECE):
            left -= len(piece)
            if left < 0:
                raise MediaRefused("file is too big")
            into.write(piece)


def _call(method: str, params: Mapping[str, Any], files: Mapping[str, File]) -> Any:
    begun, result = time.perf_counter(), "ok"
    try:
        return _answered(method, params, files)
    except TelegramError as error:
        result = type(error).__name__
        if isinstance(error, RetryAfter):
            tallies.PAUSES.labels(str(params.get("chat_id", ""))).inc()
        raise
    finally:
        seconds = time.perf_counter() - begun
        tallies.CALLS.labels(method, result).inc()
        tallies.CALL_SECONDS.observe(seconds)
        logger.info(
            "call", extra={"method": method, "result": result, "seconds": round(seconds, 4)}
        )


def _answered(method: str, params: Mapping[str, Any], files: Mapping[str, File]) -> Any:
    present = {name: value for name, value in params.items() if value is not None}
    body = encode(present, files)
    response, content = _post(method, body)
    try:
        answer = answers.read(content, method, present)
    except answers.NotAnAnswer:
        raise _no_verdict(response, body, has_files=bool(files)) from None
    if isinstance(answer, answers.Success):
        return answer.result
    raise error_for(answer.code, answer.description, answer.parameters)


def _post(method: str, body: Body) -> tuple[requests.Response, bytes]:
    """The response, and what it says."""
    url = f"{settings.TELEGRAM_API_URL}/bot{settings.TELEGRAM_BOT_TOKEN}/{method}"
    try:
        with _session().post(
            url,
            data=body,
            headers={"Content-Type": body.content_type},
            timeout=deadline.left(),
            stream=True,
        ) as response:
            return response, _content(response, answers.largest(method))
    except (requests.RequestException, TimeoutError) as exc:
        # The cause is left behind because its text holds the address, and so the token.
        raise _broken(method, body, exc) from None


def _broken(method: str, body: Body, error: Exception) -> TelegramError:
    if body.unreadable:
        return WrongFile(f"{method}: {type(body.unreadable).__name__}: {redacted(body.unreadable)}")
    kind = DeliveryUnknown if body.handed_over else NotSent
    return kind(f"{method}: {type(error).__name__}: {redacted(error)}")


def _content(response: requests.Response, largest: int) -> bytes:
    """Nothing of an answer that is too long or breaks off: it is none, whatever it began with."""
    content = bytearray()
    try:
        for piece in response.iter_content(65_536):
            content += piece
            if len(content) > largest:
                return b""
    except requests.RequestException as exc:
        logger.warning("the answer broke off: %s: %s", type(exc).__name__, redacted(exc))
        return b""
    return bytes(content)


def _no_verdict(response: requests.Response, body: Body, *, has_files: bool) -> TelegramError:
    """A machine in between has answered, or one that has lost its wits: never a failure of ours."""
    code = response.status_code
    description = f"{code} {answers.printable(response.reason or '')}, not a Bot API answer"
    if code == 413 and has_files:
        # Telegram's own front says so as well. To try again would upload the same again.
        return MediaRefused(description, code)
    not_handed_on = 300 <= code < 500 or code in _HANDED_NOTHING_ON
    if not_handed_on or not body.handed_over:
        return NotSent(description, code)
    return DeliveryUnknown(description, code)


_local = threading.local()


def _session() -> requests.Session:
    """This thread's session: a connection must not be shared, least of all across a fork."""
    owner = (os.getpid(), settings.TELEGRAM_PROXY_URL)
    if getattr(_local, "owner", None) != owner:
        _local.owner, _local.session = owner, _new_session(settings.TELEGRAM_PROXY_URL)
    return _local.session  # type: ignore[no-any-return]


def is_proxy(url: str) -> bool:
    """Whether calls can go by it, if it is there."""
    try:
        proxy = urlsplit(url)
        is_whole = bool(proxy.hostname and proxy.port) and not proxy.path.strip("/")
        # It knows which hosts there can be, and what can stand in a header.
        HTTPAdapter().proxy_manager_for(url)
    except ValueError:
        return False
    return is_whole and proxy.scheme in _SCHEMES


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None is followed: not even the address is read, which may be one to stumble over."""


def _new_session(proxy: str) -> requests.Session:
    if proxy and not is_proxy(proxy):
        raise NotSent("TELEGRAM_PROXY_URL is not the address of a proxy")
    session = _Session()
    # A proxy or a password from the environment would be a hidden setting.
    session.trust_env = False
    adapter = HTTPAdapter()
    deadline.keep(adapter.poolmanager)
    if proxy:
        session.proxies = dict.fromkeys(("http", "https"), proxy)
        deadline.keep(adapter.proxy_manager_for(proxy))
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
