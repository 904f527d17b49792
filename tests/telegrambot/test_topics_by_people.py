"""What people make of a group's topics, by the bot and without it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group

from telegrambot.delivery import client
from telegrambot.models import KEEPS_TOPIC, Chat, IncomingFile, SentMessage, Topic, Update
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot
from tests.telegrambot.forums import PLACE, put_forum
from tests.telegrambot.papers import pdf
from tests.telegrambot.phone import Line, Phone
from tests.telegrambot.sandbox import Sandbox
from treasury.admin import history


@pytest.fixture
def forum(line: Line, telegram: Sandbox, company: Company) -> Chat:
    put_forum(telegram, company)
    line.carry()
    return Chat.objects.get(telegram_id=GROUP_CHAT)


@pytest.fixture
def gleb(forum: Chat, line: Line, company: Company) -> Phone:
    """In the group; he sets up chats."""
    company.gleb.groups.set(Group.objects.filter(name="Администратор"))
    return Phone(line, company.telegram_id(company.gleb), GROUP_CHAT)


@pytest.fixture
def private(gleb: Phone, line: Line) -> Phone:
    """Gleb's private chat."""
    return Phone(line, gleb.telegram_id)


@pytest.fixture
def group(forum: Chat, boris: Phone) -> Phone:
    """Boris in the group; he is nobody special there."""
    return boris.in_group(GROUP_CHAT)


def shown(telegram: Sandbox) -> list[bot.Json]:
    topics = telegram.get(f"/control/chats/{GROUP_CHAT}")["topics"]
    return [topic for topic in topics if topic["message_thread_id"] != 1]


def general(telegram: Sandbox) -> bot.Json:
    topics = telegram.get(f"/control/chats/{GROUP_CHAT}")["topics"]
    return next(topic for topic in topics if topic["message_thread_id"] == 1)


def test_whoever_sets_up_chats_manages_topics(telegram: Sandbox, gleb: Phone) -> None:
    said = gleb.says("/topic new Аренда  офиса")
    [topic] = shown(telegram)
    thread = topic["message_thread_id"]
    assert topic["name"] == "Аренда офиса"
    assert f"number {thread}." in said
    [row] = [message for message in telegram.messages(GROUP_CHAT) if "text" in message]
    assert row["message_thread_id"] == thread

    gleb.says("/topic name Аренда склада", message_thread_id=thread)
    gleb.says("/topic icon 💰", message_thread_id=thread)
    gleb.says("/topic закрыть", message_thread_id=thread)
    [topic] = shown(telegram)
    assert (topic["name"], topic["is_closed"]) == ("Аренда склада", True)
    assert topic["icon_custom_emoji_id"]
    assert "no topic with this number" in gleb.says("/topic open 999")
    gleb.says(f"/topic open {thread}")
    gleb.says("/topic icon -", message_thread_id=thread)
    [topic] = shown(telegram)
    assert topic["is_closed"] is False
    assert not topic.get("icon_custom_emoji_id")

    gleb.says("/topic unpin", message_thread_id=thread)
    [unpinned] = telegram.calls("unpinAllForumTopicMessages")
    assert unpinned["params"]["message_thread_id"] == thread
    assert "/topic delete yes" in gleb.says("/topic delete", message_thread_id=thread)
    assert shown(telegram)
    gleb.says("/topic delete yes", message_thread_id=thread)
    assert shown(telegram) == []
    assert not Topic.objects.filter(thread_id=thread).exists()
    assert not SentMessage.objects.filter(kind=KEEPS_TOPIC).exists()


def test_the_general_topic_is_hidden_shown_and_renamed(telegram: Sandbox, gleb: Phone) -> None:
    gleb.says("/topic name Общее")
    assert general(telegram)["name"] == "Общее"
    gleb.says("/topic close")
    assert general(telegram)["is_closed"] is True
    aside = {"message_thread_id": telegram.post(PLACE, name="Чужая")["message_thread_id"]}
    gleb.says("/topic open 1", **aside)
    assert general(telegram)["is_closed"] is False
    assert "nobody would see them" in gleb.says("/topic hide")
    assert general(telegram)["is_hidden"] is False
    gleb.says("/topic hide yes")
    assert general(telegram)["is_hidden"] is True
    gleb.says("/topic show", **aside)
    assert general(telegram)["is_hidden"] is False
    gleb.says("/topic open 1", **aside)
    assert general(telegram)["is_closed"] is False
    gleb.says("/topic unpin")
    assert telegram.calls("unpinAllGeneralForumTopicMessages")
    assert "cannot be deleted" in gleb.says("/topic delete yes")
    assert "no icon" in gleb.says("/topic icon 💰")


@pytest.mark.parametrize(
    ("per", "hears", "is_hidden"),
    [("ticket", True, False), ("ticket", False, True), ("request", True, True)],
)
def test_general_is_hidden_at_once_where_no_requests_come(
    telegram: Sandbox, gleb: Phone, forum: Chat, per: str, hears: bool, is_hidden: bool
) -> None:
    Chat.objects.update(topic_per=per)
    if not hears:
        forum.organizations.clear()
    gleb.says("/topic hide")
    assert general(telegram)["is_hidden"] is is_hidden


