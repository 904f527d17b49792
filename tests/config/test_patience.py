"""A page that would take too long is given up, and says what helps."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client

from config import patience
from tests.admin.conftest import REQUESTS
from treasury.models import Employee


@pytest.fixture
def impatient(settings: Any) -> Iterator[None]:
    """As in a process of the web, where it takes longer."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no limit of the kind.")
    settings.WEB_STATEMENT_TIMEOUT = 0.3
    patience.limit()
    connection.close()
    yield
    connection_created.disconnect(dispatch_uid="config.patience")
    connection.close()


@pytest.fixture
def clerk() -> Client:
    clerk = Client(headers={"accept-language": "en"}, raise_request_exception=False)
    clerk.force_login(Employee.objects.create_superuser("root@example.com", "x", last_name="Root"))
    return clerk


@pytest.mark.django_db(transaction=True)
def test_a_page_that_takes_too_long_is_given_up(impatient: None, clerk: Client) -> None:
    other: Any = connection.copy()
    with other.cursor() as cursor:
        # Whoever reads requests waits for the lock.
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE treasury_paymentrequest IN ACCESS EXCLUSIVE MODE")
        response = clerk.get(REQUESTS)
        cursor.execute("ROLLBACK")
    other.close()
    assert response.status_code == 503
    assert "This takes too long" in response.content.decode()
    assert clerk.get(REQUESTS).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_any_other_failure_of_the_database_is_one_as_ever(clerk: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE treasury_vatrate RENAME TO treasury_vat")
    response = clerk.get("/admin/treasury/vatrate/")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE treasury_vat RENAME TO treasury_vatrate")
    assert response.status_code == 500
