from typing import Any

import pytest
import requests

from .harness import DEADLINE, Json, Person, Sandbox, until

BLUE, YELLOW = 7322096, 16766590


@pytest.fixture
def forum(sandbox: Sandbox, alice: Person, bob: Person) -> int:
    """Of Alice, with Bob in it and a bot that may do everything to topics."""
    rights = ["can_manage_topics", "can_delete_messages", "can_pin_messages"]
    group = sandbox.group(alice, bob, type="supergroup", is_forum=True, bot_rights=rights)
    sandbox.updates("message")
    return group


def open_topic(sandbox: Sandbox, chat_id: int, name: str = "Rent") -> Json:
    """A topic of the bot, as the place of a call."""
    made = sandbox.bot("createForumTopic", chat_id=chat_id, name=name)
    sandbox.updates("message")
    return {"chat_id": chat_id, "message_thread_id": made["message_thread_id"]}


def open_foreign_topic(sandbox: Sandbox, chat_id: int) -> Json:
    made = sandbox.post(f"/control/chats/{chat_id}/topics", {"name": "Taxes"})
    sandbox.updates("message")
    return {"chat_id": chat_id, "message_thread_id": made["message_thread_id"]}


def place_bot(sandbox: Sandbox, chat_id: int, *rights: str) -> None:
    wanted = {"status": "administrator", "rights": list(rights)} if rights else {"status": "member"}
    sandbox.post(f"/control/chats/{chat_id}/members", wanted)


def by_person(person: Person, path: str, **body: Any) -> requests.Response:
    """What an app does on behalf of somebody, who may not be allowed to."""
    url = f"{person.sandbox.base}{person.path}/chats/{path}"
    return requests.post(url, json=body, timeout=DEADLINE)


