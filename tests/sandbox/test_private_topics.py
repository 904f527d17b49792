"""Topics in private chats, which the bot's owner turns on in @BotFather."""

import pytest
import requests

from .harness import DEADLINE, Json, Person, Sandbox

NOT_FOUND = "Bad Request: message thread not found"
NO_FORUM = "Bad Request: the chat is not a forum"


@pytest.fixture
def enabled(sandbox: Sandbox) -> Sandbox:
    sandbox.settings(has_topics_enabled=True)
    return sandbox


def open_topic(sandbox: Sandbox, person: Person) -> Json:
    made = sandbox.bot("createForumTopic", chat_id=person.id, name="Rent")
    return {"chat_id": person.id, "message_thread_id": made["message_thread_id"]}


@pytest.mark.parametrize("flag", ["has_topics_enabled", "allows_users_to_create_topics"])
def test_a_flag_of_the_bot_is_as_its_owner_set_it(sandbox: Sandbox, flag: str) -> None:
    assert sandbox.bot("getMe")[flag] is False
    sandbox.settings(**{flag: True})
    assert sandbox.bot("getMe")[flag] is True


def test_there_are_none_unless_the_owner_wants_them(sandbox: Sandbox, alice: Person) -> None:
    about = {"chat_id": alice.id, "message_thread_id": 7, "name": "x"}
    for deed in ("create", "edit", "close", "reopen", "delete"):
        assert sandbox.error(f"{deed}ForumTopic", **about) == NO_FORUM
    for deed in ("edit", "close", "hide"):
        assert sandbox.error(f"{deed}GeneralForumTopic", **about) == NO_FORUM
    no_topics = "Bad Request: chat doesn't have topics"
    assert sandbox.error("unpinAllForumTopicMessages", **about) == no_topics
    assert sandbox.error("sendMessage", **about, text="x") == NOT_FOUND


def test_the_bot_needs_no_right_for_its_topics(enabled: Sandbox, alice: Person) -> None:
    topic = open_topic(enabled, alice)
    thread = topic["message_thread_id"]
    sent = enabled.bot("sendMessage", **topic, text="x")
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (thread, True)
    assert "reply_to_message" not in sent
    enabled.bot("pinChatMessage", chat_id=alice.id, message_id=sent["message_id"])
    enabled.bot("unpinAllForumTopicMessages", **topic)
    enabled.bot("editForumTopic", **topic, name="Lease")
    created, _pinned, edited = enabled.updates("message")
    assert created["forum_topic_created"]["name"] == "Rent"
    assert edited["forum_topic_edited"] == {"name": "Lease"}
    assert edited["message_thread_id"] == thread
    assert enabled.chat(alice.id)["pinned"] == []
    enabled.bot("deleteForumTopic", **topic)
    assert enabled.error("sendMessage", **topic, text="x") == NOT_FOUND


@pytest.mark.parametrize("thread", [1, 999999])
def test_an_unknown_thread_is_refused(enabled: Sandbox, alice: Person, thread: int) -> None:
    about = {"chat_id": alice.id, "message_thread_id": thread}
    assert enabled.error("sendMessage", **about, text="x") == NOT_FOUND
    error = enabled.error("editForumTopic", **about, name="x")
    assert error == "Bad Request: TOPIC_ID_INVALID"


def test_a_topic_of_one_person_is_none_of_another(
    enabled: Sandbox, alice: Person, bob: Person
) -> None:
    thread = open_topic(enabled, alice)["message_thread_id"]
    about = {"chat_id": bob.id, "message_thread_id": thread}
    assert enabled.error("sendMessage", **about, text="x") == NOT_FOUND


def test_they_are_out_of_reach_once_the_owner_turns_them_off(
    enabled: Sandbox, alice: Person
) -> None:
    topic = open_topic(enabled, alice)
    enabled.settings(has_topics_enabled=False)
    assert enabled.error("sendMessage", **topic, text="x") == NOT_FOUND
    said = alice.say("x", message_thread_id=topic["message_thread_id"])
    assert "message_thread_id" not in said


def test_only_groups_close_and_hide(enabled: Sandbox, alice: Person) -> None:
    topic = open_topic(enabled, alice)
    for deed in ("close", "reopen"):
        error = enabled.error(f"{deed}ForumTopic", **topic)
        assert error == "Bad Request: the chat is not a supergroup forum"
    for deed in ("close", "reopen", "hide", "unhide"):
        error = enabled.error(f"{deed}GeneralForumTopic", chat_id=alice.id)
        assert error == "Bad Request: the chat is not a supergroup forum"
    error = enabled.error("editGeneralForumTopic", chat_id=alice.id, name="x")
    assert error == "Bad Request: TOPIC_ID_INVALID"


def test_nothing_is_created_with_whoever_blocked_the_bot(enabled: Sandbox, alice: Person) -> None:
    alice.block()
    error = enabled.error("createForumTopic", chat_id=alice.id, name="x")
    assert error == "Forbidden: bot was blocked by the user"


def test_a_person_writes_in_a_topic_and_opens_one_if_that_is_allowed(
    enabled: Sandbox, alice: Person
) -> None:
    """Without a name, of which the bot is told so that it gives one."""
    thread = open_topic(enabled, alice)["message_thread_id"]
    enabled.updates("message")
    alice.say("here", message_thread_id=thread)
    (said,) = enabled.updates("message")
    assert (said["message_thread_id"], said["is_topic_message"]) == (thread, True)
    topics = f"{enabled.base}{alice.path}/chats/{alice.id}/topics"
    refused = requests.post(topics, json={}, timeout=DEADLINE)
    assert refused.status_code == 403
    assert refused.json()["description"] == "BOT_FORUM_CREATE_FORBIDDEN"
    enabled.settings(allows_users_to_create_topics=True)
    made = requests.post(topics, json={}, timeout=DEADLINE).json()
    (told,) = enabled.updates("message")
    assert told["forum_topic_created"]["is_name_implicit"] is True
    assert "is_name_implicit" not in made
    about = {"chat_id": alice.id, "message_thread_id": made["message_thread_id"]}
    enabled.bot("editForumTopic", **about, name=made["name"])
    again = enabled.error("editForumTopic", **about, name=made["name"])
    assert again == "Bad Request: TOPIC_NOT_MODIFIED"
    closed = {"is_closed": True}
    one = f"{topics}/{thread}"
    assert requests.post(one, json=closed, timeout=DEADLINE).status_code == 400
    assert requests.post(f"{one}/delete", timeout=DEADLINE).ok
