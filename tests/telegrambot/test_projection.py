"""From the journal to the chats: who gets which message, and what is shown anew."""

import json
from datetime import timedelta

import pytest
import redis
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from oauth.models import UserToken
from telegrambot.kinds import registry
from telegrambot.kinds.files import PRINTED_FORM
from telegrambot.models import Chat, SentMessage
from telegrambot.projection import cursor, news
from tests.company import ADMIN, PDF, Company
from tests.telegrambot import bot
from treasury.models import (
    Delegation,
    Employee,
    Organization,
    PaymentRequest,
)
from treasury.services import decisions, requests


def purposes(company: Company, who: Employee | int) -> list[str]:
    return [message.kind for message in bot.chat_of(company, who)]


def wanted(company: Company, who: Employee | int) -> list[int]:
    return [message.wanted for message in bot.chat_of(company, who)]


def attach(company: Company, request: PaymentRequest, *names: str) -> None:
    for name in names:
        file = ContentFile(PDF + name.encode(), name=name)
        requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)


def stand_in(company: Company, principal: Employee, deputy: Employee, **fields: object) -> None:
    now = timezone.now()
    dates = {"since": now - timedelta(days=1), "until": now + timedelta(days=1)}
    Delegation.objects.create(principal=principal, deputy=deputy, **{**dates, **fields})


def test_a_group_that_has_become_anothers_sees_no_more(company: Company) -> None:
    request = company.submitted()
    bot.project()
    groups = SentMessage.objects.filter(chat__telegram_id=company.group_chat)
    card = bot.mark_sent(groups.get(kind="announcement"))
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="5047043838")
    Chat.objects.get(telegram_id=company.group_chat).organizations.set([other])
    fields = {"comment": "Секретный проект"}
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)
    bot.project()
    card.refresh_from_db()
    assert card.wanted > card.shown
    shown = registry.render(card)
    assert request.number in shown.text
    for secret in ("Секретный проект", company.counterparty.name):
        assert secret not in shown.text
    assert shown.keyboard is None


def test_a_draft_concerns_nobody(company: Company) -> None:
    company.draft()
    bot.project()
    assert not SentMessage.objects.exists()
    assert not cursor.unread().exists()


def test_the_first_approvers_and_only_they_are_asked(company: Company) -> None:
    request = company.submitted()
    bot.project()
    asked = SentMessage.objects.filter(kind="task")
    assert {message.task for message in asked} == {
        company.task(request, company.boris),
        company.task(request, company.vera),
    }
    for person in (company.boris, company.vera):
        assert purposes(company, person) == ["task"]
    for person in (company.anna, company.fedor, company.tamara, company.gleb, company.sergey):
        assert purposes(company, person) == []


def test_the_group_gets_the_card_with_the_document(company: Company) -> None:
    request = company.submitted()
    bot.project()
    announcement = bot.chat_of(company, company.group_chat).get()
    assert announcement.kind == "announcement"
    assert announcement.documents == [request.documents.get().pk]


def test_without_a_document_it_gets_the_card_with_the_printed_form(company: Company) -> None:
    company.submitted(documents=0)
    bot.project()
    assert bot.chat_of(company, company.group_chat).get().documents == [PRINTED_FORM]


@pytest.mark.parametrize(
    ("documents", "carried"),
    [(0, [1]), (1, [1]), (2, [1, 1]), (5, [1, 4]), (11, [1, 10]), (12, [1, 10, 1])],
)
def test_further_documents_come_under_the_card(
    company: Company, documents: int, carried: list[int]
) -> None:
    company.submitted(documents=documents)
    bot.project()
    sent = bot.chat_of(company, company.group_chat)
    assert [len(message.documents) for message in sent] == carried
    assert sent[0].kind == "announcement"
    assert {message.kind for message in sent[1:]} <= {"documents"}


def test_only_the_groups_of_the_organization_hear_of_it(company: Company) -> None:
    other = Organization.objects.create(name="Другая", code="ДРУ", inn="7743013901")
    other.chats.create(telegram_id=-1, kind="group")
    Chat.objects.create(telegram_id=-2, kind="group")
    company.further_group(-3, kind="group")
    removed = Chat.State.REMOVED
    # It may be added again, and then shows the newest state.
    company.further_group(-4, state=removed)
    company.submitted()
    bot.project()
    announced = SentMessage.objects.filter(kind="announcement")
    heard = set(announced.values_list("chat__telegram_id", flat=True))
    assert heard == {company.group_chat, -3, -4}


