"""Web and worker are asked to end while they are at work: what they have begun they finish, and
what comes meanwhile waits for those that are started next."""

import json
from contextlib import closing
from http.client import HTTPConnection
from itertools import count

from tests.services import FIXED
from tests.telegrambot.bot import HEADER, URL

from .firm import Firm
from .harness import until

SECONDS = 60.0
# Far from those of the sandbox.
_update_ids = count(1_900_000_001)


class Line:
    """A connection to the web that is kept, as the proxy in front keeps them."""

    def __init__(self, firm: Firm) -> None:
        self._firm = firm
        self._http = HTTPConnection("127.0.0.1", firm.installation.web_port, timeout=SECONDS)

    def close(self) -> None:
        self._http.close()

    def open(self) -> None:
        self._http.request("GET", "/healthz")
        assert self._http.getresponse().read()

    def begin(self, person: str, request: int) -> None:
        """All but the last half of a press."""
        query = self._firm.query(person, self._firm.button(person, request, "approve"))
        body = json.dumps({"update_id": next(_update_ids), "callback_query": query}).encode()
        self._http.putrequest("POST", URL)
        self._http.putheader(HEADER, FIXED["TELEGRAM_WEBHOOK_SECRET"])
        self._http.putheader("Content-Type", "application/json")
        self._http.putheader("Content-Length", str(len(body)))
        self._http.endheaders(body[: len(body) // 2])
        self._rest = body[len(body) // 2 :]

    def end(self) -> str:
        """What the press is answered with."""
        self._http.send(self._rest)
        self._rest = b""
        return self.answer()

    def send(self, person: str, request: int) -> None:
        self.begin(person, request)
        self._http.send(self._rest)

    def answer(self) -> str:
        answer = self._http.getresponse()
        assert answer.status == 200
        return str(json.loads(answer.read())["text"])


def test_a_restart_of_the_web_loses_no_press(firm: Firm) -> None:
    installation = firm.installation
    begun, late = firm.submitted(), firm.submitted()
    with closing(Line(firm)) as before, closing(Line(firm)) as meanwhile:
        before.open()
        before.begin("boris", begun)
        installation.ask_to_end("web")
        until(lambda: installation.has_said("web", "Handling signal: term"), "the signal")
        assert before.end().startswith("Approved: ")
        installation.wait_for_end("web")
        meanwhile.send("boris", late)
        installation.start_web()
        assert meanwhile.answer().startswith("Approved: ")
    firm.settle()
    for request in (begun, late):
        assert len(firm.look(request)["decisions"]) == 1
        assert not firm.buttons("boris", request, "approve")


def test_a_restart_of_the_worker_finishes_its_calls(firm: Firm) -> None:
    installation = firm.installation
    request = firm.submitted()
    card, chat = firm.newest(firm.telegram_ids["boris"], request), firm.telegram_ids["boris"]
    with closing(Line(firm)) as line:
        line.begin("boris", request)
        with installation.frozen_sandbox():
            line.end()
            until(lambda: installation.clerk.under_way(request=request), "a call")
            installation.ask_to_end("worker")
    installation.wait_for_end("worker")
    assert installation.clerk.under_way(request=request) == 0
    installation.start_worker()
    firm.settle()
    edits = [one for one in installation.calls(chat) if one["method"].startswith("edit")]
    assert [edit["params"]["message_id"] for edit in edits] == [card["message_id"]]
    assert not firm.buttons("boris", request, "approve")
