"""What a bot may not do for want of rights, in Telegram's words."""

from typing import Any

import pytest

from .harness import Person, Sandbox, png

LARGE: dict[str, Any] = {"type": "supergroup"}
ALL = ["can_send_messages", "can_send_documents", "can_send_photos"]


@pytest.fixture
def group(sandbox: Sandbox, alice: Person, bob: Person) -> int:
    return sandbox.group(alice, bob, **LARGE)


def without(sandbox: Sandbox, chat: int, *rights: str) -> None:
    sandbox.post(f"/control/chats/{chat}/permissions", {"without": list(rights)})


def place(sandbox: Sandbox, chat: int, **fields: Any) -> Any:
    return sandbox.post(f"/control/chats/{chat}/members", fields)


SENDS = [
    ("sendMessage", {"text": "x"}, "can_send_messages", "text messages"),
    ("sendContact", {"phone_number": "1", "first_name": "x"}, "can_send_messages", "contacts"),
    ("sendLocation", {"latitude": 1, "longitude": 1}, "can_send_messages", "locations"),
    (
        "sendVenue",
        {"latitude": 1, "longitude": 1, "title": "x", "address": "y"},
        "can_send_messages",
        "venues",
    ),
    ("sendPoll", {"question": "x", "options": ["a", "b"]}, "can_send_polls", "polls"),
    ("sendDice", {}, "can_send_other_messages", "dice"),
]
FILES = [
    ("sendDocument", "document", "can_send_documents", "documents"),
    ("sendPhoto", "photo", "can_send_photos", "photos"),
    ("sendVideo", "video", "can_send_videos", "videos"),
    ("sendAnimation", "animation", "can_send_other_messages", "animations"),
    ("sendAudio", "audio", "can_send_audios", "music"),
    ("sendVoice", "voice", "can_send_voice_notes", "voice notes"),
    ("sendVideoNote", "video_note", "can_send_video_notes", "video notes"),
]


@pytest.mark.parametrize(("method", "params", "right", "things"), SENDS)
def test_a_member_sends_what_everybody_may(
    sandbox: Sandbox, group: int, method: str, params: dict[str, Any], right: str, things: str
) -> None:
    sandbox.bot(method, chat_id=group, **params)
    without(sandbox, group, right)
    error = sandbox.error(method, chat_id=group, **params)
    assert error == f"Bad Request: not enough rights to send {things} to the chat"
    place(sandbox, group, status="administrator", rights=[])
    sandbox.bot(method, chat_id=group, **params)


@pytest.mark.parametrize(("method", "kind", "right", "things"), FILES)
def test_a_file_is_sent_by_whom_its_kind_is_allowed(
    sandbox: Sandbox, group: int, method: str, kind: str, right: str, things: str
) -> None:
    without(sandbox, group, right)
    files = {kind: ("x.png", png(1, 1))}
    answer = sandbox.upload(method, files, chat_id=str(group)).json()
    assert answer["description"] == (f"Bad Request: not enough rights to send {things} to the chat")
    without(sandbox, group)
    assert sandbox.upload(method, files, chat_id=str(group)).json()["ok"]


def test_documents_can_be_forbidden_where_text_is_allowed(sandbox: Sandbox, group: int) -> None:
    file_id = sandbox.upload(
        "sendDocument", {"document": ("a.txt", b"a")}, chat_id=str(group)
    ).json()["result"]["document"]["file_id"]
    without(sandbox, group, "can_send_documents")
    refusal = "Bad Request: not enough rights to send documents to the chat"
    media = [{"type": "document", "media": file_id}] * 2
    assert sandbox.error("sendDocument", chat_id=group, document=file_id) == refusal
    assert sandbox.error("sendMediaGroup", chat_id=group, media=media) == refusal
    sandbox.bot("sendMessage", chat_id=group, text="x")


