"""Commands of a group's menu that nobody else sees, and the answers to them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.utils import timezone

from oauth import linking
from oauth.models import UserToken
from telegrambot import tasks
from telegrambot.delivery import abilities, chats, whispers
from telegrambot.models import Alert, Chat, Dialog, SentMessage, Update
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.config.test_health import metrics
from tests.telegrambot import bot, lanes
from tests.telegrambot.phone import Line, Phone
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Counterparty, Decision, PaymentRequest
from treasury.services import people
from treasury.workflow import Status

State = SentMessage.State
STRANGER = 777_002
HERE = {"id": GROUP_CHAT, "type": "supergroup", "title": "A group"}
UNSEEN = SentMessage.objects.filter(receiver_id__isnull=False)


@pytest.fixture(autouse=True)
def servers(sandbox: Sandbox) -> Iterator[None]:
    """Each test meets a server of the newest version, of which nothing is known."""
    abilities.forget()
    yield
    sandbox.post("/control/settings", bot_api="10.4")


@pytest.fixture
def menu(telegram: Sandbox) -> None:
    call_command("telegram", "commands", verbosity=0)


@pytest.fixture
def request_(line: Line, company: Company) -> PaymentRequest:
    with line.committed():
        request = company.submitted()
    line.deliver()
    return request


@pytest.fixture
def group(boris: Phone, menu: None) -> Phone:
    """Boris looks into the group."""
    return boris.in_group(GROUP_CHAT)


def command(person: int, text: str, number: int = 1) -> bot.Json:
    """As it comes, unseen by all others; the human is named by `from` alone."""
    numbers = {"message_id": 0, "ephemeral_message_id": number}
    return bot.message(person, text, chat=HERE, receiver_user=bot.person(1), **numbers)


def heard(telegram: Sandbox) -> list[bot.Json]:
    """The calls by which anything came into the group, or was changed there."""
    methods = ("sendMessage", "sendRichMessage", "editMessageText", "deleteMessage")
    return [call for method in methods for call in telegram.calls(method, chat_id=GROUP_CHAT)]


@pytest.mark.parametrize("version", ["10.3", "10.4"])
def test_who_asks_unseen_is_the_only_one_to_see_the_answer(
    telegram: Sandbox, request_: PaymentRequest, boris: Phone, line: Line, company: Company,
    version: str,
) -> None:  # fmt: skip
    telegram.post("/control/settings", bot_api=version)
    call_command("telegram", "commands", verbosity=0)
    before, privately = telegram.public(GROUP_CHAT), boris.reads()
    group = boris.in_group(GROUP_CHAT)
    assert request_.number in group.chooses("/pending@treasury_bot")
    [shown] = telegram.whispered(GROUP_CHAT)
    assert shown["receiver_user"]["id"] == boris.telegram_id
    assert shown["reply_to_message"]["text"] == "/pending@treasury_bot"
    vera = Phone(line, company.telegram_id(company.vera), GROUP_CHAT)
    assert len(vera.reads()) == 1
    assert {*vera.reads()} == {*telegram.public(GROUP_CHAT)} == {*before}
    assert all(not call["result"]["message_id"] for call in heard(telegram))
    assert boris.reads() == privately


def test_a_server_that_shows_answers_to_all_is_given_none(
    telegram: Sandbox, request_: PaymentRequest, boris: Phone, company: Company
) -> None:
    """With 10.2 the command is unseen, and what makes the answer so is not understood."""
    telegram.post("/control/settings", bot_api="10.2")
    call_command("telegram", "commands", verbosity=0)
    before, count = telegram.public(GROUP_CHAT), len(boris.reads())
    group = boris.in_group(GROUP_CHAT)
    for text in ("/pending", f"/request {request_.number}", "/whoami", "/login"):
        group.chooses(text)
    assert telegram.public(GROUP_CHAT) == before
    assert not heard(telegram)
    assert not telegram.whispered(GROUP_CHAT)
    listed, shown, who, signed_in = boris.reads()[count:]
    assert request_.number in listed
    assert request_.purpose in shown
    assert company.boris.email in who
    assert "signed in" in signed_in


@pytest.mark.parametrize("version", ["10.1", "10.4"])
def test_what_all_have_read_is_answered_in_private_as_ever(
    telegram: Sandbox, request_: PaymentRequest, boris: Phone, version: str
) -> None:
    """Chosen in a menu that knows no better, or typed by hand."""
    telegram.post("/control/settings", bot_api=version)
    call_command("telegram", "commands", verbosity=0)
    before, count = telegram.public(GROUP_CHAT), len(boris.reads())
    group = boris.in_group(GROUP_CHAT)
    ask = group.chooses if version == "10.1" else group.says
    ask("/pending@treasury_sandbox_bot")
    assert {*telegram.public(GROUP_CHAT)} - {*before} == {"Ответил вам в личных сообщениях."}
    assert not telegram.whispered(GROUP_CHAT)
    assert request_.number in boris.reads()[count]


@pytest.mark.parametrize("replaced_by", ["10.1", "10.2"])
def test_a_server_that_was_replaced_by_an_older_one_shows_nothing_to_all(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone, replaced_by: str
) -> None:
    assert abilities.can(abilities.EPHEMERAL)
    before, count = telegram.public(GROUP_CHAT), len(boris.reads())
    bot.post(command(boris.telegram_id, "/pending"))
    telegram.post("/control/settings", bot_api=replaced_by)
    group._line.deliver()
    assert telegram.public(GROUP_CHAT) == before
    assert request_.number in boris.reads()[count]


def test_an_answer_that_is_shown_to_all_all_the_same_is_deleted_at_once(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Were the reply forgotten, as a server may that knows no such reply."""
    assert abilities.can(abilities.EPHEMERAL)
    before, count = telegram.public(GROUP_CHAT), len(boris.reads())
    bot.post(command(boris.telegram_id, "/pending"))
    UNSEEN.update(command_id=None)
    telegram.post("/control/settings", bot_api="10.1")
    group._line.deliver()
    assert telegram.public(GROUP_CHAT) == before
    assert len(telegram.calls("deleteMessage", chat_id=GROUP_CHAT)) == 1
    assert "shown to all what was for one" in caplog.text
    assert request_.number in boris.reads()[count]


