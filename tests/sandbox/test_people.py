import io
from typing import Any

import pytest
import requests

from .harness import DEADLINE, Json, Person, Sandbox, png


def test_people_are_listed(sandbox: Sandbox, alice: Person) -> None:
    stranger = sandbox.person("Stranger", started=False)
    shown = {person["id"]: person for person in sandbox.get("/client/people")}
    assert shown[alice.id]["first_name"] == "Alice"
    assert shown[alice.id]["language_code"] == "ru"
    assert shown[alice.id]["bot_started"] is True
    assert shown[alice.id]["bot_blocked"] is False
    assert shown[stranger.id]["bot_started"] is False


def test_the_bot_is_among_the_chats_before_it_is_started(sandbox: Sandbox) -> None:
    stranger = sandbox.person("Stranger", started=False)
    (chat,) = sandbox.get(f"{stranger.path}/chats")
    assert (chat["id"], chat["type"]) == (stranger.id, "private")
    assert chat["bot"]["username"] == "treasury_sandbox_bot"


def test_start_opens_the_chat_with_its_payload(sandbox: Sandbox) -> None:
    person = sandbox.person("New", started=False)
    person.start("token-1")
    (message,) = sandbox.updates("message")
    assert message["text"] == "/start token-1"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert message["chat"]["type"] == "private"
    sandbox.bot("sendMessage", chat_id=person.id, text="Welcome")


def test_unread_messages_are_counted(sandbox: Sandbox, alice: Person) -> None:
    sandbox.bot("sendMessage", chat_id=alice.id, text="one")
    sandbox.bot("sendMessage", chat_id=alice.id, text="two")
    (chat,) = sandbox.get(f"{alice.path}/chats")
    assert chat["unread"] == 2
    assert chat["last_message"]["text"] == "two"
    alice.messages()
    assert sandbox.get(f"{alice.path}/chats")[0]["unread"] == 0


def test_who_is_not_in_a_group_cannot_write_there(
    sandbox: Sandbox, alice: Person, bob: Person
) -> None:
    group = sandbox.group(alice)
    response = requests.post(
        f"{sandbox.base}{bob.path}/chats/{group}/messages", json={"text": "x"}, timeout=DEADLINE
    )
    assert response.status_code == 404


def test_a_contact_is_shared(sandbox: Sandbox, alice: Person) -> None:
    contact = {"phone_number": "+79001234567", "first_name": "Alice", "user_id": alice.id}
    alice.say("", contact=contact)
    assert sandbox.updates("message")[0]["contact"] == contact


def test_a_document_is_sent_and_read_by_the_bot(sandbox: Sandbox, alice: Person) -> None:
    files = {"file": ("scan.pdf", io.BytesIO(b"scan"), "application/pdf")}
    url = f"{sandbox.base}{alice.path}/chats/{alice.id}/messages"
    shown = requests.post(url, files=files, data={"caption": "Here"}, timeout=DEADLINE).json()
    assert shown["out"] is True
    assert shown["html"] == "Here"
    (message,) = sandbox.updates("message")
    assert message["document"]["file_name"] == "scan.pdf"
    assert message["caption"] == "Here"
    assert sandbox.bot("getFile", file_id=message["document"]["file_id"])["file_size"] == 4


def test_photos_are_sent_as_an_album(sandbox: Sandbox, alice: Person) -> None:
    url = f"{sandbox.base}{alice.path}/chats/{alice.id}/messages"
    for name in ("a.png", "b.png"):
        files = {"photo": (name, io.BytesIO(png(90, 60)), "image/png")}
        requests.post(url, files=files, data={"media_group_id": "138"}, timeout=DEADLINE)
    sent = sandbox.updates("message")
    assert [message["media_group_id"] for message in sent] == ["138", "138"]
    assert [message["photo"][-1]["width"] for message in sent] == [90, 90]


def statuses(update: Json) -> tuple[str, str]:
    return update["old_chat_member"]["status"], update["new_chat_member"]["status"]


def test_blocking_and_unblocking_are_told(sandbox: Sandbox, alice: Person) -> None:
    alice.block()
    alice.block()
    alice.unblock()
    blocked, unblocked = sandbox.updates("my_chat_member")
    assert statuses(blocked) == ("member", "kicked")
    assert statuses(unblocked) == ("kicked", "member")
    assert blocked["from"]["id"] == blocked["chat"]["id"] == alice.id


def test_starting_unblocks(sandbox: Sandbox, alice: Person) -> None:
    alice.block()
    alice.start()
    assert len(sandbox.updates("my_chat_member")) == 2
    sandbox.bot("sendMessage", chat_id=alice.id, text="x")


def test_being_added_and_kicked_is_told(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice)
    sandbox.post(f"/control/chats/{group}/kick")
    sandbox.post("/control/groups", {"id": group, "title": "Again"})
    added, kicked, again = sandbox.updates("my_chat_member")
    assert statuses(added) == ("left", "member")
    assert statuses(kicked) == ("member", "kicked")
    assert statuses(again) == ("kicked", "member")
    assert again["chat"]["title"] == "Again"
    assert again["from"]["id"] == alice.id