def test_a_copy_needs_the_right_to_what_it_shows(
    sandbox: Sandbox, alice: Person, group: int
) -> None:
    sent = sandbox.upload(
        "sendDocument", {"document": ("a.txt", b"a")}, chat_id=str(alice.id)
    ).json()["result"]
    without(sandbox, group, "can_send_documents")
    source = {"chat_id": group, "from_chat_id": alice.id}
    refusal = "Bad Request: not enough rights to send documents to the chat"
    for method in ("forwardMessage", "copyMessage"):
        assert sandbox.error(method, **source, message_id=sent["message_id"]) == refusal
    for method in ("forwardMessages", "copyMessages"):
        assert sandbox.error(method, **source, message_ids=[sent["message_id"]]) == refusal


def test_an_edit_needs_a_right_only_for_a_new_file(sandbox: Sandbox, group: int) -> None:
    sent = sandbox.upload(
        "sendDocument", {"document": ("a.txt", b"a")}, chat_id=str(group), caption="x"
    ).json()["result"]
    about = {"chat_id": group, "message_id": sent["message_id"]}
    text = sandbox.bot("sendMessage", chat_id=group, text="x")["message_id"]
    without(sandbox, group, "can_send_messages", "can_send_documents")
    sandbox.bot("editMessageText", chat_id=group, message_id=text, text="y")
    sandbox.bot("editMessageCaption", **about, caption="y")
    media = {"type": "document", "media": sent["document"]["file_id"]}
    error = sandbox.error("editMessageMedia", **about, media=media)
    assert error == "Bad Request: not enough rights to send documents to the chat"


def test_no_update_tells_of_new_defaults(sandbox: Sandbox, group: int) -> None:
    sandbox.bot("getUpdates", allowed_updates=["message", "my_chat_member", "chat_member"])
    sandbox.updates("my_chat_member")
    without(sandbox, group, "can_send_messages")
    assert sandbox.bot("getUpdates") == []
    assert sandbox.bot("getChat", chat_id=group)["permissions"]["can_send_messages"] is False
    assert sandbox.bot("getChat", chat_id=group)["permissions"]["can_send_documents"] is True


def test_a_restricted_bot_hears_of_it_and_is_refused(sandbox: Sandbox, group: int) -> None:
    sandbox.updates("my_chat_member")
    place(sandbox, group, status="restricted", without=["can_send_messages"])
    (told,) = sandbox.updates("my_chat_member")
    assert told["old_chat_member"]["status"] == "member"
    assert told["new_chat_member"]["status"] == "restricted"
    assert told["new_chat_member"]["can_send_messages"] is False
    assert told["new_chat_member"]["is_member"] is True
    error = sandbox.error("sendMessage", chat_id=group, text="x")
    assert error == "Bad Request: not enough rights to send text messages to the chat"
    place(sandbox, group, status="member")
    sandbox.bot("sendMessage", chat_id=group, text="x")


def test_a_bot_pins_as_an_administrator_with_that_right_only(sandbox: Sandbox, group: int) -> None:
    sent = sandbox.bot("sendMessage", chat_id=group, text="x")["message_id"]
    refusal = "Bad Request: not enough rights to manage pinned messages in the chat"
    for rights in (None, ["can_delete_messages"]):
        if rights:
            place(sandbox, group, status="administrator", rights=rights)
        assert sandbox.error("pinChatMessage", chat_id=group, message_id=sent) == refusal
        assert sandbox.error("unpinChatMessage", chat_id=group, message_id=sent) == refusal
        assert sandbox.error("unpinAllChatMessages", chat_id=group) == refusal
    place(sandbox, group, status="administrator", rights=["can_pin_messages"])
    sandbox.bot("pinChatMessage", chat_id=group, message_id=sent)


