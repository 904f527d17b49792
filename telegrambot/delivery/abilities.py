"""What Telegram's server can do. It does not tell its version, and one's own may be an older one.

A method that is called without parameters does nothing: an older server says that it does not know
it, a newer one that something is missing.
"""

import logging
import time

from django.conf import settings

from telegrambot.delivery import client

logger = logging.getLogger(__name__)

# Of the version that brought rich messages made of blocks, and their method with it.
RICH = "deleteEphemeralMessage"
# Seconds until a server is asked again: it may have been replaced meanwhile.
ASKED_AGAIN = 86_400.0

# By the server and what is asked of it: whether it can, and when it said so.
_known: dict[tuple[str, str], tuple[bool, float]] = {}


def can(ability: str) -> bool:
    """Whether the server knows what came with this method. Who cannot be asked, cannot."""
    known = _known.get(_key(ability))
    if known and time.monotonic() < known[1] + ASKED_AGAIN:
        return known[0]
    try:
        client.call(ability)
    except client.UnknownMethod:
        note(ability, can_it=False)
    except (client.NotSent, client.DeliveryUnknown, client.ServerError, client.RetryAfter):
        return False
    except client.TelegramError:
        note(ability, can_it=True)
    return _known.get(_key(ability), (False, 0.0))[0]


def note(ability: str, *, can_it: bool) -> None:
    """What an answer of the server has told of it."""
    logger.info("Telegram's server %s %s", "knows" if can_it else "does not know", ability)
    _known[_key(ability)] = can_it, time.monotonic()


def _key(ability: str) -> tuple[str, str]:
    return settings.TELEGRAM_API_URL, ability
