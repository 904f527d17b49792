"""Everything that can break, in one installation: each calamity strikes a firm of its own."""

import time

from .firm import Firm
from .harness import Installation, until

FLOOD_SECONDS = 30
OUTAGE_SECONDS = 10
NEWS = "Поставщик прислал новый счёт"
# Longer than anybody waits: the worker is killed meanwhile.
FOR_EVER = 60


class Struck:
    """An installation after all of it; the requests are caught in the middle of something."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.firms = {name: Firm(installation) for name in ("killed", "ill", "flooded", "outage")}
        self.requests = {name: firm.draft() for name, firm in self.firms.items()}

    def close(self) -> None:
        for firm in self.firms.values():
            firm.close()

    def strike(self) -> None:
        self._lose_answers()
        for name in ("killed", "flooded", "outage"):
            self.firms[name].office.submit(self.requests[name])
        for name in ("killed", "flooded", "outage"):
            self.firms[name].settle()
        self._kill_worker()
        self._flood()
        self._stop_redis()

    def _lose_answers(self) -> None:
        """Boris' card and the group's are accepted and never confirmed, Vera's gets lost."""
        firm = self.firms["ill"]
        ids = firm.telegram_ids
        self.installation.fault("drop_after", ids["boris"], method="sendMessage")
        self.installation.fault("drop_before", ids["vera"], method="sendMessage")
        self.installation.fault("drop_after", firm.group, method="sendDocument")
        firm.office.submit(self.requests["ill"])

    def _kill_worker(self) -> None:
        """It dies with Vera's edit not accepted and Fedor's new card accepted."""
        firm, request = self.firms["killed"], self.requests["killed"]
        chats = {"vera": "hang_before", "fedor": "hang_after"}
        for person, kind in chats.items():
            self.installation.fault(kind, firm.telegram_ids[person], seconds=FOR_EVER)
        since = time.time()
        firm.press("boris", request, "approve")
        for person in chats:
            self._wait_for_call(firm.telegram_ids[person], since)
        self.installation.kill_worker()
        self.installation.start_worker()

    def _flood(self) -> None:
        """Telegram wants no call to Boris for a while; the others must have theirs."""
        firm, request = self.firms["flooded"], self.requests["flooded"]
        ids = firm.telegram_ids
        self.installation.fault("retry_after", ids["boris"], seconds=FLOOD_SECONDS)
        self.flooded_at = time.time()
        firm.office.change(request, comment=NEWS)
        for chat in (ids["boris"], ids["vera"], firm.group):
            self._wait_for_call(chat, self.flooded_at)

    def _stop_redis(self) -> None:
        """While a call is under way. Telegram fails as well: for Vera and the group it is ill,
        Boris' edit is unconfirmed."""
        firm, request = self.firms["outage"], self.requests["outage"]
        ids = firm.telegram_ids
        self.installation.fault("hang_before", ids["vera"], seconds=2)
        since = time.time()
        firm.office.change(request, comment="")
        self._wait_for_call(ids["vera"], since)
        self.installation.fault("error", ids["vera"], error_code=500, count=2)
        self.installation.fault("error", firm.group, error_code=502, count=2)
        self.installation.fault("drop_after", ids["boris"], method="editMessageText")
        if self.installation.has_redis:
            self.installation.stop_redis()
        back_at = time.monotonic() + OUTAGE_SECONDS
        self.answer = firm.press("boris", request, "approve")["text"]
        firm.office.change(request, comment=NEWS)
        until(lambda: time.monotonic() > back_at, "the end of the outage")
        if self.installation.has_redis:
            self.installation.start_redis()

    def _wait_for_call(self, chat: int, since: float) -> None:
        until(lambda: self.installation.calls(chat, since), f"a call to {chat}")


def strike(installation: Installation) -> Struck:
    struck = Struck(installation)
    struck.strike()
    return struck
