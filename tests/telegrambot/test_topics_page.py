"""The topics of a group on its page: what is saved there, its lane asks Telegram for."""

from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext

from telegrambot.incoming.handlers import membership
from telegrambot.incoming.updates import ChatInfo
from telegrambot.models import Chat, SentMessage, Topic
from tests.admin.conftest import browse, opened, text_of
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.forums import put_forum
from tests.telegrambot.sandbox import Sandbox


@pytest.fixture
def forum(telegram: Sandbox, company: Company) -> Chat:
    put_forum(telegram, company)
    return membership.open_chat(ChatInfo(GROUP_CHAT, "supergroup", "A group", is_forum=True))


@pytest.fixture
def administrator(company: Company) -> Client:
    return browse(company.gleb, "Администратор")


def page(chat: Chat) -> str:
    return f"/admin/telegrambot/chat/{chat.pk}/change/"


def save(client: Client, chat: Chat, **changes: Any) -> str:
    """Change this on the page; what it says then. What has come is delivered."""
    sent = {**opened(client, page(chat)), **changes}
    said = text_of(client.post(page(chat), sent, follow=True))
    lanes.deliver(chat.pk)
    return said


def add(client: Client, chat: Chat, name: str, **more: str) -> None:
    sent = opened(client, page(chat))
    number = int(sent["topics-TOTAL_FORMS"][0])
    counts = {"topics-TOTAL_FORMS": number + 1, "topics-INITIAL_FORMS": number}
    typed = {"name": name, **more}
    fields = {f"topics-{number}-{field}": value for field, value in typed.items()}
    save(client, chat, **counts, **fields)


def row(client: Client, chat: Chat, topic: Topic) -> str:
    """By which its fields begin."""
    return row_of(opened(client, page(chat)), topic)


def row_of(sent: dict[str, Any], topic: Topic) -> str:
    keys = {value[0]: name for name, value in sent.items() if name.endswith("-id")}
    return keys[str(topic.pk)].removesuffix("-id")


def shown(telegram: Sandbox) -> dict[str, bot.Json]:
    found = telegram.get(f"/control/chats/{GROUP_CHAT}")["topics"]
    return {topic["name"]: topic for topic in found}


def test_topics_are_made_changed_and_deleted(
    telegram: Sandbox, administrator: Client, forum: Chat
) -> None:
    add(administrator, forum, "Аренда", icon="💰")
    made = shown(telegram)["Аренда"]
    assert made["icon_custom_emoji_id"]
    topic = Topic.objects.get(name="Аренда")
    assert topic.thread_id == made["message_thread_id"]

    at = row(administrator, forum, topic)
    save(administrator, forum, **{f"{at}-name": "Склад", f"{at}-icon": "", f"{at}-is_closed": "on"})
    changed = shown(telegram)["Склад"]
    assert (changed["is_closed"], changed.get("icon_custom_emoji_id", "")) == (True, "")
    save(administrator, forum, **{f"{at}-unpins": "on"})
    assert telegram.calls("unpinAllForumTopicMessages")
    topic.refresh_from_db()
    assert topic.unpins is False
    assert "as it is here" in text_of(administrator.get(page(forum)))

    save(administrator, forum, **{f"{at}-DELETE": "on"})
    assert "Склад" not in shown(telegram)
    assert not Topic.objects.filter(pk=topic.pk).exists()


def test_general_is_hidden_and_never_deleted(
    telegram: Sandbox, administrator: Client, forum: Chat
) -> None:
    at = row(administrator, forum, Topic.objects.get(thread_id=1))
    save(administrator, forum, **{f"{at}-name": "Общее", f"{at}-is_hidden": "on"})
    assert shown(telegram)["Общее"]["is_hidden"] is True
    assert "cannot be deleted" in save(administrator, forum, **{f"{at}-DELETE": "on"})
    sent = opened(administrator, page(forum))
    del sent[f"{at}-is_hidden"]
    administrator.post(page(forum), sent)
    lanes.deliver(forum.pk)
    assert shown(telegram)["Общее"]["is_hidden"] is False


