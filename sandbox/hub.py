"""The stream of events that the chat page follows."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Render = Callable[[frozenset[int]], dict[str, Any]]


@dataclass(slots=True, eq=False)
class Listener:
    people: frozenset[int]
    queue: asyncio.Queue[tuple[str, dict[str, Any]]] = field(default_factory=asyncio.Queue)


@dataclass(slots=True)
class Hub:
    listeners: set[Listener] = field(default_factory=set)

    def publish(self, event: str, audience: set[int], render: Render) -> None:
        """Tell the listeners that look on behalf of somebody in ``audience``.

        ``render`` is called a listener, with its people: who asks decides what is "mine".
        """
        for listener in self.listeners:
            if listener.people & audience:
                listener.queue.put_nowait((event, render(listener.people)))
