"""What happens to a request, told through the chats of everyone whom it concerns."""

import pytest

from .firm import DECISIONS, MARKS, Firm

REASON = "Нет бюджета до декабря"
EVERYONE = {"anna", "boris", "vera", "fedor", "tamara", "group"}


def all_show(firm: Firm, request: int, status: str) -> None:
    """Every message about the request, in every chat, shows this state."""
    firm.settle()
    assert firm.look(request)["status"] == status
    for person, texts in firm.shown(request).items():
        for text in texts:
            assert text.startswith(MARKS[status]), f"{person} sees: {text}"


def nobody_is_asked(firm: Firm, request: int) -> None:
    for person in firm.people:
        for verb in DECISIONS:
            assert not firm.buttons(person, request, verb), f"{person} is asked to {verb}"


def actions(firm: Firm, request: int) -> list[str]:
    """What the journal holds since the request was filled in."""
    journal = [event["action"] for event in firm.look(request)["events"]]
    return journal[journal.index("submit") :]


def approve(firm: Firm, request: int, *people: str) -> None:
    for person in people:
        assert firm.press(person, request, "approve")["text"].startswith("Approved: Р")


def test_three_approvals_are_seen_in_every_chat(firm: Firm) -> None:
    request = firm.submitted()
    approve(firm, request, "boris", "fedor", "tamara")

    all_show(firm, request, "approved")
    nobody_is_asked(firm, request)
    assert firm.shown(request).keys() == EVERYONE
    assert actions(firm, request) == ["submit", "approve", "approve", "approve"]


def test_the_group_gets_the_document_with_the_card(firm: Firm) -> None:
    request = firm.submitted(document="Счёт «45».pdf", amount="1234567,89")
    card = firm.newest(firm.group, request)
    assert card["document"]["file_name"] == "Счёт «45».pdf"
    assert "1\u202f234\u202f567,89\u202f₽" in card["caption"]


def test_a_declined_request_says_why_in_every_chat(firm: Firm) -> None:
    request = firm.submitted()
    approve(firm, request, "boris")
    firm.press("fedor", request, "decline")
    firm.say("fedor", REASON)
    firm.press("fedor", request, "confirm")

    firm.wait_for_status(request, "declined")
    all_show(firm, request, "declined")
    nobody_is_asked(firm, request)
    shown = firm.shown(request)
    assert shown.keys() == EVERYONE - {"tamara"}
    assert all(REASON in texts[-1] for texts in shown.values())
    assert firm.look(request)["decisions"][-1]["reason"] == REASON


def test_a_returned_request_is_decided_anew_and_its_old_buttons_die(firm: Firm) -> None:
    request = firm.submitted()
    old = firm.button("boris", request, "approve")
    firm.press("vera", request, "return_for_rework")
    firm.say("vera", "Приложите договор")
    firm.press("vera", request, "confirm")
    firm.wait_for_status(request, "returned")
    all_show(firm, request, "returned")

    firm.office.change(request, contract="№ 7 от 01.11.2026")
    firm.office.submit(request)
    all_show(firm, request, "in_approval")
    assert "newest version" in firm.push("boris", old)["text"]
    assert firm.look(request)["decisions"][-1]["action"] == "return_for_rework"

    approve(firm, request, "boris", "fedor", "tamara")
    all_show(firm, request, "approved")
    decisions = firm.look(request)["decisions"]
    assert [decision["revision"] for decision in decisions] == [1, 2, 2, 2]


def test_a_withdrawn_request_asks_nobody_any_more(firm: Firm) -> None:
    request = firm.submitted()
    old = firm.button("boris", request, "approve")
    firm.office.press(request, "withdraw")

    all_show(firm, request, "draft")
    nobody_is_asked(firm, request)
    assert "Draft" in firm.push("boris", old)["text"]
    assert actions(firm, request) == ["submit", "withdraw"]


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({"amount": "150000,00", "vat_amount": ""}, ["boris", "fedor", "tamara"]),
        ({"invoice_number": "46"}, ["fedor", "tamara"]),
    ],
)
def test_a_material_change_of_an_approved_request_asks_again(
    firm: Firm, change: dict[str, str], asked: list[str]
) -> None:
    request = firm.submitted()
    approve(firm, request, "boris", "fedor", "tamara")
    firm.office.change(request, **change)
    all_show(firm, request, "in_approval")
    assert {person for person in firm.people if firm.buttons(person, request, "approve")} == (
        {"boris", "vera"} if "boris" in asked else {"fedor"}
    )

    approve(firm, request, *asked)
    all_show(firm, request, "approved")
    nobody_is_asked(firm, request)
    revisions = [decision["revision"] for decision in firm.look(request)["decisions"]]
    assert revisions == [1, 1, 1] + [2] * len(asked)