def test_a_decision_asks_the_next_and_refreshes_all_before(company: Company) -> None:
    request = company.submitted()
    bot.project()
    company.approve(request, company.boris)
    bot.project()

    assert purposes(company, company.fedor) == ["task"]
    assert wanted(company, company.fedor) == [1]
    for who in (company.boris, company.vera, company.group_chat):
        assert wanted(company, who) == [2]
    assert purposes(company, company.tamara) == []


def test_several_changes_are_one_refresh(company: Company) -> None:
    request = company.submitted()
    bot.project()
    company.approve(request, company.boris)
    company.approve(request, company.fedor)
    bot.project()
    assert wanted(company, company.group_chat) == [2]
    # Fedor has decided before he could be asked.
    assert purposes(company, company.fedor) == []
    assert purposes(company, company.tamara) == ["task"]


def test_another_requests_messages_are_left_alone(company: Company) -> None:
    company.submitted(invoice_number="46")
    other = company.submitted()
    bot.project()
    company.approve(other, company.boris)
    bot.project()
    assert wanted(company, company.group_chat) == [1, 2]


def test_the_requester_and_the_author_hear_the_outcome(company: Company) -> None:
    request = company.approved(requester=company.sergey)
    bot.project()
    for person in (company.anna, company.sergey):
        assert purposes(company, person) == ["outcome"]
    assert purposes(company, company.tamara) == []
    assert request.status == "approved"


def test_who_is_both_hears_it_once(company: Company) -> None:
    company.approved()
    bot.project()
    assert purposes(company, company.anna) == ["outcome"]


@pytest.mark.parametrize("service", [decisions.decline, decisions.return_for_rework])
def test_a_refusal_is_an_outcome(company: Company, service: object) -> None:
    request = company.submitted()
    task = company.task(request, company.boris)
    service(task=task, actor=company.boris, channel=ADMIN, reason="Нет договора")  # type: ignore[operator]
    bot.project()
    assert purposes(company, company.anna) == ["outcome"]


def test_a_cancellation_is_an_outcome_of_its_own(company: Company) -> None:
    request = company.approved()
    bot.project()
    requests.cancel(request=request, actor=company.anna, channel=ADMIN, reason="Передумали")
    bot.project()
    assert purposes(company, company.anna) == ["outcome", "outcome"]
    assert wanted(company, company.anna) == [2, 1]


