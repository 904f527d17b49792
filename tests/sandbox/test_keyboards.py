from typing import Any

import pytest

from .harness import Person, Sandbox


def inline(*buttons: Any) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


@pytest.mark.parametrize(
    ("button", "description"),
    [
        ({"text": "x", "callback_data": "ж" * 33}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"url": "https://a.b"}, "can't parse inline keyboard button: Can't find field \"text\""),
        (
            "text",
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
        ),
        ({"text": " ", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        (
            {"text": "x", "callback_data": "x", "style": "pink"},
            "can't parse inline keyboard button: invalid button style specified",
        ),
        (
            {"text": "x", "callback_data": "x", "url": "https://a.b"},
            "can't parse inline keyboard button: exactly one of url, callback_data may be given",
        ),
        (
            {"text": "x", "url": "http://localhost:8000/"},
            "inline keyboard button URL 'http://localhost:8000/' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "x", "url": "ftp://a.b"},
            "inline keyboard button URL 'ftp://a.b' is invalid: Unsupported URL protocol",
        ),
    ],
)
def test_a_faulty_inline_button_is_refused(
    sandbox: Sandbox, alice: Person, button: Any, description: str
) -> None:
    error = sandbox.error("sendMessage", chat_id=alice.id, text="x", reply_markup=inline(button))
    assert error == f"Bad Request: {description}"


@pytest.mark.parametrize(
    "button",
    [
        {"text": "x", "callback_data": "ж" * 32},
        {"text": "x", "url": "http://127.0.0.1:8000/admin/"},
        {"text": "x", "url": "tg://user?id=1"},
        {"text": "x", "switch_inline_query": ""},
        {"text": "x", "switch_inline_query_current_chat": "ready"},
        {"text": "x", "copy_text": {"text": "copied"}},
        {"text": "x", "callback_data": "x", "style": "success"},
        {"text": "x", "callback_data": "x", "icon_custom_emoji_id": "5774022692642492953"},
    ],
)
def test_an_inline_button_is_kept(sandbox: Sandbox, alice: Person, button: Any) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x", reply_markup=inline(button))
    assert sent["reply_markup"] == inline(button)


@pytest.mark.parametrize("shape", [(13, 8), (1, 9)])
def test_too_many_buttons_are_refused(
    sandbox: Sandbox, alice: Person, shape: tuple[int, int]
) -> None:
    rows, columns = shape
    row = [{"text": "x", "callback_data": "x"}] * columns
    markup = {"inline_keyboard": [row] * rows}
    error = sandbox.error("sendMessage", chat_id=alice.id, text="x", reply_markup=markup)
    assert error == "Bad Request: reply markup is too long"


@pytest.mark.parametrize(
    ("markup", "description"),
    [
        ({"inline_keyboard": {}}, 'field "inline_keyboard" must be of type Array'),
        (
            {"inline_keyboard": [{}]},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        ({"keyboard": [{}]}, 'field "keyboard" must be an Array of Arrays'),
    ],
)
def test_a_keyboard_is_rows_of_buttons(
    sandbox: Sandbox, alice: Person, markup: Any, description: str
) -> None:
    error = sandbox.error("sendMessage", chat_id=alice.id, text="x", reply_markup=markup)
    assert error == f"Bad Request: {description}"


@pytest.mark.parametrize(
    "markup",
    [
        {"keyboard": [[{"text": "Phone", "request_contact": True}]], "resize_keyboard": True},
        {"force_reply": True, "input_field_placeholder": "Reason"},
        {"remove_keyboard": True},
    ],
)
def test_only_the_person_sees_a_keyboard_that_is_not_inline(
    sandbox: Sandbox, alice: Person, markup: Any
) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x", reply_markup=markup)
    assert "reply_markup" not in sent
    assert alice.messages()[-1]["reply_markup"] == markup


def test_a_phone_number_is_asked_for_in_private_only(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice)
    markup = {"keyboard": [[{"text": "Phone", "request_contact": True}]]}
    error = sandbox.error("sendMessage", chat_id=group, text="x", reply_markup=markup)
    assert error == "Bad Request: phone number can be requested in private chats only"


def test_an_empty_keyboard_is_no_keyboard(sandbox: Sandbox, alice: Person) -> None:
    markup: dict[str, Any] = {"inline_keyboard": []}
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x", reply_markup=markup)
    assert "reply_markup" not in sent
