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
            {"text": "x", "callback_data": "x", "disabled": {}},
            "can't parse inline keyboard button: exactly one of callback_data, disabled may be "
            "given",
        ),
        (
            {"text": "x", "disabled": True},
            'can\'t parse inline keyboard button: Field "disabled" must be of type Object',
        ),
        (
            {"text": "x", "copy_text": {"words": "x"}},
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        ({"text": "x", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
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
        {"text": "x", "copy_text": {"text": "Ж" * 256}},
        {"text": "x", "disabled": {}},
        {"text": "x", "web_app": {"url": "https://a.b"}},
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


def test_a_button_that_cannot_be_pressed_is_none_before_its_version(
    sandbox: Sandbox, alice: Person
) -> None:
    sandbox.settings(bot_api="10.2")
    markup = inline({"text": "x", "disabled": {}})
    error = sandbox.error("sendMessage", chat_id=alice.id, text="x", reply_markup=markup)
    assert error == (
        "Bad Request: can't parse inline keyboard button: "
        "Text buttons are unallowed in the inline keyboard"
    )


def test_the_version_shows_in_a_keyboard_that_goes_to_nobody(sandbox: Sandbox) -> None:
    markup = inline({"text": "x", "disabled": {}})
    error = sandbox.error("sendMessage", text="x", reply_markup=markup)
    assert error == "Bad Request: chat_id is empty"
    sandbox.settings(bot_api="10.2")
    assert "unallowed" in sandbox.error("sendMessage", text="x", reply_markup=markup)


def test_a_web_app_opens_in_private_only(sandbox: Sandbox, alice: Person) -> None:
    markup = inline({"text": "x", "web_app": {"url": "https://a.b"}})
    group = sandbox.group(alice)
    error = sandbox.error("sendMessage", chat_id=group, text="x", reply_markup=markup)
    assert error == "Bad Request: BUTTON_TYPE_INVALID"


def test_an_inline_keyboard_may_force_a_reply_and_goes_on_doing_so(
    sandbox: Sandbox, alice: Person
) -> None:
    forcing = inline({"text": "x", "callback_data": "x"}) | {"force_reply": True}
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x", reply_markup=forcing)
    assert sent["reply_markup"] == forcing
    about = {"chat_id": alice.id, "message_id": sent["message_id"]}
    plain = inline({"text": "y", "callback_data": "y"})
    error = sandbox.error("editMessageText", **about, text="y", reply_markup=plain)
    assert error.endswith("force_reply of an inline keyboard can't be changed by an edit")
    kept = plain | {"force_reply": True}
    edited = sandbox.bot("editMessageText", **about, text="y", reply_markup=kept)
    assert edited["reply_markup"] == kept
    assert "reply_markup" not in sandbox.bot("editMessageText", **about, text="z")


def test_no_edit_makes_a_keyboard_force_a_reply(sandbox: Sandbox, alice: Person) -> None:
    plain = inline({"text": "x", "callback_data": "x"})
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x", reply_markup=plain)
    about = {"chat_id": alice.id, "message_id": sent["message_id"]}
    forcing = plain | {"force_reply": True}
    error = sandbox.error("editMessageReplyMarkup", **about, reply_markup=forcing)
    assert error.endswith("force_reply of an inline keyboard can't be changed by an edit")


def test_an_inline_keyboard_forces_no_reply_before_its_version(
    sandbox: Sandbox, alice: Person
) -> None:
    sandbox.settings(bot_api="10.2")
    plain = inline({"text": "x", "callback_data": "x"})
    forcing = plain | {"force_reply": True}
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x", reply_markup=forcing)
    assert sent["reply_markup"] == plain
