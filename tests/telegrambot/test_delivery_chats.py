"""A chat that is lost, found again, or becomes another one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from telegrambot.delivery import chats
from telegrambot.delivery.lane import Lane
from telegrambot.delivery.sending import work_for
from telegrambot.incoming.handlers import membership
from telegrambot.incoming.updates import ChatInfo, MyChatMember
from telegrambot.models import Chat, SentMessage
from telegrambot.projection.news import project_group
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import lanes
from tests.telegrambot.bot import Json
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Organization, PaymentRequest

State = SentMessage.State


@pytest.fixture
def boris(company: Company) -> int:
    return company.telegram_id(company.boris)


def test_a_person_who_blocked_the_bot_is_seen_and_gets_everything_after_unblocking(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    lanes.submit(company)
    telegram.post(f"/client/people/{boris}/block")
    chat = lanes.delivered(card).chat
    assert chat.state == Chat.State.BLOCKED
    assert chat.state_reason == "Forbidden: bot was blocked by the user"
    assert {message.state for message in chat.messages.all()} == {State.PENDING}
    assert len(telegram.calls("sendMessage", chat_id=boris)) == 1

    telegram.post(f"/client/people/{boris}/unblock")
    chats.revive(chat)
    lanes.deliver(chat.pk)
    assert len(telegram.messages(boris)) == 2


def test_a_revived_chat_goes_on_editing_what_it_had(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage, boris: int
) -> None:
    lanes.change(company, request_)
    chats.close(sent.chat, Chat.State.BLOCKED, "kicked")
    lanes.delivered(sent)
    assert telegram.messages(boris)[0]["edits"] == 0
    chats.revive(lanes.fresh(sent).chat)
    lanes.delivered(sent)
    (seen,) = telegram.messages(boris)
    assert seen["edits"] == 1


def test_a_chat_that_was_never_lost_is_left_alone_by_a_revival(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    telegram.fail("error", chat_id=boris, error_code=400, description="Bad Request: strange")
    message = lanes.delivered(card)
    chats.revive(message.chat)
    assert lanes.fresh(card).state == State.FAILED


def test_who_unblocks_the_bot_during_the_call_is_not_taken_for_blocked(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    telegram.post(f"/client/people/{boris}/block")
    unblocked = MyChatMember(ChatInfo(boris, "private", "Boris"), "member")
    meanwhile = lanes.Meanwhile("blocked", lambda: membership.changed(unblocked))
    lane = Lane.take(card.chat_id)
    assert lane
    with connection.execute_wrapper(meanwhile):
        work_for(lane)
    assert meanwhile.happened
    assert lanes.fresh(card).chat.state == Chat.State.ACTIVE
    telegram.post(f"/client/people/{boris}/unblock")
    assert lanes.delivered(card).state == State.SENT


def test_a_group_that_moved_during_the_call_is_not_closed_by_its_answer(
    telegram: Sandbox, request_: PaymentRequest
) -> None:
    announcement = lanes.announcement(request_)
    lane = Lane.take(announcement.chat_id)
    assert lane
    chats.migrate(announcement.chat, -1_009)
    assert not lane.close(announcement.chat, Chat.State.REMOVED, "kicked")
    lane.release()
    assert lanes.fresh(announcement).chat.state == Chat.State.ACTIVE


def test_a_group_that_removed_the_bot_is_seen(telegram: Sandbox, request_: PaymentRequest) -> None:
    telegram.post(f"/control/chats/{GROUP_CHAT}/kick")
    message = lanes.delivered(lanes.announcement(request_))
    assert message.chat.state == Chat.State.REMOVED
    assert message.state == State.PENDING


@pytest.mark.parametrize(
    ("code", "description", "state"),
    [
        (403, "Forbidden: user is deactivated", Chat.State.DEACTIVATED),
        (403, "Forbidden: bot can't initiate conversation with a user", Chat.State.NOT_STARTED),
        (403, "Forbidden: the group chat was deleted", Chat.State.REMOVED),
        (400, "Bad Request: chat not found", Chat.State.NOT_FOUND),
        (400, "Bad Request: not enough rights to send text messages to the chat", "restricted"),
    ],
)
def test_a_lost_chat_says_why(
    telegram: Sandbox, card: SentMessage, boris: int, code: int, description: str, state: str
) -> None:
    telegram.fail("error", chat_id=boris, error_code=code, description=description)
    message = lanes.delivered(card)
    assert message.chat.state == state
    assert message.chat.state in Chat.State.values
    assert (message.state, message.error) == (State.PENDING, description)


@pytest.fixture
def small_group(telegram: Sandbox, company: Company) -> Chat:
    """The company's announcements go to a group that may still become a supergroup."""
    chat_id = -4002 - len(telegram.get("/control/chats"))
    telegram.put_group(chat_id, company.telegram_id(company.boris), kind="group")
    Chat.objects.filter(telegram_id=GROUP_CHAT).update(telegram_id=chat_id, kind=Chat.Kind.GROUP)
    return Chat.objects.get(telegram_id=chat_id)


