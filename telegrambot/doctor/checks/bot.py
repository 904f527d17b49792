"""What the bot's owner has set for it, in @BotFather and by `manage.py telegram`."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from telegrambot import introduction, menus
from telegrambot.delivery import abilities, client
from telegrambot.doctor.results import Result, failure, ok, warning
from telegrambot.doctor.visit import Visit
from telegrambot.incoming.foreign import only


def check_abilities(visit: Visit) -> Iterator[Result]:
    me = visit.ask("getMe")
    if me.get("supports_inline_queries"):
        yield ok(
            _("Inline mode is on; whether its feedback is, Telegram does not tell."),
            _("See that @BotFather's /setinlinefeedback is at 100 %: what is sent then follows."),
        )
    else:
        yield warning(
            _("Inline mode is off: “@bot” in other chats finds nothing."),
            _("Switch it on in @BotFather: /setinline, and /setinlinefeedback at 100 %."),
        )
    if not me.get("can_join_groups"):
        yield failure(
            _("The bot cannot be added to groups."), _("Allow it in @BotFather: /setjoingroups.")
        )
    if me.get("can_read_all_group_messages"):
        yield warning(
            _("Group privacy is off: Telegram sends the bot all that is said in its groups."),
            _("Switch it on in @BotFather: /setprivacy. Commands and answers come all the same."),
        )
    else:
        yield ok(_("Group privacy is on."))


def check_commands(visit: Visit) -> Iterator[Result]:
    visit.ask("getMe")
    # All at first: what is found is told in the caller's language.
    for where, offered in list(menus.each_common()):
        if client.call_patiently("getMyCommands", where) != _as_known(offered):
            yield failure(
                _("The menus are not those of this version."),
                _("Run `manage.py telegram commands`."),
            )
            return
    yield ok()


def check_profile(visit: Visit) -> Iterator[Result]:
    """Other words than ours are as good; none at all leave a newcomer alone."""
    visit.ask("getMe")
    for code in list(introduction.each_language()):
        said = client.call_patiently("getMyDescription", {"language_code": code})
        if not said["description"]:
            yield failure(
                _("The bot does not say what it is for."), _("Run `manage.py telegram profile`.")
            )
            return
    yield ok()


def _as_known(commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As the server tells them: an older one does not know that others need not see them."""
    if abilities.can(abilities.RICH):
        return commands
    return [only(command, ("command", "description")) for command in commands]
