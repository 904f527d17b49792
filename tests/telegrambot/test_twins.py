"""The same invoice in another request: every approver is told."""

from itertools import count

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from telegrambot.content.doubts import doubts, doubts_of_each
from telegrambot.kinds.registry import render
from telegrambot.models import SentMessage
from tests.company import ADMIN, TELEGRAM, Company
from tests.telegrambot import bot
from tests.telegrambot.bot import Commits
from treasury import journal, twins
from treasury.models import Counterparty, Employee, PaymentRequest
from treasury.services import decisions, requests
from treasury.workflow import Action


@pytest.fixture(autouse=True)
def _english(company: Company, settings: LazySettings) -> None:
    Employee.objects.update(language="en")
    settings.LANGUAGE_CODE = "en"


_numbers = count(1)


def submitted(company: Company, invoice: str = "45") -> PaymentRequest:
    """A request with this invoice, whatever other requests have it."""
    request = company.submitted(invoice_number=f"А-{next(_numbers)}")
    PaymentRequest.objects.filter(pk=request.pk).update(invoice_number=invoice)
    return bot.fresh(request)


def card(company: Company, request: PaymentRequest, who: Employee | int) -> SentMessage:
    return bot.chat_of(company, who).filter(request=request).latest("id")


def text(company: Company, request: PaymentRequest, who: Employee | int) -> str:
    return render(card(company, request, who)).text


def test_the_card_names_the_other_request_and_its_status(company: Company) -> None:
    first, second = submitted(company), submitted(company)
    bot.project()
    for who in (company.boris, company.group_chat):
        shown = text(company, second, who)
        warning = f"⚠️ Invoice 45 is already in request {first.number} (In approval)"
        assert warning in shown
        # After the purpose, before who asks.
        assert shown.index("Purpose") < shown.index(warning) < shown.index("Requester")
    bot.reply_to(bot.message(company.telegram_id(company.boris), f"/request {second.number}"))
    assert f"already in request {first.number}" in text(company, second, company.boris)


def test_another_invoice_is_no_twin(company: Company) -> None:
    submitted(company, "46")
    submitted(company, "")
    request = submitted(company)
    bot.project()
    assert "⚠️ Invoice" not in text(company, request, company.boris)


def test_what_was_declined_is_no_twin(company: Company) -> None:
    first, second = submitted(company), submitted(company)
    task = company.task(first, company.boris)
    decisions.decline(task=task, actor=company.boris, channel=TELEGRAM, reason="Дубль")
    bot.project()
    assert "⚠️ Invoice" not in text(company, second, company.boris)


def test_of_very_many_twins_few_are_read(
    company: Company,
) -> None:
    """«Без номера» may stand on thousands of requests to a payee and his branches."""
    branch = Counterparty.objects.get(pk=company.counterparty.pk)
    branch.pk, branch.kpp = None, "770145001"
    branch.save()
    others = [company.draft(documents=0, invoice_number="б/н") for _number in range(30)]
    PaymentRequest.objects.filter(pk__in=[one.pk for one in others[::2]]).update(
        counterparty=branch
    )
    PaymentRequest.objects.filter(pk=others[0].pk).update(status="cancelled")
    asked = [submitted(company, "Б/Н"), submitted(company, "б/н")]
    requests_ = list(PaymentRequest.objects.with_facts().filter(pk__in=[one.pk for one in asked]))
    found = twins.of_each(requests_, 2)
    assert found[asked[0].pk].newest == [asked[1], others[29]]
    assert found[asked[1].pk].newest == [asked[0], others[29]]
    assert [one.in_all for one in found.values()] == [30, 30]
    assert doubts_of_each(requests_) == {one.pk: doubts(one) for one in requests_}
    with CaptureQueriesContext(connection) as queries:
        twins.of_each(requests_, 2)
    with connection.cursor() as cursor:
        cursor.execute(queries[-1]["sql"])
        assert len(cursor.fetchall()) == 6


def test_of_many_twins_the_newest_two_are_named_and_the_rest_are_counted(
    company: Company,
) -> None:
    others = [submitted(company) for _number in range(5)]
    request = submitted(company)
    bot.project()
    shown = text(company, request, company.boris)
    assert [other.number in shown for other in others] == [False, False, False, True, True]
    assert "… and in 3 more" in shown


def test_the_reason_given_for_it_is_told(company: Company) -> None:
    submitted(company)
    request = submitted(company)
    journal.append(
        request=request,
        action=Action.SUBMIT,
        actor=company.anna,
        channel=ADMIN,
        reason="Вторая часть",
    )
    bot.project()
    assert "Why again: Вторая часть" in text(company, request, company.boris)


def test_the_earlier_card_is_shown_anew_when_a_twin_comes_or_moves_on(
    company: Company, django_capture_on_commit_callbacks: Commits
) -> None:
    first = submitted(company)
    bot.project()
    earlier = bot.mark_sent(card(company, first, company.boris))
    assert "⚠️ Invoice" not in text(company, first, company.boris)

    with django_capture_on_commit_callbacks(execute=True):
        second = submitted(company)
        bot.project()
    assert SentMessage.objects.behind().filter(pk=earlier.pk).exists()
    assert f"{second.number} (In approval)" in text(company, first, company.boris)

    earlier.refresh_from_db()
    bot.mark_sent(earlier)
    with django_capture_on_commit_callbacks(execute=True):
        requests.withdraw(request=second, actor=company.anna, channel=ADMIN)
        bot.project()
    assert SentMessage.objects.behind().filter(pk=earlier.pk).exists()
    assert f"{second.number} (Draft)" in text(company, first, company.boris)


def test_a_long_warning_still_fits_under_a_document(company: Company) -> None:
    for _number in range(4):
        request = submitted(company, "С" * 60)
    bot.project()
    shown = render(card(company, request, company.group_chat))
    assert shown.text.count("⚠️ Invoice") == 2
    assert shown.documents
    assert len(shown.text) <= 1024