def refusal(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.json()["description"]


def icon(sandbox: Sandbox, emoji: str) -> str:
    icons = sandbox.bot("getForumTopicIconStickers")
    return str(next(icon["custom_emoji_id"] for icon in icons if icon["emoji"] == emoji))


def test_a_topic_is_created_and_written_to(sandbox: Sandbox, forum: int) -> None:
    """As the real server shows it: the beginning is in its topic, all else answers it."""
    topic = sandbox.bot("createForumTopic", chat_id=forum, name="Rent")
    thread = topic["message_thread_id"]
    assert topic == {"message_thread_id": thread, "name": "Rent", "icon_color": BLUE}
    (service,) = sandbox.updates("message")
    assert service["forum_topic_created"] == {"name": "Rent", "icon_color": BLUE}
    assert service["message_id"] == service["message_thread_id"] == thread
    assert service["is_topic_message"] is True
    sent = sandbox.bot("sendMessage", chat_id=forum, text="x", message_thread_id=thread)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (thread, True)
    assert sent["reply_to_message"]["forum_topic_created"]["name"] == "Rent"


def test_the_looks_of_a_topic_are_chosen(sandbox: Sandbox, forum: int) -> None:
    money = icon(sandbox, "💰")
    looks = {"icon_color": YELLOW, "icon_custom_emoji_id": money}
    topic = sandbox.bot("createForumTopic", chat_id=forum, name="x" * 200, **looks)
    thread = topic.pop("message_thread_id")
    assert topic == {"name": "x" * 128, **looks}
    (told,) = sandbox.updates("message")
    assert told["forum_topic_created"] == topic
    about = {"chat_id": forum, "message_thread_id": thread}
    sandbox.bot("editForumTopic", **about, name="Rent", icon_custom_emoji_id="")
    sandbox.bot("editForumTopic", **about, name="Rent", icon_custom_emoji_id=int(money))
    changes = [message["forum_topic_edited"] for message in sandbox.updates("message")]
    assert changes == [
        {"name": "Rent", "icon_custom_emoji_id": ""},
        {"icon_custom_emoji_id": money},
    ]


def test_the_icons_are_those_of_everybody(sandbox: Sandbox) -> None:
    icons = sandbox.bot("getForumTopicIconStickers")
    emoji = [icon["emoji"] for icon in icons]
    assert len(emoji) == len(set(emoji)) == 112
    assert {"📰", "💰", "🏴\u200d☠️", "👨\u200d👩\u200d👧\u200d👦", "🐱"} <= set(emoji)
    assert {icon["type"] for icon in icons} == {"custom_emoji"}
    assert len({icon["custom_emoji_id"] for icon in icons}) == 112


def test_an_answer_of_a_person_stays_in_the_topic(
    sandbox: Sandbox, alice: Person, forum: int
) -> None:
    topic = open_topic(sandbox, forum)
    sent = sandbox.bot("sendMessage", **topic, text="x")
    alice.say("y", forum, reply_to_message_id=sent["message_id"])
    assert sandbox.updates("message")[0]["message_thread_id"] == topic["message_thread_id"]


def test_an_answer_of_the_bot_goes_where_the_question_is(
    sandbox: Sandbox, alice: Person, forum: int
) -> None:
    topic = open_topic(sandbox, forum)
    asked = alice.say("y", forum, message_thread_id=topic["message_thread_id"])["message_id"]
    answer = {"chat_id": forum, "text": "x", "reply_parameters": {"message_id": asked}}
    sandbox.bot("closeGeneralForumTopic", chat_id=forum)
    place_bot(sandbox, forum)
    sent = sandbox.bot("sendMessage", **answer)
    assert sent["message_thread_id"] == topic["message_thread_id"]


def test_a_quiet_command_and_its_answer_stay_in_the_topic(
    sandbox: Sandbox, bob: Person, forum: int
) -> None:
    thread = open_topic(sandbox, forum)["message_thread_id"]
    queue = {"command": "queue", "description": "Mine", "is_ephemeral": True}
    sandbox.bot("setMyCommands", commands=[queue])
    bob.say("/queue", forum, from_menu=True, message_thread_id=thread)
    (heard,) = sandbox.updates("message")
    assert (heard["message_thread_id"], heard["message_id"]) == (thread, 0)
    reply = {"ephemeral_message_id": heard["ephemeral_message_id"]}
    sent = sandbox.whisper(forum, bob, reply_parameters=reply)
    assert sent["message_thread_id"] == thread


def test_an_inline_result_is_sent_in_the_topic(sandbox: Sandbox, bob: Person, forum: int) -> None:
    thread = open_topic(sandbox, forum)["message_thread_id"]
    later = bob.inline_later("rent", chat_id=forum)
    (query,) = until(lambda: sandbox.updates("inline_query"))
    content = {"message_text": "Request 7"}
    result = {"type": "article", "id": "7", "title": "7", "input_message_content": content}
    sandbox.bot("answerInlineQuery", inline_query_id=query["id"], results=[result])
    place = {"chat_id": forum, "message_thread_id": thread}
    sent = bob.choose(query_id=later.result()["query_id"], result_id="7", **place)
    assert sent["message_thread_id"] == thread


def test_the_beginning_of_a_topic_asks_nobody(sandbox: Sandbox, alice: Person, forum: int) -> None:
    """In privacy mode a bot hears what answers it: not all that is said in its topic."""
    topic = open_topic(sandbox, forum)
    place_bot(sandbox, forum)
    alice.say("y", forum, message_thread_id=topic["message_thread_id"])
    assert sandbox.updates("message") == []


@pytest.mark.parametrize("thread", [1, 999999])
def test_an_unknown_topic_is_refused(sandbox: Sandbox, forum: int, thread: int) -> None:
    error = sandbox.error("sendMessage", chat_id=forum, text="x", message_thread_id=thread)
    assert error == "Bad Request: message thread not found"


def test_a_deleted_topic_takes_its_messages_along(sandbox: Sandbox, forum: int) -> None:
    thread = sandbox.bot("createForumTopic", chat_id=forum, name="Rent")["message_thread_id"]
    sandbox.bot("sendMessage", chat_id=forum, text="x", message_thread_id=thread)
    sandbox.bot("deleteForumTopic", chat_id=forum, message_thread_id=thread)
    error = sandbox.error("sendMessage", chat_id=forum, text="x", message_thread_id=thread)
    assert error == "Bad Request: message thread not found"
    assert sandbox.chat(forum)["messages"] == []


def test_a_closed_topic_is_open_to_whom_may_change_it(
    sandbox: Sandbox, alice: Person, bob: Person, forum: int
) -> None:
    own, foreign = open_topic(sandbox, forum), open_foreign_topic(sandbox, forum)
    for topic in (own, foreign):
        sandbox.bot("closeForumTopic", **topic)
        assert sandbox.error("closeForumTopic", **topic) == "Bad Request: TOPIC_NOT_MODIFIED"
        sandbox.bot("sendMessage", **topic, text="with the right")
    place_bot(sandbox, forum, "can_pin_messages")
    sandbox.bot("sendMessage", **own, text="my own")
    for method, content in (("sendMessage", {"text": "x"}), ("sendDice", {})):
        assert sandbox.error(method, **foreign, **content) == "Bad Request: TOPIC_CLOSED"
    thread = foreign["message_thread_id"]
    alice.say("mine", forum, message_thread_id=thread)
    said = by_person(bob, f"{forum}/messages", text="x", message_thread_id=thread)
    assert refusal(said) == (400, "Bad Request: TOPIC_CLOSED")
    place_bot(sandbox, forum, "can_manage_topics")
    sandbox.bot("reopenForumTopic", **foreign)
    assert sandbox.error("reopenForumTopic", **foreign) == "Bad Request: TOPIC_NOT_MODIFIED"
    place_bot(sandbox, forum)
    sandbox.bot("sendMessage", **foreign, text="x")
    bob.say("x", forum, message_thread_id=thread)


def test_what_is_done_to_topics_is_told_whoever_does_it(sandbox: Sandbox, forum: int) -> None:
    topic = open_topic(sandbox, forum)
    thread = topic["message_thread_id"]
    sandbox.bot("closeForumTopic", **topic)
    sandbox.post(f"/control/chats/{forum}/topics/{thread}", {"is_closed": False})
    sandbox.bot("hideGeneralForumTopic", chat_id=forum)
    sandbox.bot("unhideGeneralForumTopic", chat_id=forum)
    told = sandbox.updates("message")
    kinds = ["forum_topic_closed", "forum_topic_reopened",
             "general_forum_topic_hidden", "general_forum_topic_unhidden"]  # fmt: skip
    assert [message[kind] for message, kind in zip(told, kinds, strict=True)] == [{}] * 4
    assert [message.get("message_thread_id") for message in told] == [thread, thread, None, None]
    assert [message.get("is_topic_message") for message in told] == [True, True, None, None]
    me = sandbox.bot("getMe")["id"]
    assert [message["from"]["id"] == me for message in told] == [True, False, True, True]


def test_a_topic_is_renamed(sandbox: Sandbox, forum: int) -> None:
    thread = sandbox.bot("createForumTopic", chat_id=forum, name="Rent")["message_thread_id"]
    place = {"chat_id": forum, "message_thread_id": thread}
    sandbox.updates("message")
    sandbox.bot("editForumTopic", **place, name="Lease")
    assert sandbox.updates("message")[0]["forum_topic_edited"] == {"name": "Lease"}
    same = sandbox.error("editForumTopic", **place, name="Lease")
    assert same == "Bad Request: TOPIC_NOT_MODIFIED"


def test_nothing_to_change_is_no_fault_and_the_same_again_is_one(
    sandbox: Sandbox, forum: int
) -> None:
    topic = open_topic(sandbox, forum)
    sandbox.bot("editForumTopic", **topic)
    sandbox.bot("editGeneralForumTopic", chat_id=forum)
    assert sandbox.updates("message") == []
    same = "Bad Request: TOPIC_NOT_MODIFIED"
    assert sandbox.error("editForumTopic", **topic, icon_custom_emoji_id="") == same
    assert sandbox.error("editGeneralForumTopic", chat_id=forum, name="General") == same


def test_the_general_topic_is_closed_and_hidden(
    sandbox: Sandbox, alice: Person, bob: Person, forum: int
) -> None:
    """Hidden it is closed; shown again it stays so; opened it is shown."""

    def general() -> Json:
        shown: Json = sandbox.chat(forum)["topics"][0]
        return {name: shown[name] for name in ("name", "is_closed", "is_hidden")}

    sandbox.bot("hideGeneralForumTopic", chat_id=forum)
    hidden = sandbox.error("hideGeneralForumTopic", chat_id=forum)
    assert hidden == "Bad Request: TOPIC_NOT_MODIFIED"
    assert general() == {"name": "General", "is_closed": True, "is_hidden": True}
    sandbox.bot("sendMessage", chat_id=forum, text="with the right")
    alice.say("mine", forum)
    assert refusal(by_person(bob, f"{forum}/messages", text="x"))[1] == "Bad Request: TOPIC_CLOSED"
    place_bot(sandbox, forum)
    closed = sandbox.error("sendMessage", chat_id=forum, text="x")
    assert closed == "Bad Request: TOPIC_CLOSED"
    place_bot(sandbox, forum, "can_manage_topics")
    sandbox.bot("unhideGeneralForumTopic", chat_id=forum)
    assert general() == {"name": "General", "is_closed": True, "is_hidden": False}
    sandbox.bot("hideGeneralForumTopic", chat_id=forum)
    sandbox.bot("reopenGeneralForumTopic", chat_id=forum)
    sandbox.bot("editGeneralForumTopic", chat_id=forum, name="All")
    assert general() == {"name": "All", "is_closed": False, "is_hidden": False}
    place_bot(sandbox, forum)
    sandbox.bot("sendMessage", chat_id=forum, text="x")


def test_the_pins_of_one_topic_are_taken_down(sandbox: Sandbox, alice: Person, forum: int) -> None:
    topic = open_topic(sandbox, forum)
    sent = [sandbox.bot("sendMessage", **place, text="x") for place in (topic, {"chat_id": forum})]
    inside, outside = (message["message_id"] for message in sent)
    for message_id in (inside, outside):
        sandbox.bot("pinChatMessage", chat_id=forum, message_id=message_id)
    pinned = sandbox.updates("message")
    threads = [message.get("message_thread_id") for message in pinned]
    assert threads == [topic["message_thread_id"], None]
    sandbox.bot("unpinAllForumTopicMessages", **topic)
    assert sandbox.chat(forum)["pinned"] == [outside]
    sandbox.bot("unpinAllGeneralForumTopicMessages", chat_id=forum)
    assert sandbox.chat(forum)["pinned"] == []
    place_bot(sandbox, forum, "can_manage_topics")
    refused = "Bad Request: not enough rights to manage pinned messages in the chat"
    assert sandbox.error("unpinAllForumTopicMessages", **topic) == refused
    assert sandbox.error("unpinAllGeneralForumTopicMessages", chat_id=forum) == refused


def test_ones_own_topic_goes_without_the_right_while_it_is_ones_own(
    sandbox: Sandbox, bob: Person, forum: int
) -> None:
    alone, shared, long = (open_topic(sandbox, forum, name) for name in ("a", "b", "c"))
    bob.say("me too", forum, message_thread_id=shared["message_thread_id"])
    for _ in range(11):
        sandbox.bot("sendMessage", **long, text="x")
    place_bot(sandbox, forum, "can_manage_topics")
    sandbox.bot("deleteForumTopic", **alone)
    for topic in (shared, long):
        assert sandbox.error("deleteForumTopic", **topic) == "Bad Request: CHAT_ADMIN_REQUIRED"


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"name": " "}, "name must be non-empty"),
        ({"icon_color": 1}, "invalid icon color specified"),
        ({"icon_color": -5}, "invalid icon color specified"),
        ({"icon_custom_emoji_id": "77"}, "DOCUMENT_INVALID"),
        ({"name": "x", "chat_id": 77}, "chat not found"),
    ],
)
def test_a_faulty_topic_is_refused(
    sandbox: Sandbox, forum: int, params: dict[str, object], description: str
) -> None:
    error = sandbox.error("createForumTopic", **({"chat_id": forum, "name": "x"} | params))
    assert error == f"Bad Request: {description}"


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("editForumTopic", {"message_thread_id": 99999, "name": "x"}, "TOPIC_ID_INVALID"),
        ("closeForumTopic", {"message_thread_id": 99999}, "TOPIC_ID_INVALID"),
        ("deleteForumTopic", {"message_thread_id": 99999}, "TOPIC_ID_INVALID"),
        ("deleteForumTopic", {"message_thread_id": 1}, "TOPIC_ID_INVALID"),
        ("unpinAllForumTopicMessages", {"message_thread_id": 99999}, "TOPIC_ID_INVALID"),
        ("closeForumTopic", {}, "invalid forum topic identifier specified"),
        ("editForumTopic", {"message_thread_id": -4}, "invalid forum topic identifier specified"),
        ("unpinAllForumTopicMessages", {}, "invalid forum topic identifier specified"),
        ("editGeneralForumTopic", {"name": " "}, "name must be non-empty"),
        (
            "editForumTopic",
            {"message_thread_id": 1, "icon_custom_emoji_id": ""},
            "GENERAL_MODIFY_ICON_FORBIDDEN",
        ),
    ],
)
def test_nonsense_about_topics_is_refused(
    sandbox: Sandbox, forum: int, method: str, params: Json, description: str
) -> None:
    assert sandbox.error(method, chat_id=forum, **params) == f"Bad Request: {description}"


