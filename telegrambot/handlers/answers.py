"""What the bot says when it cannot do as it was told."""

from django.utils import timezone
from django.utils.translation import gettext as _

from telegrambot.markup import bold, plain
from treasury.errors import AlreadyDecided, TreasuryError
from treasury.models import Decision


def stranger() -> str:
    """How to get in, and nothing else."""
    lines = (
        bold(_("I do not know you yet.")),
        plain(_("/login ties this Telegram account to your account at work.")),
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


def nothing_done() -> str:
    return _("Nothing was changed.")


def failure() -> str:
    return _("Something went wrong. It will be tried once more; look at the request in a minute.")


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
