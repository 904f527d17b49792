"""What of the talk in a group reaches a bot: core.telegram.org/bots/faq, privacy mode."""

import pytest

from .harness import Person, Sandbox

NAME = "treasury_sandbox_bot"


@pytest.fixture
def group(sandbox: Sandbox, alice: Person, bob: Person) -> int:
    group = sandbox.group(alice, bob)
    sandbox.updates("my_chat_member")
    return group


def heard(sandbox: Sandbox) -> list[str]:
    return [message["text"] for message in sandbox.updates("message")]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("just talk", False),
        ("/status", False),
        (f"/status@{NAME}", True),
        (f"/status@{NAME.upper()} now", True),
        ("/status@another_bot", False),
        (f"ask @{NAME} please", False),
        (f"please /status@{NAME}", False),
    ],
)
def test_a_member_hears_commands_with_its_name(
    sandbox: Sandbox, alice: Person, group: int, text: str, seen: bool
) -> None:
    alice.say(text, group)
    assert heard(sandbox) == [text] * seen


def test_a_bare_command_is_for_the_bot_that_spoke_last(
    sandbox: Sandbox, alice: Person, bob: Person, group: int
) -> None:
    sandbox.bot("sendMessage", chat_id=group, text="Hello")
    bob.say("hello to you", group)
    alice.say("/status", group)
    assert heard(sandbox) == ["/status"]
    rival = sandbox.person("Rival", started=False, is_bot=True)
    sandbox.post(f"/control/chats/{group}/members", {"user_id": rival.id, "status": "member"})
    rival.say("I am here", group)
    sandbox.updates("message")
    alice.say("/status", group)
    assert heard(sandbox) == []


def test_a_reply_to_the_bot_is_seen_with_its_message(
    sandbox: Sandbox, alice: Person, group: int
) -> None:
    sent = sandbox.bot("sendMessage", chat_id=group, text="Reason?")
    alice.say("too dear", group, reply_to_message_id=sent["message_id"])
    (message,) = sandbox.updates("message")
    assert message["reply_to_message"]["text"] == "Reason?"
    assert message["reply_to_message"]["from"]["is_bot"] is True


def test_a_reply_to_what_was_meant_for_the_bot_is_meant_for_it_too(
    sandbox: Sandbox, alice: Person, bob: Person, group: int
) -> None:
    command = alice.say(f"/status@{NAME}", group)
    answer = bob.say("it is slow today", group, reply_to_message_id=command["message_id"])
    alice.say("indeed", group, reply_to_message_id=answer["message_id"])
    talk = alice.say("lunch?", group)
    bob.say("yes", group, reply_to_message_id=talk["message_id"])
    assert heard(sandbox) == [f"/status@{NAME}", "it is slow today", "indeed"]


def test_an_administrator_hears_everything_but_other_bots(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice, type="supergroup", bot_rights=[])
    rival = sandbox.person("Rival", started=False, is_bot=True)
    sandbox.post(f"/control/chats/{group}/members", {"user_id": rival.id, "status": "member"})
    sandbox.updates("message")
    alice.say("just talk", group)
    rival.say("beep", group)
    alice.say("/status@another_bot", group)
    assert heard(sandbox) == ["just talk", "/status@another_bot"]


def test_an_edit_can_make_a_message_one_for_the_bot(
    sandbox: Sandbox, alice: Person, group: int
) -> None:
    said = alice.say("/status", group)
    alice.edit(said["message_id"], "/staus", group)
    assert sandbox.bot("getUpdates") == []
    alice.edit(said["message_id"], f"/status@{NAME}", group)
    (edited,) = sandbox.updates("edited_message")
    assert edited["text"] == f"/status@{NAME}"
    assert edited["edit_date"] >= edited["date"]


def test_a_private_chat_hides_nothing(sandbox: Sandbox, alice: Person) -> None:
    said = alice.say("just talk")
    alice.edit(said["message_id"], "just talking")
    (update, edited) = sandbox.bot("getUpdates")
    assert update["message"]["text"] == "just talk"
    assert edited["edited_message"]["text"] == "just talking"
