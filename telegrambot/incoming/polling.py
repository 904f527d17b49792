"""Without a webhook: ask Telegram for updates, and let them in by the same inbox."""

import logging
import time
from typing import Any

from telegrambot.delivery import client
from telegrambot.incoming import inbox
from telegrambot.incoming.replies import Answer
from telegrambot.incoming.updates import ALLOWED_UPDATES
from telegrambot.outage import UNAVAILABLE

logger = logging.getLogger(__name__)

# Seconds for which Telegram holds an empty answer.
HOLD = 25
# Updates at a time: so few of the largest are still an answer that is read, see
# `answers.LARGEST_UPDATES`.
AT_ONCE = 15
# Seconds before another try, when Telegram or the database did not answer.
PAUSE = 3


def poll_once(offset: int, limit: int = AT_ONCE, hold: int = HOLD) -> int:
    """Take in what has come; the offset by which the next call confirms it.

    Raises `client.TelegramError`, or one of `outage.UNAVAILABLE`: what is not confirmed comes
    again.
    """
    params = {
        "offset": offset,
        "limit": limit,
        "timeout": hold,
        "allowed_updates": list(ALLOWED_UPDATES),
    }
    for payload in client.call("getUpdates", params, hold=hold):
        _take_in(payload)
        offset = payload["update_id"] + 1
    return offset


def poll_forever() -> None:
    """Raises `client.TelegramError` for what waiting does not mend, such as a set webhook."""
    offset, limit = 0, AT_ONCE
    while True:
        try:
            offset, limit = poll_once(offset, limit), AT_ONCE
        except (client.NotSent, client.DeliveryUnknown, client.ServerError) as error:
            logger.warning("getUpdates: %s", error.description)
            # What together made an answer that cannot be read would make it for ever.
            limit = 1
            time.sleep(PAUSE)
        except client.RetryAfter as error:
            time.sleep(error.seconds)
        except UNAVAILABLE:
            logger.exception("the database is not available")
            time.sleep(PAUSE)


def _take_in(payload: Any) -> None:
    try:
        answer = inbox.receive(payload)
    except inbox.NotAnUpdate:
        logger.warning("not an update")
        return
    if answer:
        _send(answer)


def _send(answer: Answer) -> None:
    """Its loss costs nothing: what must be read goes by the lanes."""
    try:
        client.call(answer.method, answer.params)
    except client.TelegramError as error:
        logger.warning("%s: %s", answer.method, error.description)
