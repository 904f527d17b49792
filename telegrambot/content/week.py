"""How a week has been, in words and as a chart."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from telegrambot.content.markup import bold, listed, plain, shortened
from telegrambot.content.words import day
from treasury.models import Decision
from treasury.money import money, sums
from treasury.printed import chart
from treasury.summary import DAYS, Totals, Week

# Characters of a refusal; and what is left for all of them.
_REFUSAL, _REFUSALS = 160, 500


def text(week: Week) -> str:
    """Telegram's HTML, for under a picture."""
    lines = [*_lines(week), listed(map(_refusal, week.declined), _REFUSALS)]
    return "\n".join(filter(None, [bold(_title(week)), *lines]))


def picture(week: Week) -> bytes:
    """PNG; empty when nothing was approved."""
    approved = {currency: amount for currency, _count, amount in week.approved}
    panels = [
        chart.Panel(
            _("Approved: %(sums)s") % {"sums": money(approved[currency], currency)},
            [(str(WEEKDAYS_ABBR[number]), amount) for number, amount in enumerate(amounts)],
        )
        for currency, amounts in week.by_day.items()
    ]
    return chart.png(_title(week), panels) if panels else b""


def _title(week: Week) -> str:
    ends = week.begins + timedelta(days=DAYS - 1)
    return _("Week %(begins)s – %(ends)s") % {"begins": day(week.begins), "ends": day(ends)}


def _lines(week: Week) -> Iterator[str]:
    yield plain(_("Approved: %(sums)s") % {"sums": _of(week.approved)})
    yield plain(_("Paid: %(sums)s") % {"sums": _of(week.paid)})
    yield plain(_("Overdue now: %(sums)s") % {"sums": _of(week.overdue)})
    if week.slowest:
        facts = {"stage": week.slowest.name, "time": _time(week.slowest.took)}
        yield plain(_("Slowest stage: %(stage)s, %(time)s of working time on average") % facts)
    amounts = [(one.request.currency, one.request.amount) for one in week.declined]
    declined = f"{len(amounts)} · {', '.join(sums(amounts))}" if amounts else "—"
    yield plain(_("Declined: %(sums)s") % {"sums": declined})


def _refusal(decision: Decision) -> str:
    request = decision.request
    amount = money(request.amount, request.currency)
    said = f"– {request.number} · {amount} · {request.counterparty.name}: {decision.reason}"
    return shortened(" ".join(said.splitlines()), _REFUSAL)


def _of(totals: Totals) -> str:
    if not totals:
        return "—"
    count = sum(number for _currency, number, _amount in totals)
    return f"{count} · {', '.join(sums((row[0], row[2]) for row in totals))}"


def _time(took: timedelta) -> str:
    minutes = int(took.total_seconds()) // 60
    return _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
