"""A decision in the group, which only whoever decides sees there; or else in his private chat."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from oauth import linking
from telegrambot.delivery import abilities, chats, client
from telegrambot.models import Chat, SentMessage
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.phone import Line, Phone
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Decision, PaymentRequest
from treasury.workflow import Status

MINE = "☑️ Моё решение"
State = SentMessage.State


@pytest.fixture(autouse=True)
def servers(sandbox: Sandbox) -> Iterator[None]:
    """Each test meets a server of the newest version, of which nothing is known."""
    abilities.forget()
    yield
    sandbox.post("/control/settings", bot_api="10.4")


@pytest.fixture
def request_(line: Line, company: Company) -> PaymentRequest:
    with line.committed():
        request = company.submitted()
    line.deliver()
    return request


@pytest.fixture
def group(boris: Phone) -> Phone:
    """Boris looks into the group."""
    return boris.in_group(GROUP_CHAT)


def test_who_decides_sees_his_card_alone_and_decides_there(
    telegram: Sandbox, request_: PaymentRequest, boris: Phone, group: Phone, company: Company
) -> None:
    before = telegram.public(GROUP_CHAT)
    assert "private chat" in group.presses(MINE)

    assert telegram.public(GROUP_CHAT) == before
    [card] = telegram.whispered(GROUP_CHAT)
    assert card["receiver_user"]["id"] == boris.telegram_id
    assert request_.number in group.reads()[-1]
    vera = Phone(group._line, company.telegram_id(company.vera), GROUP_CHAT)
    assert len(vera.reads()) == 1

    assert "Approved" in group.presses("✅ Approve")
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.channel) == (company.boris, "telegram")
    assert "You approved" in group.reads()[-1]
    assert "✅ Approve" not in group.offers()
    [announcement] = telegram.messages(GROUP_CHAT)
    assert "✓ Держатель бюджета" in announcement["caption"]
    assert "You approved" not in "".join(telegram.public(GROUP_CHAT))


def test_others_are_told_that_it_does_not_wait_for_them(
    telegram: Sandbox, request_: PaymentRequest, line: Line, company: Company
) -> None:
    anna = Phone(line, company.telegram_id(company.anna), GROUP_CHAT)
    assert "does not wait for you" in anna.presses(MINE)
    assert not telegram.whispered(GROUP_CHAT)
    assert not SentMessage.objects.filter(kind="privately").exists()


def test_a_refusal_takes_its_reason_from_a_button_and_words_in_private_alone(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone
) -> None:
    bot.ready_reasons()
    group.presses(MINE)
    group.presses("❌ Decline")
    assert "write to me privately" in group.reads()[-1]
    reason = next(label for label in group.offers() if "счёт" in label.lower())
    group.presses(reason)
    assert bot.fresh(request_).status == Status.DECLINED
    assert "You declined" in group.reads()[-1]


def test_nobody_types_a_name_before_everybody(
    telegram: Sandbox, request_: PaymentRequest, group: Phone
) -> None:
    group.presses(MINE)
    assert not [label for label in group.offers() if "👥" in label]


def test_pressed_again_later_the_newest_is_kept_up_to_date(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, line: Line, company: Company
) -> None:
    group.presses(MINE)
    assert "a moment ago" in group.presses(MINE)
    assert len(telegram.whispered(GROUP_CHAT)) == 1
    long_ago = timezone.now() - timedelta(minutes=2)
    SentMessage.objects.filter(kind="privately").update(sent_at=long_ago)
    group.presses(MINE)
    assert len(telegram.whispered(GROUP_CHAT)) == 2
    with line.committed():
        comment = lanes.change(company, request_)
    line.deliver()
    assert [comment in card["text"] for card in telegram.whispered(GROUP_CHAT)] == [False, True]


@pytest.mark.parametrize("version", ["10.0", "10.2"])
def test_an_older_server_shows_nothing_to_all_and_the_card_comes_in_private(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone, version: str
) -> None:
    telegram.post("/control/settings", bot_api=version)
    before = telegram.public(GROUP_CHAT)
    count = len(boris.reads())
    group.presses(MINE)
    assert telegram.public(GROUP_CHAT) == before
    assert not telegram.whispered(GROUP_CHAT)
    assert request_.number in boris.reads()[count]
    boris.presses("✅ Approve")
    assert Decision.objects.exists()


def test_what_a_server_shows_to_all_all_the_same_is_deleted_at_once(
    telegram: Sandbox,
    request_: PaymentRequest,
    group: Phone,
    boris: Phone,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It was replaced by an older one since it was asked."""
    assert abilities.can(abilities.EPHEMERAL)
    telegram.post("/control/settings", bot_api="10.0")
    before = telegram.public(GROUP_CHAT)
    count = len(boris.reads())
    group.presses(MINE)
    assert telegram.public(GROUP_CHAT) == before
    [sending] = [
        call
        for call in telegram.calls("sendMessage", chat_id=GROUP_CHAT)
        if "ephemeral_message_parameters" in call["params"]
    ]
    [deletion] = telegram.calls("deleteMessage", chat_id=GROUP_CHAT)
    assert deletion["params"]["message_id"] == sending["result"]["message_id"]
    assert "shown to all what was for one" in caplog.text
    assert request_.number in boris.reads()[count]
    group.presses(MINE)
    assert len(telegram.calls("deleteMessage", chat_id=GROUP_CHAT)) == 1


