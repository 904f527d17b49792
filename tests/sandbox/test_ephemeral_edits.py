"""Ephemeral messages after they were sent: only methods of their own reach them."""

from typing import Any

import pytest

from .harness import KEYBOARD, Person, Sandbox

Json = dict[str, Any]


@pytest.fixture
def group(sandbox: Sandbox, alice: Person, bob: Person) -> int:
    return sandbox.group(alice, bob, bot_rights=True)


def send(sandbox: Sandbox, group: int, person: Person, text: str = "x") -> Json:
    """The place of an ephemeral message with a keyboard."""
    sent = sandbox.bot(
        "sendMessage",
        chat_id=group,
        text=text,
        reply_markup=KEYBOARD,
        ephemeral_message_parameters={"receiver_user_id": person.id},
    )
    number = sent["ephemeral_message_id"]
    return {"chat_id": group, "receiver_user_id": person.id, "ephemeral_message_id": number}


@pytest.fixture
def sent(sandbox: Sandbox, group: int, bob: Person) -> Json:
    return send(sandbox, group, bob)


def test_the_text_changes_for_the_receiver(
    sandbox: Sandbox, bob: Person, group: int, sent: Json
) -> None:
    assert sandbox.bot("editEphemeralMessageText", **sent, text="y") is True
    [message] = bob.messages(group)
    assert message["text"] == "y"
    assert "reply_markup" not in message
    error = sandbox.error("editEphemeralMessageText", **sent, text="y")
    assert error.startswith("Bad Request: message is not modified")


def test_it_becomes_rich_since_10_3(sandbox: Sandbox, bob: Person, group: int, sent: Json) -> None:
    rich = {"blocks": [{"type": "paragraph", "text": "y"}]}
    sandbox.settings(bot_api="10.2")
    error = sandbox.error("editEphemeralMessageText", **sent, rich_message=rich)
    assert error == "Bad Request: message text is empty"
    sandbox.settings(bot_api="10.4")
    assert sandbox.bot("editEphemeralMessageText", **sent, rich_message=rich) is True
    [message] = bob.messages(group)
    assert message["rich_message"] == rich
    login: Json = {"text": "x", "login_url": {"url": "https://a.b"}}
    buttons: Json = {"blocks": [{"type": "buttons", "buttons": [login]}]}
    error = sandbox.error("editEphemeralMessageText", **sent, rich_message=buttons)
    assert error == "Bad Request: login URL buttons can't be used in ephemeral messages"


def test_a_text_is_edited_to_the_length_of_a_caption(sandbox: Sandbox, sent: Json) -> None:
    error = sandbox.error("editEphemeralMessageText", **sent, text="x" * 1025)
    assert error == "Bad Request: MEDIA_CAPTION_TOO_LONG"
    assert sandbox.bot("editEphemeralMessageText", **sent, text="x" * 1024)
    sandbox.settings(limits={"ephemeral_text": 4096})
    assert sandbox.bot("editEphemeralMessageText", **sent, text="x" * 4096)


def test_the_keyboard_changes_alone(sandbox: Sandbox, bob: Person, group: int, sent: Json) -> None:
    assert sandbox.bot("editEphemeralMessageReplyMarkup", **sent) is True
    [message] = bob.messages(group)
    assert "reply_markup" not in message
    login = {"inline_keyboard": [[{"text": "x", "login_url": {"url": "https://a.b"}}]]}
    error = sandbox.error("editEphemeralMessageReplyMarkup", **sent, reply_markup=login)
    assert error == "Bad Request: login URL buttons can't be used in ephemeral messages"


def test_caption_and_media_change(sandbox: Sandbox, bob: Person, group: int, sent: Json) -> None:
    error = sandbox.error("editEphemeralMessageCaption", **sent, caption="x")
    assert error == "Bad Request: there is no caption in the message to edit"
    media = {"type": "document", "media": "attach://new", "caption": "First"}
    upload: Json = {"files": {"new": ("b.txt", b"b")}, "media": media}
    sandbox.settings(bot_api="10.2")
    refused = sandbox.upload("editEphemeralMessageMedia", **upload, **sent).json()
    assert refused["description"] == (
        "Bad Request: files can't be uploaded to an ephemeral message"
    )
    sandbox.settings(bot_api="10.4")
    assert sandbox.upload("editEphemeralMessageMedia", **upload, **sent).json()["result"] is True
    assert sandbox.bot("editEphemeralMessageCaption", **sent, caption="Second") is True
    [message] = bob.messages(group)
    assert (message["document"]["file_name"], message["caption"]) == ("b.txt", "Second")


def test_a_number_is_used_again(
    sandbox: Sandbox, alice: Person, bob: Person, group: int, sent: Json
) -> None:
    assert sandbox.bot("deleteEphemeralMessage", **sent) is True
    assert bob.messages(group) == []
    again = send(sandbox, group, alice, "of Alice")
    assert again["ephemeral_message_id"] == sent["ephemeral_message_id"]
    error = sandbox.error("deleteEphemeralMessage", **sent)
    assert error == "Bad Request: message to delete not found"
    assert [message["text"] for message in alice.messages(group)] == ["of Alice"]


@pytest.mark.parametrize(
    ("change", "description"),
    [
        ({"chat_id": 1}, "chat not found"),
        ({"receiver_user_id": 0}, 'parameter "receiver_user_id" is required'),
        ({"receiver_user_id": 1}, "message to edit not found"),
        ({"ephemeral_message_id": 99}, "message to edit not found"),
    ],
)
def test_a_message_that_is_not_there_is_not_edited(
    sandbox: Sandbox, sent: Json, change: Json, description: str
) -> None:
    error = sandbox.error("editEphemeralMessageText", **(sent | change), text="y")
    assert error == f"Bad Request: {description}"


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("deleteMessage", "message to delete"),
        ("editMessageText", "message to edit"),
        ("editMessageReplyMarkup", "message to edit"),
        ("pinChatMessage", "message to pin"),
        ("forwardMessage", "message to forward"),
        ("copyMessage", "message to copy"),
    ],
)
def test_ordinary_methods_do_not_find_it(
    sandbox: Sandbox, bob: Person, group: int, sent: Json, method: str, kind: str
) -> None:
    for number in (0, sent["ephemeral_message_id"]):
        place = {"chat_id": group, "from_chat_id": group, "message_id": number, "text": "y"}
        assert sandbox.error(method, **place) == f"Bad Request: {kind} not found"
    assert len(bob.messages(group)) == 1


def test_a_command_of_a_person_is_not_the_bots_to_change(
    sandbox: Sandbox, bob: Person, group: int
) -> None:
    command = {"command": "queue", "description": "Mine", "is_ephemeral": True}
    sandbox.bot("setMyCommands", commands=[command])
    said = bob.command("/queue", group)
    place = {"chat_id": group, "ephemeral_message_id": said["ephemeral_message_id"]}
    for user_id in (bob.id, said["receiver_user"]["id"]):
        error = sandbox.error("deleteEphemeralMessage", **place, receiver_user_id=user_id)
        assert error == "Bad Request: message to delete not found"
