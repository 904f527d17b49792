"""Whoever asks for more than he may of the topics, or wants to know what he should not."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from oauth import linking
from telegrambot.delivery import topics
from telegrambot.models import KEEPS_TOPIC, Chat, SentMessage, Topic, Urgency
from telegrambot.projection.news import project_group
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot
from tests.telegrambot.forums import PLACE, put_forum
from tests.telegrambot.phone import Line, Phone
from tests.telegrambot.sandbox import Sandbox


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
def group(forum: Chat, boris: Phone) -> Phone:
    """Boris in the group; he is nobody special there."""
    return boris.in_group(GROUP_CHAT)


@pytest.fixture
def thread(telegram: Sandbox, line: Line, forum: Chat) -> int:
    """Of a topic that somebody has made in the app, without an icon."""
    number = int(telegram.post(PLACE, name="Чужая")["message_thread_id"])
    line.carry()
    return number


def shown(telegram: Sandbox, thread: int = 0) -> bot.Json | None:
    """A topic, or General."""
    there = telegram.get(f"/control/chats/{GROUP_CHAT}")["topics"]
    return next((one for one in there if one["message_thread_id"] == (thread or 1)), None)


def types(telegram: Sandbox, phone: Phone, text: str, **where: int) -> None:
    """The bot has not heard of it yet."""
    telegram.post(f"{phone._path}/messages", text=text, **where)


def test_an_icon_that_was_refused_is_not_given(
    telegram: Sandbox, group: Phone, boris: Phone, thread: int
) -> None:
    group.says("/topic icon 💰", message_thread_id=thread)
    assert not telegram.calls("editForumTopic")
    assert "Only who has the right" in boris.reads()[-1]


def test_what_somebody_may_not_does_not_ride_on_what_an_administrator_wants(
    telegram: Sandbox, group: Phone, gleb: Phone, thread: int
) -> None:
    types(telegram, group, "/topic delete yes", message_thread_id=thread)
    gleb.says("/topic icon 💰", message_thread_id=thread)
    assert shown(telegram, thread)


def test_what_an_administrator_wants_is_not_refused_with_what_another_wants(
    telegram: Sandbox, group: Phone, gleb: Phone, thread: int
) -> None:
    types(telegram, gleb, "/topic name Моя", message_thread_id=thread)
    group.says("/topic unpin", message_thread_id=thread)
    topic = shown(telegram, thread)
    assert topic
    assert topic["name"] == "Моя"


def test_a_refusal_does_not_undo_what_was_asked_for_meanwhile(
    telegram: Sandbox, group: Phone, gleb: Phone, thread: int, line: Line
) -> None:
    """While Telegram was asked of the one, the other has spoken."""
    spoken: list[str] = []

    def meanwhile(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if (
            not spoken
            and sql.startswith("SELECT")
            and '"telegrambot_topic"."wishes"' in sql
            and telegram.calls("getChatMember")
        ):
            spoken.append(sql)
            chat = {"id": GROUP_CHAT, "type": "supergroup", "title": "A group", "is_forum": True}
            where = {"message_thread_id": thread, "is_topic_message": True, "chat": chat}
            bot.post(bot.message(gleb.telegram_id, "/topic name Моя", **where))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meanwhile):
        group.says("/topic unpin", message_thread_id=thread)
    assert spoken
    line.deliver()
    topic = shown(telegram, thread)
    assert topic
    assert topic["name"] == "Моя"


def test_who_may_not_delete_messages_has_no_topic_deleted(
    telegram: Sandbox, group: Phone, thread: int
) -> None:
    """https://core.telegram.org/bots/api#deleteforumtopic asks for can_delete_messages."""
    made = {"user_id": group.telegram_id, "status": "administrator"}
    rights = ["can_manage_topics"]
    telegram.post(f"/control/chats/{GROUP_CHAT}/members", **made, rights=rights)
    group.says("/topic delete yes", message_thread_id=thread)
    assert shown(telegram, thread)


def test_a_refused_show_does_not_make_the_next_close_a_lie(
    telegram: Sandbox, group: Phone, gleb: Phone
) -> None:
    group.says("/topic show")
    gleb.says("/topic close")
    general = shown(telegram)
    assert general
    assert general["is_closed"] is True


