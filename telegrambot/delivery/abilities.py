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
    """A method that came with it, and parameters by which the call does nothing; `known_by` are the
    refusals that only a server which has it gives, any if there are none."""

    name: str
    method: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    known_by: tuple[str, ...] = ()


# Made of blocks, and with a method of that version (10.2), in which commands can be ephemeral too.
RICH = Ability("rich messages", "deleteEphemeralMessage")
# A server that does not know buttons which cannot be pressed knows nothing of parameters that came
# with them, and would show to all what is for one. The markup is looked at before the chat.
EPHEMERAL = Ability(
    "ephemeral messages",
    "sendMessage",
    {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "disabled": {}}]]}},
    known_by=("chat_id is empty", "chat not found"),
)
# Seconds until a server is asked again: it may have been replaced meanwhile. Soon, when it could
# not be asked.
ASKED_AGAIN, ASKED_SOON = 86_400.0, 60.0

# By the server: whether it can, None for one that could not be asked; and until when that holds.
_known: dict[tuple[str, Ability], tuple[bool | None, float]] = {}


def can(ability: Ability, *, unless_told: bool = False) -> bool:
    """Whether the server can do it. Of one that cannot be asked it is `unless_told`."""
    known, until = _known.get(_key(ability), (None, 0.0))
    if time.monotonic() >= until:
        _ask(ability)
        known, _until = _known[_key(ability)]
    return unless_told if known is None else known


def _ask(ability: Ability) -> None:
    try:
        client.call(ability.method, ability.params)
    except client.UnknownMethod:
        note(ability, can_it=False)
    except client.RetryAfter as error:
        note(ability, can_it=None, seconds=error.seconds)
    except (client.NotSent, client.DeliveryUnknown, client.ServerError):
        note(ability, can_it=None, seconds=ASKED_SOON)
    except client.TelegramError as error:
        said = error.description.lower()
        known_by = ability.known_by or (said,)
        note(ability, can_it=any(words in said for words in known_by))
    else:
        note(ability, can_it=None, seconds=ASKED_SOON)


def forget() -> None:
    """Ask anew, whatever was known."""
    _known.clear()


def note(ability: Ability, *, can_it: bool | None, seconds: float = ASKED_AGAIN) -> None:
    """What an answer of the server has told of it."""
    words = {True: "knows", False: "does not know", None: "could not be asked for"}
    logger.info("Telegram's server %s %s", words[can_it], ability.name)
    _known[_key(ability)] = can_it, time.monotonic() + seconds


def _key(ability: Ability) -> tuple[str, Ability]:
    return settings.TELEGRAM_API_URL, ability
