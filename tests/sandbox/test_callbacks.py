from typing import Any

import pytest

from .harness import KEYBOARD, PRESS_DATA, Person, Sandbox, until

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.fixture
def asked(sandbox: Sandbox, alice: Person) -> int:
    """A message with a button, in Alice's chat."""
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="Approve?", reply_markup=KEYBOARD)
    return int(sent["message_id"])


def queries(sandbox: Sandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = until(lambda: sandbox.updates("callback_query"), "a press")
    return found


def test_a_press_is_answered_with_a_toast(sandbox: Sandbox, alice: Person, asked: int) -> None:
    pressed = alice.press_later(asked)
    query = queries(sandbox)[0]
    assert query["data"] == PRESS_DATA
    assert query["from"]["language_code"] == "ru"
    assert query["message"]["message_id"] == asked
    assert query["message"]["reply_markup"] == KEYBOARD
    assert query["message"]["text"] == "Approve?"
    answer = {"text": "Done", "show_alert": True}
    assert sandbox.bot("answerCallbackQuery", callback_query_id=query["id"], **answer) is True
    assert pressed.result() == {"answered": True, "url": "", **answer}


def test_a_press_is_answered_once(sandbox: Sandbox, alice: Person, asked: int) -> None:
    pressed = alice.press_later(asked)
    query = queries(sandbox)[0]
    sandbox.bot("answerCallbackQuery", callback_query_id=query["id"])
    assert pressed.result()["text"] == ""
    assert sandbox.error("answerCallbackQuery", callback_query_id=query["id"]) == TOO_OLD


def test_an_unknown_press_cannot_be_answered(sandbox: Sandbox) -> None:
    assert sandbox.error("answerCallbackQuery", callback_query_id="17") == TOO_OLD


def test_a_press_becomes_too_old(sandbox: Sandbox, alice: Person, asked: int) -> None:
    sandbox.settings(webhook={"expiry": {"callback_query": 0.2}})
    alice.press_later(asked)
    query = queries(sandbox)[0]
    until(
        lambda: (
            sandbox.call("answerCallbackQuery", callback_query_id=query["id"]).status_code == 400
        )
    )


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": "x" * 201}, "MESSAGE_TOO_LONG"),
        ({"url": "https://example.com"}, "URL_INVALID"),
    ],
)
def test_a_faulty_answer_leaves_the_press_open(
    sandbox: Sandbox, alice: Person, asked: int, params: dict[str, str], description: str
) -> None:
    pressed = alice.press_later(asked)
    query = queries(sandbox)[0]
    error = sandbox.error("answerCallbackQuery", callback_query_id=query["id"], **params)
    assert error == f"Bad Request: {description}"
    sandbox.bot("answerCallbackQuery", callback_query_id=query["id"], text="x" * 200)
    assert pressed.result()["answered"] is True


def test_a_button_that_is_gone_may_still_be_pressed(
    sandbox: Sandbox, alice: Person, asked: int
) -> None:
    sandbox.bot("editMessageText", chat_id=alice.id, message_id=asked, text="Done")
    alice.press_later(asked, "old data")
    query = queries(sandbox)[0]
    assert query["data"] == "old data"
    assert query["message"]["text"] == "Done"


def test_a_press_under_a_deleted_message_shows_it_inaccessible(
    sandbox: Sandbox, alice: Person, asked: int
) -> None:
    sandbox.bot("deleteMessage", chat_id=alice.id, message_id=asked)
    alice.press_later(asked)
    message = queries(sandbox)[0]["message"]
    assert (message["message_id"], message["date"]) == (asked, 0)
    assert message["chat"]["id"] == alice.id


def test_everybody_in_a_group_may_press(sandbox: Sandbox, alice: Person, bob: Person) -> None:
    group = sandbox.group(alice, bob)
    sent = sandbox.bot("sendMessage", chat_id=group, text="x", reply_markup=KEYBOARD)
    bob.press_later(sent["message_id"], chat_id=group)
    query = queries(sandbox)[0]
    assert query["from"]["id"] == bob.id
    assert query["message"]["chat"]["id"] == group
