"""A person's own telephone number: kept if he wishes, and forgotten when he does."""

import re
from typing import Any

from django.utils.translation import gettext as _

from telegrambot.content import keyboards
from telegrambot.content.markup import plain
from telegrambot.incoming.replies import Reply, send
from telegrambot.incoming.updates import Contact, Message
from treasury.models import Decision, Employee
from treasury.services import people

TELEGRAM = Decision.Channel.TELEGRAM
_TYPED = re.compile(r"\+[0-9]{10,15}|[78][0-9]{10}")


def ask(message: Message, employee: Employee, argument: str) -> Reply:
    """His consent is the tap: it says what becomes of the number."""
    text = _(
        "By the button you agree that your number is kept with your data as an employee: who works "
        "in the back office can see it there and call you about a payment. /forget deletes it."
    )
    known = _("Your number is kept already: %(phone)s.") % {"phone": employee.phone}
    lines = [known, text] if employee.phone else [text]
    return send(message.place, plain("\n".join(lines)), keyboards.contact())


def looks_like_number(text: str) -> bool:
    """Whether somebody has typed a telephone number in place of sharing his."""
    return bool(_TYPED.fullmatch(re.sub(r"[\s()-]", "", text)))


def typed(message: Message) -> Reply:
    text = _("To have your number kept, press the button below: what is typed is not kept.")
    return send(message.place, plain(text), keyboards.contact())


def shared(message: Message, employee: Employee, contact: Contact) -> Reply:
    if not contact.phone and contact.owner_id is None:
        # Of what is handled once more no number was kept.
        return _said(message, _("I could not take your number. Send /phone and try once more."))
    if message.sender is None or contact.owner_id != message.sender.id:
        text = _("This is not your own number. Send /phone and press the button under it.")
        return _said(message, text)
    try:
        people.give_phone(employee=employee, phone=contact.phone, channel=TELEGRAM)
    except ValueError:
        return _said(message, _("I cannot read this number. Send /phone and try once more."))
    text = _("Your number is kept: %(phone)s. /forget deletes it.")
    return _said(message, text % {"phone": people.as_phone(contact.phone)})


def forget(message: Message, employee: Employee, argument: str) -> Reply:
    if people.forget_phone(employee=employee, channel=TELEGRAM):
        return _said(message, _("Your number is deleted."))
    return _said(message, _("I keep no number of yours."))


def _said(message: Message, text: str) -> Reply:
    """The button goes, which stands in the place of the letters."""
    gone: dict[str, Any] = {"remove_keyboard": True}
    return send(message.place, plain(text), gone)
