"""Topics: one for what the chat's policy says, made, named, closed and healed by the lane."""

from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile

from telegrambot.models import KEEPS_TOPIC, Chat, SentMessage, Topic
from telegrambot.projection import news
from tests.company import ADMIN, GROUP_CHAT, PDF, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.bot import Say
from tests.telegrambot.forums import put_forum, returned, told
from tests.telegrambot.sandbox import TOKEN, Sandbox
from treasury.models import Organization
from treasury.services import requests

Per, State = Chat.TopicPer, SentMessage.State


@pytest.fixture(autouse=True)
def server(sandbox: Sandbox) -> Iterator[None]:
    """It has no topics in private chats unless it is told."""
    yield
    sandbox.post("/control/settings", has_topics_enabled=False)


@pytest.fixture
def forum(telegram: Sandbox, company: Company) -> Chat:
    """The company's group, with topics, in which the bot may manage them."""
    put_forum(telegram, company)
    chat = Chat.objects.get(telegram_id=GROUP_CHAT)
    chat.is_forum = True
    chat.save()
    return chat


def per(chat: Chat, what: Chat.TopicPer) -> Chat:
    chat.topic_per = what
    chat.save()
    return chat


def shown(telegram: Sandbox) -> list[bot.Json]:
    """The topics of the group, without General."""
    topics = telegram.get(f"/control/chats/{GROUP_CHAT}")["topics"]
    return [topic for topic in topics if topic["message_thread_id"] != 1]


def standing_in(telegram: Sandbox, thread: int | None) -> list[str]:
    """What the bot has said in a topic; in none of them."""
    said = [message for message in telegram.messages(GROUP_CHAT) if "date" in message]
    return [
        message.get("text") or message["caption"]
        for message in said
        if message.get("message_thread_id") == thread
        and ("text" in message or "caption" in message)
    ]


def icon_of(telegram: Sandbox, topic: bot.Json) -> str:
    offered = telegram.get(f"/bot{TOKEN}/getForumTopicIconStickers")["result"]
    numbers = {icon["custom_emoji_id"]: icon["emoji"] for icon in offered}
    return str(numbers[topic["icon_custom_emoji_id"]])


