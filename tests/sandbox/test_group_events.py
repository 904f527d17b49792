"""What groups and channels tell a bot, unasked or if it asked for it."""

import json
from typing import Any

import pytest

from .harness import KEYBOARD, Json, Person, Sandbox, until

EVERYTHING = ["message", "chat_member", "my_chat_member", "message_reaction", "callback_query"]


@pytest.fixture
def group(sandbox: Sandbox, alice: Person, bob: Person) -> int:
    group = sandbox.group(alice, bob, type="supergroup", bot_rights=[])
    sandbox.updates("my_chat_member")
    return group


def ask_for(sandbox: Sandbox, kinds: list[str]) -> None:
    sandbox.bot("getUpdates", allowed_updates=kinds)


def place(sandbox: Sandbox, chat: int, **fields: Any) -> Any:
    return sandbox.post(f"/control/chats/{chat}/members", fields)


def kinds(sandbox: Sandbox) -> list[str]:
    found = sandbox.bot("getUpdates")
    if found:
        sandbox.bot("getUpdates", offset=found[-1]["update_id"] + 1, limit=1)
    return [next(name for name in update if name != "update_id") for update in found]


def test_coming_and_going_are_told_as_service_messages(
    sandbox: Sandbox, alice: Person, bob: Person
) -> None:
    group = sandbox.group(alice)
    sandbox.updates("my_chat_member")
    place(sandbox, group, user_id=bob.id, status="member")
    place(sandbox, group, user_id=bob.id, status="kicked")
    came, went = sandbox.updates("message")
    assert [user["id"] for user in came["new_chat_members"]] == [bob.id]
    assert (went["left_chat_member"]["id"], went["from"]["id"]) == (bob.id, alice.id)


def test_changes_of_members_come_to_an_administrator_that_asked(
    sandbox: Sandbox, alice: Person, bob: Person, group: int
) -> None:
    place(sandbox, group, user_id=bob.id, status="restricted", without=["can_send_messages"])
    assert kinds(sandbox) == []
    ask_for(sandbox, EVERYTHING)
    place(sandbox, group, user_id=bob.id, status="administrator", rights=["can_pin_messages"])
    (told,) = sandbox.updates("chat_member")
    assert told["from"]["id"] == alice.id
    assert told["old_chat_member"]["status"] == "restricted"
    assert told["new_chat_member"]["can_pin_messages"] is True
    place(sandbox, group, status="member")
    sandbox.updates("my_chat_member")
    place(sandbox, group, user_id=bob.id, status="left")
    assert kinds(sandbox) == ["message"]


def test_a_bot_that_is_put_out_hears_its_last_message(sandbox: Sandbox, group: int) -> None:
    place(sandbox, group, status="kicked")
    assert kinds(sandbox) == ["message", "my_chat_member"]
    error = sandbox.error("sendMessage", chat_id=group, text="x")
    assert error == "Forbidden: bot was kicked from the supergroup chat"
    place(sandbox, group, status="member")
    assert kinds(sandbox) == ["message", "my_chat_member"]


def test_a_group_gets_another_name_photo_and_pin(
    sandbox: Sandbox, alice: Person, group: int
) -> None:
    said = alice.say("x", group)
    sandbox.updates("message")
    sandbox.post(f"/control/chats/{group}/title", {"title": "Treasury"})
    sandbox.post(f"/control/chats/{group}/photo")
    sandbox.post(f"/control/chats/{group}/pin", {"message_id": said["message_id"]})
    title, photo, pin = sandbox.updates("message")
    assert (title["new_chat_title"], title["chat"]["title"]) == ("Treasury", "Treasury")
    assert photo["new_chat_photo"][0]["width"] == 1
    assert pin["pinned_message"]["message_id"] == said["message_id"]


def test_the_bot_renames_a_group_and_hears_of_it(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice, type="supergroup")
    refusal = "Bad Request: not enough rights to change chat title"
    assert sandbox.error("setChatTitle", chat_id=group, title="x") == refusal
    place(sandbox, group, status="administrator", rights=["can_change_info"])
    sandbox.updates("message")
    sandbox.bot("setChatTitle", chat_id=group, title="Treasury")
    sandbox.bot("setChatDescription", chat_id=group, description="Payments")
    assert sandbox.updates("message")[0]["new_chat_title"] == "Treasury"
    shown = sandbox.bot("getChat", chat_id=group)
    assert (shown["title"], shown["description"]) == ("Treasury", "Payments")


def test_who_administers_anonymously_speaks_in_the_name_of_the_group(
    sandbox: Sandbox, bob: Person, group: int
) -> None:
    place(sandbox, group, user_id=bob.id, status="administrator", rights=["is_anonymous"])
    bob.say("who am I?", group)
    (message,) = sandbox.updates("message")
    assert message["from"]["username"] == "GroupAnonymousBot"
    assert message["sender_chat"]["id"] == group