def test_a_name_that_is_too_long_is_not_cut_unasked(
    telegram: Sandbox, gleb: Phone, forum: Chat
) -> None:
    longest = "Я" * 128
    gleb.says(f"/topic new {longest}")
    [topic] = shown(telegram)
    assert topic["name"] == longest
    where = {"message_thread_id": topic["message_thread_id"]}
    refusal = "The name of a topic has 128 characters at the most."
    assert gleb.says(f"/topic new {longest}!") == refusal
    assert gleb.says(f"/topic name {longest}!", **where) == refusal
    assert shown(telegram) == [topic]


def test_nobody_else_does_and_he_is_told_privately(
    telegram: Sandbox, group: Phone, boris: Phone
) -> None:
    group.says("/topic new Мечты")
    assert shown(telegram) == []
    assert "Only who has the right for that" in boris.reads()[-1]
    assert not Topic.objects.filter(name="Мечты").exists()
    telegram.post(PLACE, name="Чужая")
    [topic] = shown(telegram)
    group.says("/topic delete yes", message_thread_id=topic["message_thread_id"])
    assert shown(telegram) == [topic]


def test_an_administrator_of_the_group_may(telegram: Sandbox, group: Phone) -> None:
    made = {"user_id": group.telegram_id, "status": "administrator"}
    telegram.post(f"/control/chats/{GROUP_CHAT}/members", **made, rights=["can_delete_messages"])
    group.says("/topic new Первая")
    assert shown(telegram) == []
    telegram.post(f"/control/chats/{GROUP_CHAT}/members", **made, rights=["can_manage_topics"])
    group.says("/topic new Вторая")
    assert [topic["name"] for topic in shown(telegram)] == ["Вторая"]


def test_where_the_bot_may_not_the_person_is_told(
    telegram: Sandbox, gleb: Phone, boris: Phone, company: Company
) -> None:
    telegram.post(f"/control/chats/{GROUP_CHAT}/members", status="member")
    gleb.says("/topic@treasury_sandbox_bot new Аренда")
    private = Phone(gleb._line, gleb.telegram_id)
    assert "not enough rights to create a topic" in private.reads()[-1]
    assert not SentMessage.objects.filter(kind=KEEPS_TOPIC).exists()


def test_the_small_menu_makes_a_topic_and_calls_into_it(
    telegram: Sandbox, gleb: Phone, group: Phone
) -> None:
    gleb.says("/topic")
    asked = gleb.says("🆕 New topic")
    assert "how is the topic to be called?" in asked
    question = {"reply_to_message_id": gleb.newest()}
    # Somebody else's answer, and what is said to nobody, is none.
    group.says("Не моё", **question)
    gleb.says("Просто слова")
    assert shown(telegram) == []
    assert not Update.objects.filter(payload__message__text="Просто слова").exists()

    gleb.says("Налоги", **question)
    [topic] = shown(telegram)
    assert topic["name"] == "Налоги"
    thread = topic["message_thread_id"]

    assert f"{thread} · Налоги" in group.says("📣 Call me")
    again = group.says("999", reply_to_message_id=group.newest())
    assert "Answer this message with its number" in again
    group.says(f"№{thread}", reply_to_message_id=group.newest())
    called = telegram.messages(GROUP_CHAT)[-1]
    assert called["message_thread_id"] == thread
    [mention] = [entity for entity in called["entities"] if entity["type"] == "text_mention"]
    assert mention["user"]["id"] == group.telegram_id


def test_how_it_is_done_is_told_to_who_asks_and_the_buttons_are_his(
    telegram: Sandbox, gleb: Phone, private: Phone
) -> None:
    assert gleb.says("/topic").endswith("I have told you privately how. The buttons are below.")
    assert "/topic new Name" in private.reads()[-1]
    note = telegram.messages(GROUP_CHAT)[-1]
    assert note["reply_markup"]["selective"] is True
    [mention] = [entity for entity in note["entities"] if entity["type"] == "text_mention"]
    assert mention["user"]["id"] == gleb.telegram_id
    assert not any("/topic new" in text for text in telegram.public(GROUP_CHAT))


def test_who_asks_unseen_is_told_so(telegram: Sandbox, gleb: Phone, line: Line) -> None:
    """As the menu of another release may have it."""
    commands = [{"command": "topic", "description": "Topics", "is_ephemeral": True}]
    scope = {"type": "all_group_chats"}
    client.call("setMyCommands", {"commands": commands, "scope": scope})
    before = telegram.public(GROUP_CHAT)
    gleb.chooses("/topic")
    [told] = telegram.whispered(GROUP_CHAT)
    assert "/topic new Name" in told["text"]
    assert telegram.public(GROUP_CHAT) == before


