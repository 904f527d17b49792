"""Telegram's stand-in, from the outside: who is in it, and which calls it received."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from benchmarks.company import Company
from telegrambot.models import Chat


@dataclass(frozen=True)
class Call:
    """A message or an edit that reached Telegram, at an epoch second."""

    number: int
    at: float
    method: str
    chat_id: int
    message_id: int
    accepted: bool


class StandIn:
    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._http = requests.Session()

    def invite(self, company: Company) -> None:
        """Everyone presses Start; the groups take the bot in.

        A call above Telegram's limits is refused at once, to be counted, and not held back.
        """
        self._post("/control/settings", {"limits": {"hidden_wait": 0}})
        private = Chat.objects.filter(kind=Chat.Kind.PRIVATE).values_list("telegram_id", flat=True)
        people = list(private)
        self.greet(people)
        groups = [group for office in [*company.offices, company.crowd] for group in office.groups]
        member = people[:1]
        self._post(
            "/control/groups",
            [
                {"id": key, "title": "Платежи", "type": "supergroup", "members": member}
                for key in groups
            ],
        )

    @contextmanager
    def without_limits(self) -> Iterator[None]:
        """Whatever is called is taken meanwhile."""
        response = self._http.get(f"{self._url}/control/settings", timeout=30)
        response.raise_for_status()
        limits = {"overall_per_second": 10_000, "private_per_second": 10_000}
        self._post("/control/settings", {"limits": {**limits, "private_burst": 10_000}})
        yield
        self._post("/control/settings", {"limits": response.json()["limits"]})

    def greet(self, people: Sequence[int]) -> None:
        """They press Start."""
        self._post("/control/people", [{"id": key, "first_name": "Борис"} for key in people])
        for key in people:
            self._post(f"/client/people/{key}/start", {})

    def calls(self, since: int = 0) -> list[Call]:
        """What was sent or edited after the call of that number."""
        response = self._http.get(f"{self._url}/control/calls", params={"since": since}, timeout=30)
        response.raise_for_status()
        return [_call(entry) for entry in response.json() if entry["chat_id"] is not None]

    def last_number(self) -> int:
        return max((call.number for call in self.calls()), default=0)

    def _post(self, path: str, body: Any) -> None:
        self._http.post(self._url + path, json=body, timeout=30).raise_for_status()


def _call(entry: dict[str, Any]) -> Call:
    return Call(
        number=entry["seq"],
        at=entry["at"],
        method=entry["method"],
        chat_id=int(entry["chat_id"]),
        message_id=int(entry["params"].get("message_id", 0)),
        accepted=bool(entry["ok"]),
    )


def most_within(moments: Iterable[float], seconds: float) -> int:
    """How many of the moments lie in the fullest window of so many seconds."""
    ordered = sorted(moments)
    most = first = 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def most_in_a_group(calls: Sequence[Call]) -> int:
    """How many calls the fullest minute of any one group saw."""
    groups: dict[int, list[float]] = defaultdict(list)
    for call in calls:
        if call.chat_id < 0:
            groups[call.chat_id].append(call.at)
    return max((most_within(moments, 60.0) for moments in groups.values()), default=0)
