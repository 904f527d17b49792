"""What a person who is known here may type."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telegrambot import keyboards
from telegrambot.handlers import about, absence, account, answers, dialogs, membership
from telegrambot.handlers.finding import by_number, with_key
from telegrambot.handlers.showing import show_details
from telegrambot.markup import bold, plain
from telegrambot.projection import project_chat
from telegrambot.replies import Reply, send
from telegrambot.updates import Message
from treasury.models import Employee, PaymentRequest
from treasury.money import money

PAGE_SIZE = 5


def run(message: Message, employee: Employee) -> Reply | None:
    command, _space, argument = message.text.partition(" ")
    # In a group's menu a command carries the bot's name.
    name = command[1:].partition("@")[0].lower()
    return _COMMANDS.get(name, _help)(message, employee, argument.strip())


def queue(chat_id: int, employee: Employee, page: int) -> Reply:
    """The requests on which the person has to decide, a page of them."""
    waiting = PaymentRequest.objects.waiting_for(employee).order_by("id")
    total = waiting.count()
    if not total:
        return send(chat_id, plain(_("Nothing waits for your decision.")))
    pages = -(-total // PAGE_SIZE)
    page = min(max(page, 1), pages)
    shown = waiting.select_related("counterparty")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    title = ngettext(
        "%(count)d request waits for your decision",
        "%(count)d requests wait for your decision",
        total,
    )
    heading = bold(title % {"count": total})
    return _listing(chat_id, heading, list(shown), page, pages)


def _start(message: Message, employee: Employee, argument: str) -> Reply | None:
    chat = membership.open_chat(message.chat)
    project_chat(chat, employee)
    if argument == "login":
        return account.signed_in_as(message, employee, argument)
    if argument.startswith("link-"):
        return account.bring_code(message, argument.removeprefix("link-"))
    if argument[:1] == "r" and argument[1:].isdecimal():
        return _open(message, with_key(employee, int(argument[1:])))
    hello = _("Hello, %(name)s!") % {"name": employee.first_name}
    about = _("Requests that wait for your decision come here by themselves.")
    return send(message.chat.id, f"{bold(hello)}\n{plain(about)}")


def _help(message: Message, employee: Employee, argument: str) -> Reply:
    lines = (
        _("/pending – the requests that wait for your decision"),
        _("/request – a request by its number, for example /request 17"),
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
    return _open(message, by_number(employee, argument))


def _cancel(message: Message, employee: Employee, argument: str) -> Reply:
    ended = dialogs.end(message.chat.id)
    return send(
        message.chat.id,
        plain(answers.nothing_done() if ended else _("There is nothing to cancel.")),
    )


def _open(message: Message, found: list[PaymentRequest]) -> Reply | None:
    """Show the request; of several with the same digits, which of them."""
    if not found:
        return send(message.chat.id, plain(answers.not_found()))
    if len(found) > 1:
        return _listing(message.chat.id, bold(_("Which of them?")), found)
    show_details(membership.open_chat(message.chat), found[0])
    return None


def _listing(
    chat_id: int, heading: str, requests: list[PaymentRequest], page: int = 1, pages: int = 1
) -> Reply:
    entries = [(request.number, money(request.amount, request.currency)) for request in requests]
    lines = [
        plain(f"{number} · {amount} · {request.counterparty.name}")
        for (number, amount), request in zip(entries, requests, strict=True)
    ]
    buttons = [
        (f"{number} · {amount}", request.pk)
        for (number, amount), request in zip(entries, requests, strict=True)
    ]
    keyboard = keyboards.markup(keyboards.queue(buttons, page, pages))
    return send(chat_id, "\n".join([heading, "", *lines]), keyboard)


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