def test_topics_need_their_right_unless_they_are_the_bots_own(
    sandbox: Sandbox, alice: Person
) -> None:
    forum = sandbox.group(alice, **LARGE, is_forum=True)
    refusals = {
        "createForumTopic": "not enough rights to create a topic",
        "editGeneralForumTopic": "not enough rights to edit the topic",
        "closeGeneralForumTopic": "not enough rights to close or open the topic",
        "hideGeneralForumTopic": "not enough rights to close or open the topic",
    }
    for method, refusal in refusals.items():
        assert sandbox.error(method, chat_id=forum, name="x") == f"Bad Request: {refusal}"
    foreign = sandbox.post(f"/control/chats/{forum}/topics", {"name": "Rent"})
    about = {"chat_id": forum, "message_thread_id": foreign["message_thread_id"]}
    refusals = {
        "editForumTopic": "not enough rights to edit the topic",
        "closeForumTopic": "not enough rights to close or open the topic",
        "deleteForumTopic": "not enough rights to delete the topic",
    }
    for method, refusal in refusals.items():
        assert sandbox.error(method, **about, name="x") == f"Bad Request: {refusal}"
    place(sandbox, forum, status="administrator", rights=["can_manage_topics"])
    own = sandbox.bot("createForumTopic", chat_id=forum, name="x")["message_thread_id"]
    place(sandbox, forum, status="member")
    sandbox.bot("editForumTopic", chat_id=forum, message_thread_id=own, name="y")
    sandbox.bot("closeForumTopic", chat_id=forum, message_thread_id=own)
    sandbox.bot("deleteForumTopic", chat_id=forum, message_thread_id=own)


def test_words_of_others_are_deleted_by_whom_that_is_allowed(
    sandbox: Sandbox, alice: Person, group: int
) -> None:
    said = alice.say("x", group)["message_id"]
    refusal = "Bad Request: message can't be deleted"
    assert sandbox.error("deleteMessage", chat_id=group, message_id=said) == refusal
    place(sandbox, group, status="administrator", rights=["can_delete_messages"])
    sandbox.bot("deleteMessage", chat_id=group, message_id=said)


def test_a_channel_takes_posts_of_its_administrators(sandbox: Sandbox, alice: Person) -> None:
    channel = sandbox.group(alice, type="channel", bot_rights=["can_edit_messages"])
    error = sandbox.error("sendMessage", chat_id=channel, text="x")
    assert error == "Bad Request: need administrator rights in the channel chat"
    place(sandbox, channel, status="administrator", rights=["can_post_messages"])
    sent = sandbox.bot("sendMessage", chat_id=channel, text="x")
    assert sent["sender_chat"]["id"] == channel
    assert "from" not in sent


def test_a_member_is_shown_with_its_rights(sandbox: Sandbox, alice: Person, group: int) -> None:
    me = sandbox.bot("getMe")["id"]
    assert sandbox.bot("getChatMember", chat_id=group, user_id=me)["status"] == "member"
    place(sandbox, group, status="administrator", rights=["can_pin_messages"], title="Clerk")
    shown = sandbox.bot("getChatMember", chat_id=group, user_id=me)
    assert shown["status"] == "administrator"
    assert (shown["can_pin_messages"], shown["can_manage_topics"]) == (True, False)
    assert shown["custom_title"] == "Clerk"
    administrators = sandbox.bot("getChatAdministrators", chat_id=group)
    assert [(row["user"]["id"], row["status"]) for row in administrators] == [
        (alice.id, "creator"),
        (me, "administrator"),
    ]


def test_the_bot_restricts_promotes_and_bans(sandbox: Sandbox, bob: Person, group: int) -> None:
    about = {"chat_id": group, "user_id": bob.id}
    refusal = "Bad Request: not enough rights to restrict/unrestrict chat member"
    muted = {"can_send_messages": False}
    assert sandbox.error("restrictChatMember", **about, permissions=muted) == refusal
    assert sandbox.error("banChatMember", **about) == refusal
    assert sandbox.error("promoteChatMember", **about, can_pin_messages=True) == (
        "Bad Request: not enough rights"
    )
    assert sandbox.error("setChatPermissions", chat_id=group, permissions=muted) == (
        "Bad Request: not enough rights to change chat permissions"
    )
    place(sandbox, group, status="administrator", rights=True)
    sandbox.bot("restrictChatMember", **about, permissions={"can_send_documents": True})
    shown = sandbox.bot("getChatMember", **about)
    assert (shown["status"], shown["can_send_messages"]) == ("restricted", False)
    assert shown["can_send_documents"] is True
    sandbox.bot("promoteChatMember", **about, can_pin_messages=True)
    assert sandbox.bot("getChatMember", **about)["can_pin_messages"] is True
    error = sandbox.error("banChatMember", **about)
    assert error == "Bad Request: user is an administrator of the chat"
    sandbox.bot("promoteChatMember", **about)
    assert sandbox.bot("getChatMember", **about)["status"] == "member"
    sandbox.bot("banChatMember", **about)
    assert sandbox.bot("getChatMember", **about)["status"] == "kicked"
    assert bob.id not in sandbox.chat(group)["members"]
    sandbox.bot("unbanChatMember", **about)
    assert sandbox.bot("getChatMember", **about)["status"] == "left"


