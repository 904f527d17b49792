"""/start opens the chat, and does what a deep link has added to it."""

from django.utils.translation import gettext as _

from telegrambot.content.markup import bold, plain
from telegrambot.content.words import spoken_to
from telegrambot.incoming.handlers import account, finding, membership, phrases
from telegrambot.incoming.handlers.listing import open_found
from telegrambot.incoming.replies import Reply, send
from telegrambot.incoming.updates import Message
from telegrambot.projection.news import project_chat
from treasury.models import Employee


def start(message: Message, employee: Employee, argument: str) -> Reply | None:
    chat = membership.open_chat(message.chat)
    project_chat(chat, employee)
    if argument == "login":
        return account.signed_in_as(message, employee, argument)
    if argument.startswith("link-"):
        return account.bring_code(message, argument.removeprefix("link-"))
    if argument == phrases.HOW_TO_SEARCH:
        return send(message.place, plain(phrases.how_to_search()))
    if argument[:1] == "r" and argument[1:].isdecimal():
        return open_found(message, finding.with_key(employee, int(argument[1:])))
    hello = _("Hello, %(name)s!") % {"name": spoken_to(employee)}
    about = _("Requests that wait for your decision come here by themselves.")
    return send(message.place, f"{bold(hello)}\n{plain(about)}")
