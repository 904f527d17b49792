"""What a person who is known here may type."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Sum
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oauth import linking
from telegrambot.content import keyboards
from telegrambot.content.markup import bold, plain, shortened
from telegrambot.content.words import day, spoken_to
from telegrambot.dialogs import engine
from telegrambot.incoming.handlers import (
    about,
    absence,
    account,
    dialogs,
    finding,
    membership,
    phrases,
)
from telegrambot.incoming.handlers.showing import show_details
from telegrambot.incoming.replies import Reply, send
from telegrambot.incoming.updates import ChatInfo, Message, Person
from telegrambot.projection.news import project_chat
from treasury.models import Employee, PaymentRequest, PaymentRequestQuerySet
from treasury.money import money, sums

PAGE_SIZE = 5


def run(message: Message, employee: Employee) -> Reply | None:
    command, _space, argument = message.text.partition(" ")
    # In a group's menu a command carries the bot's name.
    name = command[1:].partition("@")[0].lower()
    if name not in _COMMANDS:
        return send(message.chat.id, plain(phrases.unknown_command(shortened(command, 40))))
    return _COMMANDS[name](message, employee, argument.strip())


def say(message: Message, employee: Employee) -> Reply | None:
    """What is no command: the answer to a question, or the number of a request."""
    if reply := dialogs.said(message, employee):
        return reply
    if finding.looks_like_number(message.text):
        return _open(message, finding.by_number(employee, message.text))
    return send(message.chat.id, plain(phrases.not_understood()))


def say_in_group(message: Message, sender: Person) -> Reply | None:
    """What is asked there is answered in private: nobody else is to read it."""
    name, _at, bot = message.text.partition(" ")[0].partition("@")
    ours = settings.TELEGRAM_BOT_USERNAME
    # Without the bot's name it may be meant for another one; to sign in there is only one.
    meant = not ours or bot.lower() == ours.lower() if bot else name.lower() == "/login"
    if not meant or name[1:].lower() not in _COMMANDS:
        return None
    employee = linking.recognise(telegram_id=sender.id)
    if employee is None or name.lower() == "/login":
        return account.ask_to_write_privately(message.chat.id)
    note = send(message.chat.id, plain(_("I have answered you privately.")))
    own = ChatInfo(sender.id, "private", sender.name)
    with translation.override(employee.language):
        reply = run(replace(message, chat=own), employee)
    return replace(reply, then=note) if reply else note


def queue(chat_id: int, employee: Employee, page: int) -> Reply:
    """The requests on which the person has to decide, a page of them."""
    waiting = PaymentRequest.objects.waiting_for(employee).order_by("id")
    totals = _totals(waiting)
    if not totals:
        return send(chat_id, plain(_("Nothing waits for your decision.")))
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
    return _listing(chat_id, heading, list(shown), page, pages)


def _totals(waiting: PaymentRequestQuerySet) -> list[tuple[str, int, Decimal]]:
    """How many and how much, for each currency."""
    by_currency = waiting.order_by("currency").values_list("currency")
    return list(by_currency.annotate(Count("pk"), Sum("amount")))


def _start(message: Message, employee: Employee, argument: str) -> Reply | None:
    chat = membership.open_chat(message.chat)
    project_chat(chat, employee)
    if argument == "login":
        return account.signed_in_as(message, employee, argument)
    if argument.startswith("link-"):
        return account.bring_code(message, argument.removeprefix("link-"))
    if argument[:1] == "r" and argument[1:].isdecimal():
        return _open(message, finding.with_key(employee, int(argument[1:])))
    hello = _("Hello, %(name)s!") % {"name": spoken_to(employee)}
    about = _("Requests that wait for your decision come here by themselves.")
    return send(message.chat.id, f"{bold(hello)}\n{plain(about)}")


def _help(message: Message, employee: Employee, argument: str) -> Reply:
    lines = (
        _("/pending – the requests that wait for your decision"),
        _("/request – a request by its number, for example /request 17; or just send the number"),
        _("/why – why a request came to you, for example /why 17"),
        _("/away – name who decides while you are away"),
        _("/back – you are here again"),
        _("/whoami – your roles, stages and deputies"),
        _("/login – as whom you are signed in"),
        _("/logout – sign out"),
        _("/cancel – leave the question that I have asked"),
        _("/help – this list"),
    )
    return send(message.chat.id, "\n".join(map(plain, lines)))


def _pending(message: Message, employee: Employee, argument: str) -> Reply:
    return queue(message.chat.id, employee, page=1)


def _request(message: Message, employee: Employee, argument: str) -> Reply | None:
    if not argument:
        return send(message.chat.id, plain(_("Give the number, for example /request 17")))
    return _open(message, finding.by_number(employee, argument))


def _cancel(message: Message, employee: Employee, argument: str) -> Reply:
    ended = engine.end(message.chat.id)
    return send(
        message.chat.id,
        plain(phrases.nothing_done() if ended else _("There is nothing to cancel.")),
    )


def _open(message: Message, found: list[PaymentRequest]) -> Reply | None:
    """Show the request; of several with the same digits, which of them."""
    if not found:
        return send(message.chat.id, plain(phrases.not_found()))
    if len(found) > 1:
        return _listing(message.chat.id, bold(_("Which of them?")), found)
    show_details(membership.open_chat(message.chat), found[0])
    return None


def _listing(
    chat_id: int, heading: str, requests: list[PaymentRequest], page: int = 1, pages: int = 1
) -> Reply:
    """Numbered, for the buttons have room for little more than a number."""
    first = (page - 1) * PAGE_SIZE + 1
    entries = [_entry(place, request) for place, request in enumerate(requests, start=first)]
    buttons = [(str(place), request.pk) for place, request in enumerate(requests, start=first)]
    keyboard = keyboards.markup(keyboards.queue(buttons, page, pages))
    return send(chat_id, "\n\n".join([heading, *entries]), keyboard)


def _entry(place: int, request: PaymentRequest) -> str:
    what = f"{money(request.amount, request.currency)} · {request.counterparty.name}"
    until = _("pay by %(day)s") % {"day": day(request.desired_date)}
    return f"{place}. {bold(what)}\n{plain(f'{request.number} · {until}')}"


_COMMANDS: dict[str, Callable[[Message, Employee, str], Reply | None]] = {
    "start": _start,
    "help": _help,
    "pending": _pending,
    "request": _request,
    "why": about.why,
    "away": absence.away,
    "back": absence.back,
    "whoami": about.whoami,
    "login": account.signed_in_as,
    "logout": account.ask_to_log_out,
    "cancel": _cancel,
}
