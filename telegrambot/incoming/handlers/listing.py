"""Requests that are asked for: what waits for a decision, and what has a number."""

from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telegrambot.content import keyboards
from telegrambot.content.markup import bold, plain, shortened
from telegrambot.content.words import day, priority
from telegrambot.incoming.handlers import finding, membership, phrases
from telegrambot.incoming.replies import Reply, send
from telegrambot.incoming.updates import Message
from telegrambot.kinds import details
from telegrambot.places import Place
from treasury.models import Employee, PaymentRequest, PaymentRequestQuerySet
from treasury.money import money, sums

PAGE_SIZE = 5
# Characters; a page of the longest fits into what one person is shown in a group.
_NAME_LENGTH = 80


def pending(message: Message, employee: Employee, argument: str) -> Reply:
    return queue(message.place, employee, page=1)


def by_number(message: Message, employee: Employee, argument: str) -> Reply | None:
    if not argument:
        return _newest(message.place, employee)
    return open_found(message, finding.by_number(employee, argument))


def _newest(place: Place, employee: Employee) -> Reply:
    """Who chooses the command in a menu cannot give a number with it."""
    how = _("Give the number, for example /request 17")
    newest = finding.newest(employee)
    if not newest:
        return send(place, plain(how))
    heading = bold(_("The newest requests"))
    return _listing(place, f"{heading}\n{plain(how)}", newest)


def queue(place: Place, employee: Employee, page: int) -> Reply:
    """The requests on which the person has to decide, a page of them."""
    waiting = PaymentRequest.objects.waiting_for(employee).most_urgent_first()
    totals = _totals(waiting)
    if not totals:
        return send(place, plain(_("Nothing waits for your decision.")))
    total = sum(count for _currency, count, _sum in totals)
    pages = -(-total // PAGE_SIZE)
    page = min(max(page, 1), pages)
    shown = waiting.select_related("counterparty")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    title = ngettext(
        "%(count)d request waits for your decision",
        "%(count)d requests wait for your decision",
        total,
    )
    in_all = _("In all: %(sums)s") % {"sums": ", ".join(sums((row[0], row[2]) for row in totals))}
    heading = f"{bold(title % {'count': total})}\n{plain(in_all)}"
    return _listing(place, heading, list(shown), page, pages)


def _totals(waiting: PaymentRequestQuerySet) -> list[tuple[str, int, Decimal]]:
    """How many and how much, for each currency."""
    by_currency = waiting.order_by("currency").values_list("currency")
    return list(by_currency.annotate(Count("pk"), Sum("amount")))


def open_found(message: Message, found: list[PaymentRequest]) -> Reply | None:
    """Show the request; of several with the same digits, which of them."""
    if not found:
        return send(message.place, plain(phrases.not_found()))
    if len(found) > 1:
        return _listing(message.place, bold(_("Which of them?")), found)
    details.show_at(membership.open_chat(message.chat), message.place, found[0])
    return None


def _listing(
    place: Place, heading: str, requests: list[PaymentRequest], page: int = 1, pages: int = 1
) -> Reply:
    """Numbered, for the buttons have room for little more than a number."""
    first = (page - 1) * PAGE_SIZE + 1
    entries = [_entry(place, request) for place, request in enumerate(requests, start=first)]
    buttons = [(str(place), request.pk) for place, request in enumerate(requests, start=first)]
    keyboard = keyboards.markup(keyboards.queue(buttons, page, pages))
    return send(place, "\n\n".join([heading, *entries]), keyboard)


def _entry(place: int, request: PaymentRequest) -> str:
    payee = shortened(request.counterparty.name, _NAME_LENGTH)
    what = f"{money(request.amount, request.currency)} · {payee}"
    until = _("pay by %(day)s") % {"day": day(request.desired_date)}
    about = " · ".join(filter(None, [request.number, until, priority(request)]))
    return f"{place}. {bold(what)}\n{plain(about)}"