def test_steps_on_the_way_are_no_outcome(company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    requests.withdraw(request=request, actor=company.anna, channel=ADMIN)
    bot.project()
    assert purposes(company, company.anna) == []


def test_a_document_added_to_an_approved_request_is_no_outcome(company: Company) -> None:
    request = company.approved()
    bot.project()
    attach(company, request, "Акт.pdf")
    bot.project()
    assert purposes(company, company.anna) == ["outcome"]


def test_later_documents_reach_the_group_once(company: Company) -> None:
    request = company.submitted()
    bot.project()
    attach(company, request, "Акт.pdf", "Договор.pdf")
    bot.project()
    attach(company, request, "Письмо.pdf")
    bot.project()
    sent = bot.chat_of(company, company.group_chat)
    assert [message.kind for message in sent] == ["announcement"] + ["documents"] * 2
    assert [len(message.documents) for message in sent] == [1, 2, 1]


def test_the_documents_of_a_reworked_request_come_when_it_is_submitted_again(
    company: Company,
) -> None:
    request = company.submitted()
    bot.project()
    task = company.task(request, company.boris)
    decisions.return_for_rework(task=task, actor=company.boris, channel=ADMIN, reason="Нет акта")
    attach(company, request, "Акт.pdf")
    bot.project()
    assert purposes(company, company.group_chat) == ["announcement"]

    requests.submit(request=request, actor=company.anna, channel=ADMIN)
    bot.project()
    assert purposes(company, company.group_chat) == ["announcement", "documents"]
    assert purposes(company, company.boris) == ["task", "task"]


def test_a_material_change_asks_again(company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    bot.project()
    requests.change(
        request=request, actor=company.anna, channel=ADMIN, fields=company.sums(200_000)
    )
    bot.project()
    assert purposes(company, company.vera)[-1] == "task"
    newest = bot.chat_of(company, company.boris).latest("id")
    assert newest.task == company.task(request, company.boris)


def test_a_deputy_is_asked_too(company: Company) -> None:
    stand_in(company, company.boris, company.sergey)
    request = company.submitted()
    bot.project()
    (card,) = bot.chat_of(company, company.sergey)
    assert card.task == company.task(request, company.boris)
    assert purposes(company, company.boris) == ["task"]


def test_a_deputy_who_may_not_decide_is_not_asked(company: Company) -> None:
    now = timezone.now()
    other = Organization.objects.create(name="Другая", code="ДРУ", inn="7743013901")
    stand_in(company, company.boris, company.anna)
    stand_in(company, company.boris, company.gleb, organization=other)
    stand_in(company, company.boris, company.tamara, until=now - timedelta(hours=1))
    company.submitted()
    bot.project()
    for person in (company.anna, company.gleb, company.tamara):
        assert purposes(company, person) == []


def test_a_delegation_that_begins_later_brings_what_already_waits(company: Company) -> None:
    company.submitted()
    bot.project()
    stand_in(company, company.boris, company.sergey)
    stand_in(company, company.vera, company.anna)
    news.ask_deputies()
    news.ask_deputies()
    assert purposes(company, company.sergey) == ["task"]
    assert purposes(company, company.boris) == ["task"]
    assert purposes(company, company.anna) == []


def test_who_takes_a_task_over_is_asked(company: Company) -> None:
    company.may_take_over(company.gleb)
    request = company.submitted()
    bot.project()
    decisions.reassign(
        task=company.task(request, company.boris),
        to=company.gleb,
        actor=company.boris,
        channel=ADMIN,
        reason="Отпуск",
    )
    bot.project()
    assert purposes(company, company.gleb) == ["task"]
    assert wanted(company, company.boris) == [2]


def test_who_is_not_linked_is_left_out_and_who_is_blocked_waits(company: Company) -> None:
    UserToken.objects.filter(employee=company.boris).update(revoked_at=timezone.now())
    Chat.objects.filter(telegram_id=company.telegram_id(company.vera)).update(state="blocked")
    request = company.submitted()
    bot.project()
    [card] = SentMessage.objects.filter(kind="task")
    assert card.chat.telegram_id == company.telegram_id(company.vera)
    assert not Chat.objects.with_work(timezone.now()).filter(pk=card.chat_id).exists()
    # The back office still can.
    decisions.approve(task=company.task(request, company.vera), actor=company.vera, channel=ADMIN)


def test_projecting_again_changes_nothing(company: Company) -> None:
    request = company.submitted(documents=3)
    bot.project()
    before = list(SentMessage.objects.order_by("id").values())
    news.project(request.pk)
    bot.project()
    assert list(SentMessage.objects.order_by("id").values()) == before


def test_the_oldest_news_come_first_and_no_more_than_asked_for(company: Company) -> None:
    made = [company.draft() for _number in range(3)]
    assert news.pending(100) == [request.pk for request in made]
    assert news.pending(1) == [made[0].pk]


def test_the_cost_does_not_grow_with_the_number_of_requests(company: Company) -> None:
    def cost() -> int:
        request = company.submitted()
        with CaptureQueriesContext(connection) as queries:
            news.project(request.pk)
        return len(queries)

    first = cost()
    for _number in range(10):
        company.submitted()
    bot.project()
    assert cost() == first


def test_a_group_hears_even_of_what_was_declined_before_the_worker_came(company: Company) -> None:
    request = company.submitted()
    task = company.task(request, company.boris)
    decisions.decline(task=task, actor=company.boris, channel=ADMIN, reason="Не нужно")
    bot.project()
    assert purposes(company, company.group_chat) == ["announcement"]


def test_a_journal_entry_calls_the_worker(
    company: Company,
    settings: LazySettings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.flushdb()
    with django_capture_on_commit_callbacks(execute=True):
        company.draft()
    answer = broker.blpop("celery", timeout=10)
    assert answer
    message = json.loads(answer[1])
    assert message["headers"]["task"] == "telegrambot.tasks.project"
    broker.close()


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_make_each_message_once(company: Company) -> None:
    request = company.submitted(documents=3)
    bot.in_threads(8, lambda _number: news.project(request.pk))
    assert purposes(company, company.boris) == ["task"]
    assert purposes(company, company.group_chat) == ["announcement", "documents"]
    assert set(SentMessage.objects.values_list("wanted", flat=True)) == {1}
