"""The journal cannot be altered, and if it is, the proof names the row."""

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.utils import timezone

from tests.company import ADMIN, Company
from treasury import journal, seals, standing
from treasury.models import Event, PaymentRequest
from treasury.services import approvals, requests
from treasury.workflow import Action


@pytest.fixture
def unguarded(company: Company) -> Iterator[None]:
    """What an intruder with the rights of the database's owner can do."""
    seals.unseal(connection)
    yield
    seals.seal(connection)


def test_the_database_refuses_to_alter_or_delete_an_entry(company: Company) -> None:
    request = company.submitted()
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        request.events.update(reason="другая причина")
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        Event.objects.filter(request=request)._raw_delete("default")


def test_an_untouched_journal_verifies(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    company.approved()
    call_command("verify_journal")
    assert "whole: 5 entries" in capsys.readouterr().out


@pytest.mark.parametrize(
    "damage",
    ["altered", "missing", "does not follow", "the request is", "not with those that are here"],
)
def test_damage_is_found_and_named(
    company: Company, unguarded: None, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    request = company.approved()
    company.submitted()
    events = request.events.order_by("sequence")
    if damage == "altered":
        events.filter(sequence=3).update(reason="подделка")
    elif damage == "missing":
        events.filter(sequence=3)._raw_delete("default")
    elif damage == "does not follow":
        events.filter(sequence=3).update(previous_hash="f" * 64)
    elif damage == "not with those that are here":
        events.filter(sequence=5)._raw_delete("default")
    else:
        PaymentRequest.objects.filter(pk=request.pk).update(revision=7)
    with pytest.raises(CommandError, match="1 place"):
        call_command("verify_journal")
    problem = capsys.readouterr().err
    assert request.number in problem
    assert damage in problem


def test_an_entry_writes_what_has_changed_since_the_row_was_locked(company: Company) -> None:
    request = company.draft(comment="Прежний")
    with transaction.atomic():
        locked = approvals.lock(pk=request.pk)
        # Nothing else writes to a locked row: here it shows which columns are written.
        PaymentRequest.objects.filter(pk=request.pk).update(comment="Чужой", contract="Чужой")
        locked.contract = "№ 17"
        _append(locked)
        request.refresh_from_db()
        assert (request.comment, request.contract) == ("Чужой", "№ 17")
        # What the row says now nobody has remembered.
        _append(locked)
    request.refresh_from_db()
    assert (request.comment, request.contract) == ("Прежний", "№ 17")


def _append(request: PaymentRequest) -> None:
    journal.append(request=request, action=Action.CHANGE, actor=request.author, channel=ADMIN)


def test_what_moves_on_while_it_is_looked_at_came_to_its_status_just_now(company: Company) -> None:
    """Delivery reads the request, and then its journal, in no transaction."""
    request = company.approved()
    as_read = PaymentRequest.objects.get(pk=request.pk)
    now = timezone.now()
    assert standing.since(as_read) < now
    requests.change(
        request=request, actor=company.anna, channel=ADMIN, fields=company.sums(999_999)
    )
    assert standing.since(as_read) > now