def test_only_forums_have_topics(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice, bot_rights=True)
    about = {"chat_id": group, "message_thread_id": 7, "name": "x"}
    for deed in ("create", "edit", "close", "reopen", "delete"):
        error = sandbox.error(f"{deed}ForumTopic", **about)
        assert error == "Bad Request: the chat is not a forum"
    for deed in ("edit", "close", "reopen", "hide", "unhide"):
        error = sandbox.error(f"{deed}GeneralForumTopic", **about)
        assert error == "Bad Request: the chat is not a forum"
    for what in ("ForumTopic", "GeneralForumTopic"):
        error = sandbox.error(f"unpinAll{what}Messages", **about)
        assert error == "Bad Request: chat doesn't have topics"
    sent = sandbox.bot("sendMessage", chat_id=group, text="x", message_thread_id=7)
    assert "message_thread_id" not in sent


def test_a_group_is_turned_into_a_forum_and_back(
    sandbox: Sandbox, alice: Person, bob: Person
) -> None:
    """The bot is not told; what is said afterwards shows it. Topics out of sight come back."""
    group = sandbox.group(alice, bob, type="supergroup", bot_rights=True)
    switch = f"/control/chats/{group}/forum"
    sandbox.updates("my_chat_member")
    assert sandbox.post(switch, {"is_forum": True}) == {"id": group, "is_forum": True}
    assert sandbox.bot("getUpdates") == []
    topic = open_topic(sandbox, group)
    thread = topic["message_thread_id"]
    said = by_person(bob, f"{group}/forum", is_forum=False)
    assert refusal(said) == (403, "not enough rights to convert the group to a forum")
    assert by_person(alice, f"{group}/forum", is_forum=False).ok
    sent = sandbox.bot("sendMessage", **topic, text="x")
    assert "message_thread_id" not in sent
    assert "is_forum" not in sent["chat"]
    assert sandbox.error("closeForumTopic", **topic) == "Bad Request: the chat is not a forum"
    sandbox.post(switch, {"is_forum": True})
    assert sandbox.bot("sendMessage", **topic, text="x")["message_thread_id"] == thread