def test_the_bot_sets_the_defaults(sandbox: Sandbox, group: int) -> None:
    place(sandbox, group, status="administrator", rights=["can_restrict_members"])
    sandbox.bot("setChatPermissions", chat_id=group, permissions={"can_send_polls": True})
    shown = sandbox.bot("getChat", chat_id=group)["permissions"]
    assert {name for name, allowed in shown.items() if allowed} == {
        "can_send_polls",
        "can_send_messages",
    }
    independent = {"permissions": {"can_send_polls": True}}
    sandbox.bot(
        "setChatPermissions", chat_id=group, use_independent_chat_permissions=True, **independent
    )
    shown = sandbox.bot("getChat", chat_id=group)["permissions"]
    assert {name for name, allowed in shown.items() if allowed} == {"can_send_polls"}


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("setChatPermissions", {"permissions": "{"}, "can't parse permissions JSON object"),
        ("setChatPermissions", {"permissions": []}, "object expected as permissions"),
        ("restrictChatMember", {"user_id": 0}, "invalid user_id specified"),
        ("promoteChatMember", {"user_id": 77}, "user not found"),
    ],
)
def test_nonsense_about_rights_is_refused(
    sandbox: Sandbox, group: int, method: str, params: dict[str, Any], description: str
) -> None:
    assert sandbox.error(method, chat_id=group, **params) == f"Bad Request: {description}"


def test_a_basic_group_knows_no_restricted_members(
    sandbox: Sandbox, alice: Person, bob: Person
) -> None:
    small = sandbox.group(alice, bob, bot_rights=True)
    about = {"chat_id": small, "user_id": bob.id}
    assert sandbox.error("restrictChatMember", **about, permissions={}) == (
        "Bad Request: method is available only for supergroups"
    )
    assert sandbox.error("promoteChatMember", **about, can_pin_messages=True) == (
        "Bad Request: method is available for supergroup and channel chats only"
    )


def test_the_owner_and_the_bot_itself_are_out_of_reach(
    sandbox: Sandbox, alice: Person, group: int
) -> None:
    place(sandbox, group, status="administrator", rights=True)
    me = sandbox.bot("getMe")["id"]
    assert sandbox.error("banChatMember", chat_id=group, user_id=alice.id) == (
        "Bad Request: can't remove chat owner"
    )
    assert sandbox.error("promoteChatMember", chat_id=group, user_id=me, can_pin_messages=True) == (
        "Bad Request: can't promote self"
    )


def test_a_person_is_held_to_the_same_rules(sandbox: Sandbox, bob: Person, group: int) -> None:
    without(sandbox, group, "can_send_messages")
    answer = sandbox.http.post(
        f"{sandbox.base}{bob.path}/chats/{group}/messages", json={"text": "x"}, timeout=10
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"business_connection_id": "zzz"}, "business connection not found"),
        ({"message_effect_id": "5104841245755180586"}, "EFFECT_ID_INVALID"),
    ],
)
def test_what_does_not_exist_is_refused(
    sandbox: Sandbox, alice: Person, params: dict[str, str], description: str
) -> None:
    error = sandbox.error("sendMessage", chat_id=alice.id, text="x", **params)
    assert error == f"Bad Request: {description}"


def test_in_a_private_chat_both_are_members(sandbox: Sandbox, alice: Person) -> None:
    for user_id in (alice.id, sandbox.bot("getMe")["id"]):
        shown = sandbox.bot("getChatMember", chat_id=alice.id, user_id=user_id)
        assert shown["status"] == "member"
