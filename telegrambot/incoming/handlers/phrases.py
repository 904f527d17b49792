"""What the bot says when it cannot do as it was told."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from telegrambot.content.markup import bold, plain, shortened
from telegrambot.incoming.enclosed import LARGEST
from treasury.errors import AlreadyDecided, TreasuryError
from treasury.models import Decision, Employee

# Of what somebody has looked for, so many characters are said back.
_WORDS_LENGTH = 100
# What the button says that asks for it: see `how_to_search`.
HOW_TO_SEARCH = "inline"


def stranger() -> str:
    """Who speaks, what for, how to get in, and nothing else."""
    lines = (
        bold(_("Hello! I am the Treasury bot.")),
        plain(_("I bring payment requests for approval and tell how they end.")),
        "",
        plain(
            _(
                "We have not met yet. Send /login, and I give you a link to sign in with your "
                "account at work."
            )
        ),
    )
    return "\n".join(lines)


def stranger_pressed() -> str:
    return _("You have no access. Write /login to the bot to get it.")


def no_contacts() -> str:
    """A contact proves nothing: anybody can share anybody's."""
    return _("Contacts are not used to sign in. Write /login.")


def stale_button() -> str:
    return _("This button is out of date.")


def not_found() -> str:
    """The same for what does not exist and for what may not be seen."""
    return _("There is no such request, or it is not yours to see.")


def not_understood() -> str:
    """To who is asked nothing: what he can do next."""
    lines = (
        _(
            "I did not understand that. Send me the number of a request, such as 22, or words of "
            "it, and I open it."
        ),
        _("/pending – what waits for your decision, /help – all that I can do."),
    )
    return "\n".join(lines)


def nothing_found(words: str) -> str:
    """To who looks for words: how they are looked for."""
    lines = (
        _("I find nothing for “%(words)s”.") % {"words": shortened(words, _WORDS_LENGTH)},
        how_to_search(),
        _("/pending – what waits for your decision, /help – all that I can do."),
    )
    return "\n".join(lines)


def how_to_search() -> str:
    return _(
        "I look for the number of a request, a payee, INN, amount, invoice, or words of the "
        "purpose; “mine”, “overdue”, “drafts”, “approved” and “paid” are understood too. All "
        "words must be there: fewer, or the beginning of one, find more."
    )


def unknown_command(name: str) -> str:
    return _("I do not know the command %(name)s. /help tells what I can do.") % {"name": name}


def nothing_done() -> str:
    return _("Nothing was changed.")


def failure() -> str:
    return _("Something went wrong. It will be tried once more; look at the request in a minute.")


def too_large(name: str) -> str:
    text = _(
        "“%(name)s” is too large: Telegram gives me files of up to %(limit)d MB. Open the request "
        "in the back office and attach it there."
    )
    return text % {"name": name, "limit": LARGEST // 1024**2}


def not_given(name: str) -> str:
    text = _(
        "“%(name)s”: Telegram does not give it to me. Send it once more, or open the request in "
        "the back office and attach it there."
    )
    return text % {"name": name}


def refusal(error: TreasuryError) -> str:
    """Why nothing was done, and by whom it had been done before."""
    if isinstance(error, AlreadyDecided):
        return _already(error.decision)
    return str(error)


def _already(decision: Decision) -> str:
    local = timezone.localtime(decision.decided_at)
    today = local.date() == timezone.localdate()
    return _("Already decided: %(decision)s, %(who)s, %(when)s") % {
        "decision": decision.get_action_display().lower(),
        "who": decision.decided_by.get_short_name(),
        "when": f"{local:%H:%M}" if today else f"{local:%d.%m %H:%M}",
    }


def nudged(reached: Iterable[Employee]) -> str:
    """Whom the bot has reminded at an author's wish: those who have a chat with it."""
    names = ", ".join(person.get_short_name() for person in reached)
    if not names:
        return _("Nobody who is asked has Telegram here: speak to them in another way.")
    return _("Reminded: %(names)s.") % {"names": names}


def answered_privately() -> str:
    return _("I have answered you privately.")


def told_privately() -> str:
    """Behind the name of whoever has asked."""
    return _("I have told you privately how. The buttons are below.")
