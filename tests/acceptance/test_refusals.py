"""Whoever may not decide, or not any more, hears why, and nothing changes."""

import pytest

from .firm import STRANGER, Button, Firm

NO_ACCESS = "You have no access."
NOT_ENTITLED = "You are not entitled to do this."


def refused(firm: Firm, request: int, person: str, button: Button) -> str:
    """The text of the refusal, after which everything is as before."""
    before = firm.look(request)
    text: str = firm.push_in_group(person, request, button)["text"]
    assert firm.look(request) == before
    return text


@pytest.mark.parametrize(
    ("person", "words"),
    [(STRANGER, NO_ACCESS), ("gleb", NOT_ENTITLED), ("anna", NOT_ENTITLED)],
    ids=["a_stranger", "a_budget_holder_of_another_department", "the_author"],
)
def test_who_has_no_part_in_it_is_refused(firm: Firm, person: str, words: str) -> None:
    request = firm.submitted()
    for verb in ("approve", "decline", "return_for_rework"):
        button = firm.button("boris", request, verb)
        assert refused(firm, request, person, button).startswith(words)


def test_a_removed_employee_is_refused(firm: Firm) -> None:
    request = firm.submitted()
    button = firm.button("boris", request, "approve")
    firm.dismiss("boris")
    before = firm.look(request)
    assert firm.push("boris", button)["text"].startswith(NO_ACCESS)
    assert firm.look(request) == before


def test_a_stale_button_says_who_has_decided(firm: Firm) -> None:
    request = firm.submitted()
    button = firm.button("vera", request, "approve")
    firm.press("boris", request, "approve")
    text = refused(firm, request, "vera", button)
    assert text.startswith("Already decided: approved, Б. Орлов")


def test_a_button_of_another_revision_is_refused(firm: Firm) -> None:
    request = firm.submitted()
    button = firm.button("boris", request, "approve")
    firm.office.change(request, amount="150000,00", vat_amount="")
    text = refused(firm, request, "boris", button)
    assert text == "The request has changed; decide on its newest version."


def test_a_forged_button_is_refused(firm: Firm) -> None:
    request = firm.submitted()
    card = firm.button("boris", request, "approve")
    for data in ("approve:999999999", "approve:0", "cancel:1", "ерунда"):
        forged = Button(card.chat, card.message, data)
        assert refused(firm, request, "boris", forged) == "This button is out of date."
