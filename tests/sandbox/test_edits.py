import json
from typing import Any

import pytest

from .harness import KEYBOARD, Person, Sandbox, png

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)


@pytest.fixture
def sent(sandbox: Sandbox, alice: Person) -> dict[str, Any]:
    """Where a message with bold text and a keyboard is."""
    message = sandbox.bot(
        "sendMessage",
        chat_id=alice.id,
        text="<b>New</b>",
        parse_mode="HTML",
        reply_markup=KEYBOARD,
    )
    return {"chat_id": alice.id, "message_id": message["message_id"]}


@pytest.fixture
def document(sandbox: Sandbox, alice: Person) -> dict[str, Any]:
    """Where a document with a caption is."""
    message = sandbox.upload(
        "sendDocument", {"document": ("a.txt", b"a")}, chat_id=str(alice.id), caption="First"
    ).json()["result"]
    return {"chat_id": alice.id, "message_id": message["message_id"]}


def test_an_edit_changes_text_and_keeps_the_history(
    sandbox: Sandbox, alice: Person, sent: dict[str, Any]
) -> None:
    edited = sandbox.bot("editMessageText", **sent, text="Done", reply_markup=KEYBOARD)
    assert edited["text"] == "Done"
    assert edited["edit_date"] >= edited["date"]
    assert "entities" not in edited
    assert alice.messages()[-1]["text"] == "Done"
    shown = sandbox.chat(alice.id)["messages"][-1]
    assert shown["edits"] == 1
    assert [state["text"] for state in shown["history"]] == ["New", "Done"]
    assert shown["history"][0]["reply_markup"] == KEYBOARD


def test_an_edit_without_a_keyboard_removes_it(sandbox: Sandbox, sent: dict[str, Any]) -> None:
    assert "reply_markup" not in sandbox.bot("editMessageText", **sent, text="Done")


@pytest.mark.parametrize("change", ["text", "entities", "keyboard"])
def test_an_edit_that_changes_anything_is_one(
    sandbox: Sandbox, sent: dict[str, Any], change: str
) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Other", "callback_data": "x"}]]}
    sandbox.bot(
        "editMessageText",
        **sent,
        text={"text": "<b>Old</b>", "entities": "New"}.get(change, "<b>New</b>"),
        parse_mode="HTML",
        reply_markup=keyboard if change == "keyboard" else KEYBOARD,
    )


def test_an_edit_that_changes_nothing_is_refused(
    sandbox: Sandbox, alice: Person, sent: dict[str, Any]
) -> None:
    error = sandbox.error(
        "editMessageText", **sent, text=" <b>New</b> ", parse_mode="HTML", reply_markup=KEYBOARD
    )
    assert error == NOT_MODIFIED
    assert sandbox.error("editMessageReplyMarkup", **sent, reply_markup=KEYBOARD) == NOT_MODIFIED
    assert sandbox.chat(alice.id)["messages"][-1]["edits"] == 0


def test_a_keyboard_is_edited_alone(sandbox: Sandbox, sent: dict[str, Any]) -> None:
    edited = sandbox.bot("editMessageReplyMarkup", **sent)
    assert "reply_markup" not in edited
    assert edited["entities"] == [{"type": "bold", "offset": 0, "length": 3}]


def test_a_caption_is_edited_and_removed(sandbox: Sandbox, document: dict[str, Any]) -> None:
    assert sandbox.bot("editMessageCaption", **document, caption="Second")["caption"] == "Second"
    assert "caption" not in sandbox.bot("editMessageCaption", **document)


def test_media_is_replaced(sandbox: Sandbox, document: dict[str, Any]) -> None:
    media = {"type": "document", "media": "attach://new", "caption": "<i>New</i>"}
    response = sandbox.upload(
        "editMessageMedia",
        {"new": ("b.txt", b"bb")},
        chat_id=str(document["chat_id"]),
        message_id=str(document["message_id"]),
        media=media | {"parse_mode": "HTML"},
    )
    result = response.json()["result"]
    assert result["document"]["file_name"] == "b.txt"
    assert result["caption"] == "New"


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("editMessageText", {}, "message text is empty"),
        ("editMessageText", {"text": "x" * 4097}, "MESSAGE_TOO_LONG"),
        ("editMessageText", {"text": "x", "message_id": 999999}, "message to edit not found"),
        ("editMessageText", {"text": "x", "chat_id": 77}, "chat not found"),
        (
            "editMessageText",
            {"text": "x", "reply_markup": {"force_reply": True}},
            "inline keyboard expected",
        ),
        (
            "editMessageText",
            {
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "x" * 65}]]},
            },
            "BUTTON_DATA_INVALID",
        ),
        ("editMessageCaption", {"caption": "x"}, "there is no caption in the message to edit"),
        ("editMessageMedia", {}, 'parameter "media" is required'),
        (
            "editMessageMedia",
            {"media": {"type": "document"}},
            "can't parse InputMedia: media not found",
        ),
    ],
)
def test_a_faulty_edit_is_refused(
    sandbox: Sandbox, sent: dict[str, Any], method: str, params: dict[str, Any], description: str
) -> None:
    assert sandbox.error(method, **(sent | params)) == f"Bad Request: {description}"


