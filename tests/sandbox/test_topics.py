import pytest

from .harness import Person, Sandbox


@pytest.fixture
def forum(sandbox: Sandbox, alice: Person) -> int:
    rights = ["can_manage_topics", "can_delete_messages"]
    group = sandbox.group(alice, type="supergroup", is_forum=True, bot_rights=rights)
    sandbox.updates("message")
    return group


def test_a_topic_is_created_and_written_to(sandbox: Sandbox, forum: int) -> None:
    topic = sandbox.bot("createForumTopic", chat_id=forum, name="Rent")
    assert topic["name"] == "Rent"
    (service,) = sandbox.updates("message")
    assert service["forum_topic_created"]["name"] == "Rent"
    thread = topic["message_thread_id"]
    sent = sandbox.bot("sendMessage", chat_id=forum, text="x", message_thread_id=thread)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (thread, True)


def test_an_answer_of_a_person_stays_in_the_topic(
    sandbox: Sandbox, alice: Person, forum: int
) -> None:
    thread = sandbox.bot("createForumTopic", chat_id=forum, name="Rent")["message_thread_id"]
    sent = sandbox.bot("sendMessage", chat_id=forum, text="x", message_thread_id=thread)
    sandbox.updates("message")
    alice.say("y", forum, reply_to_message_id=sent["message_id"])
    assert sandbox.updates("message")[0]["message_thread_id"] == thread


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


def test_a_closed_topic_takes_no_messages(sandbox: Sandbox, forum: int) -> None:
    thread = sandbox.bot("createForumTopic", chat_id=forum, name="Rent")["message_thread_id"]
    place = {"chat_id": forum, "message_thread_id": thread}
    sandbox.bot("closeForumTopic", **place)
    assert sandbox.error("sendMessage", **place, text="x") == "Bad Request: TOPIC_CLOSED"
    assert sandbox.error("closeForumTopic", **place) == "Bad Request: TOPIC_NOT_MODIFIED"
    sandbox.bot("reopenForumTopic", **place)
    sandbox.bot("sendMessage", **place, text="x")


def test_a_topic_is_renamed(sandbox: Sandbox, forum: int) -> None:
    thread = sandbox.bot("createForumTopic", chat_id=forum, name="Rent")["message_thread_id"]
    place = {"chat_id": forum, "message_thread_id": thread}
    sandbox.updates("message")
    sandbox.bot("editForumTopic", **place, name="Lease")
    assert sandbox.updates("message")[0]["forum_topic_edited"] == {"name": "Lease"}
    same = sandbox.error("editForumTopic", **place, name="Lease")
    assert same == "Bad Request: TOPIC_NOT_MODIFIED"


def test_the_general_topic_is_closed_and_hidden(sandbox: Sandbox, forum: int) -> None:
    sandbox.bot("closeGeneralForumTopic", chat_id=forum)
    error = sandbox.error("sendMessage", chat_id=forum, text="x")
    assert error == "Bad Request: TOPIC_CLOSED"
    sandbox.bot("reopenGeneralForumTopic", chat_id=forum)
    sandbox.bot("hideGeneralForumTopic", chat_id=forum)
    sandbox.bot("unhideGeneralForumTopic", chat_id=forum)
    sandbox.bot("editGeneralForumTopic", chat_id=forum, name="All")
    sandbox.bot("sendMessage", chat_id=forum, text="x")


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"name": " "}, "name must be non-empty"),
        ({"name": "x", "chat_id": 77}, "chat not found"),
    ],
)
def test_a_faulty_topic_is_refused(
    sandbox: Sandbox, forum: int, params: dict[str, object], description: str
) -> None:
    error = sandbox.error("createForumTopic", **({"chat_id": forum} | params))
    assert error == f"Bad Request: {description}"


def test_only_forums_have_topics(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice)
    error = sandbox.error("createForumTopic", chat_id=group, name="x")
    assert error == "Bad Request: the chat is not a forum"
    sent = sandbox.bot("sendMessage", chat_id=group, text="x", message_thread_id=7)
    assert "message_thread_id" not in sent
