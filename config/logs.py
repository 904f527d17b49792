"""Log lines: structured, and never with a secret in them."""

import logging
import re

import structlog

# A bot token is part of every Bot API address, so any library's message may carry it.
BOT_TOKEN = re.compile(r"\d{5,}:[\w-]{20,}")
MASK = "<token>"


class SecretsFilter(logging.Filter):
    """Masks bot tokens in the message and in the traceback of a log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = BOT_TOKEN.sub(MASK, record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = BOT_TOKEN.sub(MASK, record.exc_text)
            record.exc_info = None
        return True


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
