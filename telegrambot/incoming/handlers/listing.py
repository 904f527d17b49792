"""Requests that are asked for: what waits for a decision, and what has a number."""

from collections.abc import Callable

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData, Verb
from telegrambot.content.keyboards import Row
from telegrambot.content.markup import bold, plain, shortened
from telegrambot.content.words import day, priority
from telegrambot.incoming.handlers import finding, membership, phrases
from telegrambot.incoming.replies import Reply, instead, send
from telegrambot.incoming.updates import CallbackQuery, Message
from telegrambot.kinds import details
from telegrambot.models import Sought
from telegrambot.places import Place
from treasury import working_time
from treasury.deadlines import overdue
from treasury.models import Employee, PaymentRequest
from treasury.models.acting import asks
from treasury.money import money, sums
from treasury.workflow import RUNNING

PAGE_SIZE = 5
# No list is turned so far, but a forged button may.
_LAST_PAGE = 9999
# The lists of which a button turns the pages.
_WAITING, _MINE = range(2)
# Characters; a page of the longest fits into what one person is shown in a group.
_NAME_LENGTH = 48


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
    ways = keyboards.pages(_WAITING, page, pages)
    return _listing(place, heading, list(shown), page, ways, shows_status=False)


def search(message: Message, employee: Employee, argument: str) -> Reply:
    if not argument:
        text = _("Give words, a payee or an amount, for example /search rent")
        return send(message.place, plain(text))
    return found_by(message, employee, argument)


def found_by(message: Message, employee: Employee, text: str) -> Reply:
    """The newest with these words, a page of them. One alone is shown."""
    found, has_more = _page_of_found(employee, text, page=1)
    if len(found) == 1:
        open_found(message, found)
        return Reply()
    if not found:
        return send(message.place, plain(phrases.nothing_found(text)))
    sought = Sought.objects.create(employee=employee, words=text) if has_more else None
    return _found(message.place, found, sought, page=1, has_more=has_more)


def turned(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """To another page of what he has found; None where there is none any more."""
    sought = Sought.objects.filter(pk=data.target, employee=employee).first()
    if sought is None or not 0 < data.detail <= _LAST_PAGE:
        return None
    found, has_more = _page_of_found(employee, sought.words, data.detail)
    if not found:
        return None
    place = query.own_place
    return instead(query, _found(place, found, sought, page=data.detail, has_more=has_more))


def _page_of_found(employee: Employee, words: str, page: int) -> tuple[list[PaymentRequest], bool]:
    """With whether there are more: to count what a usual word finds would take long."""
    begins = (page - 1) * PAGE_SIZE
    looked_for = finding.looked_for(employee, words).select_related("counterparty", "stage")
    found = list(looked_for[begins : begins + PAGE_SIZE + 1])
    return found[:PAGE_SIZE], len(found) > PAGE_SIZE


def _found(
    place: Place, found: list[PaymentRequest], sought: Sought | None, *, page: int, has_more: bool
) -> Reply:
    ways = keyboards.turns(Verb.FOUND, sought.pk, page, page + has_more) if sought else []
    return _listing(place, bold(_("Found:")), found, page, ways)


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
    own = PaymentRequest.objects.filter(asks(employee)).order_by("-id")
    total = own.count()
    if not total:
        return send(place, plain(_("You have asked for no payment yet.")))
    page, pages = _within(page, total)
    shown = own.select_related("counterparty", "stage")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    title = ngettext("%(count)d request of yours", "%(count)d requests of yours", total)
    heading = bold(title % {"count": total})
    ways = keyboards.pages(_MINE, page, pages)
    return _listing(place, heading, list(shown), page, ways)


def _within(page: int, total: int) -> tuple[int, int]:
    """The page that there is, and how many there are."""
    pages = -(-total // PAGE_SIZE)
    return min(max(page, 1), pages), pages


def _listing(
    place: Place,
    heading: str,
    requests: list[PaymentRequest],
    page: int = 1,
    ways: Row | None = None,
    *,
    shows_status: bool = True,
) -> Reply:
    """Numbered, for the buttons have room for little more than a number; `ways` lead to other
    pages."""
    first, told = (page - 1) * PAGE_SIZE + 1, entries(shows_status=shows_status)
    listed = [told(number, request) for number, request in enumerate(requests, start=first)]
    buttons = [(str(number), request.pk) for number, request in enumerate(requests, start=first)]
    keyboard = keyboards.markup([*keyboards.listed(buttons), ways or []])
    return send(place, "\n\n".join([heading, *listed]), keyboard)


def entries(*, shows_status: bool = True) -> Callable[[int, PaymentRequest], str]:
    """What is said of a request with this number in the list: of what is not paid yet how urgent it
    is; where not all wait for a decision also what has become of it."""
    now, calendar = timezone.now(), working_time.current()

    def entry(number: int, request: PaymentRequest) -> str:
        status = str(request.get_status_display()) if shows_status else ""
        if request.status not in RUNNING:
            return _line(number, request, status)
        late = overdue(request.stage, now, calendar) if request.stage else ""
        late = f"⏰ {late}" if late else ""
        return _line(number, request, late, _until(request), priority(request), status)

    return entry


def _until(request: PaymentRequest) -> str:
    return _("pay by %(day)s") % {"day": day(request.desired_date)}


def _line(number: int, request: PaymentRequest, *about: str) -> str:
    payee = shortened(request.counterparty.name, _NAME_LENGTH)
    what = f"{money(request.amount, request.currency)} · {payee}"
    return f"{number}. {bold(what)}\n{plain(' · '.join(filter(None, [request.number, *about])))}"


# What a button may turn the pages of.
PAGED: dict[int, Callable[[Place, Employee, int], Reply]] = {_WAITING: queue, _MINE: asked_by}
