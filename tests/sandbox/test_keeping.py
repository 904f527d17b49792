"""A sandbox that goes on where it stopped: by a signal, or killed."""

import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .harness import DEADLINE, GENEROUS, KEYBOARD, TOKEN, Person, Sandbox

Again = Callable[..., Sandbox]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "messenger.sqlite3"


@pytest.fixture
def again(path: Path) -> Iterator[Again]:
    """Starts it on the same file; the one before must have ended."""
    running: list[Sandbox] = []

    def start() -> Sandbox:
        running.append(Sandbox.start("--local", "--keep", str(path)))
        running[-1].settings(limits=GENEROUS | {"private_per_second": 10000})
        return running[-1]

    yield start
    for sandbox in running:
        sandbox.stop()


def kill(sandbox: Sandbox) -> None:
    sandbox.process.send_signal(signal.SIGKILL)
    sandbox.process.wait(DEADLINE)


def stop(sandbox: Sandbox) -> None:
    assert sandbox.stop() == 0


def everything(sandbox: Sandbox, alice: Person) -> Any:
    """What the bot, the page and a test can see of it."""
    chats = sandbox.get("/control/chats")
    return [
        chats,
        [sandbox.get(f"/control/chats/{chat['id']}") for chat in chats],
        sandbox.get("/client/people"),
        sandbox.get(f"/client/people/{alice.id}/chats"),
        [
            sandbox.bot("getChat", chat_id=chat["id"])
            for chat in chats
            if chat["bot_status"] != "left"
        ],
        [
            sandbox.bot("getChatMember", chat_id=chat["id"], user_id=alice.id)
            for chat in chats
            if chat["bot_status"] != "left"
        ],
        sandbox.bot("getMyCommands"),
        sandbox.bot("getMyName"),
    ]


def live(sandbox: Sandbox) -> Person:
    """A day of a bot: a group, a card that was decided, a document, one that was deleted.

    And rights of many kinds, a link, a reaction, a post of a channel.
    """
    alice = sandbox.person("Alice", username="alice", language_code="ru")
    group = sandbox.group(alice, bot_rights=["can_pin_messages"])
    sandbox.bot("setMyCommands", commands=[{"command": "help", "description": "Помощь"}])
    sandbox.bot("setMyName", name="Казначейство")
    card = sandbox.bot("sendMessage", chat_id=alice.id, text="Согласовать?", reply_markup=KEYBOARD)
    about = {"chat_id": alice.id, "message_id": card["message_id"]}
    sandbox.bot("editMessageText", **about, text="Согласовано")
    sandbox.bot("sendMessage", chat_id=group, text="Новая заявка", reply_markup=KEYBOARD)
    sent = sandbox.upload(
        "sendDocument", {"document": ("счёт.pdf", b"%PDF-1.4")}, chat_id=str(group)
    ).json()["result"]
    sandbox.bot("pinChatMessage", chat_id=group, message_id=sent["message_id"])
    gone = sandbox.bot("sendMessage", chat_id=group, text="Лишнее")
    sandbox.bot("deleteMessage", chat_id=group, message_id=gone["message_id"])
    alice.say("спасибо")
    bob = sandbox.person("Bob")
    crowd = sandbox.group(bob, alice, type="supergroup", bot_rights=True)
    about = {"chat_id": crowd, "user_id": alice.id}
    sandbox.bot("restrictChatMember", **about, permissions={"can_send_messages": True})
    sandbox.post(f"/control/chats/{crowd}/permissions", {"without": ["can_send_documents"]})
    sandbox.bot("exportChatInviteLink", chat_id=crowd)
    alice.react(alice.say("ура", crowd)["message_id"], "🎉", crowd)
    sandbox.whisper(crowd, alice, "лично")
    forum = sandbox.group(bob, is_forum=True, bot_rights=True)
    topic = sandbox.bot("createForumTopic", chat_id=forum, name="Аренда", icon_color=16766590)
    thread = topic["message_thread_id"]
    sandbox.bot("closeForumTopic", chat_id=forum, message_thread_id=thread)
    sandbox.bot("sendMessage", chat_id=forum, message_thread_id=thread, text="Итог")
    bob.say("новость", sandbox.group(bob, type="channel"))
    return alice


@pytest.mark.parametrize("end", [stop, kill])
def test_everything_said_is_there_again(again: Again, end: Callable[[Sandbox], None]) -> None:
    before = again()
    alice = live(before)
    kept = everything(before, alice)
    end(before)
    after = again()
    assert everything(after, alice) == kept


def test_what_goes_on_is_numbered_on_and_old_cards_are_edited(again: Again) -> None:
    before = again()
    alice = live(before)
    card = before.bot("sendMessage", chat_id=alice.id, text="Согласовать?", reply_markup=KEYBOARD)
    sent = before.upload(
        "sendDocument", {"document": ("акт.pdf", b"%PDF-1.7")}, chat_id=str(alice.id)
    ).json()["result"]
    kill(before)

    after = again()
    alice = Person(after, alice.id)
    file_id = sent["document"]["file_id"]
    twice = after.bot("sendDocument", chat_id=alice.id, document=file_id)
    assert twice["message_id"] == sent["message_id"] + 1
    file = after.bot("getFile", file_id=file_id)
    address = f"{after.base}/file/bot{TOKEN}/{file['file_path']}"
    assert after.http.get(address, timeout=DEADLINE).content == b"%PDF-1.7"
    after.bot("editMessageText", chat_id=alice.id, message_id=card["message_id"], text="Отозвана")
    assert "Отозвана" in [message.get("text") for message in alice.messages()]


def test_updates_that_nobody_has_taken_wait(again: Again) -> None:
    before = again()
    alice = before.person("Alice")
    alice.say("есть кто?")
    kill(before)
    after = again()
    texts = [update["message"]["text"] for update in after.bot("getUpdates")]
    assert texts == ["/start", "есть кто?"]
    after.bot("getUpdates", offset=-1)


def test_a_forgotten_world_is_empty_the_next_time(again: Again) -> None:
    before = again()
    alice = live(before)
    before.post("/control/reset")
    kill(before)
    assert Person(again(), alice.id).messages() == []


@pytest.mark.parametrize("content", [b"not a database" * 100, b""], ids=["text", "empty"])
def test_a_file_that_is_none_does_not_stop_it(again: Again, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    sandbox = again()
    assert sandbox.get("/client/people") == []
    assert path.with_name("messenger.sqlite3.damaged").exists() is bool(content)


def test_a_world_that_it_does_not_understand_is_put_aside(again: Again, path: Path) -> None:
    before = again()
    live(before)
    stop(before)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE thing SET value = '{\"id\": 1}' WHERE kind = 'chat'")
    database.close()
    sandbox = again()
    assert sandbox.get("/client/people") == []
    live(sandbox)
    assert path.with_name("messenger.sqlite3.damaged").exists()