def test_it_is_answered_in_the_topic_where_it_was_asked(
    telegram: Sandbox, line: Line, company: Company, boris: Phone, menu: None
) -> None:
    members = list(company.telegram_ids.values())
    forum = {**HERE, "is_forum": True, "members": members, "bot_rights": ["can_manage_topics"]}
    telegram.post("/control/groups", **forum)
    line.carry()
    Chat.objects.filter(telegram_id=GROUP_CHAT).update(topic_per="request")
    with line.committed():
        request = company.submitted()
    line.deliver()
    place = f"/control/chats/{GROUP_CHAT}/topics"
    aside = telegram.post(place, name="Aside")["message_thread_id"]
    group = boris.in_group(GROUP_CHAT)
    for text in ("/pending", f"/request {request.number}"):
        assert request.number in group.chooses(text, message_thread_id=aside)
    assert {shown["message_thread_id"] for shown in telegram.whispered(GROUP_CHAT)} == {aside}
    calls = telegram.calls("sendMessage", chat_id=GROUP_CHAT)
    asked = [call for call in calls if "reply_parameters" in call["params"]]
    assert {call["params"]["message_thread_id"] for call in asked} == {aside}


def test_pages_turn_where_they_are_seen(
    telegram: Sandbox, company: Company, line: Line, group: Phone, boris: Phone
) -> None:
    with line.committed():
        for _number in range(7):
            company.submitted()
    Counterparty.objects.update(name="Общество " * 17)
    line.deliver()
    before, privately = telegram.public(GROUP_CHAT), len(boris.reads())
    first = group.chooses("/pending")
    assert "7 requests wait" in first
    for label, line_of in (("→", "\n\n7. "), ("←", "\n\n1. ")):
        assert group.presses(label) == ""
        assert line_of in group.reads()[-1]
    [shown] = telegram.whispered(GROUP_CHAT)
    assert len(telegram.calls("editEphemeralMessageText")) == 2
    assert telegram.public(GROUP_CHAT) == before
    assert len(boris.reads()) == privately
    number = shown["text"].splitlines()[4].split(" · ")[0]
    assert "private chat" in group.presses("1")
    assert number in boris.reads()[-1]


