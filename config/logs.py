"""Log lines: structured, and never with a secret in them."""

import logging
import re
from collections.abc import Mapping
from typing import Any

import structlog

# A bot token is part of every Bot API address, the secret of a one-time link of its page's
# address, and what Google sends back of the callback's: any library's message may carry them.
SECRETS = (
    (re.compile(r"\d{5,}:[\w-]{20,}"), "<token>"),
    (re.compile(r"(/oauth/link/)[\w-]+"), r"\1<secret>"),
    (
        re.compile(
            r"((?:^|[?&])(?:code|code_verifier|code_challenge|state|nonce|client_secret|link|"
            r"password|\w*token)=)"
            r"[^&\s\"'<>]+"
        ),
        r"\1<secret>",
    ),
)


def masked(text: str) -> str:
    for secret, mask in SECRETS:
        text = secret.sub(mask, text)
    return text


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
    """An error report for Sentry, every text in it masked."""
    if isinstance(event, str):
        return masked(event)
    if isinstance(event, Mapping):
        return {key: without_secrets(value) for key, value in event.items()}
    if isinstance(event, list | tuple):
        return [without_secrets(value) for value in event]
    return event


def formatter() -> logging.Formatter:
    """One line a record: time, level, logger, event and its key=value pairs."""
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.KeyValueRenderer(
                key_order=["timestamp", "level", "logger", "event"]
            ),
        ],
        keep_exc_info=True,
    )
