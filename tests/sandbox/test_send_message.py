from typing import Any

import pytest

from .harness import KEYBOARD, Person, Sandbox


def test_a_message_arrives_in_the_chat(sandbox: Sandbox, alice: Person) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="Hello", reply_markup=KEYBOARD)
    assert sent["chat"] == {
        "id": alice.id,
        "type": "private",
        "first_name": "Alice",
        "username": "alice",
    }
    assert sent["from"]["is_bot"] is True
    shown = alice.messages()[-1]
    assert shown["message_id"] == sent["message_id"]
    assert shown["html"] == "Hello"
    assert shown["out"] is False
    assert shown["reply_markup"] == KEYBOARD


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({}, "message text is empty"),
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "я" * 16385}, "text is too long"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"text": "x", "reply_markup": []}, "object expected as reply markup"),
        ({"text": "x", "reply_parameters": "{"}, "can't parse reply parameters JSON object"),
        ({"text": "x", "reply_parameters": {"message_id": 1}}, "message to be replied not found"),
        ({"text": "x", "reply_to_message_id": 1}, "message to be replied not found"),
        ({"text": "x", "message_thread_id": 5}, "message thread not found"),
    ],
)
def test_a_faulty_message_is_refused(
    sandbox: Sandbox, alice: Person, params: dict[str, Any], description: str
) -> None:
    error = sandbox.error("sendMessage", chat_id=alice.id, **params)
    assert error == f"Bad Request: {description}"


def test_length_is_counted_in_code_points_after_parsing(sandbox: Sandbox, alice: Person) -> None:
    text = "<b>" + "😀" * 4096 + "</b>"
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text=text, parse_mode="HTML")
    assert sent["text"] == "😀" * 4096
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 8192}]


def test_controls_and_direction_overrides_are_cleaned(sandbox: Sandbox, alice: Person) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="  a\0b\r\n\u202ec  ")
    assert sent["text"] == "a b\nc"


@pytest.mark.parametrize(
    ("chat_id", "description"),
    [
        ("", "Bad Request: chat_id is empty"),
        (77, "Bad Request: chat not found"),
        ("@nobody", "Bad Request: chat not found"),
        ("nonsense", "Bad Request: chat not found"),
        (4242, "Forbidden: the bot can't send messages to the bot"),
    ],
)
def test_a_chat_must_exist(sandbox: Sandbox, chat_id: object, description: str) -> None:
    assert sandbox.error("sendMessage", chat_id=chat_id, text="x") == description


def test_a_person_must_have_started_the_bot(sandbox: Sandbox) -> None:
    stranger = sandbox.person("Stranger", started=False)
    error = sandbox.error("sendMessage", chat_id=stranger.id, text="x")
    assert error == "Bad Request: chat not found"
    sandbox.group(stranger)  # there it meets the stranger
    description = "Forbidden: bot can't initiate conversation with a user"
    assert sandbox.error("sendMessage", chat_id=stranger.id, text="x") == description


def test_a_person_who_blocked_the_bot_gets_nothing(sandbox: Sandbox, alice: Person) -> None:
    alice.block()
    description = "Forbidden: bot was blocked by the user"
    assert sandbox.error("sendMessage", chat_id=alice.id, text="x") == description
    alice.unblock()
    sandbox.bot("sendMessage", chat_id=alice.id, text="x")


def test_a_deactivated_person_gets_nothing(sandbox: Sandbox, alice: Person) -> None:
    sandbox.post(f"/control/people/{alice.id}/deactivate")
    description = "Forbidden: user is deactivated"
    assert sandbox.error("sendMessage", chat_id=alice.id, text="x") == description


@pytest.mark.parametrize("chat_type", ["group", "supergroup"])
def test_a_bot_that_was_kicked_cannot_write(
    sandbox: Sandbox, alice: Person, chat_type: str
) -> None:
    group = sandbox.group(alice, type=chat_type)
    sandbox.post(f"/control/chats/{group}/kick")
    description = f"Forbidden: bot was kicked from the {chat_type} chat"
    assert sandbox.error("sendMessage", chat_id=group, text="x") == description


def test_a_bot_that_left_cannot_write(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice)
    sandbox.bot("leaveChat", chat_id=group)
    description = "Forbidden: bot is not a member of the group chat"
    assert sandbox.error("sendMessage", chat_id=group, text="x") == description