def test_pages_of_a_list_whose_answer_was_lost_turn_too(
    telegram: Sandbox, company: Company, line: Line, group: Phone, boris: Phone
) -> None:
    with line.committed():
        for _number in range(6):
            company.submitted()
    line.deliver()
    telegram.fail("drop_after", method="sendMessage", chat_id=str(GROUP_CHAT))
    group.chooses("/pending")
    before, privately = telegram.public(GROUP_CHAT), len(boris.reads())
    group.presses("→")
    assert "\n\n6. " in group.reads()[-1]
    assert len(telegram.whispered(GROUP_CHAT)) == 1
    assert telegram.public(GROUP_CHAT) == before
    assert len(boris.reads()) == privately


def test_no_press_on_a_card_says_anything_before_all(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone
) -> None:
    """An app of one's own may send any button."""
    group.chooses(f"/request {request_.number}")
    [card] = telegram.whispered(GROUP_CHAT)
    before, privately = telegram.public(GROUP_CHAT), len(boris.reads())
    forged = bot.press(boris.telegram_id, "page:1", chat=HERE)
    forged["callback_query"]["message"] |= {
        "message_id": 0, "ephemeral_message_id": card["ephemeral_message_id"],
    }  # fmt: skip
    bot.reply_to(forged)
    group._line.deliver()
    assert telegram.public(GROUP_CHAT) == before
    assert len(boris.reads()) == privately + 1
    assert request_.purpose in telegram.whispered(GROUP_CHAT)[0]["text"]


def test_a_request_is_shown_decided_and_kept_up_to_date_there(
    telegram: Sandbox, request_: PaymentRequest, company: Company, line: Line, group: Phone,
    boris: Phone,
) -> None:  # fmt: skip
    privately = len(boris.reads())
    PaymentRequest.objects.filter(pk=request_.pk).update(comment="Слово " * 300)
    shown = group.chooses(f"/request {request_.number}")
    assert request_.purpose in shown
    assert not [label for label in group.offers() if "👥" in label]
    for label in ("Documents", "Printed form"):
        assert "private chat" in group.presses(label)
    assert len(boris.reads()) == privately + 2
    comment = lanes.change(company, request_)
    line.deliver()
    assert comment in group.reads()[-1]

    group.presses("❌ Decline")
    assert "write to me privately" in group.reads()[-1]
    group.presses("← Back")
    assert "Approved" in group.presses("✅ Approve")
    assert "You approved" in group.reads()[-1]
    assert Decision.objects.get().decided_by == company.boris
    assert "You approved" not in "".join(telegram.public(GROUP_CHAT))
    [card] = telegram.whispered(GROUP_CHAT)
    assert not UNSEEN.behind().exists()
    assert len(card["text"]) <= 1024


def test_of_a_request_the_newest_card_follows_it(
    telegram: Sandbox, request_: PaymentRequest, company: Company, line: Line, group: Phone
) -> None:
    for _twice in range(2):
        group.chooses(f"/request {request_.number}")
    comment = lanes.change(company, request_)
    line.deliver()
    assert [comment in card["text"] for card in telegram.whispered(GROUP_CHAT)] == [False, True]


def test_who_may_not_see_it_is_not_told_that_there_is_one(
    telegram: Sandbox, request_: PaymentRequest, company: Company, line: Line, menu: None
) -> None:
    sergey = Phone(line, company.telegram_id(company.sergey), GROUP_CHAT)
    assert sergey.chooses(f"/request {request_.number}") == sergey.chooses("/request 999")


