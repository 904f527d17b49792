"""Going away and coming back: who decides meanwhile."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData
from telegrambot.content.markup import listed, plain
from telegrambot.dialogs.away import AWAY
from telegrambot.incoming.handlers import dialogs, phrases
from telegrambot.incoming.replies import Reply, instead, send, toast
from telegrambot.incoming.updates import CallbackQuery, Message
from telegrambot.places import Place
from telegrambot.projection.deputies import told_to_principal
from treasury.errors import TreasuryError
from treasury.models import Decision, Delegation, Employee
from treasury.models.delegations import DelegationQuerySet
from treasury.services import delegations

TELEGRAM = Decision.Channel.TELEGRAM
# Characters; with what tells how many are left out the text still fits into a message.
_LIST_LENGTH = 4000
# Fewer than the hundred that a keyboard can have, and as many as anyone will scroll through.
_MOST_BUTTONS = 50


def away(message: Message, employee: Employee, argument: str) -> Reply | None:
    """Show the absence that runs, else begin one; what is planned leaves other days free.

    «/away 25.12» is the question and its answer at once.
    """
    running = list(_planned(employee).running())
    if running:
        return _listing(message.place, running)
    return dialogs.begin(message, employee, argument, subject=AWAY.subject)


def back(message: Message, employee: Employee, argument: str) -> Reply:
    """End what runs; what is yet to come is only shown, with the buttons that take it back."""
    running = list(_planned(employee).running())
    try:
        for delegation in running:
            delegations.end(delegation=delegation, actor=employee, channel=TELEGRAM)
    except TreasuryError as error:
        return send(message.place, plain(phrases.refusal(error)))
    text = _ended(running) if running else _("You are not away.")
    return _listing(message.place, list(_planned(employee)), plain(text))


def resume(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    """The button for one of the absences."""
    delegation = _planned(employee).filter(pk=data.target).first()
    if delegation is None:
        return toast(query, phrases.stale_button())
    try:
        delegations.end(delegation=delegation, actor=employee, channel=TELEGRAM)
    except TreasuryError as error:
        return toast(query, error, alert=True)
    text = _ended([delegation])
    return instead(query, send(query.own_place, plain(text)), text)


def _listing(place: Place, absences: list[Delegation], heading: str = "") -> Reply:
    """Absences that run or are to come, with the buttons that end them."""
    lines = listed(map(told_to_principal, absences), _LIST_LENGTH)
    keyboard = keyboards.markup(keyboards.resume(absences[:_MOST_BUTTONS]))
    return send(place, "\n\n".join(filter(None, [heading, lines])), keyboard)


def _planned(employee: Employee) -> DelegationQuerySet:
    planned = Delegation.objects.of(employee)
    return planned.select_related("principal", "deputy", "organization", "stage__route")


def _ended(ended: Iterable[Delegation]) -> str:
    deputies = dict.fromkeys(delegation.deputy.get_short_name() for delegation in ended)
    names = ", ".join(deputies)
    return _("Welcome back! You decide yourself again, without %(names)s.") % {"names": names}