def test_a_refused_open_leaves_the_topic_closed(
    telegram: Sandbox, line: Line, group: Phone, thread: int
) -> None:
    telegram.post(f"{PLACE}/{thread}", is_closed=True)
    line.carry()
    group.says(f"/topic open {thread}")
    topic = shown(telegram, thread)
    assert topic
    assert topic["is_closed"] is True
    assert Topic.objects.get(thread_id=thread).is_closed is True


def test_a_refusal_leaves_the_name_that_is_in_doubt(
    telegram: Sandbox, group: Phone, thread: int
) -> None:
    """A message has gone from the topic, and Telegram is being asked whether all of it has."""
    topics.doubt(Topic.objects.get(thread_id=thread))
    group.says("/topic close", message_thread_id=thread)
    assert Topic.objects.get(thread_id=thread).name == "Чужая"


def test_the_list_of_topics_tells_nothing_that_the_group_must_not_know(
    telegram: Sandbox, line: Line, group: Phone, forum: Chat, company: Company
) -> None:
    Chat.objects.filter(pk=forum.pk).update(topic_per=Chat.TopicPer.REQUEST)
    with line.committed():
        request = company.submitted()
    line.deliver()
    with line.committed():
        forum.organizations.clear()
        project_group(forum)
    line.deliver()
    [topic] = Topic.objects.filter(request=request)
    assert shown(telegram, topic.thread_id or 0)["name"] == request.number  # type: ignore[index]
    assert str(request.counterparty) not in group.says("📣 Call me")


def test_a_payees_topic_is_hidden_too_from_a_group_that_hears_of_nobody(
    telegram: Sandbox, line: Line, forum: Chat, company: Company
) -> None:
    Chat.objects.filter(pk=forum.pk).update(topic_per=Chat.TopicPer.PAYEE)
    with line.committed():
        request = company.submitted()
    line.deliver()
    with line.committed():
        forum.organizations.clear()
        project_group(forum)
    line.deliver()
    names = [one["name"] for one in telegram.get(f"/control/chats/{GROUP_CHAT}")["topics"]]
    assert str(request.counterparty) not in names


def test_what_anybody_asks_for_does_not_come_before_requests(
    telegram: Sandbox, group: Phone, line: Line, company: Company, forum: Chat
) -> None:
    """A group has room for twenty calls a minute; see `kinds.answer`."""
    for number in range(3):
        types(telegram, group, f"/topic new {number}")
    telegram.fail("retry_after", method="getChatMember", seconds=60)
    line.carry()
    with line.committed():
        company.submitted()
        bot.project()
    wishes = SentMessage.objects.filter(chat=forum, kind=KEEPS_TOPIC)
    assert wishes.exists()
    assert not wishes.filter(urgency__lt=Urgency.NOTICE).exists()


def test_a_strangers_topics_are_not_kept(company: Company) -> None:
    telegram_id = 9_000_001
    for number in range(2, 12):
        made = {"name": "Моя", "icon_color": 7322096}
        where = {"message_thread_id": number, "is_topic_message": True}
        bot.post(bot.message(telegram_id, "", forum_topic_created=made, **where))
    assert not Topic.objects.filter(chat__telegram_id=telegram_id).exists()


def test_the_topics_of_a_group_that_nobody_has_bound_are_not_kept(company: Company) -> None:
    chat: bot.Json = {
        "id": -1009000000001,
        "type": "supergroup",
        "title": "Чужая",
        "is_forum": True,
    }
    for number in range(2, 12):
        where = {"message_thread_id": number, "is_topic_message": True, "chat": chat}
        made = {"name": "Моя", "icon_color": 7322096}
        bot.post(bot.message(9_000_001, "", forum_topic_created=made, **where))
    assert not Topic.objects.filter(chat__telegram_id=chat["id"], thread_id__gt=1).exists()


def test_who_has_left_since_is_given_nothing(
    telegram: Sandbox, line: Line, group: Phone, company: Company
) -> None:
    """He is an administrator of the group still."""
    made = {"user_id": group.telegram_id, "status": "administrator"}
    telegram.post(f"/control/chats/{GROUP_CHAT}/members", **made, rights=["can_manage_topics"])
    types(telegram, group, "/topic new Моя")
    line.hear()
    assert Topic.objects.filter(name="Моя").exists()
    with line.committed():
        token = company.boris.tokens.get(kind="telegram", revoked_at=None)
        linking.revoke(token=token, actor=company.gleb)
    line.deliver()
    assert not telegram.calls("createForumTopic")
    assert not Topic.objects.filter(name="Моя").exists()
