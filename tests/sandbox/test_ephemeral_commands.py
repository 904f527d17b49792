"""Commands of the menu that only the bot hears, and the answers to them."""

from typing import Any

import pytest

from .harness import Person, Sandbox, texts

Json = dict[str, Any]
NOT_NOW = (
    "Bad Request: not enough rights to send an ephemeral message without an action of its receiver"
)
QUEUE = {"command": "queue", "description": "Mine", "is_ephemeral": True}


@pytest.fixture
def group(sandbox: Sandbox, alice: Person, bob: Person) -> int:
    return sandbox.group(alice, bob)


@pytest.fixture
def menu(sandbox: Sandbox) -> None:
    sandbox.bot("setMyCommands", commands=[QUEUE, {"command": "help", "description": "Help"}])


@pytest.mark.usefixtures("menu")
def test_a_command_of_the_menu_stays_between_two(
    sandbox: Sandbox, alice: Person, bob: Person, group: int
) -> None:
    assert sandbox.bot("getMyCommands")[0] == QUEUE
    bob.command("/queue", group)
    [message] = sandbox.updates("message")
    assert (message["message_id"], message["text"]) == (0, "/queue")
    assert message["from"]["id"] == bob.id
    assert message["receiver_user"]["is_bot"] is True
    assert texts(bob.messages(group)) == ["/queue"]
    assert alice.messages(group) == []
    reply = {"ephemeral_message_id": message["ephemeral_message_id"]}
    sent = sandbox.whisper(group, bob, "Two wait", reply_parameters=reply)
    assert sent["reply_to_message"]["text"] == "/queue"
    assert texts(bob.messages(group)) == ["/queue", "Two wait"]


@pytest.mark.usefixtures("menu")
def test_a_command_opens_the_window_for_who_sent_it_and_for_a_time(
    sandbox: Sandbox, alice: Person, bob: Person, group: int
) -> None:
    said = bob.command("/queue", group)
    call: Json = {"chat_id": group, "text": "x"}
    call["reply_parameters"] = {"ephemeral_message_id": said["ephemeral_message_id"]}
    error = sandbox.error("sendMessage", **call)
    assert error.endswith("a reply to an ephemeral message must be an ephemeral message")
    for person, window in ((alice, 15), (bob, 0)):
        sandbox.settings(limits={"ephemeral_window": window})
        parameters = {"receiver_user_id": person.id}
        error = sandbox.error("sendMessage", **call, ephemeral_message_parameters=parameters)
        assert error == NOT_NOW
    call["reply_parameters"]["quote"] = "q"
    error = sandbox.error("sendMessage", **call, ephemeral_message_parameters=parameters)
    assert error.endswith("can't have a quote or another message")


@pytest.mark.usefixtures("menu")
def test_a_typed_command_is_public_as_is_one_that_is_not_ephemeral(
    sandbox: Sandbox, bob: Person, group: int
) -> None:
    bob.say("/queue", group)
    bob.command("/help", group)
    assert texts(sandbox.public(group)) == ["/queue", "/help"]


@pytest.mark.usefixtures("menu")
def test_in_a_private_chat_a_command_is_an_ordinary_one(bob: Person) -> None:
    assert bob.command("/queue", bob.id)["message_id"] > 0


def test_before_its_version_no_command_is_ephemeral(
    sandbox: Sandbox, bob: Person, group: int
) -> None:
    sandbox.settings(bot_api="10.1")
    sandbox.bot("setMyCommands", commands=[QUEUE])
    assert "is_ephemeral" not in sandbox.bot("getMyCommands")[0]
    assert bob.command("/queue", group)["message_id"] > 0
