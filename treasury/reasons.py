"""A reason that somebody has to give: it says something, and not too much."""

from django.utils.translation import gettext as _

from treasury.errors import ReasonRequired

# Characters.
MIN_LENGTH, MAX_LENGTH = 5, 1000


def checked(reason: str) -> str:
    """The reason without spaces around it. Raises `ReasonRequired` when it says nothing."""
    reason = reason.replace("\x00", "").strip()
    if len(reason) < MIN_LENGTH:
        raise ReasonRequired
    if len(reason) > MAX_LENGTH:
        raise ReasonRequired(
            _("The reason is too long: at most %(limit)d characters.") % {"limit": MAX_LENGTH}
        )
    return reason