def test_other_commands_that_only_tell_are_answered_there(
    telegram: Sandbox, request_: PaymentRequest, company: Company, group: Phone, boris: Phone
) -> None:
    privately = boris.reads()
    assert request_.number in group.chooses(f"/why {request_.number}")
    assert company.boris.email in group.chooses("/whoami")
    assert "/pending" in group.chooses("/help")
    assert company.boris.get_full_name() in group.chooses("/login")
    assert request_.number in group.chooses("/request")
    assert request_.number in group.chooses("/why")
    assert boris.reads() == privately


def test_what_is_none_of_these_is_answered_in_private_without_a_word_there(
    telegram: Sandbox, company: Company, group: Phone, boris: Phone
) -> None:
    """As the menu of another release may have it."""
    bot.post(command(boris.telegram_id, "/away"))
    group._line.deliver()
    assert not heard(telegram)
    assert Dialog.objects.get().telegram_id == boris.telegram_id
    assert "deci" in boris.reads()[-1] or "until" in boris.reads()[-1].lower()
    bot.post(command(boris.telegram_id, "/nothing", number=2))
    assert not UNSEEN.exists()


def test_what_concerns_the_group_is_answered_to_who_has_asked_unseen(
    telegram: Sandbox, company: Company, group: Phone, boris: Phone
) -> None:
    before = telegram.public(GROUP_CHAT)
    telegram.post(
        f"/client/people/{boris.telegram_id}/chats/{GROUP_CHAT}/messages",
        text="/pending", from_menu=True,
    )  # fmt: skip
    bot.post(command(boris.telegram_id, "/bind"))
    group._line.deliver()
    assert telegram.public(GROUP_CHAT) == before
    assert "Only an administrator" in telegram.whispered(GROUP_CHAT)[0]["text"]


def test_a_stranger_is_shown_the_way_in_and_no_link(
    telegram: Sandbox, line: Line, company: Company, menu: None, settings: LazySettings
) -> None:
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    settings.TELEGRAM_LINK_URL = "https://t.me"
    telegram.put_people(STRANGER)
    telegram.put_group(GROUP_CHAT, *company.telegram_ids.values(), STRANGER)
    line.carry()
    before, privately = telegram.public(GROUP_CHAT), telegram.messages(STRANGER)
    stranger = Phone(line, STRANGER, GROUP_CHAT)
    for text in ("/login@treasury_bot", "/pending@treasury_bot"):
        stranger.chooses(text)
        shown = telegram.whispered(GROUP_CHAT)[-1]
        assert "/login" in shown["text"]
        [[button]] = shown["reply_markup"]["inline_keyboard"]
        assert button["url"] == "https://t.me/treasury_bot?start=login"
    assert telegram.public(GROUP_CHAT) == before
    assert telegram.messages(STRANGER) == privately
    assert not UserToken.objects.filter(kind=UserToken.Kind.LINK).exists()


def test_it_is_answered_once_however_often_it_comes(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone
) -> None:
    said = command(boris.telegram_id, "/pending")
    for _time in range(3):
        assert bot.post(said).status_code == 200
    assert UNSEEN.count() == 1
    # Asked again before he is answered, he is answered once, as to the newest.
    bot.post(command(boris.telegram_id, "/pending", number=2))
    assert UNSEEN.get().command_id == 2
    for number in (3, 4):
        bot.post(command(boris.telegram_id, f"/request {request_.number}", number=number))
    assert UNSEEN.get(kind="details").command_id == 4


def test_in_a_private_chat_nobody_else_is_there_anyway(company: Company) -> None:
    numbers = {"message_id": 0, "ephemeral_message_id": 1}
    bot.post(bot.message(company.telegram_id(company.boris), "/whoami", **numbers))
    assert SentMessage.objects.get().receiver_id is None


