"""What can be changed at run time through ``/control/settings``."""

from dataclasses import asdict, dataclass, field
from typing import Any

from .versions import NEWEST, BotApi

DAY = 24 * 60 * 60.0


@dataclass(slots=True)
class Limits:
    """Telegram's documented rates (core.telegram.org/bots/faq); edits count like messages.

    ``hidden_wait``: seconds for which the server holds a call back rather than refuse it.
    ``refusal_hold``: seconds after which it tells a refusal of its own, that of too many uploads.
    ``flood_growth``: by how much a wait grows that was not kept.
    ``ephemeral_window``: seconds after an action in which anybody is sent an ephemeral message.
    ``ephemeral_text``: characters to which the live server lets one be edited, 4096 without its
    fault.
    """

    overall_per_second: int = 30
    private_per_second: float = 1.0
    private_burst: int = 3
    group_per_minute: int = 20
    hidden_wait: float = 8.0
    refusal_hold: float = 3.0
    flood_growth: float = 2.0
    ephemeral_window: float = 15.0
    ephemeral_text: int = 1024


def _expiry() -> dict[str, float]:
    """Seconds an undelivered update lives, by kind; see Client.cpp of the official server."""
    return {
        "default": DAY,
        "callback_query": 150.0,
        "inline_query": 30.0,
        "chosen_inline_result": 600.0,
    }


@dataclass(slots=True)
class WebhookTimes:
    """Seconds. ``retry_base`` scales the pauses 2, 4, 8 …; ``set_interval`` parts setWebhooks.

    So long after the last success (``stale_after``) connections come one in ``new_connection``;
    after ``gone_after`` of nothing but 410 the webhook is given up.
    """

    read_timeout: float = 60.0
    retry_base: float = 1.0
    set_interval: float = 1.0
    stale_after: float = 10.0
    new_connection: float = 2.0
    gone_after: float = 23 * 60 * 60.0
    expiry: dict[str, float] = field(default_factory=_expiry)

    def lifetime(self, kind: str) -> float:
        return self.expiry.get(kind, self.expiry["default"])


@dataclass(slots=True)
class Settings:
    """What its owner has set for the bot, in @BotFather, is named as ``getMe`` names it."""

    latency_ms: float = 0.0
    has_topics_enabled: bool = False
    allows_users_to_create_topics: bool = False
    bot_api: BotApi = NEWEST
    limits: Limits = field(default_factory=Limits)
    webhook: WebhookTimes = field(default_factory=WebhookTimes)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def change(self, values: dict[str, Any]) -> None:
        """Apply a partial document of the same shape as :meth:`as_json`.

        :raises ValueError: for a name that is not a setting, a value of another kind or a version
            that is not played.
        """
        _merge(self, values)


def _merge(target: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if not hasattr(target, name):
            raise ValueError(f"unknown setting {name}")
        current = getattr(target, name)
        if name == "expiry":
            current.update({kind: _number(seconds) for kind, seconds in value.items()})
        elif isinstance(value, dict):
            _merge(current, value)
        elif isinstance(current, bool):
            setattr(target, name, _truth(value))
        elif isinstance(current, BotApi):
            setattr(target, name, BotApi(value))
        else:
            setattr(target, name, _number(value))


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"neither true nor false: {value!r}")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"not a number: {value!r}")
    return value
