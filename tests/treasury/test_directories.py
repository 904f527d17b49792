"""Who corrects a directory and who submits at the same moment come one after the other.

SQLite has one writer at a time; PostgreSQL has to be told.
"""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from tests.company import ADMIN, Company
from treasury.models import CounterpartyAccount, PaymentRequest
from treasury.services import requests
from treasury.workflow import Status

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'"),
]


def test_a_submit_waits_for_a_correction_and_takes_it(company: Company) -> None:
    """Whoever corrects the account first is seen; whoever comes second finds the request."""
    request = company.draft()
    accounts = CounterpartyAccount.objects.filter(pk=company.account.pk)
    said: list[Exception] = []

    def submit() -> None:
        try:
            requests.submit(request=request, actor=company.anna, channel=ADMIN)
        except Exception as error:
            said.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=submit)
    with transaction.atomic():
        accounts.update(is_active=False)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(10)
    assert [type(error).__name__ for error in said] == ["NotReady"]
    assert PaymentRequest.objects.get().status == Status.DRAFT


def test_a_correction_waits_for_a_submit_and_is_refused(company: Company) -> None:
    request = company.draft()
    accounts = CounterpartyAccount.objects.filter(pk=company.account.pk)
    said: list[Exception] = []

    def correct() -> None:
        try:
            accounts.update(number="40702810500000000002")
        except Exception as error:
            said.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=correct)
    with transaction.atomic():
        requests.submit(request=request, actor=company.anna, channel=ADMIN)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(10)
    assert [type(error) for error in said] == [IntegrityError]
