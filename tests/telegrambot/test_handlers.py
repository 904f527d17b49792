"""What happens to the chats themselves."""

import pytest
from django.conf import settings
from django.utils import timezone

from telegrambot import pruning
from telegrambot.incoming import inbox
from telegrambot.models import Chat, Update
from tests.company import Company
from tests.telegrambot import bot

GROUP: bot.Json = {"id": -100500, "type": "group", "title": "Закупки"}


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
    assert (chat.organizations.count(), chat.state) == (0, Chat.State.ACTIVE)


@pytest.mark.parametrize("status", ["kicked", "left"])
def test_a_group_that_removes_the_bot_is_left_alone(company: Company, status: str) -> None:
    company.submitted()
    bot.project()
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г"}
    bot.reply_to(member(group, status))

    chat = Chat.objects.get(telegram_id=company.group_chat)
    assert (chat.state, chat.organizations.get()) == (Chat.State.REMOVED, company.organization)
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


def named(title: str) -> bot.Json:
    return bot.message(1, "", chat=GROUP, new_chat_title=title)


def failing(*updates: bot.Json) -> list[int]:
    """The keys of updates that could not be handled, for nothing about a chat could be changed."""
    bot.refuse_updates("telegrambot_chat", "refused")
    for update in updates:
        bot.post(update)
    bot.accept_updates("telegrambot_chat")
    return list(Update.objects.poisoned().order_by("id").values_list("pk", flat=True))


def group() -> tuple[str, str]:
    chat = Chat.objects.get(telegram_id=GROUP["id"])
    return chat.title, chat.state


@pytest.mark.parametrize(
    ("before", "first", "then"),
    [
        ("member", member(GROUP, "kicked"), member(GROUP, "administrator")),
        ("kicked", member(GROUP, "member"), member(GROUP, "left")),
        ("member", named("Оплаты"), named("Платежи")),
    ],
)
@pytest.mark.django_db
def test_what_is_repeated_undoes_nothing_that_was_heard_of_the_chat_since(
    before: str, first: bot.Json, then: bot.Json
) -> None:
    bot.post(member(GROUP, "member"))
    bot.post(member(GROUP, before))
    [failed] = failing(first)
    bot.post(then)
    as_heard = group()
    inbox.retry(failed)
    assert group() == as_heard
    update = Update.objects.get(pk=failed)
    assert update.handled_at
    assert update.error == "not repeated: something else was heard of the chat meanwhile"


@pytest.mark.django_db
def test_what_is_repeated_is_still_overtaken_by_an_update_whose_words_are_forgotten() -> None:
    bot.post(member(GROUP, "member"))
    states, names = failing(member(GROUP, "kicked"), named("Оплаты"))
    bot.post(member(GROUP, "administrator"))
    bot.post(named("Платежи"))
    long_ago = timezone.now() - 2 * settings.KEPT["payloads"]
    Update.objects.exclude(handled_at=None).update(handled_at=long_ago)
    pruning.prune()
    inbox.retry(states)
    inbox.retry(names)
    assert group() == ("Платежи", Chat.State.ACTIVE)


@pytest.mark.django_db
def test_what_is_repeated_counts_when_only_something_else_was_heard_since() -> None:
    bot.post(member(GROUP, "member"))
    keys = failing(named("Оплаты"), member(GROUP, "kicked"))
    other = {**GROUP, "id": -100501}
    bot.post(member(other, "member"))
    bot.post(bot.message(1, "", chat=other, new_chat_title="Другое"))
    bot.post(bot.message(1, "/help", chat=GROUP))
    for key in keys:
        inbox.retry(key)
    assert group() == ("Оплаты", Chat.State.REMOVED)


@pytest.mark.parametrize(("order", "names"), [(1, "AB"), (-1, "BB")])
@pytest.mark.django_db
def test_of_two_that_failed_the_later_one_counts_in_whatever_order_they_are_repeated(
    order: int, names: str
) -> None:
    bot.post(member(GROUP, "member"))
    keys = failing(named("A"), named("B"))
    for key, name in zip(keys[::order], names, strict=True):
        inbox.retry(key)
        assert group() == (name, Chat.State.ACTIVE)


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