def test_answers_to_several_people_and_questions_do_not_get_in_each_others_way(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone, line: Line,
    company: Company,
) -> None:  # fmt: skip
    vera = company.telegram_id(company.vera)
    said = [
        telegram.post(
            f"/client/people/{person}/chats/{GROUP_CHAT}/messages", text=text, from_menu=True
        )
        for person, text in ((boris.telegram_id, "/pending"), (boris.telegram_id, "/whoami"),
                             (vera, "/pending"))
    ]  # fmt: skip
    assert {message["message_id"] for message in said} == {0}
    line.carry()
    readers = [message["receiver_user"]["id"] for message in telegram.whispered(GROUP_CHAT)]
    assert sorted(readers) == sorted([boris.telegram_id, boris.telegram_id, vera])
    assert set(UNSEEN.values_list("state", flat=True)) == {State.SENT}


def test_too_late_for_the_group_it_comes_in_private(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone, line: Line
) -> None:
    count = len(boris.reads())
    for number, text in enumerate(("/pending", f"/request {request_.number}"), start=1):
        bot.post(command(boris.telegram_id, text, number))
    UNSEEN.update(created_at=timezone.now() - timedelta(seconds=13))
    line.deliver()
    assert not heard(telegram)
    listed, shown = boris.reads()[count:]
    assert "1 request waits" in listed
    assert request_.purpose in shown


@pytest.mark.parametrize(
    "refusal",
    [
        "Bad Request: not enough rights to send an ephemeral message without an action",
        "Bad Request: message to be replied not found",
        "Bad Request: message thread not found",
        "Forbidden: bot was blocked by the user",
    ],
)
def test_what_the_chat_refuses_comes_in_private(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone, refusal: str
) -> None:
    assert abilities.can(abilities.EPHEMERAL)
    telegram.fail(
        "error", method="sendMessage", error_code=400, description=refusal, chat_id=str(GROUP_CHAT)
    )
    count = len(boris.reads())
    group.chooses("/pending")
    assert not telegram.whispered(GROUP_CHAT)
    assert request_.number in boris.reads()[count]


def test_what_cannot_be_said_in_private_now_is_said_later(
    telegram: Sandbox, request_: PaymentRequest, boris: Phone, line: Line
) -> None:
    """It is given up there and wanted here at once, or neither."""
    count = len(boris.reads())
    with line.committed():
        bot.post(command(boris.telegram_id, "/pending"))
        UNSEEN.update(created_at=timezone.now() - timedelta(minutes=1))
    bot.refuse_inserts("telegrambot_sentmessage", "no", "NEW.receiver_id IS NULL")
    line.deliver()
    assert UNSEEN.get().is_behind
    bot.accept_inserts("telegrambot_sentmessage")
    Chat.objects.update(not_before=None)
    line.deliver()
    assert UNSEEN.get().state == State.GONE
    assert request_.number in boris.reads()[count]


def test_what_still_waits_when_the_group_moves_comes_in_private(
    telegram: Sandbox, request_: PaymentRequest, boris: Phone, line: Line
) -> None:
    count = len(boris.reads())
    with line.committed():
        bot.post(command(boris.telegram_id, "/pending"))
        chats.migrate(Chat.objects.get(telegram_id=GROUP_CHAT), -100999)
    line.deliver()
    assert request_.number in boris.reads()[count]


def test_who_asks_without_end_leaves_room_for_the_others(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone
) -> None:
    count = len(boris.reads())
    for _time in range(whispers.SHARE + 2):
        group.chooses("/whoami")
    assert len(telegram.whispered(GROUP_CHAT)) == whispers.SHARE
    assert len(boris.reads()) == count + 2
    long_ago = timezone.now() - timedelta(seconds=61)
    UNSEEN.update(sent_at=long_ago)
    group.chooses("/whoami")
    assert len(telegram.whispered(GROUP_CHAT)) == whispers.SHARE + 1