def test_a_document_has_no_text_to_edit(sandbox: Sandbox, document: dict[str, Any]) -> None:
    error = sandbox.error("editMessageText", **document, text="x")
    assert error == "Bad Request: there is no text in the message to edit"


def test_a_caption_has_its_own_limit(sandbox: Sandbox, document: dict[str, Any]) -> None:
    error = sandbox.error("editMessageCaption", **document, caption="x" * 1025)
    assert error == "Bad Request: MEDIA_CAPTION_TOO_LONG"


def test_a_message_of_a_person_cannot_be_edited(sandbox: Sandbox, alice: Person) -> None:
    said = alice.say("mine")
    error = sandbox.error(
        "editMessageText", chat_id=alice.id, message_id=said["message_id"], text="yours"
    )
    assert error == "Bad Request: message can't be edited"


def test_a_message_with_a_reply_keyboard_cannot_be_edited(sandbox: Sandbox, alice: Person) -> None:
    markup = {"keyboard": [[{"text": "x"}]]}
    message = sandbox.bot("sendMessage", chat_id=alice.id, text="x", reply_markup=markup)
    error = sandbox.error(
        "editMessageText", chat_id=alice.id, message_id=message["message_id"], text="y"
    )
    assert error == "Bad Request: message can't be edited"


def test_an_edit_in_a_group_that_migrated_does_not_tell_where_it_went(
    sandbox: Sandbox, alice: Person
) -> None:
    group = sandbox.group(alice)
    message = sandbox.bot("sendMessage", chat_id=group, text="x")
    sandbox.post(f"/control/chats/{group}/migrate")
    response = sandbox.call(
        "editMessageText", chat_id=group, message_id=message["message_id"], text="y"
    ).json()
    assert response["description"] == "Bad Request: message can't be edited"
    assert "parameters" not in response


def test_a_message_that_a_person_deleted_for_both_is_gone(
    sandbox: Sandbox, alice: Person, sent: dict[str, Any]
) -> None:
    sandbox.post(f"/control/chats/{alice.id}/delete_message", {"message_id": sent["message_id"]})
    error = sandbox.error("editMessageText", **sent, text="x")
    assert error == "Bad Request: message to edit not found"


@pytest.mark.parametrize(
    ("kinds", "other", "refusal"),
    [
        ("document", "photo", "can't change media type in the album"),
        ("photo", "document", "can't change media type in the album"),
        ("photo", "animation", "message content type can't be used in an album"),
        ("photo", "video", ""),
    ],
)
def test_in_an_album_a_file_becomes_one_that_may_stand_there(
    sandbox: Sandbox, alice: Person, kinds: str, other: str, refusal: str
) -> None:
    files = {name: (f"{name}.png", png(60, 40)) for name in "ab"}
    media = json.dumps([{"type": kinds, "media": f"attach://{name}"} for name in files])
    answer = sandbox.upload("sendMediaGroup", files, chat_id=str(alice.id), media=media).json()
    about = {"chat_id": str(alice.id), "message_id": str(answer["result"][0]["message_id"])}
    media = json.dumps({"type": other, "media": "attach://c"})
    new = {"c": ("c.png", png(50, 40))}
    edited = sandbox.upload("editMessageMedia", new, **about, media=media).json()
    assert edited.get("description", "") == (refusal and f"Bad Request: {refusal}")


def test_a_voice_message_becomes_no_other_file(sandbox: Sandbox, alice: Person) -> None:
    voice = {"voice": ("a.ogg", b"OggS")}
    sent = sandbox.upload("sendVoice", voice, chat_id=str(alice.id)).json()["result"]
    about = {"chat_id": str(alice.id), "message_id": str(sent["message_id"])}
    media = json.dumps({"type": "document", "media": "attach://c"})
    answer = sandbox.upload("editMessageMedia", {"c": ("c.txt", b"x")}, **about, media=media).json()
    assert answer["description"] == "Bad Request: there is no media in the message to edit"


def test_after_two_days_a_bot_deletes_nothing(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice, bot_rights=True)
    sent = sandbox.bot("sendMessage", chat_id=group, text="x")["message_id"]
    sandbox.post(f"/control/chats/{group}/age", {"seconds": 48 * 3600 + 1})
    refusal = "Bad Request: message can't be deleted"
    assert sandbox.error("deleteMessage", chat_id=group, message_id=sent) == refusal
    assert sandbox.error("deleteMessages", chat_id=group, message_ids=[sent]) == refusal
    sandbox.bot("editMessageText", chat_id=group, message_id=sent, text="y")