def test_a_request_has_a_topic_that_follows_it(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    per(forum, Per.REQUEST)
    request = company.submitted()
    told(forum)
    [topic] = shown(telegram)
    assert topic["name"] == f"{request.number} · {request.counterparty}"
    assert (icon_of(telegram, topic), topic["is_closed"]) == ("🗳", False)
    thread = topic["message_thread_id"]
    [card] = standing_in(telegram, thread)
    assert request.number in card
    assert standing_in(telegram, None) == []

    returned(company, request)
    told(forum)
    [topic] = shown(telegram)
    assert (icon_of(telegram, topic), topic["is_closed"]) == ("✍️", False)

    requests.submit(request=bot.fresh(request), actor=company.anna, channel=ADMIN, reason="Вторая")
    told(forum)
    [topic] = shown(telegram)
    assert icon_of(telegram, topic) == "🗳"
    for person in (company.boris, company.fedor, company.tamara):
        company.approve(request, person)
    told(forum)
    [topic] = shown(telegram)
    assert (icon_of(telegram, topic), topic["is_closed"]) == ("✅", True)
    assert len(telegram.calls("createForumTopic")) == 1
    assert not SentMessage.objects.filter(chat=forum).behind().exists()


def test_it_reopens_when_the_request_comes_back(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    per(forum, Per.REQUEST)
    request = company.approved()
    told(forum)
    assert shown(telegram)[0]["is_closed"] is True
    fields = {"purpose": "Оплата по другому счёту"}
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)
    told(forum)
    [topic] = shown(telegram)
    assert (icon_of(telegram, topic), topic["is_closed"]) == ("🗳", False)


@pytest.mark.parametrize(
    ("what", "name"),
    [
        (Per.ORGANIZATION, "organization"),
        (Per.DEPARTMENT, "department"),
        (Per.PAYEE, "counterparty"),
    ],
)
def test_requests_share_a_topic(
    telegram: Sandbox, company: Company, forum: Chat, what: Chat.TopicPer, name: str
) -> None:
    per(forum, what)
    first, second = company.submitted(), company.submitted()
    told(forum)
    [topic] = shown(telegram)
    assert topic["name"] == str(getattr(first, name))
    cards = standing_in(telegram, topic["message_thread_id"])
    assert [request.number in card for request, card in zip((first, second), cards, strict=True)]
    company.approve(first, company.boris)
    told(forum)
    assert len(telegram.calls("createForumTopic")) == 1
    assert not telegram.calls("closeForumTopic")


def test_a_ticket_opens_when_a_request_is_returned_and_closes_when_it_comes_back(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    per(forum, Per.TICKET)
    request = company.submitted()
    told(forum)
    assert shown(telegram) == []
    assert len(standing_in(telegram, None)) == 1

    returned(company, request)
    told(forum)
    [topic] = shown(telegram)
    assert (icon_of(telegram, topic), topic["is_closed"]) == ("✍️", False)
    [card] = standing_in(telegram, topic["message_thread_id"])
    assert "Не тот счёт" in card

    requests.submit(request=bot.fresh(request), actor=company.anna, channel=ADMIN, reason="Вторая")
    told(forum)
    assert shown(telegram)[0]["is_closed"] is True
    returned(company, request)
    told(forum)
    assert shown(telegram)[0]["is_closed"] is False
    assert len(telegram.calls("createForumTopic")) == 1


def offered(telegram: Sandbox) -> list[str]:
    """What the buttons of the card in the only topic lead to."""
    [card] = (seen for seen in telegram.messages(GROUP_CHAT) if "text" in seen)
    return [*bot.offered(card).values()]


def test_the_card_of_a_ticket_leads_to_ones_own_while_it_is_decided_again(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    per(forum, Per.TICKET)
    request = company.submitted()
    returned(company, request)
    told(forum)
    assert offered(telegram) == [bot.address(request)]
    requests.submit(request=bot.fresh(request), actor=company.anna, channel=ADMIN)
    told(forum)
    assert offered(telegram) == [f"mine:{request.pk}", bot.address(request)]


def test_a_deleted_topic_comes_again_with_what_is_undecided(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    per(forum, Per.PAYEE)
    ended, running = company.approved(), company.submitted()
    told(forum)
    [topic] = shown(telegram)
    telegram.post(f"/control/chats/{GROUP_CHAT}/topics/{topic['message_thread_id']}/delete")
    another = company.submitted()
    told(forum)
    [again] = shown(telegram)
    cards = standing_in(telegram, again["message_thread_id"])
    numbers = {card.splitlines()[1].partition(" ")[0] for card in cards}
    assert (len(cards), numbers) == (2, {running.number, another.number})
    assert not SentMessage.objects.filter(request=ended, chat=forum).exclude(form="").exists()
    assert standing_in(telegram, None) == []
    assert not SentMessage.objects.filter(chat=forum).behind().exists()


def test_a_deleted_topic_is_found_by_the_next_decision(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    per(forum, Per.REQUEST)
    request = company.submitted()
    told(forum)
    [topic] = shown(telegram)
    telegram.post(f"/control/chats/{GROUP_CHAT}/topics/{topic['message_thread_id']}/delete")
    company.approve(request, company.boris)
    told(forum)
    [again] = shown(telegram)
    [card] = standing_in(telegram, again["message_thread_id"])
    assert "✓" in card


def test_a_topic_that_somebody_has_closed_is_opened_for_what_is_new(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    per(forum, Per.PAYEE)
    company.submitted()
    told(forum)
    [topic] = shown(telegram)
    telegram.post(
        f"/control/chats/{GROUP_CHAT}/topics/{topic['message_thread_id']}", is_closed=True
    )
    refusal = {"error_code": 400, "description": "Bad Request: TOPIC_CLOSED"}
    telegram.fail("error", method="sendDocument", count=1, **refusal)
    company.submitted()
    told(forum)
    for row in SentMessage.objects.filter(chat=forum).behind():
        lanes.due_again(row)
    told(forum)
    [topic] = shown(telegram)
    assert topic["is_closed"] is False
    assert len(standing_in(telegram, topic["message_thread_id"])) == 2


def test_without_the_right_all_comes_in_the_chat_itself(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    per(forum, Per.REQUEST)
    put_forum(telegram, company, None)
    request = company.submitted()
    told(forum)
    for row in SentMessage.objects.filter(chat=forum).behind():
        lanes.due_again(row)
    told(forum)
    assert shown(telegram) == []
    [card] = standing_in(telegram, None)
    assert request.number in card
    row = SentMessage.objects.get(chat=forum, kind=KEEPS_TOPIC)
    assert (row.state, row.error) == (
        State.GONE,
        "Bad Request: not enough rights to create a topic",
    )


def test_a_lost_answer_makes_two_topics_at_the_most(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    per(forum, Per.REQUEST)
    telegram.fail("drop_after", method="createForumTopic", count=5)
    company.submitted()
    told(forum)
    for _round in range(4):
        for row in SentMessage.objects.filter(chat=forum).behind():
            lanes.due_again(row)
        told(forum)
    assert len(shown(telegram)) == 2
    assert len(standing_in(telegram, None)) == 1


def test_another_organizations_request_is_hidden_in_its_topic_too(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    per(forum, Per.REQUEST)
    request = company.submitted()
    told(forum)
    forum.organizations.clear()
    news.project_group(forum)
    lanes.deliver(forum.pk)
    [topic] = shown(telegram)
    assert (topic["name"], topic["is_closed"]) == (request.number, True)


def test_a_persons_chat_has_a_topic_for_each_organization(
    telegram: Sandbox, company: Company
) -> None:
    telegram.post("/control/settings", has_topics_enabled=True)
    boris = company.telegram_id(company.boris)
    chat = per(Chat.objects.get(telegram_id=boris), Per.ORGANIZATION)
    request = company.submitted()
    told(chat)
    topics = telegram.get(f"/control/chats/{boris}")["topics"]
    [topic] = [topic for topic in topics if topic["message_thread_id"] != 1]
    assert topic["name"] == str(request.organization)
    assert Topic.objects.get().thread_id == topic["message_thread_id"]
    [card] = [message for message in telegram.messages(boris) if request.number in str(message)]
    assert card["message_thread_id"] == topic["message_thread_id"]


def test_who_wants_topics_where_there_are_none_is_told_and_misses_nothing(
    telegram: Sandbox, company: Company, say: Say
) -> None:
    boris = company.telegram_id(company.boris)
    assert "topics:2" not in str(say(boris, "/settings"))
    Organization.objects.create(name="ООО «Василёк»", code="ВАС", inn="7728168971")
    assert bot.offered(say(boris, "/settings"))["○ Темы"] == "topics:2"
    say(boris, "topics:2", press=True)
    chat = Chat.objects.get(telegram_id=boris)
    assert chat.topic_per == Per.ORGANIZATION
    request = company.submitted()
    told(chat)
    for row in SentMessage.objects.filter(chat=chat).behind():
        lanes.due_again(row)
    told(chat)
    said = lanes.texts(telegram, boris)
    assert any(request.number in text for text in said)
    assert any("@BotFather" in text for text in said)
    chat.refresh_from_db()
    assert chat.topic_per == Per.NOTHING


def test_further_documents_stand_where_their_card_does(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    """Whatever the chat wants by now."""
    plain = company.submitted()
    told(forum)
    per(forum, Per.REQUEST)
    placed = company.submitted()
    told(forum)
    per(forum, Per.NOTHING)
    for request in (plain, placed):
        file = ContentFile(PDF + str(request.pk).encode(), name="Акт.pdf")
        requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)
    told(forum)
    [topic] = shown(telegram)
    inside = standing_in(telegram, topic["message_thread_id"])
    assert [placed.number in text for text in inside] == [True, True]
    assert [plain.number in text for text in standing_in(telegram, None)] == [True, True]
