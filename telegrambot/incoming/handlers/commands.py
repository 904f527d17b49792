"""What a person who is known here may type; `COMMANDS` has all there is to know of a command."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from oauth import linking
from oauth.models import UserToken
from telegrambot.content.markup import plain, shortened
from telegrambot.incoming.handlers import (
    about,
    absence,
    account,
    contacts,
    dialogs,
    drafts,
    finding,
    groups,
    listing,
    phrases,
    preferences,
    start,
    topics,
)
from telegrambot.incoming.replies import Reply, once, send, together
from telegrambot.incoming.updates import ChatInfo, Message, Person
from telegrambot.places import Place
from treasury.errors import Text
from treasury.models import Employee

# Characters: a longer message tells something, and a shorter one looks for nothing either.
_SEARCHED = range(3, 101)


@dataclass(frozen=True, kw_only=True)
class Command:
    """`run` gets what stands behind the command. Telegram's menu shows `menu` (at most 256
    characters), and /help shows `help`; what has none is not listed there.

    It is offered to those whose it is. In a group a command is answered in private, unless
    `in_group` has an answer for the place; such a command is heard there without the bot's name
    too, and so is one that concerns the group itself, which `for_group` does. One that is
    `about_requests` is heard so from whoever is known here: who means another bot by it is none of
    ours. One that is `unseen` stands in the menu of groups too: nobody else sees it there, nor the
    answer. That is for what only tells, and asks for no words.
    """

    name: str
    run: Callable[[Message, Employee, str], Reply | None]
    menu: Text = ""
    help: Text = ""
    in_group: Callable[[Place], Reply] | None = None
    for_group: Callable[[Message, Employee], Reply | None] | None = None
    # Whether it changes nothing: asked again before it could be answered, it is answered once.
    only_tells: bool = False
    unseen: bool = False
    about_requests: bool = False
    whose: Callable[[Employee], bool] = lambda _employee: True


def run(message: Message, employee: Employee) -> Reply | None:
    word, _space, argument = message.text.partition(" ")
    command = _named(word)
    if command is None:
        return send(message.place, plain(phrases.unknown_command(shortened(word, 40))))
    reply = command.run(message, employee, argument.strip())
    return once(reply, message.text) if command.only_tells else reply


def run_unseen(message: Message, sender: Person, employee: Employee | None) -> Reply | None:
    """What nobody else in the group has seen: nor does anybody see what comes of it."""
    command = heard_in_group(message)
    if command is None:
        return None
    if employee is None:
        return once(account.ask_to_write_privately(message.place), "stranger")
    if command.unseen:
        return run(message, employee)
    if command.for_group:
        return command.for_group(message, employee)
    return _run_in_private(message, sender, employee)


def say(message: Message, employee: Employee) -> Reply | None:
    """What is no command: the answer to a question, or the number of a request.

    A number in full is one, unless something that may look so is asked for.
    """
    is_number = finding.is_in_full(message.text) and not dialogs.takes_numbers(message)
    reply = None if is_number else dialogs.said(message, employee)
    if reply:
        return reply
    if finding.looks_like_number(message.text):
        return listing.open_found(message, finding.by_number(employee, message.text))
    if contacts.looks_like_number(message.text):
        return contacts.typed(message)
    if len(message.text) in _SEARCHED:
        return listing.found_by(message, employee, message.text)
    return send(message.place, plain(phrases.not_understood()))


def say_in_group(message: Message, sender: Person) -> Reply | None:
    """What is asked there is answered in private: nobody else is to read it."""
    command = heard_in_group(message)
    if command is None:
        return None
    employee = linking.recognise(telegram_id=sender.id)
    if command.in_group:
        return once(command.in_group(message.place), command.name)
    if employee is None:
        return once(account.ask_to_write_privately(message.place), "stranger")
    with translation.override(employee.language):
        if command.for_group:
            return command.for_group(message, employee)
    with translation.override(settings.LANGUAGE_CODE):
        # All in the group read it.
        note = once(send(message.place, plain(phrases.answered_privately())), "note")
    with translation.override(employee.language):
        reply = _run_in_private(message, sender, employee)
    return together([reply, note])


def _run_in_private(message: Message, sender: Person, employee: Employee) -> Reply | None:
    own = ChatInfo(sender.id, "private", sender.name)
    return run(replace(message, chat=own, thread_id=None), employee)


def heard_in_group(message: Message) -> Command | None:
    """Of what is said in a group, the command that is for us; who tells nobody else means us."""
    word = message.text.partition(" ")[0]
    command = _named(word)
    if command is None or message.unseen_by_others:
        return command
    return command if _is_for_us(command, word, message.sender) else None


def menu_of(employee: Employee | None) -> list[dict[str, Any]]:
    """What is his, as a list of BotCommand: https://core.telegram.org/bots/api#botcommand

    All that is anybody's for None.
    """
    offered = (each for each in COMMANDS.values() if each.menu and not each.for_group)
    return [_in_menu(each) for each in offered if employee is None or each.whose(employee)]


def menu_of_strangers() -> list[dict[str, Any]]:
    """In private, where nobody is known yet."""
    return [_in_menu(COMMANDS[name]) for name in ("login", "help")]


def menu_of_groups() -> list[dict[str, Any]]:
    """For all who are there: what others would have to read, or administrators set up, is not in
    it."""
    unseen = (command for command in COMMANDS.values() if command.menu and command.unseen)
    return [{**_in_menu(command), "is_ephemeral": True} for command in unseen]


def menu_of_administrators() -> list[dict[str, Any]]:
    """For administrators of a group, who perhaps set up the bot there too."""
    own = (command for command in COMMANDS.values() if command.menu and command.for_group)
    return [*menu_of_groups(), *map(_in_menu, own)]


def _in_menu(command: Command) -> dict[str, Any]:
    return {"command": command.name, "description": str(command.menu)}


def _named(word: str) -> Command | None:
    # In a group's menu a command carries the bot's name.
    name = word.partition("@")[0].lower()
    return COMMANDS.get(name[1:]) if name.startswith("/") else None


def _is_for_us(command: Command, word: str, sender: Person | None) -> bool:
    """Without the bot's name a command may be meant for another one."""
    _name, _at, bot = word.partition("@")
    ours = settings.TELEGRAM_BOT_USERNAME
    if not bot:
        is_known = command.about_requests and sender and UserToken.objects.tie_of(sender.id)
        return bool(command.in_group or command.for_group or is_known)
    return not ours or bot.lower() == ours.lower()


