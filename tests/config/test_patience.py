"""A page that would take too long is given up, and says what helps."""

from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def locked() -> Iterator[None]:
    """Whoever reads requests has to wait."""
    other: Any = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE treasury_paymentrequest IN ACCESS EXCLUSIVE MODE")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
            other.close()


@pytest.mark.django_db(transaction=True)
def test_a_page_that_takes_too_long_is_given_up(
    clerk: Client, impatient: None, settings: Any
) -> None:
    with locked():
        read, written = clerk.get(REQUESTS), clerk.post(f"{REQUESTS}1/do/cancel/")
    for response in (read, written):
        assert response.status_code == 503
        assert "This takes too long" in response.content.decode()
    assert "Nothing was changed." in read.content.decode()
    # A part of it may have been done.
    assert "Look whether it has been done" in written.content.decode()
    # With time enough, however busy the machine is.
    settings.WEB_STATEMENT_TIMEOUT = 60
    connection.close()
    assert clerk.get(REQUESTS).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_any_other_failure_of_the_database_is_one_as_ever(clerk: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE treasury_vatrate RENAME TO treasury_vat")
    response = clerk.get("/admin/treasury/vatrate/")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE treasury_vat RENAME TO treasury_vatrate")
    assert response.status_code == 500


@pytest.mark.django_db
def test_the_server_notices_a_machine_that_is_gone() -> None:
    """After a minute: what it has locked would hold up everybody else."""
    if connection.vendor != "postgresql" or not connection.settings_dict["HOST"]:
        pytest.skip("Only a network can lose a machine.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('tcp_keepalives_idle')::int, "
            "current_setting('tcp_keepalives_interval')::int, "
            "current_setting('tcp_keepalives_count')::int"
        )
        idle, interval, count = cursor.fetchone()
    assert 0 < idle + interval * count <= 60