def test_a_basic_group_becomes_a_supergroup_for_its_topics(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice)
    new = by_person(alice, f"{group}/forum", is_forum=True).json()["id"]
    assert new != group
    told = sandbox.updates("message")
    assert told[0]["migrate_to_chat_id"] == new
    assert sandbox.bot("getChat", chat_id=new)["is_forum"] is True
    channel = sandbox.group(alice, type="channel")
    refused = by_person(alice, f"{channel}/forum", is_forum=True)
    assert refusal(refused) == (400, "Bad Request: forums can be enabled in supergroups only")


def test_people_do_to_topics_what_they_may(
    sandbox: Sandbox, alice: Person, bob: Person, forum: int
) -> None:
    """Everybody creates topics and minds his own; the rest takes an administrator."""
    own = by_person(bob, f"{forum}/topics", name="Bob's").json()["message_thread_id"]
    others = by_person(alice, f"{forum}/topics", name="Alice's").json()["message_thread_id"]
    told = sandbox.updates("message")
    assert [message["from"]["id"] for message in told] == [bob.id, alice.id]
    assert by_person(bob, f"{forum}/topics/{own}", name="Mine", is_closed=True).ok
    assert by_person(bob, f"{forum}/topics/{own}/delete").ok
    refused = {
        f"{forum}/topics/{others}": "not enough rights to edit the topic",
        f"{forum}/topics/{others}/delete": "not enough rights to delete the topic",
    }
    for path, words in refused.items():
        assert refusal(by_person(bob, path)) == (403, words)
    without = {"without": ["can_manage_topics"]}
    sandbox.post(f"/control/chats/{forum}/permissions", without)
    said = by_person(bob, f"{forum}/topics", name="More")
    assert refusal(said) == (403, "not enough rights to create a topic")
    administrator = {"user_id": bob.id, "status": "administrator", "rights": ["can_manage_topics"]}
    sandbox.post(f"/control/chats/{forum}/members", administrator)
    assert by_person(bob, f"{forum}/topics/1", is_hidden=True).ok
    assert by_person(bob, f"{forum}/topics/{others}", is_hidden=True).status_code == 400
    assert by_person(bob, f"{forum}/topics/99999", name="x").status_code == 404
    assert by_person(bob, f"{forum}/topics/{others}", colour="x").status_code == 400


