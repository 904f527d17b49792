"""Many presses at the same moment, over HTTP, against several processes and threads."""

import json
from functools import partial

from .firm import Button, Firm, at_once

PRESSES = 20


def decides_once(firm: Firm, request: int, answers: list[str]) -> None:
    """One decision and one event; the answers tell who made it, to him and to all others."""
    state = firm.look(request)
    assert len(state["decisions"]) == 1
    assert [event["action"] for event in state["events"]].count("approve") == 1
    assert state["stage"] == 2
    names = {firm.employee("boris"): "Б. Орлов", firm.employee("vera"): "В. Лебедева"}
    decided_by = names[state["decisions"][0]["decided_by"]]
    accepted = [answer for answer in answers if answer.startswith(f"Approved: {state['number']}")]
    refused = [answer for answer in answers if answer.startswith("Already decided: approved")]
    assert len(accepted) == 1
    assert len(refused) == PRESSES - 1
    assert all(decided_by in answer for answer in refused)


def test_of_twenty_presses_by_two_budget_holders_one_counts(firm: Firm) -> None:
    request = firm.submitted()
    pressed = [
        partial(firm.push, person, firm.button(person, request, "approve"))
        for person in ("boris", "vera") * (PRESSES // 2)
    ]
    answers = [answer["text"] for answer in at_once(pressed)]
    decides_once(firm, request, answers)


def test_twenty_updates_at_the_same_instant_make_one_decision(firm: Firm) -> None:
    """Telegram keeps a person's presses in order; here all of them come together."""
    request = firm.submitted()
    sent = [
        partial(firm.send_update, person, firm.button(person, request, "approve"))
        for person in ("boris", "vera") * (PRESSES // 2)
    ]
    outcomes = at_once(sent)
    assert [outcome["statuses"] for outcome in outcomes] == [[200]] * PRESSES
    answers = [json.loads(outcome["bodies"][0])["text"] for outcome in outcomes]
    decides_once(firm, request, answers)


def test_the_same_update_sent_twenty_times_at_once_has_one_effect(firm: Firm) -> None:
    request = firm.submitted()
    button: Button = firm.button("boris", request, "approve")
    outcome = firm.send_update("boris", button, copies=PRESSES)

    assert outcome["statuses"] == [200] * PRESSES
    answers = [json.loads(body) for body in outcome["bodies"]]
    assert len([answer for answer in answers if answer]) == 1
    state = firm.look(request)
    assert len(state["decisions"]) == 1
    assert [event["action"] for event in state["events"]].count("approve") == 1
