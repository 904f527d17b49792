"""Log lines: structured, and never with a secret in them."""

import logging
import re
import threading
from collections.abc import Mapping
from typing import Any

import redis
import structlog
from celery.beat import SchedulingError
from django.conf import settings
from django.core.exceptions import DisallowedHost, PermissionDenied
from kombu.exceptions import OperationalError
from structlog.typing import EventDict, WrappedLogger

from telegrambot import redaction

# A bot token is part of every Bot API address, the secret of a one-time link of its page's
# address, be it to sign in or to set a password, and what Google sends back of the callback's: any
# library's message may carry them.
SECRETS = (
    (re.compile(r"\d{5,}:[\w-]{20,}"), "<token>"),
    (re.compile(r"(/oauth/(?:link|password/[\w-]+)/)[\w-]+"), r"\1<secret>"),
    (
        re.compile(
            r"((?:^|[?&])(?:code|code_verifier|code_challenge|state|nonce|client_secret|link|"
            r"password|\w*token)=)"
            r"[^&\s\"'<>]+"
        ),
        r"\1<secret>",
    ),
    # PostgreSQL quotes all of a row that breaks a rule, with what somebody has said.
    (re.compile(r"(Failing row contains )\(.*?\)(?=\.\s|\.?$)", re.DOTALL), r"\1<row>"),
)

PROOFS = {redaction.HEADER.lower(), "authorization"}

# What everybody can bring about from outside, or a broker by its absence: its name says all.
PLAIN = (
    DisallowedHost, PermissionDenied, OperationalError, SchedulingError, redis.RedisError, OSError,
)  # fmt: skip
# Those that have little to say and say it every second or two, most of all without their broker.
REPETITIVE = (
    "celery.beat", "celery.worker.consumer", "telegrambot.callers", "telegrambot.doorbell",
)  # fmt: skip
SECONDS = 60.0
# What our own lines tell besides their words: others put whole requests and settings there.
FIELDS = (
    "action", "kind", "method", "payment_request", "result", "seconds", "sequence", "status_code",
)  # fmt: skip


def masked(text: str) -> str:
    for secret, mask in SECRETS:
        text = secret.sub(mask, text)
    return redaction.without_secrets(text)


class PlainFilter(logging.Filter):
    """One line and no traceback where the traceback would only show Django's or Celery's code."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, PLAIN) and record.name.startswith(("django.", "celery.")):
            record.msg, record.args = _with_reason(_first_line(record), error), ()
            record.exc_info = record.exc_text = None
        return True


class RepeatsFilter(logging.Filter):
    """Lets one line a minute through of those that differ in nothing but numbers, and counts."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._since: dict[tuple[str, str], float] = {}
        self._held_back: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not _is_repetitive(record):
            return True
        # A second handler asks about the same record.
        known: bool | None = record.__dict__.get("is_first")
        if known is None:
            known = record.__dict__["is_first"] = self._is_first(record)
        return known

    def _is_first(self, record: logging.LogRecord) -> bool:
        line = _first_line(record)
        key = record.name, re.sub(r"\d+", "0", line)
        with self._lock:
            if record.created < self._since.get(key, -SECONDS) + SECONDS:
                self._held_back[key] = self._held_back.get(key, 0) + 1
                return False
            self._since[key] = record.created
            count = self._held_back.pop(key, 0)
        before = f" ({count} more like this before)" if count else ""
        record.msg, record.args = line + before, ()
        return True


def _is_repetitive(record: logging.LogRecord) -> bool:
    # A stranger who is refused is not discouraged, and Django has a line for every time.
    is_refusal = record.name == "django.request" and record.levelno < logging.ERROR
    return is_refusal or record.name.startswith(REPETITIVE)


def _with_reason(line: str, error: BaseException) -> str:
    """Without its traceback, “Internal Server Error: /admin/” does not say what has happened."""
    reason = next(iter(str(error).splitlines()), "")
    return line if reason in line else f"{line}: {type(error).__name__}: {reason}"


def _first_line(record: logging.LogRecord) -> str:
    return next(iter(record.getMessage().splitlines()), "")


class SecretsFilter(logging.Filter):
    """Masks secrets in the message and in the traceback of a log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = masked(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = masked(record.exc_text)
            record.exc_info = None
        return True


def without_secrets(event: Any, hint: Any = None) -> Any:
    """An error report for Sentry: every text in it masked, without the headers of the webhook: they
    may hold the secret or the login that was valid before."""
    if isinstance(event, str):
        return masked(event)
    if isinstance(event, Mapping):
        kept = (key for key in event if str(key).lower() not in PROOFS)
        return {key: without_secrets(event[key]) for key in kept}
    if isinstance(event, list | tuple):
        return [without_secrets(value) for value in event]
    return event


def formatter() -> logging.Formatter:
    """One line a record: for people its key=value pairs and then the traceback, or one JSON."""
    return _as_json() if settings.LOG_FORMAT == "json" else _as_text()


def _as_text() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            *_COMMON,
            structlog.processors.KeyValueRenderer(
                key_order=["timestamp", "level", "logger", "event"]
            ),
        ],
        keep_exc_info=True,
    )


def _as_json() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        # Behind it nothing knows of the traceback any more.
        foreign_pre_chain=[_add_traceback],
        processors=[
            *_COMMON,
            _head_first,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _add_facts(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """In the middle of what it was said: for which request, update, task or message."""
    said_with = vars(event["_record"])
    facts = structlog.contextvars.get_contextvars()
    facts |= {name: said_with[name] for name in FIELDS if name in said_with}
    return {**event, **without_secrets(facts)}


def _add_traceback(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """As `SecretsFilter` has left it."""
    text = event["_record"].exc_text
    return {**event, "exception": text} if text else event


def _head_first(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    head = {
        "time": event.pop("timestamp"),
        "level": event.pop("level"),
        "logger": event.pop("logger"),
        "message": event.pop("event"),
    }
    return {**head, **event}


_COMMON = (
    _add_facts,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    structlog.processors.TimeStamper(fmt="iso"),
)
