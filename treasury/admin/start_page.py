"""What a person finds on his first page: the work that is his by what he does here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from treasury import money
from treasury.models import Employee, PaymentRequest, PaymentRequestQuerySet
from treasury.workflow import PaymentStatus, Status

# What an author has of his own.
OWN_CARDS = (
    (gettext_lazy("Returned to me"), Status.RETURNED),
    (gettext_lazy("My drafts"), Status.DRAFT),
    (gettext_lazy("Mine in approval"), Status.IN_APPROVAL),
    (gettext_lazy("Mine approved"), Status.APPROVED),
)
# How many requests of a kind the first page names.
QUEUE_SHOWN = 10
# Nobody needs to know how many more there are, and to count them takes long.
COUNTED = 1000
# Whoever may stop a payment that was approved is who sees to the payments.
PAYS = "treasury.cancel_paymentrequest"
# Nothing of the money is on its way.
UNPAID = (PaymentStatus.NONE, PaymentStatus.FAILED)

Requests = QuerySet[PaymentRequest]
Queue = tuple[str, Requests]


@dataclass(frozen=True)
class Card:
    """A number that leads to a list; notes are what else is worth saying of it."""

    title: Any
    count: int
    url: str
    kind: str
    notes: tuple[str, ...] = ()
    alarm: str = ""

    @property
    def shown(self) -> str:
        return str(self.count) if self.count <= COUNTED else _("%(count)d+") % {"count": COUNTED}


@dataclass
class StartPage:
    cards: list[Card]
    queues: list[Queue]


def of(employee: Employee) -> StartPage:
    page = StartPage([], [])
    mine = PaymentRequest.objects.filter(author=employee)
    waiting = PaymentRequest.objects.waiting_for(employee)
    if employee.is_asked:
        page.cards.append(
            Card(_("Wait for me"), counted(waiting), _list(whose="my_turn"), "turn",
                 alarm=_overdue(waiting))
        )  # fmt: skip
        page.queues.append((_("Wait for me"), _most_urgent(waiting)))
    if employee.has_perm(PAYS):
        to_pay = PaymentRequest.objects.filter(status=Status.APPROVED, payment_status__in=UNPAID)
        page.cards += _payment_cards(to_pay)
        page.queues.append((_("To be paid"), _most_urgent(to_pay)))
    if _asks(employee):
        page.cards += _own_cards(mine)
        page.queues.append((_("Returned to me"), _most_urgent(mine.filter(status=Status.RETURNED))))
    return page


def counted(rows: "QuerySet[Any]") -> int:
    """How many there are, or one more than is counted."""
    return rows.order_by()[: COUNTED + 1].count()


def _asks(employee: Employee) -> bool:
    """For money, himself: who pays may do so too, and mostly does not."""
    if not employee.has_perm("treasury.add_paymentrequest"):
        return False
    return not employee.has_perm(PAYS) or employee.authored_requests.exists()


def _most_urgent(requests: Requests) -> Requests:
    return requests.select_related("counterparty").order_by("desired_date", "id")[:QUEUE_SHOWN]


def _payment_cards(to_pay: Requests) -> Iterator[Card]:
    """What is to be paid, with its sums; and what of it should have been paid by tonight."""
    fields = ("currency", "amount", "desired_date")
    rows = list(to_pay.order_by("desired_date").values_list(*fields)[: COUNTED + 1])
    today = timezone.localdate()
    due = [row for row in rows if row[2] <= today]
    late = sum(day < today for _currency, _amount, day in due)
    alarm = _("date passed: %(count)d") % {"count": late} if late else ""
    approved: dict[str, str] = {"status": Status.APPROVED}
    yield Card(_("Due today"), len(due), _list(**approved, date_to=today.isoformat()), "due",
               _sums(due), alarm)  # fmt: skip
    yield Card(_("Approved, to be paid"), len(rows), _list(**approved), "approved", _sums(rows))


def _sums(rows: list[tuple[str, Decimal, date]]) -> tuple[str, ...]:
    """By currency; nothing when not all of them were read."""
    if len(rows) > COUNTED:
        return ()
    return tuple(money.sums((currency, amount) for currency, amount, _day in rows))


def _own_cards(mine: PaymentRequestQuerySet) -> Iterator[Card]:
    for title, status in OWN_CARDS:
        rows = mine.filter(status=status)
        alarm = _overdue(rows) if status == Status.IN_APPROVAL else ""
        yield Card(title, counted(rows), _list(whose="mine", status=status), status, alarm=alarm)


def _overdue(rows: PaymentRequestQuerySet) -> str:
    """How many of them wait beyond their deadline."""
    count = counted(rows.overdue(timezone.now()))
    return _("overdue: %(count)d") % {"count": count} if count else ""


def _list(**query: str) -> str:
    return reverse("admin:treasury_paymentrequest_changelist", query=query)
