"""A channel is an app of its own that listens to the treasury: here letters, in a few lines."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.company import Company
from treasury import audience
from treasury.models import ApprovalTask, Decision, Employee, Event, PaymentRequest
from treasury.services import decisions
from treasury.signals import journal_grew
from treasury.workflow import Status

# A line in `Decision.Channel` and a migration, in an app that stays.
LETTER = "letter"


@dataclass
class Letters:
    """Its memory of the journal is how far it has read of each request; an app keeps it in a table,
    and reads there too what no bell has rung for."""

    read: dict[int, int] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)

    def hear(self, **_facts: object) -> None:
        for request in PaymentRequest.objects.order_by("pk"):
            unread = request.events.filter(sequence__gt=self.read.get(request.pk, 0))
            if events := list(unread.order_by("sequence")):
                self._tell(request, events)
                self.read[request.pk] = events[-1].sequence

    def answer(self, task: ApprovalTask, address: str) -> Decision:
        """Whoever answers from his own address approves."""
        actor = Employee.objects.get(email=address)
        return decisions.approve(task=task, actor=actor, channel=LETTER)

    def _tell(self, request: PaymentRequest, events: list[Event]) -> None:
        heard_by = audience.of(request, events)
        asked = {person for _task, person in heard_by.asked}
        for person in Employee.objects.filter(pk__in=heard_by.people).order_by("pk"):
            what = "asked" if person.pk in asked else request.status
            self.sent.append((person.first_name, what))


@pytest.fixture
def letters() -> Iterator[Letters]:
    channel = Letters()
    journal_grew.connect(channel.hear)
    yield channel
    journal_grew.disconnect(channel.hear)


@pytest.mark.django_db(transaction=True)
def test_it_tells_those_whom_the_treasury_names_and_brings_their_decisions(
    company: Company, letters: Letters
) -> None:
    request = company.submitted()
    assert letters.sent == [("Борис", "asked"), ("Вера", "asked")]

    for person in (company.boris, company.fedor, company.tamara):
        decision = letters.answer(company.task(request, person), person.email)
        assert decision.channel == LETTER
    request.refresh_from_db()
    assert request.status == Status.APPROVED
    # The author hears of the end; one who has approved is not asked again.
    assert letters.sent[2:] == [("Фёдор", "asked"), ("Тамара", "asked"), ("Анна", "approved")]
