"""Who the person is: signing in, the code that ends it, signing out."""

import re
import unicodedata

from django.utils import translation
from django.utils.translation import gettext as _

from oauth import google, linking
from oauth.errors import LinkError
from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData
from telegrambot.content.markup import bold, plain, shortened
from telegrambot.content.words import spoken_to
from telegrambot.dialogs import engine
from telegrambot.incoming.handlers import membership, phrases
from telegrambot.incoming.replies import Reply, instead, once, send, toast
from telegrambot.incoming.updates import CallbackQuery, Message, Person
from telegrambot.kinds import answer
from telegrambot.places import Place
from telegrambot.projection.news import project_chat
from treasury.errors import TreasuryError
from treasury.models import Decision, Employee, RequesterConsent
from treasury.services import consents

# How a code looks: the page shows it as XXXX-XXXX, and its deep link says /start link-…
_CODE = re.compile(r"(?:/start link-)?([a-z0-9]{4}[- ]?[a-z0-9]{4})", re.ASCII | re.IGNORECASE)
_LOGIN = ("/login", "/start login")
# By which the newest message with a link is known.
_LOGIN_ASKED = "login"
# A command may carry the bot's name.
_ADDRESSED = re.compile(r"(/[a-z]+)@\w+", re.ASCII | re.IGNORECASE)
# Characters: with the username, of 32 at the most, the link has room for it.
_NAME_LENGTH = 120


def stranger_said(message: Message, sender: Person) -> Reply | None:
    """The ways in; nothing else is told to someone unknown."""
    text = _ADDRESSED.sub(r"\1", message.text.strip(), count=1)
    if code := code_in(text):
        return bring_code(message, code)
    if text.lower() in _LOGIN:
        return once(_offer(message, sender), _LOGIN_ASKED)
    return once(send(message.place, phrases.stranger()), "stranger")


def code_in(text: str) -> str | None:
    """The code that ends a sign-in, if there is nothing else."""
    found = _CODE.fullmatch(_ADDRESSED.sub(r"\1", text.strip(), count=1))
    return found[1] if found else None


def bring_code(message: Message, code: str) -> Reply:
    """The end of a sign-in: what waits for the employee comes at once."""
    try:
        employee = linking.finish(telegram_id=message.chat.id, code=code)
    except LinkError as error:
        return send(message.place, plain(error))
    chat = membership.open_chat(message.chat)
    project_chat(chat, employee)
    with translation.override(employee.language):
        used = plain(_("The link to sign in has been used."))
        answer.settle(chat, used, message.place.thread_id, _LOGIN_ASKED)
        welcome = _("Welcome, %(name)s!") % {"name": spoken_to(employee)}
        known = _("You are signed in as %(name)s.") % {"name": employee.get_full_name()}
        about = _("What waits for your decision comes here by itself. /help tells the rest.")
        return send(message.place, "\n".join([bold(welcome), plain(known), plain(about)]))


def ask_to_write_privately(place: Place) -> Reply:
    """/login in a group: nobody else is to open the link."""
    address = linking.chat_with_bot("login")
    text = plain(_("To sign in, write /login to me privately."))
    if not address:
        return send(place, text)
    rows = keyboards.addresses([(_("Write privately"), address)])
    return send(place, text, keyboards.markup(rows))


def signed_in_as(message: Message, employee: Employee, argument: str) -> Reply:
    text = _("You are signed in as %(name)s. /logout signs you out.")
    return send(message.place, plain(text % {"name": employee.get_full_name()}))


def ask_to_log_out(message: Message, employee: Employee, argument: str) -> Reply:
    question = _("You are %(name)s here. Sign out? Requests will come here no more.")
    text = plain(question % {"name": employee.get_full_name()})
    return send(message.place, text, keyboards.markup([keyboards.logout()]))


def logout(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    if not data.target:
        return _instead(query, phrases.nothing_done())
    engine.end(query.sender.id)
    try:
        linking.unlink(telegram_id=query.sender.id, channel=Decision.Channel.TELEGRAM)
    except LinkError as error:
        return toast(query, error, alert=True)
    return _instead(query, _("You are signed out. /login lets you in again."))


def consent(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    """The button under the question who asks in his name."""
    asked = RequesterConsent.objects.filter(pk=data.target).select_related("author").first()
    if asked is None:
        return toast(query, phrases.stale_button())
    try:
        consents.give(consent=asked, actor=employee, channel=Decision.Channel.TELEGRAM)
    except TreasuryError as error:
        return toast(query, error, alert=True)
    text = _("Confirmed: %(author)s asks in your name.")
    return toast(query, text % {"author": asked.author.get_short_name()})


def _instead(query: CallbackQuery, text: str) -> Reply:
    return instead(query, send(query.own_place, plain(text)), text)


def _offer(message: Message, sender: Person) -> Reply:
    address = linking.begin(telegram_id=sender.id, telegram_name=_account(sender))
    ways = _("By Google, or by e-mail and password.") if google.is_configured() else ""
    lines = (
        bold(_("Sign in with your account at work")),
        plain(ways),
        plain(_("The link is for you alone, works once and for ten minutes.")),
        plain(_("The page shows a code in the end: send it here.")),
    )
    rows = keyboards.addresses([(_("Sign in"), address)])
    return send(message.place, "\n".join(filter(None, lines)), keyboards.markup(rows))


def _account(person: Person) -> str:
    """«Name (@username)»: anybody can call himself anything, but a username is one person's only.

    So no name may contain what looks like a username, or what hides or turns around the text.
    """
    letters = unicodedata.normalize("NFKC", person.name)
    name = "".join(letter for letter in letters if letter.isprintable() and letter != "@")
    handle = f"(@{person.username})" if person.username else ""
    return f"{shortened(name.strip(), _NAME_LENGTH)} {handle}".strip()