def announced(chat: Chat) -> SentMessage:
    return chat.messages.get(kind="announcement")


def test_a_group_that_became_a_supergroup_is_followed(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    new_id = telegram.post(f"/control/chats/{small_group.telegram_id}/migrate")["new_chat_id"]
    request = lanes.submit(company)
    message = lanes.delivered(announced(small_group))
    assert (message.chat.telegram_id, message.chat.kind) == (new_id, Chat.Kind.SUPERGROUP)
    assert message.state == State.SENT
    (text,) = lanes.texts(telegram, new_id)
    assert request.number in text


def test_old_messages_of_a_migrated_group_are_sent_anew(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    request = lanes.submit(company)
    announcement = lanes.delivered(announced(small_group))
    new_id = telegram.post(f"/control/chats/{small_group.telegram_id}/migrate")["new_chat_id"]
    chats.migrate(small_group, new_id)
    comment = lanes.change(company, request)
    message = lanes.delivered(announcement)
    (seen,) = telegram.messages(new_id)
    assert comment in seen["caption"]
    assert seen["document"]
    assert message.message_ids == [seen["message_id"]]


def test_documents_that_stand_in_a_migrated_group_do_not_come_again(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    request = lanes.submit(company, documents=4)
    lanes.deliver(small_group.pk)
    telegram.post(f"/control/chats/{small_group.telegram_id}/migrate")
    for _twice in range(2):
        lanes.change(company, request)
        lanes.deliver(small_group.pk)
    assert len(telegram.calls("sendMediaGroup")) == 1
    announcement = announced(small_group)
    assert announcement.state == State.SENT


def test_an_album_under_way_while_the_group_moves_is_not_sent_twice(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    lanes.submit(company, documents=4)
    album = small_group.messages.get(kind="documents")
    SentMessage.objects.filter(pk=album.pk).update(state=State.SENDING, attempts=1)
    new_id = telegram.post(f"/control/chats/{small_group.telegram_id}/migrate")["new_chat_id"]
    chats.migrate(small_group, new_id)
    lanes.deliver(small_group.pk)
    assert lanes.fresh(album).state == State.UNKNOWN
    assert telegram.calls("sendMediaGroup") == []


def test_a_migration_that_is_heard_of_twice_happens_once(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    new_id = telegram.post(f"/control/chats/{small_group.telegram_id}/migrate")["new_chat_id"]
    lanes.submit(company)
    message = lanes.delivered(announced(small_group))
    chats.migrate(small_group, new_id)
    assert lanes.fresh(message).message_ids == message.message_ids != []


def test_a_supergroup_met_before_its_past_is_merged_with_it(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    twin = company.further_group(-1009999)
    both = lanes.submit(company)
    small_group.organizations.clear()
    only_twin = lanes.submit(company)
    chats.migrate(small_group, -1009999)
    (chat,) = Chat.objects.filter(telegram_id=-1009999)
    assert chat.pk == small_group.pk
    assert not Chat.objects.filter(pk=twin.pk).exists()
    assert {message.request_id for message in chat.messages.all()} == {both.pk, only_twin.pk}


def supergroup_of(telegram: Sandbox, group: Chat, state: Chat.State = Chat.State.ACTIVE) -> Chat:
    """What the group has become, met before that was known."""
    new_id = telegram.post(f"/control/chats/{group.telegram_id}/migrate")["new_chat_id"]
    return Chat.objects.create(telegram_id=new_id, kind=Chat.Kind.SUPERGROUP, state=state)


def give(chat: Chat, *organizations: Organization) -> None:
    """As an administrator does in the back office."""
    chat.organizations.set(organizations)
    project_group(chat)


def test_a_supergroup_keeps_the_organization_that_it_was_given_meanwhile(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    supergroup = supergroup_of(telegram, small_group)
    give(small_group)
    give(supergroup, company.organization)
    chats.migrate(small_group, supergroup.telegram_id)
    chat = Chat.objects.get(telegram_id=supergroup.telegram_id)
    assert [*chat.organizations.all()] == [company.organization]
    request = lanes.submit(company)
    lanes.deliver(chat.pk)
    assert request.number in lanes.texts(telegram, chat.telegram_id)[-1]


def test_what_a_supergroup_was_told_before_its_past_was_known_goes_on_changing(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    request = lanes.submit(company)
    lanes.deliver(small_group.pk)
    supergroup = supergroup_of(telegram, small_group)
    give(small_group)
    give(supergroup, company.organization)
    lanes.deliver(supergroup.pk)
    before = telegram.messages(supergroup.telegram_id)

    chats.migrate(small_group, supergroup.telegram_id)
    comment = lanes.change(company, request)
    lanes.deliver(small_group.pk)
    now = telegram.messages(supergroup.telegram_id)
    assert len(before) == 1
    assert [seen["message_id"] for seen in now] == [seen["message_id"] for seen in before]
    assert comment in now[0]["caption"]


def test_the_organization_of_a_group_is_not_lost_to_a_supergroup_that_has_none(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    supergroup = supergroup_of(telegram, small_group)
    chats.migrate(small_group, supergroup.telegram_id)
    chat = Chat.objects.get(telegram_id=supergroup.telegram_id)
    assert [*chat.organizations.all()] == [company.organization]


def test_what_either_was_told_to_hear_of_is_heard_of(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    supergroup = supergroup_of(telegram, small_group)
    lily = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="5047043838")
    supergroup.organizations.add(lily)
    supergroup.departments.add(company.other_department)
    chats.migrate(small_group, supergroup.telegram_id)
    assert {*small_group.organizations.all()} == {company.organization, lily}
    assert small_group.departments.get() == company.other_department


@pytest.mark.parametrize(
    ("own", "met", "after"),
    [
        ({}, {"dress": "rich", "alerts": True, "alerts_thread": 7}, ("rich", True, 7)),
        ({"dress": "rich", "alerts": True}, {}, ("rich", True, None)),
        ({"alerts": True}, {"alerts": True, "alerts_thread": 7}, ("text", True, None)),
    ],
)
def test_a_supergroup_looks_and_tells_of_trouble_as_either_was_to(
    telegram: Sandbox,
    small_group: Chat,
    own: Json,
    met: Json,
    after: tuple[object, ...],
) -> None:
    supergroup = supergroup_of(telegram, small_group)
    Chat.objects.filter(pk=small_group.pk).update(**{"dress": "text", **own})
    Chat.objects.filter(pk=supergroup.pk).update(**{"dress": "text", **met})
    chats.migrate(small_group, supergroup.telegram_id)
    chat = Chat.objects.get(telegram_id=supergroup.telegram_id)
    assert (chat.dress, chat.alerts, chat.alerts_thread) == after


def test_a_closed_group_is_open_as_the_supergroup_that_was_met(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    chats.close(small_group, Chat.State.RESTRICTED, "have no write access")
    request = lanes.submit(company)
    supergroup = supergroup_of(telegram, small_group)
    chats.migrate(small_group, supergroup.telegram_id)
    chat = Chat.objects.get(telegram_id=supergroup.telegram_id)
    assert (chat.state, chat.state_reason) == (Chat.State.ACTIVE, "")
    lanes.deliver(chat.pk)
    (text,) = lanes.texts(telegram, chat.telegram_id)
    assert request.number in text


@pytest.mark.parametrize(
    ("before", "met", "after"),
    [("active", "removed", "active"), ("restricted", "removed", "restricted")],
)
def test_a_supergroup_that_is_closed_opens_and_closes_nothing(
    telegram: Sandbox, small_group: Chat, before: str, met: Chat.State, after: str
) -> None:
    Chat.objects.filter(pk=small_group.pk).update(state=before)
    supergroup = supergroup_of(telegram, small_group, met)
    chats.migrate(small_group, supergroup.telegram_id)
    assert Chat.objects.get(telegram_id=supergroup.telegram_id).state == after


def test_a_pause_of_the_chat_is_over_when_it_is_over(telegram: Sandbox, card: SentMessage) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Chat.objects.filter(pk=card.chat_id).update(not_before=past)
    assert lanes.delivered(card).state == State.SENT


def test_what_is_new_goes_before_the_edits_and_of_those_the_newest_first(
    telegram: Sandbox, company: Company
) -> None:
    older, newer = (lanes.submit(company) for _number in range(2))
    cards = [lanes.card(company, request) for request in (older, newer)]
    lanes.delivered(cards[0])
    SentMessage.objects.filter(pk__in=[card.pk for card in cards]).refresh()
    new = lanes.card(company, lanes.submit(company))
    due = SentMessage.objects.due(timezone.now()).filter(chat=new.chat_id)
    assert [message.pk for message in due] == [new.pk, cards[1].pk, cards[0].pk]