def test_the_page_knows_the_topics_and_what_one_may(
    sandbox: Sandbox, alice: Person, bob: Person, forum: int
) -> None:
    money = icon(sandbox, "💰")
    topics = f"/control/chats/{forum}/topics"
    thread = sandbox.post(topics, {"name": "Taxes"})["message_thread_id"]
    changes = {"icon_custom_emoji_id": money, "is_closed": True}
    sandbox.post(f"{topics}/{thread}", changes)
    shown = {}
    for person in (alice, bob):
        (row,) = [row for row in sandbox.get(f"{person.path}/chats") if row["id"] == forum]
        shown[person.id] = row
    general, taxes = shown[bob.id]["topics"]
    assert (general["name"], general["is_general"], general["may_write"]) == ("General", True, True)
    assert (taxes["name"], taxes["icon"], taxes["is_closed"]) == ("Taxes", "💰", True)
    assert (taxes["may_write"], taxes["may_change"], taxes["may_delete"]) == (False, False, False)
    assert shown[alice.id]["topics"][1]["may_write"] is True
    assert [shown[key]["may_switch_topics"] for key in (alice.id, bob.id)] == [True, False]
    assert "can_manage_topics" in shown[bob.id]["bot"]["rights"]


def test_a_topic_goes_under_the_feet_of_the_bot(
    sandbox: Sandbox, alice: Person, forum: int
) -> None:
    """Deleted by a person: the bot is told nothing and learns it from the next refusal."""
    topic = open_topic(sandbox, forum)
    thread = topic["message_thread_id"]
    asked = sandbox.bot("sendMessage", **topic, text="x")["message_id"]
    assert by_person(alice, f"{forum}/topics/{thread}/delete").ok
    assert sandbox.bot("getUpdates") == []
    gone = "Bad Request: message thread not found"
    assert sandbox.error("sendMessage", **topic, text="x") == gone
    assert sandbox.error("editForumTopic", **topic, name="x") == "Bad Request: TOPIC_ID_INVALID"
    edit = sandbox.error("editMessageText", chat_id=forum, message_id=asked, text="y")
    assert edit == "Bad Request: message to edit not found"
    said = by_person(alice, f"{forum}/messages", text="x", message_thread_id=thread)
    assert refusal(said) == (400, "message thread not found")


def test_a_topic_closes_under_the_feet_of_the_bot(sandbox: Sandbox, forum: int) -> None:
    topic = open_foreign_topic(sandbox, forum)
    place_bot(sandbox, forum, "can_pin_messages")
    path = f"/control/chats/{forum}/topics/{topic['message_thread_id']}"
    sandbox.post(path, {"is_closed": True})
    assert sandbox.error("sendMessage", **topic, text="x") == "Bad Request: TOPIC_CLOSED"
    sandbox.post(path, {"is_closed": False})
    sandbox.bot("sendMessage", **topic, text="x")


def test_the_general_topic_cannot_be_deleted(sandbox: Sandbox, alice: Person, forum: int) -> None:
    assert by_person(alice, f"{forum}/topics/1/delete").status_code == 403
    url = f"{sandbox.base}/control/chats/{forum}/topics/1/delete"
    assert requests.post(url, json={}, timeout=DEADLINE).status_code == 400
