"""The journal is proved as a whole, and what is broken is named."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.company import JOURNAL_GUARDS, Company
from treasury import journal
from treasury.models import Event, PaymentRequest


def faults() -> dict[str, str]:
    return dict(journal.broken_links())


def behind_the_back(change: Callable[[], object]) -> None:
    """What the guard refuses to everyone who has not taken it away."""
    JOURNAL_GUARDS[0].unguard(connection)
    change()
    JOURNAL_GUARDS[0].guard(connection)


def test_whole_journals_are_proved_in_one_pass(
    company: Company, django_assert_num_queries: Callable[[int], object]
) -> None:
    for _ in range(3):
        company.approved()
    company.draft()
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
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
    with pytest.raises(CommandError, match="broken in 1 request"):
        call_command("verify_journal", stderr=StringIO())