@pytest.mark.parametrize("loss", ["revoked", "left"])
def test_who_loses_access_loses_the_answers_in_the_group_too(
    telegram: Sandbox, company: Company, request_: PaymentRequest, group: Phone, boris: Phone,
    line: Line, loss: str,
) -> None:  # fmt: skip
    for text in ("/pending", f"/request {request_.number}"):
        group.chooses(text)
    bot.post(command(boris.telegram_id, "/whoami", number=90))
    with line.committed():
        if loss == "revoked":
            token = company.boris.tokens.get(kind="telegram", revoked_at=None)
            linking.revoke(token=token, actor=company.gleb)
        else:
            gleb, left = company.allow(company.gleb, "change_employee"), {"is_active": False}
            people.change(employee=company.boris, actor=gleb, channel=ADMIN, fields=left)
    line.deliver()
    listed, card = telegram.whispered(GROUP_CHAT)
    for shown in (listed, card):
        assert request_.purpose not in shown["text"]
        assert "reply_markup" not in shown
    assert request_.number not in listed["text"]
    assert company.boris.email not in str([boris.reads(), group.reads()])


def test_whose_role_is_taken_away_loses_the_buttons_there(
    telegram: Sandbox, company: Company, request_: PaymentRequest, group: Phone, line: Line
) -> None:
    group.chooses(f"/request {request_.number}")
    assert "✅ Approve" in group.offers()
    with line.committed():
        company.department.budget_holders.remove(company.boris)
    line.deliver()
    assert "✅ Approve" not in group.offers()


def test_what_nobody_may_have_seen_is_trouble_for_as_long_as_it_was_of_use(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, line: Line, company: Company
) -> None:
    Chat.objects.filter(telegram_id=company.telegram_id(company.gleb)).update(alerts=True)
    for text in ("/pending", f"/request {request_.number}"):
        telegram.fail("drop_after", method="sendMessage", chat_id=str(GROUP_CHAT))
        group.chooses(text)
    assert set(UNSEEN.values_list("state", flat=True)) == {State.UNKNOWN}
    assert metrics()["treasury_messages_unknown"] == 2
    tasks.watch()
    assert Alert.objects.get(ended_at=None).count == 2

    UNSEEN.update(created_at=timezone.now() - timedelta(seconds=13))
    # Of what all can see, or one in his private chat, the state stays.
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    card = SentMessage.objects.filter(chat=chat, kind="task")
    card.update(state=State.UNKNOWN, created_at=timezone.now() - timedelta(days=1))
    line.deliver()
    assert set(UNSEEN.values_list("state", flat=True)) == {State.GONE}
    assert metrics()["treasury_messages_unknown"] == 1
    card.update(state=State.SENT)
    tasks.watch()
    assert not Alert.objects.filter(ended_at=None).exists()
    # He asks again, and is answered.
    telegram_count = len(telegram.whispered(GROUP_CHAT))
    group.chooses("/pending")
    assert len(telegram.whispered(GROUP_CHAT)) == telegram_count + 1


def test_of_the_command_is_stored_what_another_try_needs(
    telegram: Sandbox, company: Company, settings: LazySettings
) -> None:
    """Without the bot's name it is for us all the same: nobody else has heard it."""
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    boris = company.telegram_id(company.boris)
    bot.refuse_inserts("telegrambot_sentmessage", "not today")
    bot.post(command(boris, "/pending", number=7))
    bot.accept_inserts("telegrambot_sentmessage")
    update = Update.objects.get()
    assert update.handled_at is None
    assert "receiver_user" not in update.payload["message"]
    assert update.payload["message"]["ephemeral_message_id"] == 7
    Update.objects.update(received_at=timezone.now() - timedelta(seconds=11))
    tasks.sweep()
    assert Update.objects.get().handled_at
    answered = UNSEEN.get()
    assert (answered.receiver_id, answered.command_id) == (boris, 7)
    # A stranger's words may be a secret there too.
    bot.post(command(STRANGER, "/login ABCD-2345", number=8))
    assert "ABCD" not in str(Update.objects.latest("pk").payload)


def test_a_request_that_is_over_can_be_looked_at_there(
    telegram: Sandbox, company: Company, group: Phone, line: Line
) -> None:
    with line.committed():
        request = company.approved()
    assert request.status == Status.APPROVED
    assert request.number in group.chooses(f"/request {request.number}")
    assert "✅ Approve" not in group.offers()
