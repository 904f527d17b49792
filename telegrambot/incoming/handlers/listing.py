"""Requests that are asked for: what waits for a decision, and what has a number."""

from collections.abc import Callable

from django.db.models import Q
from django.utils import timezone
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
from treasury.deadlines import overdue
from treasury.models import Employee, PaymentRequest
from treasury.money import money, sums
from treasury.workflow import RUNNING

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
    totals = waiting.totals()
    if not totals:
        return send(place, plain(_("Nothing waits for your decision.")))
    total = sum(count for _currency, count, _sum in totals)
    page, pages = _within(page, total)
    begins = (page - 1) * PAGE_SIZE
    shown = waiting.select_related("counterparty", "stage")[begins : begins + PAGE_SIZE]
    title = ngettext(
        "%(count)d request waits for your decision",
        "%(count)d requests wait for your decision",
        total,
    )
    in_all = _("In all: %(sums)s") % {"sums": ", ".join(sums((row[0], row[2]) for row in totals))}
    heading = f"{bold(title % {'count': total})}\n{plain(in_all)}"
    return _listing(place, heading, list(shown), page, pages)


def search(message: Message, employee: Employee, argument: str) -> Reply | None:
    if not argument:
        text = _("Give words, a payee or an amount, for example /search rent")
        return send(message.place, plain(text))
    return found_by(message, employee, argument) or send(message.place, plain(_("Nothing found")))


def found_by(message: Message, employee: Employee, text: str) -> Reply | None:
    """The newest with these words; None where there are none. One alone is shown."""
    found = list(finding.looked_for(employee, text).select_related("counterparty")[: PAGE_SIZE + 1])
    if len(found) == 1:
        open_found(message, found)
        return Reply()
    if not found:
        return None
    heading = bold(_("Found:"))
    if len(found) > PAGE_SIZE:
        heading = bold(_("The newest %(count)d; a further word finds less:") % {"count": PAGE_SIZE})
    return _listing(message.place, heading, found[:PAGE_SIZE], told=entry)


def open_found(message: Message, found: list[PaymentRequest]) -> Reply | None:
    """Show the request; of several with the same digits, which of them."""
    if not found:
        return send(message.place, plain(phrases.not_found()))
    if len(found) > 1:
        return _listing(message.place, bold(_("Which of them?")), found)
    details.show_at(membership.open_chat(message.chat), message.place, found[0])
    return None


def mine(message: Message, employee: Employee, argument: str) -> Reply:
    return asked_by(message.place, employee, page=1)


def asked_by(place: Place, employee: Employee, page: int) -> Reply:
    """Those that he has asked for, or that were prepared in his name, the newest first."""
    own = PaymentRequest.objects.filter(Q(author=employee) | Q(requester=employee)).order_by("-id")
    total = own.count()
    if not total:
        return send(place, plain(_("You have asked for no payment yet.")))
    page, pages = _within(page, total)
    shown = own.select_related("counterparty")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    title = ngettext("%(count)d request of yours", "%(count)d requests of yours", total)
    heading = bold(title % {"count": total})
    return _listing(place, heading, list(shown), page, pages, which=_MINE, told=entry)


def _within(page: int, total: int) -> tuple[int, int]:
    """The page that there is, and how many there are."""
    pages = -(-total // PAGE_SIZE)
    return min(max(page, 1), pages), pages


def _listing(
    place: Place,
    heading: str,
    requests: list[PaymentRequest],
    page: int = 1,
    pages: int = 1,
    *,
    which: int = 0,
    told: Callable[[int, PaymentRequest], str] | None = None,
) -> Reply:
    """Numbered, for the buttons have room for little more than a number."""
    first, told = (page - 1) * PAGE_SIZE + 1, told or _wanted
    entries = [told(number, request) for number, request in enumerate(requests, start=first)]
    buttons = [(str(number), request.pk) for number, request in enumerate(requests, start=first)]
    keyboard = keyboards.markup(keyboards.listed(buttons, page, pages, which))
    return send(place, "\n\n".join([heading, *entries]), keyboard)


def _wanted(number: int, request: PaymentRequest) -> str:
    """By what is decided: until when."""
    late = overdue(request.stage, timezone.now()) if request.stage else ""
    late = f"⏰ {late}" if late else ""
    return _line(number, request, late, _until(request), priority(request))


def entry(number: int, request: PaymentRequest) -> str:
    """By what has become of it; of what is not paid yet also until when."""
    until = _until(request) if request.status in RUNNING else ""
    return _line(number, request, until, str(request.get_status_display()))


def _until(request: PaymentRequest) -> str:
    return _("pay by %(day)s") % {"day": day(request.desired_date)}


def _line(number: int, request: PaymentRequest, *about: str) -> str:
    payee = shortened(request.counterparty.name, _NAME_LENGTH)
    what = f"{money(request.amount, request.currency)} · {payee}"
    return f"{number}. {bold(what)}\n{plain(' · '.join(filter(None, [request.number, *about])))}"


_MINE = 1
# What a button may turn the pages of.
PAGED: dict[int, Callable[[Place, Employee, int], Reply]] = {0: queue, _MINE: asked_by}
