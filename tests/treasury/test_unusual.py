"""What an approver is told of a payment that is not like those before it."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.company import Company
from treasury import unusual
from treasury.models import CounterpartyAccount, PaymentRequest


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def another_account(company: Company) -> CounterpartyAccount:
    known = company.draft().counterparty_account
    return CounterpartyAccount.objects.create(
        counterparty=known.counterparty,
        bank=known.bank,
        number="40702810500000000031",
        currency=known.currency,
    )


def lines(request: PaymentRequest) -> list[str]:
    """Of one by itself, and among many."""
    said = unusual.lines(request)
    assert unusual.lines_of_each([request]).get(request.pk, []) == said
    return said


def test_the_first_payment_to_a_payee_is_said(company: Company) -> None:
    first = company.submitted()
    assert lines(first) == ["The first payment to this payee"]


def test_what_was_only_asked_for_is_no_payment(company: Company) -> None:
    company.submitted()
    assert lines(company.submitted()) == ["The first payment to this payee"]


def test_another_account_of_a_known_payee_is_said(company: Company) -> None:
    company.approved()
    assert lines(company.submitted()) == []
    elsewhere = company.submitted(counterparty_account=another_account(company))
    assert lines(elsewhere) == ["The first payment to this account"]


def test_an_account_that_was_paid_to_long_ago_is_known(company: Company) -> None:
    old = company.approved(counterparty_account=another_account(company))
    PaymentRequest.objects.bulk_create(_copies(company.approved(), 25))
    again = company.submitted(counterparty_account=old.counterparty_account)
    assert lines(again) == []


def test_more_than_usual_is_said_when_there_is_something_to_compare_with(
    company: Company,
) -> None:
    for _number in range(2):
        company.approved(**company.sums(100_000))
    assert lines(company.submitted(**company.sums(500_000))) == []
    company.approved(**company.sums(120_000))
    more = company.submitted(**company.sums(120_001))
    assert lines(more) == ["More than in any of the last 3 requests to this payee"]
    assert lines(company.submitted(**company.sums(120_000))) == []


def test_what_is_decided_is_unusual_no_more(company: Company) -> None:
    assert lines(company.approved()) == []


def _copies(request: PaymentRequest, count: int) -> list[PaymentRequest]:
    fields = {
        field.attname: getattr(request, field.attname)
        for field in request._meta.concrete_fields
        if not field.primary_key and not field.generated
    }
    return [
        PaymentRequest(
            **{**fields, "number": f"{request.number[:-3]}{900 + n}", "form_token": None}
        )
        for n in range(count)
    ]