def test_the_page_says_when_nobody_sees_what_comes(
    telegram: Sandbox, administrator: Client, forum: Chat
) -> None:
    Chat.objects.update(rights={"status": "administrator", "can_manage_topics": True})
    remedy = "It is hidden, and nobody sees what comes there"
    assert "✓ show requests in the topic General" in text_of(administrator.get(page(forum)))
    at = row(administrator, forum, Topic.objects.get(thread_id=1))
    save(administrator, forum, **{f"{at}-is_hidden": "on"})
    said = text_of(administrator.get(page(forum)))
    assert f"✗ show requests in the topic General: {remedy}" in said
    save(administrator, forum, topic_per="request")
    assert "in the topic General" not in text_of(administrator.get(page(forum)))


def test_what_telegram_refuses_is_said_there(
    telegram: Sandbox, administrator: Client, forum: Chat
) -> None:
    telegram.post(f"/control/chats/{GROUP_CHAT}/members", status="member")
    add(administrator, forum, "Аренда")
    assert "not enough rights to create a topic" in text_of(administrator.get(page(forum)))
    telegram.post(f"/control/chats/{GROUP_CHAT}/members", status="administrator")
    at = row(administrator, forum, Topic.objects.get(name="Аренда"))
    save(administrator, forum, **{f"{at}-name": "Налоги"})
    assert "Налоги" in shown(telegram)


def test_who_only_reads_changes_nothing(telegram: Sandbox, forum: Chat, company: Company) -> None:
    auditor = browse(company.sergey, "Аудитор")
    assert "Общая тема" in text_of(auditor.get(page(forum)))
    sent = {"topics-TOTAL_FORMS": 1, "topics-INITIAL_FORMS": 0, "topics-0-name": "Чужая"}
    auditor.post(page(forum), sent)
    assert not Topic.objects.filter(name="Чужая").exists()


def test_a_persons_chat_and_a_group_without_topics_offer_none(
    administrator: Client, company: Company, telegram: Sandbox
) -> None:
    group = Chat.objects.get(telegram_id=GROUP_CHAT)
    assert "topics-TOTAL_FORMS" not in text_of(administrator.get(page(group)))
    assert "topic_per" in opened(administrator, page(group))
    boris = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    assert "topic_per" not in opened(administrator, page(boris))


def test_requests_topics_are_not_listed(
    telegram: Sandbox, administrator: Client, forum: Chat, company: Company
) -> None:
    save(administrator, forum, topic_per="request")
    request = company.submitted()
    bot.project()
    lanes.deliver(forum.pk)
    assert any(request.number in name for name in shown(telegram))
    assert f'value="{request.number}' not in text_of(administrator.get(page(forum)))
    assert SentMessage.objects.filter(chat=forum, kind="topic").count() == 1


def test_the_page_asks_for_all_topics_at_once(administrator: Client, forum: Chat) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            administrator.get(page(forum))
        return len(queries)

    administrator.get(page(forum))
    few = asked()
    for number in range(2, 12):
        Topic.objects.create(chat=forum, thread_id=number, name=str(number)).keep()
    assert asked() == few


def test_what_comes_back_asks_for_its_own_topics_alone(administrator: Client, forum: Chat) -> None:
    add(administrator, forum, "Первая")
    sent = opened(administrator, page(forum))
    Topic.objects.bulk_create(Topic(chat=forum, name=f"Тема {n}") for n in range(70))
    loaded: list[int] = []

    def note(instance: Topic, **_more: Any) -> None:
        loaded.append(instance.pk)

    post_init.connect(note, sender=Topic)
    at = row_of(sent, Topic.objects.get(name="Первая"))
    administrator.post(page(forum), {**sent, f"{at}-name": "Другая"})
    post_init.disconnect(note, sender=Topic)
    assert Topic.objects.filter(name="Другая").exists()
    assert len({*loaded} - {None}) == 2


def test_what_was_made_meanwhile_takes_nothing_away(
    telegram: Sandbox, administrator: Client, forum: Chat
) -> None:
    made = [Topic(chat=forum, thread_id=number, name=str(number)) for number in range(2, 51)]
    Topic.objects.bulk_create(made)
    sent = opened(administrator, page(forum))
    Topic.objects.create(chat=forum, thread_id=99, name="Новая")
    sent["topics-49-name"] = "Общее"
    administrator.post(page(forum), sent)
    assert Topic.objects.get(chat=forum, thread_id=1).name == "Общее"