def test_a_press_says_who_an_anonymous_administrator_is(
    sandbox: Sandbox, bob: Person, group: int
) -> None:
    place(sandbox, group, user_id=bob.id, status="administrator", rights=["is_anonymous"])
    sent = sandbox.bot("sendMessage", chat_id=group, text="Press", reply_markup=KEYBOARD)
    bob.press_later(sent["message_id"], chat_id=group)
    (query,) = until(lambda: sandbox.updates("callback_query"), "the press")
    assert query["from"]["id"] == bob.id
    sandbox.bot("answerCallbackQuery", callback_query_id=query["id"])


def test_posts_of_a_channel_are_told_apart(sandbox: Sandbox, alice: Person) -> None:
    channel = sandbox.group(alice, type="channel")
    sandbox.updates("my_chat_member")
    said = alice.say("News", channel)
    alice.edit(said["message_id"], "Old news", channel)
    post, edited = sandbox.bot("getUpdates")
    assert post["channel_post"]["sender_chat"]["id"] == channel
    assert "from" not in post["channel_post"]
    assert edited["edited_channel_post"]["text"] == "Old news"


def test_reactions_come_to_an_administrator_that_asked(
    sandbox: Sandbox, alice: Person, group: int
) -> None:
    sent = sandbox.bot("sendMessage", chat_id=group, text="x")["message_id"]
    alice.react(sent, "👍", group)
    assert kinds(sandbox) == []
    ask_for(sandbox, EVERYTHING)
    alice.react(sent, "👎", group)
    alice.react(sent, "", group)
    changed, gone = sandbox.updates("message_reaction")
    assert changed["old_reaction"] == [{"type": "emoji", "emoji": "👍"}]
    assert changed["new_reaction"] == [{"type": "emoji", "emoji": "👎"}]
    assert (gone["user"]["id"], gone["new_reaction"]) == (alice.id, [])


def forwarded(sandbox: Sandbox, person: Person, keyboard: Json) -> Json:
    sent = sandbox.bot("sendMessage", chat_id=person.id, text="Approve?", reply_markup=keyboard)
    return person.forward(sent["message_id"], person.id)


def test_a_forwarded_message_leaves_its_callback_buttons_behind(
    sandbox: Sandbox, alice: Person
) -> None:
    copy = forwarded(sandbox, alice, KEYBOARD)
    assert "reply_markup" not in copy
    (message,) = sandbox.updates("message")
    assert message["forward_origin"]["sender_user"]["is_bot"] is True
    error = sandbox.error(
        "editMessageText", chat_id=alice.id, message_id=copy["message_id"], text="x"
    )
    assert error == "Bad Request: message can't be edited"


def test_a_forwarded_message_keeps_its_links(sandbox: Sandbox, alice: Person) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Open", "url": "https://example.com/"}]]}
    assert forwarded(sandbox, alice, keyboard)["reply_markup"] == keyboard


def test_a_forwarded_inline_result_is_pressed_without_a_message(
    sandbox: Sandbox, alice: Person
) -> None:
    content = {"message_text": "Approve?"}
    result = {"type": "article", "id": "1", "title": "x", "input_message_content": content}
    asked = alice.inline_later("q")
    (query,) = until(lambda: sandbox.updates("inline_query"), "the query")
    results = json.dumps([result | {"reply_markup": KEYBOARD}])
    sandbox.bot("answerInlineQuery", inline_query_id=query["id"], results=results)
    answer = asked.result()
    original = alice.choose(query_id=answer["query_id"], result_id="1", chat_id=alice.id)
    (chosen,) = sandbox.updates("chosen_inline_result")
    copy = alice.forward(original["message_id"], alice.id)
    alice.press_later(copy["message_id"])
    (press,) = until(lambda: sandbox.updates("callback_query"), "the press")
    assert "message" not in press
    assert press["inline_message_id"] != chosen["inline_message_id"]
    sandbox.bot("editMessageText", inline_message_id=press["inline_message_id"], text="Approved")
    assert [message["text"] for message in alice.messages()[-2:]] == ["Approve?", "Approved"]


def test_invite_links_are_made_and_revoked(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice, type="supergroup")
    refusal = "Bad Request: not enough rights to manage chat invite link"
    assert sandbox.error("createChatInviteLink", chat_id=group) == refusal
    place(sandbox, group, status="administrator", rights=["can_invite_users"])
    first = sandbox.bot("exportChatInviteLink", chat_id=group)
    assert sandbox.bot("getChat", chat_id=group)["invite_link"] == first
    assert sandbox.bot("exportChatInviteLink", chat_id=group) != first
    link = sandbox.bot("createChatInviteLink", chat_id=group, name="Guests", member_limit=3)
    assert (link["name"], link["member_limit"], link["is_primary"]) == ("Guests", 3, False)
    revoked = sandbox.bot("revokeChatInviteLink", chat_id=group, invite_link=link["invite_link"])
    assert revoked["is_revoked"] is True
