"""What happens to the chats themselves, and inline queries."""

import pytest

from telegrambot.models import Chat
from tests.company import Company
from tests.telegrambot import bot

GROUP = {"id": -100500, "type": "group", "title": "Закупки"}


def member(chat: bot.Json, status: str) -> bot.Json:
    """The bot's own standing in a chat has changed."""
    return bot.update(
        my_chat_member={
            "chat": chat,
            "from": bot.person(1),
            "date": 1_790_000_000,
            "old_chat_member": {"status": "member", "user": bot.person(2)},
            "new_chat_member": {"status": status, "user": bot.person(2)},
        }
    )


@pytest.mark.parametrize("status", ["member", "administrator", "restricted"])
@pytest.mark.django_db
def test_a_group_that_adds_the_bot_is_known_and_belongs_to_no_organization(status: str) -> None:
    bot.reply_to(member(GROUP, status))
    chat = Chat.objects.get()
    assert (chat.telegram_id, chat.kind, chat.title) == (-100500, "group", "Закупки")
    assert (chat.organization, chat.state) == (None, Chat.State.ACTIVE)


@pytest.mark.parametrize("status", ["kicked", "left"])
def test_a_group_that_removes_the_bot_is_left_alone(company: Company, status: str) -> None:
    company.submitted()
    bot.project()
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г"}
    bot.reply_to(member(group, status))

    chat = Chat.objects.get(telegram_id=company.group_chat)
    assert (chat.state, chat.organization) == (Chat.State.REMOVED, company.organization)
    sent = chat.messages.count()
    company.submitted()
    bot.project()
    assert chat.messages.filter(is_behind=True).count() == sent + 1

    bot.reply_to(member(group, "member"))
    chat.refresh_from_db()
    assert chat.state == Chat.State.ACTIVE


def test_who_blocks_the_bot_and_comes_back_is_heard(company: Company) -> None:
    own = bot.private(company.telegram_id(company.boris))
    bot.reply_to(member(own, "kicked"))
    chat = Chat.objects.get(telegram_id=own["id"])
    assert chat.state == Chat.State.BLOCKED
    bot.reply_to(member(own, "member"))
    chat.refresh_from_db()
    assert chat.state == Chat.State.ACTIVE


@pytest.mark.django_db
def test_being_removed_from_an_unknown_group_is_no_trouble() -> None:
    bot.reply_to(member(GROUP, "kicked"))
    assert not Chat.objects.exists()


@pytest.mark.django_db
def test_a_group_that_became_a_supergroup_keeps_its_place() -> None:
    bot.reply_to(member(GROUP, "member"))
    pk = Chat.objects.get().pk
    service = bot.message(1, "", chat=GROUP, migrate_to_chat_id=-1001234567890)
    bot.reply_to(service)
    chat = Chat.objects.get()
    assert (chat.pk, chat.telegram_id, chat.kind) == (pk, -1001234567890, "supergroup")
    # The other half of the pair of service messages.
    supergroup = {"id": -1001234567890, "type": "supergroup", "title": "Закупки"}
    bot.reply_to(bot.message(1, "", chat=supergroup, migrate_from_chat_id=-100500))
    assert Chat.objects.count() == 1


@pytest.mark.django_db
def test_a_new_title_is_learnt() -> None:
    bot.reply_to(member(GROUP, "member"))
    bot.reply_to(bot.message(1, "", chat=GROUP, new_chat_title="Платежи" * 100))
    assert Chat.objects.get().title == ("Платежи" * 100)[:255]


@pytest.mark.django_db
def test_talk_in_a_group_is_not_listened_to() -> None:
    assert bot.reply_to(bot.message(1, "привет", chat=GROUP)) == {}


@pytest.mark.django_db
def test_a_message_without_a_sender_is_no_trouble() -> None:
    channel = {"id": -100777, "type": "channel", "title": "К"}
    body = bot.message(1, "/start", chat=channel)
    del body["message"]["from"]
    assert bot.reply_to(body) == {}
    body = bot.message(1, "/start")
    del body["message"]["from"]
    assert bot.reply_to(body) == {}


@pytest.mark.django_db
def test_an_inline_query_finds_nothing_that_others_could_see() -> None:
    query = {"id": "7", "from": bot.person(1), "query": "РОМ", "offset": ""}
    assert bot.reply_to(bot.update(inline_query=query)) == {
        "method": "answerInlineQuery",
        "inline_query_id": "7",
        "results": [],
        "cache_time": 0,
        "is_personal": True,
    }