def _help(message: Message, employee: Employee, argument: str) -> Reply:
    listed = (each for each in COMMANDS.values() if each.help and each.whose(employee))
    lines = [plain(f"/{command.name} – {command.help}") for command in listed]
    if bot := settings.TELEGRAM_BOT_USERNAME:
        text = gettext(
            "in any chat: to find a request by number, payee or amount, and send it; what is found "
            "alone can be sent in full too"
        )
        lines.append(plain(f"@{bot} – {text}"))
    lines.append(
        plain(
            gettext(
                "Answer a message about a request to comment on it; with a file, to attach that "
                "to the request."
            )
        )
    )
    return send(message.place, "\n".join(lines))


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command(name="start", run=start.start),
        Command(
            name="pending",
            run=listing.pending,
            only_tells=True,
            unseen=True,
            about_requests=True,
            menu=gettext_lazy("Requests that wait for your decision"),
            help=gettext_lazy("the requests that wait for your decision"),
        ),
        Command(
            name="new",
            run=drafts.new,
            whose=drafts.prepares,
            menu=gettext_lazy("Prepare a payment request"),
            help=gettext_lazy("prepare a payment request, step by step"),
        ),
        Command(
            name="drafts",
            run=drafts.drafts,
            whose=drafts.prepares,
            only_tells=True,
            menu=gettext_lazy("Your drafts, and what you have begun"),
            help=gettext_lazy("your drafts, what was returned to you, and what you have begun"),
        ),
        Command(
            name="request",
            run=listing.by_number,
            only_tells=True,
            unseen=True,
            about_requests=True,
            menu=gettext_lazy("A request by its number"),
            help=gettext_lazy(
                "a request by its number, for example /request 17; or just send the number"
            ),
        ),
        Command(
            name="mine",
            run=listing.mine,
            only_tells=True,
            unseen=True,
            menu=gettext_lazy("Requests that you have asked for"),
            help=gettext_lazy("the requests that you have asked for"),
        ),
        Command(
            name="search",
            run=listing.search,
            only_tells=True,
            unseen=True,
            menu=gettext_lazy("Find a request"),
            help=gettext_lazy(
                "find requests by payee, INN, amount, invoice or purpose, and by “mine”, "
                "“overdue”, “drafts”, “approved”, “paid”; or just send the words"
            ),
        ),
        Command(
            name="why",
            run=about.why,
            only_tells=True,
            unseen=True,
            about_requests=True,
            menu=gettext_lazy("Why a request came to you"),
            help=gettext_lazy("why a request came to you, for example /why 17"),
        ),
        Command(
            name="away",
            run=absence.away,
            menu=gettext_lazy("Name who decides while you are away"),
            help=gettext_lazy("name who decides while you are away"),
        ),
        Command(
            name="back",
            run=absence.back,
            menu=gettext_lazy("You are here again"),
            help=gettext_lazy("you are here again"),
        ),
        Command(
            name="whoami",
            run=about.whoami,
            only_tells=True,
            unseen=True,
            menu=gettext_lazy("Your roles, stages and deputies"),
            help=gettext_lazy("your roles, stages and deputies"),
        ),
        Command(
            name="settings",
            run=preferences.settings,
            only_tells=True,
            menu=gettext_lazy("Looks, language, digest, quiet hours"),
            help=gettext_lazy("looks, language, digest, quiet hours"),
        ),
        Command(
            name="phone",
            run=contacts.ask,
            only_tells=True,
            menu=gettext_lazy("Keep your telephone number"),
            help=gettext_lazy("keep your telephone number, so that you can be called"),
        ),
        Command(
            name="forget",
            run=contacts.forget,
            menu=gettext_lazy("Delete your telephone number"),
            help=gettext_lazy("delete your telephone number"),
        ),
        Command(
            name="login",
            run=account.signed_in_as,
            only_tells=True,
            unseen=True,
            menu=gettext_lazy("Sign in"),
            help=gettext_lazy("as whom you are signed in"),
            in_group=account.ask_to_write_privately,
        ),
        Command(
            name="logout",
            run=account.ask_to_log_out,
            menu=gettext_lazy("Sign out"),
            help=gettext_lazy("sign out"),
        ),
        Command(
            name="bind",
            run=groups.bind_in_private,
            for_group=groups.bind,
            whose=groups.may_set_up,
            menu=gettext_lazy("Whose requests are announced here"),
            help=gettext_lazy("in a group, for administrators: whose requests are announced there"),
        ),
        Command(
            name="topic",
            run=topics.topic_in_private,
            for_group=topics.topic,
            menu=gettext_lazy("Topics: to make, name, close and delete them"),
            help=gettext_lazy("in a group with topics: to make, name, close and delete them"),
        ),
        Command(
            name="alerts",
            run=groups.alerts,
            for_group=groups.alerts,
            whose=groups.may_set_up,
            menu=gettext_lazy("Tell of trouble here, or no more"),
            help=gettext_lazy("for administrators: tell of trouble in this chat or topic"),
        ),
        Command(
            name="cancel",
            run=dialogs.cancel,
            menu=gettext_lazy("Leave the question that was asked"),
            help=gettext_lazy("leave the question that I have asked"),
        ),
        Command(
            name="help",
            run=_help,
            only_tells=True,
            unseen=True,
            menu=gettext_lazy("What the bot can do"),
            help=gettext_lazy("this list"),
        ),
    )
}
