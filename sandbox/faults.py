"""Planned misbehaviour: the next calls that match a fault fail the way it says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# An ephemeral message is taken and shown to nobody; of calls all the others are.
LOSS = "lose_ephemeral"
KINDS = frozenset(
    {"retry_after", "error", "drop_before", "drop_after", "hang_before", "hang_after", LOSS}
)


@dataclass(slots=True)
class Fault:
    id: int
    kind: str
    method: str = "*"
    chat_id: str = ""
    count: int = 1
    seconds: float = 1.0
    error_code: int = 500
    description: str = "Internal Server Error: restart"
    parameters: dict[str, Any] | None = None

    def matches(self, method: str, chat_id: str) -> bool:
        return self.method.lower() in ("*", method.lower()) and self.chat_id in ("", chat_id)


@dataclass(slots=True)
class Faults:
    planned: list[Fault] = field(default_factory=list)
    last_id: int = 0

    def plan(self, values: dict[str, Any]) -> Fault:
        """:raises ValueError: when ``kind`` or another field is not known."""
        known = {"kind", "method", "chat_id", "count", "seconds", "error_code", "description"}
        if values.get("kind") not in KINDS or values.keys() - known - {"parameters"}:
            raise ValueError(f"kind must be one of {', '.join(sorted(KINDS))}")
        self.last_id += 1
        given = {name: value for name, value in values.items() if value is not None}
        given["chat_id"] = str(given.get("chat_id", ""))
        fault = Fault(self.last_id, **given)
        self.planned.append(fault)
        return fault

    def take(self, method: str, chat_id: str) -> Fault | None:
        """The first fault that matches the call, one use of it spent."""
        return self._spend(lambda each: each.kind != LOSS and each.matches(method, chat_id))

    def lose(self, chat_id: str) -> bool:
        """Whether the ephemeral message now sent into a chat is lost."""
        return bool(self._spend(lambda each: each.kind == LOSS and each.matches("*", chat_id)))

    def _spend(self, matches: Callable[[Fault], bool]) -> Fault | None:
        fault = next(filter(matches, self.planned), None)
        if fault:
            fault.count -= 1
            if fault.count <= 0:
                self.planned.remove(fault)
        return fault
