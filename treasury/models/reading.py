"""Which requests a person may read, which wait for him, and how one is found."""

from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, Sum, When
from django.db.models.functions import Right
from django.utils import timezone

from treasury import invoices
from treasury.models.acting import asks, made_by, tasks_of, ties
from treasury.models.counterparties import Counterparty
from treasury.models.organizations import Employee
from treasury.workflow import SETTLED, Status

if TYPE_CHECKING:
    from treasury.models.requests import PaymentRequest


# The keys of so few requests are read first. Of more, each request that is met on the way is looked
# for among them; of a great many by itself, for even to gather them takes long.
FEW, MANY = 5_000, 50_000
# The last digits of a number, by which people name a request.
NUMBER_END = Right("number", 5)


class PaymentRequestQuerySet(models.QuerySet["PaymentRequest"]):
    def with_card(self) -> "PaymentRequestQuerySet":
        """Everything that a card shows.

        What only the details tell is read when it is asked for: PostgreSQL plans a join of all
        those tables for 20 ms, and does so for each message.
        """
        return self.select_related("organization", "department", "cash_flow_item", "counterparty")

    def with_facts(self) -> "PaymentRequestQuerySet":
        """Everything that a submit has written down, of many: of a row that several name one."""
        return self.prefetch_related(
            "snapshot", "organization", "department", "cash_flow_item", "counterparty",
            "counterparty_account__bank", "own_account__bank", "vat_rate", "requester",
        )  # fmt: skip

    def ever_submitted(self) -> "PaymentRequestQuerySet":
        return self.filter(revision__gt=0)

    def of_form(self, author: Employee, token: UUID | None) -> "PaymentRequest | None":
        """What the form has made that this page of the author's showed."""
        return self.filter(author=author, form_token=token).first() if token else None

    def waiting_for(self, employee: Employee) -> "PaymentRequestQuerySet":
        """The requests on which this person is expected to decide now."""
        tasks = employee.tasks.model.objects.filter(status="open")
        waiting = tasks.filter(reduce(or_, tasks_of(employee)))
        # The status is told by the task already, and spares the database a guess.
        running = self.filter(status=Status.IN_APPROVAL, pk__in=waiting.values("request"))
        return running.exclude(made_by(employee.pk))

    def overdue(self, now: datetime) -> "PaymentRequestQuerySet":
        """Those that wait beyond the deadline of their open stage, as `ApprovalStage.is_late`."""
        return self.filter(_overdue(now))

    def totals(self) -> list[tuple[str, int, Decimal]]:
        """How many and how much, for each currency."""
        by_currency = self.order_by("currency").values_list("currency")
        return list(by_currency.annotate(Count("pk"), Sum("amount")))

    def most_urgent_first(self) -> "PaymentRequestQuerySet":
        """What waits beyond its deadline, what has a high priority, and then by the day for which
        the money is wanted."""
        late = Case(When(_overdue(timezone.now()), then=0), default=1)
        urgent = Case(When(priority="high", then=0), default=1)
        return self.order_by(late, urgent, "desired_date", "id")

    def visible_to(self, employee: Employee) -> "PaymentRequestQuerySet":
        """What a person may read: everything with the right to view, else what concerns him."""
        if employee.has_perm("treasury.view_paymentrequest"):
            return self
        tied = ties(employee)
        own = self.model.objects.order_by()
        asked = own.filter(author=employee).values("pk")
        requested = own.filter(requester=employee).values("pk")
        gathered = (tie.gathered.values("request") for tie in tied)
        count = asked.union(requested, *gathered, all=True)[: MANY + 1].count()
        if count <= FEW:
            rows = (tie.rows.values("request") for tie in tied)
            keys = asked.union(requested, *rows, all=True).values_list("pk", flat=True)
            return self.filter(pk__among=list(keys))
        # By keys alone: what is not his is then passed over in an index, and no row of it is read.
        asks_for = Q(pk__in=asked) | Q(pk__in=requested)
        perhaps = self
        if count <= MANY:
            # Sets that PostgreSQL gathers once are asked before anything else, such as words.
            sets = (Q(pk__in=tie.gathered.values("request")) for tie in tied)
            perhaps = self.filter(reduce(or_, sets, asks_for))
            if all(tie.gathered is tie.rows for tie in tied):
                return perhaps
        # Whoever never stood in for another is not asked about it row by row.
        met = (_looked_up(tie.rows) for tie in tied if tie.rows.exists())
        return perhaps.filter(reduce(or_, met, asks_for))

    def readable_by(self, employee: Employee) -> "PaymentRequestQuerySet":
        """As `visible_to`, of a few rows: of one request, or of those with a number."""
        if employee.has_perm("treasury.view_paymentrequest"):
            return self
        met = (_looked_up(tie.rows) for tie in ties(employee))
        return self.filter(reduce(or_, met, asks(employee)))

    def ending_with(self, digits: str) -> "PaymentRequestQuerySet":
        """Those whose number ends so: 17 is 00017 in each organization and year."""
        padded = f"{digits:0>5}"
        ending = self.alias(number_end=NUMBER_END).filter(number_end=padded[-5:])
        return ending.filter(number__endswith=f"-{padded}")

    def twins_of(self, request: "PaymentRequest") -> "PaymentRequestQuerySet":
        """Other living requests with this invoice of this payee: perhaps it is asked for twice.

        A branch is no other payee: it is one company that has sent the invoice.
        """
        if not invoices.plain(request.invoice_number):
            return self.none()
        payees = Counterparty.objects.filter(request.counterparty.same_company).order_by()
        alike = self.filter(of_invoice(request.invoice_number, payees.values("pk")))
        return alike.exclude(pk=request.pk).exclude(status__in=SETTLED)


def _overdue(at: datetime) -> Q:
    return Q(status=Status.IN_APPROVAL, stage__due_at__lt=at)


def of_invoice(number: str, payees: Any) -> Q:
    """Those of these payees (keys) with the invoice of this number."""
    return Q(counterparty__in=payees) & invoices.same(number)


def _looked_up(rows: models.QuerySet[Any]) -> Q:
    """Asked for each request that is met on the way."""
    # As “equal”, by which PostgreSQL does not see that it could gather all of them first.
    this = {"request__gte": OuterRef("pk"), "request__lte": OuterRef("pk")}
    return Q(Exists(rows.filter(**this)))
