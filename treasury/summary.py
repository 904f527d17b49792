"""How a week has been, in figures; an amount is only added to others of its currency."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from django.db.models import Max, OuterRef, Q, Subquery

from treasury import working_time
from treasury.models import (
    ApprovalStage,
    Decision,
    Event,
    PaymentRequest,
    PaymentRequestQuerySet,
)
from treasury.workflow import Action, PaymentStatus, Status

# Of each currency how many requests and how much.
Totals = Sequence[tuple[str, int, Decimal]]
DAYS = 7
State = ApprovalStage.State


@dataclass(frozen=True)
class Stage:
    """On average it was open for so long, of working time; `count` times."""

    name: str
    took: timedelta
    count: int


@dataclass(frozen=True)
class Week:
    """`by_day` has the approved amounts of each currency, from Monday to Sunday."""

    begins: date
    approved: Totals
    by_day: Mapping[str, Sequence[Decimal]]
    paid: Totals
    overdue: Totals
    slowest: Stage | None
    declined: Sequence[Decision]

    @property
    def is_empty(self) -> bool:
        return not (self.approved or self.paid or self.overdue or self.declined)


def week(begins: date, zone: tzinfo) -> Week:
    """Of that Monday to the Sunday after it, by the clock of this zone. What is overdue is so on
    the day after it."""
    ends = begins + timedelta(days=DAYS)
    start, end = (datetime.combine(day, time(), zone) for day in (begins, ends))
    approved = _approved(start, end)
    requests = PaymentRequest.objects.all()
    return Week(
        begins,
        requests.filter(pk__in=[key for key, *_facts in approved]).totals(),
        _by_day(approved, begins, zone),
        _paid(start, end).totals(),
        requests.overdue(end).totals(),
        _slowest(start, end),
        _declined(start, end),
    )


# Its key, currency and amount, and when it was.
_Approved = tuple[int, str, Decimal, datetime]


def _approved(start: datetime, end: datetime) -> list[_Approved]:
    """Those that are approved still, and whose last stage was passed then."""
    passed = ApprovalStage.objects.filter(
        closed_at__gte=start, closed_at__lt=end, state=State.PASSED, request__status=Status.APPROVED
    )
    of_these = PaymentRequest.objects.filter(pk__in=passed.order_by().values("request"))
    last = Max("stages__closed_at", filter=Q(stages__state=State.PASSED))
    ended = of_these.annotate(approved_at=last).filter(approved_at__lt=end).order_by("pk")
    return list(ended.values_list("pk", "currency", "amount", "approved_at"))


def _by_day(approved: Sequence[_Approved], begins: date, zone: tzinfo) -> dict[str, list[Decimal]]:
    found: dict[str, list[Decimal]] = {}
    for _key, currency, amount, moment in approved:
        days = found.setdefault(currency, [Decimal()] * DAYS)
        days[(moment.astimezone(zone).date() - begins).days] += amount
    # The currency of most requests comes first.
    often = Counter(currency for _key, currency, *_facts in approved)
    return dict(sorted(found.items(), key=lambda each: (-often[each[0]], each[0])))


def _paid(start: datetime, end: datetime) -> PaymentRequestQuerySet:
    """Those that the journal says became so then, and that are still."""
    became = Event.objects.filter(
        request=OuterRef("pk"), data__changes__payment_status__1=PaymentStatus.PAID.value
    )
    last = Subquery(became.order_by("-sequence").values("at")[:1])
    # What was written in its journal since has changed it too: so few are looked at.
    paid = PaymentRequest.objects.filter(payment_status=PaymentStatus.PAID, updated_at__gte=start)
    return paid.alias(paid_at=last).filter(paid_at__gte=start, paid_at__lt=end)


def _slowest(start: datetime, end: datetime) -> Stage | None:
    ended = ApprovalStage.objects.filter(
        closed_at__gte=start, closed_at__lt=end, state__in=[State.PASSED, State.STOPPED]
    )
    calendar, took = working_time.current(), defaultdict[str, list[timedelta]](list)
    for name, since, until in ended.order_by().values_list("name", "opened_at", "closed_at"):
        if since and until:
            took[name].append(calendar.between(since, until))
    stages = (
        Stage(name, sum(each, timedelta()) / len(each), len(each)) for name, each in took.items()
    )
    slowest = min(stages, key=lambda stage: (-stage.took, stage.name), default=None)
    return slowest if slowest and slowest.took else None


def _declined(start: datetime, end: datetime) -> list[Decision]:
    made = Decision.objects.filter(action=Action.DECLINE, decided_at__gte=start, decided_at__lt=end)
    return list(made.select_related("request__counterparty").order_by("id"))
