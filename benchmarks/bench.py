"""What every scenario is given: the company, the processes, and how much to do."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from benchmarks import posting
from benchmarks.company import Company
from benchmarks.load import Result
from benchmarks.services import Services
from benchmarks.stand_in import StandIn
from benchmarks.updates import Json
from telegrambot.models import Bookmark, SentMessage
from telegrambot.projection import cursor
from treasury.models import PaymentRequest

SETTLE_SECONDS = 90.0


@dataclass(frozen=True)
class Size:
    """Of one round: updates and presses of a flood, seconds of a trickle. Of all: edits."""

    rounds: int
    updates: int
    presses: int
    trickle_seconds: int
    edits: int

    def with_rounds(self, rounds: int | None) -> "Size":
        return replace(self, rounds=rounds) if rounds else self


FULL = Size(rounds=5, updates=2000, presses=400, trickle_seconds=5, edits=90)
QUICK = Size(rounds=2, updates=800, presses=100, trickle_seconds=3, edits=30)


@dataclass
class Bench:
    size: Size
    company: Company
    services: Services
    # By update_id, so that what was sent twice counts once.
    sent: set[int] = field(default_factory=set)
    pressed: set[int] = field(default_factory=set)

    def flood(self, updates: Sequence[Json]) -> Result:
        """Closed loop: as fast as the product goes."""
        self.note(updates)
        return posting.flood(self.services.web, updates)

    def flood_of_strangers(self, presses: Sequence[Json]) -> Result:
        """Presses that decide nothing."""
        self.sent.update(update["update_id"] for update in presses)
        return posting.flood(self.services.web, presses)

    def trickle(self, updates: Sequence[Json], rate: float) -> Result:
        """Open loop: so many a second, whatever the product does."""
        self.note(updates)
        return posting.trickle(self.services.web, updates, rate)

    def note(self, updates: Sequence[Json]) -> None:
        self.sent.update(update["update_id"] for update in updates)
        pressed = (update["update_id"] for update in updates if "callback_query" in update)
        self.pressed.update(pressed)

    def open_channel(self) -> StandIn:
        """Telegram's stand-in with everyone in it, and a worker with no old news to tell."""
        stand_in = StandIn(self.services.sandbox.port)
        if "worker" not in vars(self.services):
            stand_in.invite(self.company)
            SentMessage.objects.all().delete()
            Bookmark.objects.skip(PaymentRequest.objects.all())
        assert self.services.worker.child.is_alive
        return stand_in

    def settle(self) -> None:
        """Wait until every message shows the newest state."""
        wait_for(
            lambda: (
                not (
                    cursor.unread().exists()
                    or Bookmark.objects.stuck().exists()
                    or SentMessage.objects.behind().exists()
                )
            ),
            SETTLE_SECONDS,
        )


def wait_for(ready: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not ready after {seconds:.0f} s")
        time.sleep(0.2)
