"""What a person may type: /start /help /pending /request /cancel."""

from collections.abc import Callable

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telegrambot import keyboards
from telegrambot.card import money
from telegrambot.handlers import answers, dialogs, membership
from telegrambot.handlers.showing import show_details
from telegrambot.markup import bold, plain
from telegrambot.projection import project_chat
from telegrambot.replies import Reply, send
from telegrambot.updates import Message
from treasury.models import Employee, PaymentRequest

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
    if argument[:1] == "r" and argument[1:].isdecimal():
        return _open(message, employee, Q(pk=int(argument[1:])))
    hello = _("Hello, %(name)s!") % {"name": employee.first_name}
    about = _("Requests that wait for your decision come here by themselves.")
    return send(message.chat.id, f"{bold(hello)}\n{plain(about)}")


def _help(message: Message, employee: Employee, argument: str) -> Reply:
    lines = (
        _("/pending – the requests that wait for your decision"),
        _("/request – a request by its number, for example /request 17"),
        _("/cancel – leave the question that I have asked"),
        _("/help – this list"),
    )
    return send(message.chat.id, "\n".join(map(plain, lines)))


def _pending(message: Message, employee: Employee, argument: str) -> Reply:
    return queue(message.chat.id, employee, page=1)


def _request(message: Message, employee: Employee, argument: str) -> Reply | None:
    if not argument:
        return send(message.chat.id, plain(_("Give the number, for example /request 17")))
    number = Q(number__iexact=argument)
    if argument.isdecimal():
        number |= Q(number__endswith=f"-{argument:0>5}")
    return _open(message, employee, number)


def _cancel(message: Message, employee: Employee, argument: str) -> Reply:
    ended = dialogs.end(message.chat.id)
    return send(
        message.chat.id,
        plain(_("Nothing was decided.") if ended else _("There is nothing to cancel.")),
    )


def _open(message: Message, employee: Employee, wanted: Q) -> Reply | None:
    """Show the request; of several with the same digits, which of them."""
    visible = PaymentRequest.objects.visible_to(employee).select_related("counterparty")
    found = list(visible.filter(wanted).order_by("-id")[:PAGE_SIZE])
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
    "cancel": _cancel,
}
