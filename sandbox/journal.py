"""Every Bot API call that arrived, for tests to look at."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError
from .params import Params


@dataclass(slots=True)
class Call:
    """``ok`` is ``None`` until the call is answered; ``via`` is ``http`` or ``webhook``."""

    seq: int
    at: float
    method: str
    chat_id: Any
    params: dict[str, Any]
    via: str
    ok: bool | None = None
    error_code: int | None = None
    description: str | None = None
    result: Any = None

    def fail(self, error: ApiError) -> None:
        self.ok, self.error_code, self.description = False, error.code, error.description

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Journal:
    calls: list[Call] = field(default_factory=list)
    last_seq: int = 0

    def record(self, method: str, params: Params, via: str) -> Call:
        self.last_seq += 1
        recorded = params.recorded()
        call = Call(self.last_seq, time.time(), method, recorded.get("chat_id"), recorded, via)
        self.calls.append(call)
        return call

    def find(self, method: str, chat_id: str, since: int) -> Iterator[Call]:
        """Calls after sequence number ``since``; empty ``method`` or ``chat_id`` match all."""
        for call in self.calls:
            if call.seq <= since or (method and call.method.lower() != method.lower()):
                continue
            if not chat_id or str(call.chat_id) == chat_id:
                yield call
