"""Two machines with web and worker each: people do not notice that there are two, nor that one of
them dies in the middle of its work."""

from collections.abc import Iterator
from functools import partial

import pytest
import requests

from .conftest import BACKENDS, SERVER
from .firm import Firm, at_once
from .harness import new_database, until
from .machines import PORT, Machine, Machines, on_machines
from .test_races import (  # noqa: F401  # here with two machines
    test_of_twenty_presses_by_two_budget_holders_one_counts,
    test_the_same_update_sent_twenty_times_at_once_has_one_effect,
    test_twenty_updates_at_the_same_instant_make_one_decision,
)
from .test_the_end import copies, is_up_to_date

# Longer than anybody waits: the machine is killed meanwhile.
FOR_EVER = 60
PRESSES = 5


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    if "postgresql" not in BACKENDS:
        pytest.skip("SQLite is a file of one machine")
    folder = tmp_path_factory.mktemp("machines")
    with new_database(SERVER, "machines") as database, on_machines(folder, database) as machines:
        yield machines


@pytest.fixture
def firm(machines: Machines) -> Iterator[Firm]:
    founded = Firm(machines)
    yield founded
    founded.close()


def test_a_document_that_one_has_taken_is_sent_and_handed_out_by_both(
    machines: Machines, firm: Firm
) -> None:
    request = firm.submitted(document="Счёт «45».pdf")
    assert firm.newest(firm.group, request)["document"]["file_name"] == "Счёт «45».pdf"
    [document] = machines.clerk.look(request=request)["documents"]
    path = f"/admin/treasury/paymentrequest/{request}/documents/{document}/"
    cookies = machines.clerk.sign_in(employee=firm.employee("anna"))
    handed_out = {
        requests.get(f"http://{machine.address}:{PORT}{path}", cookies=cookies, timeout=30).content
        for machine in machines.network.machines
    }
    assert [content[:4] for content in handed_out] == [b"%PDF"]


def test_a_machine_that_dies_in_the_middle_loses_and_doubles_nothing(machines: Machines) -> None:
    """First the one, then the other."""
    struck = [_kill_in_the_middle(machines, machine) for machine in machines.network.machines]
    for firm, request in struck:
        is_up_to_date(firm, request, "in_approval", "Ф. Климов")
        people = {"boris", "vera", "fedor", "tamara", "group"}
        assert copies(firm, request) == dict.fromkeys(people, 1)
        state = firm.look(request)
        actions = [event["action"] for event in state["events"]]
        assert actions.count("approve") == len(state["decisions"]) == 2
        firm.close()
    machines.run("verify_journal")


def _kill_in_the_middle(machines: Machines, machine: Machine) -> tuple[Firm, int]:
    """Its worker has a call to Vera under way, and its web presses; the other goes on."""
    firm = Firm(machines)
    request = firm.submitted()
    vera = firm.telegram_ids["vera"]
    machines.fault("hang_before", vera, seconds=FOR_EVER)
    before = len(machines.calls(vera))
    with machines.alone(machine):
        firm.press("boris", request, "approve")
        until(lambda: len(machines.calls(vera)) > before, "a call to Vera")
        button = firm.button("fedor", request, "approve")
        # Telegram brings again what the machine has left without an answer.
        tapped = partial(firm.tap, "fedor", button)
        at_once([*[tapped] * PRESSES, partial(machines.kill, machine)])
    machines.revive(machine)
    return firm, request


def test_both_have_worked_and_neither_has_failed(machines: Machines) -> None:
    for machine in machines.network.machines:
        web, worker = (machines.log(f"{kind}-{machine.name}") for kind in ("web", "worker"))
        assert "POST /telegram/webhook/" in web
        assert "Task telegrambot.tasks.deliver" in worker
        assert "Traceback" not in web
    assert machines.leaks() == []