def test_a_leak_that_cannot_be_deleted_is_for_somebody_to_look_at(
    telegram: Sandbox, request_: PaymentRequest, group: Phone
) -> None:
    assert abilities.can(abilities.EPHEMERAL)
    telegram.post("/control/settings", bot_api="10.0")
    telegram.fail("error", method="deleteMessage", error_code=400, description="Bad Request: no")
    group.presses(MINE)
    leak = SentMessage.objects.get(kind="privately")
    assert (leak.state, "by hand" in leak.error) == (State.FAILED, True)
    assert leak.message_ids == [telegram.messages(GROUP_CHAT)[-1]["message_id"]]


@pytest.mark.parametrize(
    "refusal",
    [
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: not enough rights to send ephemeral messages to the chat",
        "Bad Request: ephemeral messages are not for you",
        "Bad Request: message can't be edited",
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
    group.presses(MINE)
    assert not telegram.whispered(GROUP_CHAT)
    assert request_.number in boris.reads()[count]
    closes = "text messages" in refusal
    state = Chat.objects.get(telegram_id=GROUP_CHAT).state
    assert state == (Chat.State.RESTRICTED if closes else Chat.State.ACTIVE)
    assert not SentMessage.objects.refused().exists()


def test_too_late_for_the_group_it_comes_in_private(
    telegram: Sandbox, company: Company, request_: PaymentRequest, boris: Phone, line: Line
) -> None:
    with line.committed():
        bot.reply_to(
            bot.press(
                boris.telegram_id,
                f"mine:{request_.pk}",
                chat={"id": GROUP_CHAT, "type": "supergroup", "title": "A group"},
            )
        )
        SentMessage.objects.filter(kind="privately").update(
            created_at=timezone.now() - timedelta(seconds=13)
        )
    count = len(boris.reads())
    line.deliver()
    assert not telegram.whispered(GROUP_CHAT)
    assert request_.number in boris.reads()[count]


def test_who_may_not_read_a_request_is_not_told_that_there_is_one(
    telegram: Sandbox, company: Company
) -> None:
    sergey, foreign = company.telegram_id(company.sergey), {"id": -100777, "type": "supergroup"}
    keys = [company.submitted().pk, company.draft().pk, 999_999]
    answers = {
        bot.reply_to(bot.press(sergey, f"mine:{key}", chat=chat))["text"]
        for key in keys
        for chat in (None, {**foreign, "title": "Чужие"})
    }
    assert answers == {bot.reply_to(bot.press(sergey, f"details:{keys[0]}"))["text"]}


@pytest.mark.parametrize("loss", ["revoked", "left", "dismissed"])
def test_who_loses_access_loses_his_card_in_the_group_too(
    telegram: Sandbox, company: Company, request_: PaymentRequest, group: Phone, line: Line,
    loss: str,
) -> None:  # fmt: skip
    group.presses(MINE)
    with line.committed():
        if loss == "revoked":
            token = company.boris.tokens.get(kind="telegram", revoked_at=None)
            linking.revoke(token=token, actor=company.gleb)
        elif loss == "left":
            company.boris.is_active = False
            company.boris.save()
        else:
            company.department.budget_holders.remove(company.boris)
    line.deliver()
    [card] = telegram.whispered(GROUP_CHAT)
    labels = [
        button["text"]
        for row in card.get("reply_markup", {}).get("inline_keyboard", [])
        for button in row
    ]
    assert "✅ Approve" not in labels
    assert (request_.purpose in card["text"]) == (loss == "dismissed")


def test_a_number_that_is_used_again_leads_to_one_card(
    telegram: Sandbox, company: Company, request_: PaymentRequest, group: Phone, line: Line
) -> None:
    group.presses(MINE)
    [card] = telegram.whispered(GROUP_CHAT)
    number = card["ephemeral_message_id"]
    with line.committed():
        other = company.submitted()
    line.deliver()
    client.call(
        "deleteEphemeralMessage",
        {
            "chat_id": GROUP_CHAT,
            "receiver_user_id": group.telegram_id,
            "ephemeral_message_id": number,
        },
    )
    group.presses(MINE)
    assert telegram.whispered(GROUP_CHAT)[0]["ephemeral_message_id"] == number
    with line.committed():
        comment = lanes.change(company, request_)
    line.deliver()
    [card] = telegram.whispered(GROUP_CHAT)
    assert other.number in card["text"]
    assert comment not in card["text"]


def test_who_presses_without_end_leaves_room_for_the_others(
    telegram: Sandbox, company: Company, request_: PaymentRequest, group: Phone
) -> None:
    chat = Chat.objects.get(telegram_id=GROUP_CHAT)
    here = {"id": GROUP_CHAT, "type": "supergroup", "title": "A group"}
    comment = lanes.change(company, request_)
    for _number in range(30):
        bot.reply_to(bot.press(group.telegram_id, f"mine:{request_.pk}", chat=here))
    assert SentMessage.objects.filter(kind="privately").count() == 1
    lanes.deliver(chat.pk)
    assert comment in telegram.messages(GROUP_CHAT)[0]["caption"]


@pytest.mark.parametrize(
    "refusal",
    [
        "Bad Request: BUTTON_TYPE_INVALID",
        "Bad Request: can't parse inline keyboard button: disabled",
    ],
)
def test_a_server_that_refuses_in_other_words_is_not_trusted(
    telegram: Sandbox, refusal: str
) -> None:
    telegram.fail("error", method="sendMessage", error_code=400, description=refusal)
    assert not abilities.can(abilities.EPHEMERAL)


@pytest.mark.parametrize(
    ("fault", "details"),
    [("retry_after", {"seconds": 1}), ("error", {"error_code": 500}), ("drop_before", {})],
)
def test_a_leak_is_deleted_when_trouble_has_passed(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone, line: Line,
    fault: str, details: dict[str, int],
) -> None:  # fmt: skip
    assert abilities.can(abilities.EPHEMERAL)
    telegram.post("/control/settings", bot_api="10.0")
    before, count = telegram.public(GROUP_CHAT), len(boris.reads())
    telegram.fail(fault, method="deleteMessage", **details)
    group.presses(MINE)
    leak = lanes.due_again(SentMessage.objects.get(kind="privately"))
    lanes.deliver(leak.chat_id)
    line.deliver()
    assert telegram.public(GROUP_CHAT) == before
    assert request_.number in boris.reads()[count]


def test_who_presses_again_leaves_a_leak_to_be_deleted(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, line: Line
) -> None:
    assert abilities.can(abilities.EPHEMERAL)
    telegram.post("/control/settings", bot_api="10.0")
    before = telegram.public(GROUP_CHAT)
    telegram.fail("error", method="deleteMessage", error_code=500, description="Internal")
    group.presses(MINE)
    group.presses(MINE)
    assert telegram.public(GROUP_CHAT) != before
    leak = lanes.due_again(SentMessage.objects.get(kind="privately", form="text"))
    lanes.deliver(leak.chat_id)
    assert telegram.public(GROUP_CHAT) == before


def test_what_still_waits_when_the_group_moves_comes_in_private(
    telegram: Sandbox, request_: PaymentRequest, boris: Phone, line: Line
) -> None:
    here = {"id": GROUP_CHAT, "type": "supergroup", "title": "A group"}
    count = len(boris.reads())
    with line.committed():
        bot.reply_to(bot.press(boris.telegram_id, f"mine:{request_.pk}", chat=here))
        chats.migrate(Chat.objects.get(telegram_id=GROUP_CHAT), -100999)
    line.deliver()
    assert request_.number in boris.reads()[count]


def test_a_request_that_is_decided_offers_no_decision(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone
) -> None:
    bot.ready_reasons()
    data = group._buttons()[MINE]
    group.presses(MINE)
    group.presses("❌ Decline")
    group.presses(next(label for label in group.offers() if "счёт" in label.lower()))
    assert MINE not in group.offers()
    stale = bot.reply_to(
        bot.press(
            boris.telegram_id,
            data["data"],
            message_id=data["message_id"],
            chat={"id": GROUP_CHAT, "type": "supergroup", "title": "A group"},
        )
    )
    assert stale["text"]
    assert len(telegram.whispered(GROUP_CHAT)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_in_the_group_and_in_private_one_decides_and_both_are_told(
    company: Company,
) -> None:
    request = company.submitted()
    Chat.objects.get_or_create(telegram_id=GROUP_CHAT, defaults={"kind": "supergroup"})
    here = {"id": GROUP_CHAT, "type": "supergroup", "title": "A group"}
    tasks = {person: company.task(request, person) for person in (company.boris, company.vera)}
    presses = [
        bot.press(company.telegram_id(person), f"approve:{task.pk}")
        for person, task in tasks.items()
    ]
    pressed = presses[0]["callback_query"]["message"]
    pressed |= {"message_id": 0, "ephemeral_message_id": 1, "chat": here}
    answers = bot.in_threads(2, lambda number: bot.reply_to(presses[number])["text"])
    assert Decision.objects.count() == 1
    assert sorted("Согласовано" in answer for answer in answers) == [False, True]


def test_who_is_in_the_group_where_it_is_announced_is_told_that_it_is_not_his(
    telegram: Sandbox, company: Company
) -> None:
    request = company.submitted()
    sergey = company.telegram_id(company.sergey)
    here = {"id": GROUP_CHAT, "type": "supergroup", "title": "A group"}
    answer = bot.reply_to(bot.press(sergey, f"mine:{request.pk}", chat=here))["text"]
    assert answer == f"{request.number} не ждёт вашего решения."


def test_what_is_asked_for_in_the_group_and_comes_in_private_says_so(
    telegram: Sandbox, request_: PaymentRequest, group: Phone, boris: Phone
) -> None:
    group.presses(MINE)
    count = len(boris.reads())
    assert "private chat" in group.presses("Details")
    assert len(boris.reads()) == count + 1
    assert boris.presses("Printed form") == ""


def test_no_hint_invites_to_write_before_everybody(
    telegram: Sandbox, request_: PaymentRequest, group: Phone
) -> None:
    group.presses(MINE)
    assert "message" not in group.presses("❌ Decline")
