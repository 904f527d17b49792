"""The journal is proved as a whole, and what is broken is named."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Model

from tests.company import Company
from treasury import guards, journal, proving, seals
from treasury.facts import canonical
from treasury.models import (
    AccountEvent,
    Counterparty,
    CounterpartyAccount,
    Decision,
    Event,
    PaymentRequest,
    Revision,
    RouteEvent,
)
from treasury.models.requests import GENESIS


def faults() -> dict[str, str]:
    return dict(proving.faults())


def behind_the_back(change: Callable[[], object]) -> None:
    """What the seals refuse to everyone who has not taken them away."""
    seals.unseal(connection)
    change()
    seals.seal(connection)


def test_whole_journals_are_proved_in_one_pass(
    company: Company, django_assert_num_queries: Callable[[int], object]
) -> None:
    for _ in range(3):
        company.approved()
    company.draft()
    # Of a batch of requests, and whether there is another; the ends and links of two journals.
    with django_assert_num_queries(9 + 4):  # type: ignore[attr-defined]
        assert faults() == {}


def test_each_broken_chain_is_named_with_its_first_fault(company: Company) -> None:
    whole, altered, cut, moved = (company.submitted() for _ in range(4))
    entries = Event.objects
    second = entries.get(request=altered, sequence=2)
    last = entries.filter(request=cut).latest("sequence")
    PaymentRequest.objects.filter(pk=moved.pk).update(revision=7)
    behind_the_back(lambda: entries.filter(pk=second.pk).update(reason="иначе"))
    behind_the_back(lambda: entries.filter(request=cut, sequence=last.sequence - 1).delete())
    assert faults() == {
        altered.number: f"entry 2 (id {second.pk}) was altered",
        cut.number: f"entry {last.sequence - 1} is missing",
        moved.number: faults()[moved.number],
    }
    assert "revision 7" in faults()[moved.number]
    assert whole.number not in faults()


def test_a_request_without_a_journal_is_named(company: Company) -> None:
    request = company.draft()
    behind_the_back(lambda: Event.objects.filter(request=request).delete())
    assert faults() == {request.number: "no entries at all"}
    with pytest.raises(CommandError, match="broken in 1 place"):
        call_command("verify_journal", stderr=StringIO())


def test_an_amount_changed_in_the_row_of_an_approved_request(company: Company) -> None:
    request = company.approved()
    PaymentRequest.objects.filter(pk=request.pk).update(amount=Decimal(9999999))
    assert faults() == {request.number: "amount is '9999999.00', and was submitted as '125000.50'"}


def test_a_payee_changed_behind_the_triggers_of_the_directories(company: Company) -> None:
    request = company.approved()
    guards.unguard(connection)
    number = "40702810000000000009"
    CounterpartyAccount.objects.filter(pk=company.account.pk).update(number=number)
    guards.guard(connection)
    was = "40702810200000000001"
    assert faults() == {
        request.number: f"counterparty_account number is '{number}', and was submitted as '{was}'"
    }


def test_another_name_of_the_payee_is_lawful(company: Company) -> None:
    company.approved()
    Counterparty.objects.filter(pk=company.counterparty.pk).update(name="ООО «Вектор»")
    assert faults() == {}


def test_a_revision_that_was_rewritten_with_its_digest(company: Company) -> None:
    request = company.approved()

    def forge() -> None:
        revision = request.revisions.get()
        revision.facts["amount"] = "9999999.00"
        revision.digest = revision.computed_digest()
        revision.save()
        request.decisions.update(digest=revision.digest)
        PaymentRequest.objects.filter(pk=request.pk).update(amount=Decimal(9999999))

    behind_the_back(forge)
    assert faults() == {request.number: "revision 1 is not the one in the journal"}


def test_a_decision_of_somebody_else(company: Company) -> None:
    request = company.approved()
    first = request.decisions.order_by("pk")[0]
    behind_the_back(lambda: Decision.objects.filter(pk=first.pk).update(decided_by=company.sergey))
    assert faults() == {request.number: f"decision {first.pk} is not the one in the journal"}


def test_a_decision_that_was_taken_out(company: Company) -> None:
    request = company.approved()
    first = request.decisions.order_by("pk")[0]
    behind_the_back(lambda: Decision.objects.filter(pk=first.pk).delete())
    assert "the decision of entry" in faults()[request.number]


def test_who_has_the_database_alone_cannot_sign_another_past(
    company: Company, settings: LazySettings
) -> None:
    """The trigger is off, the hashes are counted anew; the key is not there."""
    request = company.approved()

    def rewrite() -> None:
        for event in request.events.order_by("sequence"):
            event.actor = company.sergey
            event.hash = hashlib.sha256(canonical(event.told()).encode()).hexdigest()
            event.save()

    behind_the_back(rewrite)
    assert "was altered" in faults()[request.number]
    with_another_key = company.submitted()
    settings.SECRET_KEY = "an intruder's own" * 3
    assert "is signed with no key of ours" in faults()[with_another_key.number]


def test_a_key_is_rotated(company: Company, settings: LazySettings) -> None:
    settings.JOURNAL_KEY = "a" * 32
    request = company.submitted()
    settings.JOURNAL_KEY, settings.JOURNAL_KEY_FALLBACKS = "b" * 32, ["a" * 32]
    company.approve(request, company.boris)
    assert len(set(request.events.values_list("key", flat=True))) == 2
    assert faults() == {}
    settings.JOURNAL_KEY_FALLBACKS = []
    assert "is signed with no key of ours" in faults()[request.number]


def test_the_journals_of_accounts_and_routes_are_chains_too(company: Company) -> None:
    for person in (company.boris, company.vera):
        journal.record(employee=person, action="left", actor=None, channel="admin")
    journal.record_route(
        route=0, name="Прежний", actor=company.gleb, channel="admin",
        data={"old": None, "new": None},
    )  # fmt: skip
    assert faults() == {}
    behind_the_back(lambda: AccountEvent.objects.filter(employee=company.vera).delete())
    behind_the_back(lambda: RouteEvent.objects.update(name="Другой"))
    assert set(faults()) == {"accounts", "routes"}


@pytest.mark.parametrize("table", seals.RECORDS)
def test_no_record_is_emptied_as_a_whole(db: None, table: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    seals.seal(connection)
    cursor = connection.cursor()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("model", [Event, AccountEvent, RouteEvent, Revision, Decision])
def test_no_record_is_changed_or_deleted(company: Company, model: type[Model]) -> None:
    company.approved()
    journal.record(employee=company.boris, action="left", actor=None, channel="admin")
    journal.record_route(route=1, name="Основной", actor=company.gleb, channel="admin", data={})
    rows = model._default_manager.order_by()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(id=F("id") + 1000)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows._raw_delete("default")


def heads(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("journal_head")
    return capsys.readouterr().out


def test_a_witness_finds_what_was_rewritten_with_all_keys(
    company: Company, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = company.submitted()
    kept = heads(capsys)
    company.approve(request, company.boris)

    def check() -> None:
        monkeypatch.setattr("sys.stdin", StringIO(kept))
        call_command("journal_head", check=True)

    check()
    assert "go on from there" in capsys.readouterr().out

    def rewrite() -> None:
        previous = GENESIS
        for number, event in enumerate(request.events.order_by("sequence")):
            event.actor = company.sergey
            event.follow(number, previous)
            event.save()
            previous = event.hash
        PaymentRequest.objects.filter(pk=request.pk).update(journal_hash=previous)

    behind_the_back(rewrite)
    with pytest.raises(CommandError, match="Rewritten since: requests"):
        check()


@pytest.mark.parametrize("given", ["", "something else", "orders 1 abc"])
def test_what_is_no_head_is_refused(db: None, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(given))
    with pytest.raises(CommandError):
        call_command("journal_head", check=True)