def test_who_has_asked_is_told_when_it_is_done(
    telegram: Sandbox, gleb: Phone, private: Phone, forum: Chat
) -> None:
    gleb.says("/topic new Аренда")
    said = [text for text in private.reads() if "Аренда" in text]
    [topic] = shown(telegram)
    where = {"message_thread_id": topic["message_thread_id"]}
    assert said == [f"The topic “Аренда” is there, number {topic['message_thread_id']}."]
    public = telegram.public(GROUP_CHAT)
    for words, name in (("icon 💰", "Аренда"), ("name Склад", "Склад"), ("delete yes", "Склад")):
        gleb.says(f"/topic {words}", **where)
        said.append(f"It is done, as you have asked: the topic “{name}”.")
        assert private.reads()[-len(said) :] == said
    # Of what is deleted with the topic nothing is left.
    assert {*telegram.public(GROUP_CHAT)} <= {*public}


def test_the_history_of_the_group_tells_who_has_asked_for_what(
    telegram: Sandbox, gleb: Phone, group: Phone, forum: Chat, company: Company
) -> None:
    gleb.says("/topic new Аренда")
    [topic] = shown(telegram)
    where = {"message_thread_id": topic["message_thread_id"]}
    for words in ("name Склад", "icon 💰", "icon 💰", "unpin", "delete yes"):
        gleb.says(f"/topic {words}", **where)
    group.says("/topic new Мечты")
    entries = LogEntry.objects.filter(object_id=str(forum.pk)).order_by("pk")
    assert {entry.user for entry in entries} == {company.gleb}
    told = [line for entry in entries for line in history.lines(entry)]
    assert told == [
        "Добавлено: тема «Аренда»",
        "Тема «Аренда»: Название: Аренда → Склад",
        "Тема «Склад»: Значок: — → 💰",
        "Тема «Склад»: Открепить всё: нет → да",
        "Удалено: тема «Склад»",
    ]


def test_what_people_do_without_the_bot_is_heard(
    telegram: Sandbox, line: Line, forum: Chat
) -> None:
    thread = telegram.post(PLACE, name="Чужая")["message_thread_id"]
    telegram.post(f"{PLACE}/{thread}", name="Чужая и новая", is_closed=True)
    line.carry()
    topic = Topic.objects.get(chat=forum, thread_id=thread)
    assert (topic.name, topic.is_closed) == ("Чужая и новая", True)
    assert not SentMessage.objects.filter(kind=KEEPS_TOPIC).exists()
    assert not telegram.calls("editForumTopic")


def test_the_topic_of_a_request_is_nobodys_to_name(
    telegram: Sandbox, line: Line, gleb: Phone, forum: Chat, company: Company
) -> None:
    Chat.objects.filter(pk=forum.pk).update(topic_per=Chat.TopicPer.REQUEST)
    with line.committed():
        company.submitted()
    line.deliver()
    [topic] = shown(telegram)
    for word in ("name Другое", "close", "icon 💰"):
        said = gleb.says(f"/topic {word}", message_thread_id=topic["message_thread_id"])
        assert "follows the request" in said
    assert shown(telegram) == [topic]


def test_a_file_in_a_requests_topic_that_answers_nothing_is_not_attached(
    telegram: Sandbox, line: Line, group: Phone, forum: Chat, company: Company
) -> None:
    """Telegram gives it as answering the message by which the topic began."""
    Chat.objects.filter(pk=forum.pk).update(topic_per=Chat.TopicPer.REQUEST)
    with line.committed():
        company.submitted()
    line.deliver()
    [topic] = shown(telegram)
    where = {"message_thread_id": topic["message_thread_id"]}
    anna = Phone(line, company.telegram_id(company.anna), GROUP_CHAT)
    anna.answers_with(("document", "Отпуск.pdf", pdf()), to=0, **where)
    assert not IncomingFile.objects.exists()
    card = next(one for one in telegram.messages(GROUP_CHAT) if "caption" in one)
    anna.answers_with(("document", "Счёт.pdf", pdf()), to=card["message_id"], **where)
    assert IncomingFile.objects.exists()


def test_who_may_does_not_carry_out_what_another_may_not(
    telegram: Sandbox, gleb: Phone, line: Line, company: Company
) -> None:
    gleb.says("/topic new Аренда")
    [topic] = shown(telegram)
    where = {"message_thread_id": topic["message_thread_id"]}
    boris = company.telegram_id(company.boris)
    for person, wish in ((boris, "delete yes"), (gleb.telegram_id, "name Склад")):
        path = f"/client/people/{person}/chats/{GROUP_CHAT}/messages"
        telegram.post(path, text=f"/topic {wish}", **where)
    line.hear()
    line.deliver()
    assert [topic["name"] for topic in shown(telegram)] == ["Склад"]


def test_a_group_without_topics_says_so(telegram: Sandbox, gleb: Phone) -> None:
    telegram.post(f"/control/chats/{GROUP_CHAT}/forum", is_forum=False)
    assert "has no topics" in gleb.says("/topic close")
