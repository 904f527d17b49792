"""What a witness is given holds, whatever is being written meanwhile."""

import threading
import time

import pytest
from django.db import connection, transaction

from tests.company import Company
from treasury import witness
from treasury.models import PaymentRequest

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'"),
]
SECONDS = 20.0
WAITING = """
SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()
AND state = 'idle' AND query LIKE '%RowExclusiveLock%'
"""


def somebody_waits() -> bool:
    """Has looked who writes, and is about to look again."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone() is not None


def test_heads_take_in_what_got_its_place_and_was_not_committed_yet(company: Company) -> None:
    slow, quick = (company.submitted(invoice_number=number) for number in "12")
    is_written, may_commit = threading.Event(), threading.Event()
    heads: list[witness.Head] = []

    def write() -> None:
        try:
            with transaction.atomic():
                approve(company, slow)
                is_written.set()
                may_commit.wait(SECONDS)
        finally:
            connection.close()

    def look() -> None:
        try:
            heads.extend(witness.heads())
        finally:
            connection.close()

    writer, looker = threading.Thread(target=write), threading.Thread(target=look)
    writer.start()
    assert is_written.wait(SECONDS)
    approve(company, quick)
    looker.start()
    deadline = time.monotonic() + SECONDS
    while looker.is_alive() and not somebody_waits():
        assert time.monotonic() < deadline
    may_commit.set()
    writer.join()
    looker.join()
    assert len(heads) == 3
    assert all(map(witness.holds, heads))


def approve(company: Company, request: PaymentRequest) -> None:
    company.approve(request, company.boris)