def test_migration_is_told_from_both_sides(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice)
    new = sandbox.post(f"/control/chats/{group}/migrate")["new_chat_id"]
    to, origin = sandbox.updates("message")
    assert (to["chat"]["id"], to["migrate_to_chat_id"]) == (group, new)
    assert (origin["chat"]["id"], origin["migrate_from_chat_id"]) == (new, group)
    assert str(new).startswith("-100")
    assert sandbox.chat(new)["members"] == [alice.id]


@pytest.mark.parametrize(
    ("who", "status"),
    [("alice", "creator"), ("bob", "member"), ("charlie", "left"), ("bot", "member")],
)
def test_members_are_known(sandbox: Sandbox, who: str, status: str) -> None:
    people = {name: sandbox.person(name).id for name in ("alice", "bob", "charlie")}
    people["bot"] = sandbox.bot("getMe")["id"]
    group = sandbox.group(Person(sandbox, people["alice"]), Person(sandbox, people["bob"]))
    member = sandbox.bot("getChatMember", chat_id=group, user_id=people[who])
    assert member["status"] == status
    assert member["user"]["id"] == people[who]


def test_administrators_are_known(sandbox: Sandbox, alice: Person, bob: Person) -> None:
    group = sandbox.group(alice, bob)
    found = sandbox.bot("getChatAdministrators", chat_id=group)
    assert [member["user"]["id"] for member in found] == [alice.id]
    assert sandbox.bot("getChatMemberCount", chat_id=group) == 3
    error = sandbox.error("getChatAdministrators", chat_id=alice.id)
    assert error == "Bad Request: there are no administrators in the private chat"


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("sendChatAction", {"action": "dance"}, "wrong parameter action in request"),
        ("getChatMember", {}, "invalid user_id specified"),
        ("getChatMember", {"user_id": 5}, "user not found"),
        ("setMessageReaction", {"message_id": 999999}, "message to react not found"),
    ],
)
def test_faulty_questions_about_a_chat_are_refused(
    sandbox: Sandbox, alice: Person, method: str, params: dict[str, Any], description: str
) -> None:
    error = sandbox.error(method, chat_id=alice.id, **params)
    assert error == f"Bad Request: {description}"


def test_the_bot_presents_itself(sandbox: Sandbox) -> None:
    commands = [{"command": "queue", "description": "What waits for me"}]
    scope = {"type": "all_private_chats"}
    sandbox.bot("setMyCommands", commands=commands, scope=scope, language_code="ru")
    assert sandbox.bot("getMyCommands", scope=scope, language_code="ru") == commands
    assert sandbox.bot("getMyCommands") == []
    sandbox.bot("deleteMyCommands", scope=scope, language_code="ru")
    assert sandbox.bot("getMyCommands", scope=scope, language_code="ru") == []
    sandbox.bot("setMyDescription", description="Payments")
    assert sandbox.bot("getMyDescription") == {"description": "Payments"}
    sandbox.bot("setMyShortDescription", short_description="Pay")
    assert sandbox.bot("getMyShortDescription") == {"short_description": "Pay"}
    sandbox.bot("setChatMenuButton", menu_button={"type": "commands"})
    assert sandbox.bot("getChatMenuButton") == {"type": "commands"}


def test_a_person_is_offered_the_narrowest_list_of_commands(
    sandbox: Sandbox, alice: Person, bob: Person
) -> None:
    group = sandbox.group(alice, bob)

    def put(name: str, language: str = "", **scope: Any) -> None:
        commands = [{"command": name, "description": "x"}]
        sandbox.bot("setMyCommands", commands=commands, scope=scope, language_code=language)

    def offered(person: Person, chat_id: int) -> list[str]:
        shown = sandbox.get(f"{person.path}/chats/{chat_id}/commands")
        return [command["command"] for command in shown]

    put("everywhere", type="default")
    put("everywhere_ru", "ru", type="default")
    assert (offered(alice, group), offered(bob, group)) == (["everywhere_ru"], ["everywhere"])
    put("private", type="all_private_chats")
    put("chief", type="all_chat_administrators")
    put("member", type="chat_member", chat_id=group, user_id=bob.id)
    assert (offered(alice, alice.id), offered(bob, bob.id)) == (["private"], ["private"])
    # Who founded a group is its administrator.
    assert (offered(alice, group), offered(bob, group)) == (["chief"], ["member"])


@pytest.mark.parametrize(
    ("commands", "description"),
    [
        ("{", "can't parse commands JSON object"),
        ([{"command": "x"}], "can't parse BotCommand: Can't find field \"description\""),
        ([{"command": "Ж", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "x", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "x", "description": "x"}] * 101, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
def test_faulty_commands_are_refused(sandbox: Sandbox, commands: Any, description: str) -> None:
    assert sandbox.error("setMyCommands", commands=commands) == f"Bad Request: {description}"
