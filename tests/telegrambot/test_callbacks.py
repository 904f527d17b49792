"""Pressed buttons: who may, what happens, and what the answer says."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth.models import UserToken
from telegrambot.content.callback_data import CallbackData, Verb
from telegrambot.models import Chat, SentMessage
from tests.company import ADMIN, Company
from tests.telegrambot import bot
from treasury.models import (
    Decision,
    Delegation,
    Employee,
    GroupMembership,
    Organization,
    PaymentRequest,
)
from treasury.services import requests
from treasury.workflow import Status


@pytest.fixture
def request_(company: Company) -> PaymentRequest:
    return company.submitted()


def press(company: Company, who: Employee, data: str, **where: object) -> str:
    """The toast that the person gets."""
    answer = bot.reply_to(bot.press(company.telegram_id(who), data, **where))  # type: ignore[arg-type]
    assert answer["method"] == "answerCallbackQuery"
    assert answer["callback_query_id"]
    assert len(answer["text"]) <= 200
    return str(answer["text"])


def approve(company: Company, who: Employee, request: PaymentRequest, of: Employee) -> str:
    return press(company, who, f"approve:{company.task(request, of).pk}")


def test_one_tap_approves(company: Company, request_: PaymentRequest) -> None:
    text = approve(company, company.boris, request_, of=company.boris)

    decision = Decision.objects.get()
    assert (decision.decided_by, decision.action) == (company.boris, "approve")
    assert decision.channel == Decision.Channel.TELEGRAM
    assert request_.number in text
    assert "125\u202f000,50\u202f₽" in text


def test_three_taps_approve_the_request(company: Company, request_: PaymentRequest) -> None:
    for person in (company.boris, company.fedor, company.tamara):
        approve(company, person, request_, of=person)
    assert bot.fresh(request_).status == Status.APPROVED


def test_a_second_tap_says_who_decided_and_changes_nothing(
    company: Company, request_: PaymentRequest
) -> None:
    approve(company, company.boris, request_, of=company.boris)
    for person in (company.boris, company.vera):
        text = approve(company, person, request_, of=person)
        assert "Б. Орлов" in text
        assert f"{timezone.localtime(Decision.objects.get().decided_at):%H:%M}" in text
    assert Decision.objects.count() == 1


def test_a_stranger_decides_nothing_and_learns_nothing(
    company: Company, request_: PaymentRequest
) -> None:
    task = company.task(request_, company.boris)
    answer = bot.reply_to(bot.press(999, f"approve:{task.pk}"))
    assert answer["show_alert"]
    assert request_.number not in answer["text"]
    assert not Decision.objects.exists()


@pytest.mark.parametrize("name", ["anna", "gleb", "sergey", "vera", "fedor"])
@pytest.mark.parametrize("verb", ["approve", "decline", "return_for_rework"])
def test_nobody_decides_in_place_of_the_approver(
    company: Company, request_: PaymentRequest, name: str, verb: str
) -> None:
    task = company.task(request_, company.boris)
    text = press(company, getattr(company, name), f"{verb}:{task.pk}")
    assert text
    assert request_.number not in text
    assert not Decision.objects.exists()


def test_the_requester_does_not_approve_his_own_request(company: Company) -> None:
    request = company.submitted(requester=company.boris)
    task = company.task(request, company.vera)
    press(company, company.boris, f"approve:{task.pk}")
    assert not Decision.objects.exists()


def test_who_has_left_decides_nothing(company: Company, request_: PaymentRequest) -> None:
    Employee.objects.filter(pk=company.boris.pk).update(is_active=False)
    approve(company, company.boris, request_, of=company.boris)
    assert not Decision.objects.exists()


def test_who_has_lost_the_role_decides_nothing(company: Company, request_: PaymentRequest) -> None:
    company.department.budget_holders.remove(company.boris)
    approve(company, company.boris, request_, of=company.boris)
    assert not Decision.objects.exists()


def test_a_role_in_another_organization_decides_nothing(
    company: Company, request_: PaymentRequest
) -> None:
    company.approve(request_, company.boris)
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="500100732259")
    GroupMembership.objects.filter(employee=company.fedor).update(organization=other)
    approve(company, company.fedor, request_, of=company.fedor)
    assert [decision.decided_by for decision in Decision.objects.all()] == [company.boris]


def test_a_revoked_link_decides_nothing(company: Company, request_: PaymentRequest) -> None:
    UserToken.objects.filter(employee=company.boris).update(revoked_at=timezone.now())
    approve(company, company.boris, request_, of=company.boris)
    assert not Decision.objects.exists()


def test_a_deputy_decides_on_behalf(company: Company, request_: PaymentRequest) -> None:
    now = timezone.now()
    Delegation.objects.create(
        principal=company.boris,
        deputy=company.sergey,
        since=now - timedelta(days=1),
        until=now + timedelta(days=1),
    )
    approve(company, company.sergey, request_, of=company.boris)
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.on_behalf_of) == (company.sergey, company.boris)


def test_who_presses_in_a_group_is_asked_for_his_own_right(
    company: Company, request_: PaymentRequest
) -> None:
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г"}
    data = f"approve:{company.task(request_, company.boris).pk}"
    press(company, company.gleb, data, chat=group)
    assert not Decision.objects.exists()
    press(company, company.boris, data, chat=group)
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "data",
    [
        "",
        "approve",
        "approve:",
        "approve:x",
        "approve:-1",
        "approve:1:2:3",
        "approve:٣",
        "approve:999999999",
        "approve:9999999999999999999999",
        "decline:999999999",
        "reason:999999999:1",
        "delete:1",
        "APPROVE:1",
        "details:1 OR 1=1",
        "{}",
    ],
)
def test_a_button_that_says_nothing_we_know_is_out_of_date(
    company: Company, request_: PaymentRequest, data: str
) -> None:
    assert press(company, company.boris, data)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("verb", list(Verb))
def test_what_a_button_says_can_be_read_back_and_fits(verb: Verb) -> None:
    for data in (CallbackData(verb, 7), CallbackData(verb, 10**18 - 1, 10**18 - 1)):
        assert CallbackData.parse(str(data)) == data
        assert len(str(data).encode()) <= 64


def test_a_stale_button_has_its_message_shown_anew(
    company: Company, request_: PaymentRequest
) -> None:
    bot.project()
    sent = bot.mark_sent(bot.chat_of(company, company.vera).get(), message_id=44)
    other = bot.mark_sent(bot.chat_of(company, company.boris).get(), message_id=44)
    approve(company, company.boris, request_, of=company.boris)

    press(company, company.vera, f"approve:{sent.task_id}", message_id=44)

    sent.refresh_from_db()
    assert (sent.wanted, sent.shown, sent.shown_hash) == (2, 1, "")
    other.refresh_from_db()
    assert other.wanted == 1


def test_a_button_of_another_revision_brings_the_newest_version(
    company: Company, request_: PaymentRequest
) -> None:
    old = company.task(request_, company.boris)
    requests.change(
        request=request_, actor=company.anna, channel=ADMIN, fields=company.sums(200_000)
    )
    text = press(company, company.boris, f"approve:{old.pk}")

    assert not Decision.objects.exists()
    assert text
    newest = bot.chat_of(company, company.boris).filter(kind="details").get()
    (rendered,) = bot.shown([newest])
    assert "200\u202f000,00" in rendered.text
    task = company.task(request_, company.boris)
    assert bot.buttons(rendered)[0] == [bot.approves(task)]


def test_what_keeps_the_task_is_not_approved_by_a_card_that_does_not_show_it(
    company: Company, request_: PaymentRequest
) -> None:
    Employee.objects.update(language="en")
    bot.project()
    task = company.task(request_, company.boris)
    old = bot.approves(task)
    requests.change(
        request=request_, actor=company.anna, channel=ADMIN, fields=company.sums(100_000)
    )
    assert "decide on its newest version" in press(company, company.boris, old)
    assert not Decision.objects.exists()
    assert company.task(request_, company.boris) == task
    newest = bot.chat_of(company, company.boris).filter(kind="details").get()
    (rendered,) = bot.shown([newest])
    assert "100,000.00" in rendered.text
    press(company, company.boris, bot.buttons(rendered)[0][0])
    assert Decision.objects.get().revision == 2


def test_a_button_that_names_no_revision_approves_what_its_task_came_with(
    company: Company, request_: PaymentRequest
) -> None:
    """As an earlier release made them; a smaller amount keeps the task."""
    Employee.objects.update(language="en")
    task = company.task(request_, company.boris)
    requests.change(
        request=request_, actor=company.anna, channel=ADMIN, fields=company.sums(100_000)
    )
    old = f"approve:{task.pk}"
    assert "decide on its newest version" in press(company, company.boris, old)
    assert not Decision.objects.exists()
    newest = bot.chat_of(company, company.boris).filter(kind="details").get()
    (rendered,) = bot.shown([newest])
    press(company, company.boris, bot.buttons(rendered)[0][0])
    assert Decision.objects.get().revision == 2


def test_a_button_of_a_withdrawn_request_says_so(
    company: Company, request_: PaymentRequest
) -> None:
    task = company.task(request_, company.boris)
    requests.withdraw(request=request_, actor=company.anna, channel=ADMIN)
    text = press(company, company.boris, f"approve:{task.pk}")
    assert str(Status.DRAFT.label) in text
    assert not Decision.objects.exists()


def test_details_come_as_a_message_that_is_kept_up_to_date(
    company: Company, request_: PaymentRequest
) -> None:
    press(company, company.boris, f"details:{request_.pk}")
    details = bot.chat_of(company, company.boris).get()
    assert (details.kind, details.request) == ("details", request_)
    bot.project()
    details.refresh_from_db()
    assert details.wanted == 2


@pytest.mark.parametrize("verb", ["details", "documents", "printed"])
def test_an_impatient_second_tap_brings_no_second_message(
    company: Company, request_: PaymentRequest, verb: str
) -> None:
    for _tap in range(2):
        press(company, company.boris, f"{verb}:{request_.pk}")
    bot.mark_sent(bot.chat_of(company, company.boris).get())
    press(company, company.boris, f"{verb}:{request_.pk}")
    assert bot.chat_of(company, company.boris).count() == 2


@pytest.mark.parametrize("verb", ["details", "documents", "printed"])
def test_what_one_may_not_see_does_not_exist(
    company: Company, request_: PaymentRequest, verb: str
) -> None:
    hidden = press(company, company.sergey, f"{verb}:{request_.pk}")
    missing = press(company, company.sergey, f"{verb}:99999")
    assert hidden == missing
    assert not SentMessage.objects.exists()


def test_details_asked_for_in_a_group_come_in_private(
    company: Company, request_: PaymentRequest
) -> None:
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г"}
    press(company, company.boris, f"details:{request_.pk}", chat=group)
    assert bot.chat_of(company, company.boris).count() == 1
    assert not bot.chat_of(company, company.group_chat).exists()


def test_documents_come_in_albums_of_ten(company: Company) -> None:
    request = company.submitted(documents=12)
    assert press(company, company.boris, f"documents:{request.pk}") == ""
    sent = bot.chat_of(company, company.boris)
    assert [len(message.documents) for message in sent] == [10, 2]
    assert {message.kind for message in sent} == {"documents"}


def test_without_documents_the_answer_says_so(company: Company) -> None:
    request = company.submitted(documents=0)
    assert press(company, company.boris, f"documents:{request.pk}")
    assert not SentMessage.objects.exists()


def test_a_press_is_answered_in_the_language_of_the_person(
    company: Company, request_: PaymentRequest
) -> None:
    Employee.objects.filter(pk=company.boris.pk).update(language="en")
    text = approve(company, company.boris, request_, of=company.boris)
    assert text.startswith("Approved")


def test_a_press_whose_message_is_too_old_to_be_told_still_counts(
    company: Company, request_: PaymentRequest
) -> None:
    body = bot.press(
        company.telegram_id(company.boris),
        f"approve:{company.task(request_, company.boris).pk}",
    )
    del body["callback_query"]["message"]
    bot.reply_to(body)
    assert Decision.objects.count() == 1


def queries_of_a_press(company: Company, request: PaymentRequest) -> int:
    bot.project()
    task = company.task(request, company.boris)
    card = bot.mark_sent(bot.chat_of(company, company.boris).get(task=task), message_id=task.pk)
    boris = company.telegram_id(company.boris)
    body = bot.press(boris, bot.approves(task), message_id=card.message_ids[0])
    with CaptureQueriesContext(connection) as queries:
        assert request.number in bot.reply_to(body)["text"]
    return len(queries)


def test_a_press_costs_the_same_however_many_requests_there_are(company: Company) -> None:
    first = queries_of_a_press(company, company.submitted())
    assert first <= 18
    for _number in range(10):
        request = company.submitted(documents=2)
    assert queries_of_a_press(company, request) == first


def test_a_press_in_a_chat_unknown_so_far_opens_it(
    company: Company, request_: PaymentRequest
) -> None:
    Chat.objects.all().delete()
    press(company, company.boris, f"details:{request_.pk}")
    assert bot.chat_of(company, company.boris).get().chat.state == Chat.State.ACTIVE
