"""What comes in the way of topics in their lanes, and of what stands in them."""

from collections.abc import Iterator

import pytest

from telegrambot.delivery import chats, topics
from telegrambot.delivery.lane import Lane
from telegrambot.delivery.sending import work_for
from telegrambot.kinds import details
from telegrambot.models import KEEPS_TOPIC, Chat, SentMessage, Topic
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.forums import put_forum, returned, told
from tests.telegrambot.sandbox import Sandbox
from treasury.services import requests

Per, State = Chat.TopicPer, SentMessage.State


@pytest.fixture(autouse=True)
def server(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.post("/control/settings", has_topics_enabled=False)


@pytest.fixture
def forum(telegram: Sandbox, company: Company) -> Chat:
    put_forum(telegram, company)
    Chat.objects.filter(telegram_id=GROUP_CHAT).update(is_forum=True, topic_per=Per.PAYEE)
    return Chat.objects.get(telegram_id=GROUP_CHAT)


def later(chat: Chat) -> None:
    """What the chat's rows wait for is over."""
    for row in SentMessage.objects.filter(chat=chat).behind():
        lanes.due_again(row)
    told(chat)


def keeper(chat: Chat) -> SentMessage:
    return SentMessage.objects.get(chat=chat, kind=KEEPS_TOPIC)


def test_outcomes_come_though_their_topic_was_deleted(telegram: Sandbox, company: Company) -> None:
    """The author has thrown the organization's topic away, and then two requests end."""
    telegram.post("/control/settings", has_topics_enabled=True)
    anna = company.telegram_id(company.anna)
    chat = Chat.objects.get(telegram_id=anna)
    Chat.objects.filter(pk=chat.pk).update(topic_per=Per.ORGANIZATION)
    company.approved()
    told(chat)
    thread = Topic.objects.get(chat=chat).thread_id
    telegram.post(f"/control/chats/{anna}/topics/{thread}/delete")
    ended = [company.approved() for _time in range(2)]
    told(chat)
    later(chat)
    outcomes = SentMessage.objects.filter(chat=chat, kind="outcome", request__in=ended)
    assert [row.state for row in outcomes] == [State.SENT, State.SENT]


def test_what_is_asked_for_comes_though_its_topic_was_deleted(
    telegram: Sandbox, company: Company
) -> None:
    """The details of an approved request, while another in that topic waits for him."""
    telegram.post("/control/settings", has_topics_enabled=True)
    boris = company.telegram_id(company.boris)
    chat = Chat.objects.get(telegram_id=boris)
    Chat.objects.filter(pk=chat.pk).update(topic_per=Per.ORGANIZATION)
    approved = company.approved()
    company.submitted()
    told(chat)
    thread = Topic.objects.get(chat=chat).thread_id
    telegram.post(f"/control/chats/{boris}/topics/{thread}/delete")
    details.show(chat, approved)
    told(chat)
    later(chat)
    assert SentMessage.objects.get(chat=chat, kind="details").state == State.SENT


def test_a_ticket_comes_again_when_it_was_thrown_away(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    """Who has tidied up after the first return is told of the second."""
    Chat.objects.filter(pk=forum.pk).update(topic_per=Per.TICKET)
    request = company.submitted()
    told(forum)
    returned(company, request)
    told(forum)
    gone = {"error_code": 400, "description": "Bad Request: message to edit not found"}
    telegram.fail("error", method="editMessageText", count=1, **gone)
    requests.submit(request=bot.fresh(request), actor=company.anna, channel=ADMIN, reason="Ещё раз")
    told(forum)
    assert SentMessage.objects.get(chat=forum, kind="ticket").state == State.GONE
    returned(company, request)
    told(forum)
    assert SentMessage.objects.get(chat=forum, kind="ticket").state == State.SENT


def test_a_keeper_whose_topic_is_gone_by_another_name_rests(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    """Telegram says MESSAGE_ID_INVALID of a topic too: its first message is its number."""
    company.submitted()
    told(forum)
    refusal = {"error_code": 400, "description": "Bad Request: MESSAGE_ID_INVALID"}
    telegram.fail("error", method="editForumTopic", count=1000, **refusal)
    topics.doubt(Topic.objects.get(chat=forum))
    for _turn in range(30):
        if lane := Lane.take(forum.pk):
            work_for(lane)
    assert len(telegram.calls("editForumTopic")) < 5


def test_a_keeper_that_finds_its_topic_closed_keeps_it_still(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    company.submitted()
    told(forum)
    refusal = {"error_code": 400, "description": "Bad Request: TOPIC_CLOSED"}
    telegram.fail("error", method="editForumTopic", count=2, **refusal)
    topics.doubt(Topic.objects.get(chat=forum))
    told(forum)
    later(forum)
    later(forum)
    assert keeper(forum).topic is not None


def test_what_a_supergroup_has_of_topics_stays_when_the_group_becomes_it(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    """Turning topics on makes a group a supergroup, which may speak before that is known."""
    company.submitted()
    told(forum)
    thread = Topic.objects.get(chat=forum).thread_id
    group = Chat.objects.create(telegram_id=-4242, kind="group", title="A group")
    group.organizations.set(forum.organizations.all())
    chats.migrate(group, GROUP_CHAT)
    group.refresh_from_db()
    assert Topic.objects.filter(chat=group, thread_id=thread).exists()
    assert group.topic_per == Per.PAYEE


@pytest.mark.django_db(transaction=True)
def test_who_speaks_of_a_new_topic_before_its_number_is_saved_makes_no_second(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    """Whoever renames it at once is heard by another process than that which has made it."""
    other = telegram.post(f"/control/chats/{GROUP_CHAT}/topics", name="Чужая")["message_thread_id"]
    Topic.objects.create(chat=forum, thread_id=other + 1, name="Новая")
    company.submitted()
    told(forum)
    later(forum)
    later(forum)
    assert len(telegram.calls("createForumTopic")) == 1


def test_a_group_that_refuses_topics_is_one_trouble_and_not_one_for_each_request(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    Chat.objects.filter(pk=forum.pk).update(topic_per=Per.REQUEST)
    put_forum(telegram, company, None)
    for _time in range(3):
        company.submitted()
    told(forum)
    later(forum)
    assert len(telegram.calls("createForumTopic")) == 3
    assert len(lanes.texts(telegram, GROUP_CHAT)) == 3
    assert not SentMessage.objects.filter(chat=forum, state=State.FAILED).exists()


def test_an_outage_does_not_end_a_persons_topics(telegram: Sandbox, company: Company) -> None:
    telegram.post("/control/settings", has_topics_enabled=True)
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    Chat.objects.filter(pk=chat.pk).update(topic_per=Per.ORGANIZATION)
    telegram.fail("error", method="createForumTopic", count=12, error_code=500)
    company.submitted()
    bot.project()
    for _try in range(13):
        later(chat)
    chat.refresh_from_db()
    assert chat.topic_per == Per.ORGANIZATION


def test_a_kicked_bot_asks_no_more_who_is_who(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    topic = Topic.objects.create(chat=forum, name="Новая", is_wanted=False)
    topic.wish(company.telegram_id(company.boris), is_wanted=True)
    refusal = {
        "error_code": 403,
        "description": "Forbidden: bot was kicked from the supergroup chat",
    }
    telegram.fail("error", method="getChatMember", count=1, **refusal)
    lanes.deliver(forum.pk)
    forum.refresh_from_db()
    assert forum.state == Chat.State.REMOVED


def test_what_was_refused_once_is_asked_for_with_the_next_change(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    Chat.objects.filter(pk=forum.pk).update(topic_per=Per.REQUEST)
    request = company.submitted()
    told(forum)
    refusal = {"error_code": 400, "description": "Bad Request: not enough rights to edit the topic"}
    telegram.fail("error", method="editForumTopic", count=1, **refusal)
    returned(company, request)
    told(forum)
    assert not SentMessage.objects.filter(chat=forum).behind().exists()
    requests.submit(request=bot.fresh(request), actor=company.anna, channel=ADMIN, reason="Ещё раз")
    returned(company, request)
    told(forum)
    assert len(telegram.calls("editForumTopic")) == 2
    assert keeper(forum).error == ""


def test_a_group_and_its_supergroup_that_both_have_general_become_one(
    telegram: Sandbox, company: Company, forum: Chat
) -> None:
    Topic.objects.create(chat=forum, thread_id=1, name="Общее")
    group = Chat.objects.create(telegram_id=-4242, kind="group", title="A group")
    Topic.objects.create(chat=group, thread_id=1, name="Общая тема")
    chats.migrate(group, GROUP_CHAT)
    assert [topic.name for topic in Topic.objects.filter(chat=group)] == ["Общее"]