def test_a_group_that_migrated_tells_where_it_went(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice)
    new = sandbox.post(f"/control/chats/{group}/migrate")["new_chat_id"]
    assert sandbox.call("sendMessage", chat_id=group, text="x").json() == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": new},
    }
    assert sandbox.bot("sendMessage", chat_id=new, text="x")["chat"]["type"] == "supergroup"


def test_a_reply_shows_the_message_it_answers(sandbox: Sandbox, alice: Person) -> None:
    question = alice.say("When?")
    sent = sandbox.bot(
        "sendMessage",
        chat_id=alice.id,
        text="Now",
        reply_parameters={"message_id": question["message_id"]},
    )
    assert sent["reply_to_message"]["text"] == "When?"


def test_a_reply_may_go_without_its_message(sandbox: Sandbox, alice: Person) -> None:
    reply = {"message_id": 999999, "allow_sending_without_reply": True}
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x", reply_parameters=reply)
    assert "reply_to_message" not in sent


def test_other_options_are_accepted(sandbox: Sandbox, alice: Person) -> None:
    sandbox.bot(
        "sendMessage",
        chat_id=alice.id,
        text="x",
        link_preview_options={"is_disabled": True},
        disable_notification=True,
        protect_content=True,
    )


def test_supergroups_number_their_own_messages(sandbox: Sandbox, alice: Person) -> None:
    for _ in range(2):
        group = sandbox.group(alice, type="supergroup")
        # 1 was the creation of the group.
        assert sandbox.bot("sendMessage", chat_id=group, text="x")["message_id"] == 2


def test_a_deleted_message_is_gone(sandbox: Sandbox, alice: Person) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x")
    message = {"chat_id": alice.id, "message_id": sent["message_id"]}
    assert sandbox.bot("deleteMessage", **message) is True
    assert alice.messages()[-1]["text"] == "/start"
    assert sandbox.chat(alice.id)["deleted"] == [sent["message_id"]]
    assert sandbox.error("deleteMessage", **message) == "Bad Request: message to delete not found"


def test_a_message_of_somebody_else_in_a_group_cannot_be_deleted(
    sandbox: Sandbox, alice: Person
) -> None:
    group = sandbox.group(alice)
    said = alice.say("mine", group)
    error = sandbox.error("deleteMessage", chat_id=group, message_id=said["message_id"])
    assert error == "Bad Request: message can't be deleted"


def test_several_messages_are_deleted_at_once(sandbox: Sandbox, alice: Person) -> None:
    ids = [sandbox.bot("sendMessage", chat_id=alice.id, text=text)["message_id"] for text in "ab"]
    assert sandbox.bot("deleteMessages", chat_id=alice.id, message_ids=[*ids, 999999]) is True
    assert sandbox.chat(alice.id)["deleted"] == ids


def test_a_message_is_copied_and_forwarded(sandbox: Sandbox, alice: Person, bob: Person) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="Original", reply_markup=KEYBOARD)
    source = {"from_chat_id": alice.id, "message_id": sent["message_id"], "chat_id": bob.id}
    copy_id = sandbox.bot("copyMessage", **source)["message_id"]
    forwarded = sandbox.bot("forwardMessage", **source)
    assert forwarded["forward_origin"]["sender_user"]["is_bot"] is True
    shown = {message["message_id"]: message["text"] for message in bob.messages()}
    assert shown[copy_id] == shown[forwarded["message_id"]] == "Original"
    source["message_id"] = 999999
    assert sandbox.error("copyMessage", **source) == "Bad Request: message to copy not found"
    missing = "Bad Request: message to forward not found"
    assert sandbox.error("forwardMessage", **source) == missing


def test_a_pin_is_announced_and_undone(sandbox: Sandbox, alice: Person) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="Important")
    message = {"chat_id": alice.id, "message_id": sent["message_id"]}
    sandbox.bot("pinChatMessage", **message)
    assert sandbox.updates("message")[-1]["pinned_message"]["text"] == "Important"
    assert sandbox.bot("getChat", chat_id=alice.id)["pinned_message"]["text"] == "Important"
    sandbox.bot("unpinChatMessage", **message)
    assert "pinned_message" not in sandbox.bot("getChat", chat_id=alice.id)
    missing = "Bad Request: message to unpin not found"
    assert sandbox.error("unpinChatMessage", **message) == missing
