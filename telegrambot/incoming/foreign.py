"""Values of foreign JSON: what does not fit is none."""

from collections.abc import Collection, Mapping
from typing import Any

Json = Mapping[str, Any]


def read_object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def read_text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def read_integer(value: Any) -> int | None:
    """A number that a database can hold; Telegram's ids have at most 52 bits."""
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    return value if fits else None


def only(body: Json, names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name in names}
