"""What Telegram's server can do. It does not tell its version, and one's own may be an older one.

A method that is called without parameters does nothing: an older server says that it does not know
it, a newer one that something is missing.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from telegrambot.delivery import client

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ability:
    """A method that came with it, and parameters by which the call does nothing."""

    name: str
    method: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)


# Made of blocks, and with a method of that version.
RICH = Ability("rich messages", "deleteEphemeralMessage")
# A server that does not know buttons which cannot be pressed knows nothing of parameters that came
# with them, and would show to all what is for one. The markup is looked at before the chat.
EPHEMERAL = Ability(
    "ephemeral messages",
    "sendMessage",
    {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "disabled": {}}]]}},
)
_TOO_OLD = "text buttons are unallowed"
# Seconds until a server is asked again: it may have been replaced meanwhile.
ASKED_AGAIN = 86_400.0

# By the server: whether it can, and when it said so.
_known: dict[tuple[str, Ability], tuple[bool, float]] = {}


def can(ability: Ability) -> bool:
    """Whether the server can do it. Who cannot be asked, cannot."""
    known = _known.get(_key(ability))
    if known and time.monotonic() < known[1] + ASKED_AGAIN:
        return known[0]
    try:
        client.call(ability.method, ability.params)
    except client.UnknownMethod:
        note(ability, can_it=False)
    except (client.NotSent, client.DeliveryUnknown, client.ServerError, client.RetryAfter):
        return False
    except client.TelegramError as error:
        note(ability, can_it=_TOO_OLD not in error.description.lower())
    return _known.get(_key(ability), (False, 0.0))[0]


def forget() -> None:
    """Ask anew, whatever was known."""
    _known.clear()


def note(ability: Ability, *, can_it: bool) -> None:
    """What an answer of the server has told of it."""
    logger.info("Telegram's server %s %s", "knows" if can_it else "does not know", ability.name)
    _known[_key(ability)] = can_it, time.monotonic()


def _key(ability: Ability) -> tuple[str, Ability]:
    return settings.TELEGRAM_API_URL, ability
