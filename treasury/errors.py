"""What a service refuses, in words that can be shown to the person who asked."""

import errno
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from treasury.models import Decision, PaymentRequest

Text = str | Promise


class TreasuryError(Exception):
    """A refusal: nothing was changed, and `str()` says why and what to do."""

    message: Text = ""

    def __init__(self, message: Text | None = None) -> None:
        self.message = message or self.message
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(TreasuryError):
    """What a person may not do; without other words, a decision that is not his."""

    message = _("You are not entitled to do this.")


class NoRight(NotAllowed):
    """Any act other than a decision."""

    message = _("You have no right to do this.")


class NudgedLately(TreasuryError):
    """Whoever is asked was reminded a moment ago."""

    def __init__(self, at: datetime, again_at: datetime) -> None:
        text = _(
            "They were reminded on %(at)s. You can do it again from %(again)s on: the pause is "
            "counted in working hours."
        )
        shown = (f"{timezone.localtime(moment):%d.%m %H:%M}" for moment in (at, again_at))
        super().__init__(text % dict(zip(("at", "again"), shown, strict=True)))


class OwnAppointment(NoRight):
    """Of two hands one would be enough."""

    message = _(
        "Nobody makes himself an approver, nor whom he stands in for, or gives himself a role: ask "
        "a colleague for it."
    )


class EmailInUse(NoRight):
    """The address is the key by which somebody signs in: who changes it could sign in as him."""

    message = _(
        "This employee signs in by this e-mail address; only somebody with full access may change "
        "it."
    )


class WrongColleague(NotAllowed):
    """The person chosen cannot decide here; the actor may choose another one."""


class WrongStatus(TreasuryError):
    """The request is not in a status from which this move is allowed."""

    def __init__(self, status_label: Text) -> None:
        super().__init__(_("The request is “%(status)s” now.") % {"status": status_label})


class AlreadyDecided(TreasuryError):
    """The task was decided before, by this or another person: see `decision`."""

    def __init__(self, decision: "Decision") -> None:
        self.decision = decision
        super().__init__(_("This has already been decided."))


class TooManyDocuments(TreasuryError):
    """Nobody would look at them all, and the disk is everybody's."""

    message = _("The request has as many documents as it can have; remove one first.")


class Superseded(TreasuryError):
    """The task belongs to an older revision of the request."""

    message = _("The request has changed; decide on its newest version.")


class AlreadySaved(TreasuryError):
    """The form has made its request before; it makes one."""

    message = _("This form was already saved.")


class Outdated(TreasuryError):
    """The actor has not seen the newest state of what he changes."""

    message = _(
        "Meanwhile someone has changed this request: compare with the history below, then save "
        "again."
    )


class ReasonRequired(TreasuryError):
    message = _("Give the reason, at least 5 characters.")


class CommentRefused(TreasuryError):
    """It is too long, too late or one of too many; the message says what to do."""


class NotReady(TreasuryError):
    """The request is not fit to be approved; `problems` lists everything that is missing.

    `by_field` has those of them that a field of the request can mend.
    """

    def __init__(
        self, problems: Sequence[Text] = (), by_field: Mapping[str, Text] | None = None
    ) -> None:
        self.by_field = dict(by_field or {})
        self.problems = [*problems, *self.by_field.values()]
        super().__init__(" ".join(str(problem) for problem in self.problems))


class NobodyCanDecide(NotReady):
    """A stage has no one who could decide it."""


class DuplicateInvoice(TreasuryError):
    """Other living requests have this invoice of this payee, and no reason was given.

    Whoever asks learns their numbers and statuses, may he see them or not: else neither he nor an
    approver could tell whether it is paid twice.
    """

    def __init__(self, twins: "Sequence[PaymentRequest]") -> None:
        shown = ", ".join(f"{twin.number} ({twin.get_status_display()})" for twin in twins)
        message = _("The same invoice is also in %(requests)s: say why it is to be paid once more.")
        super().__init__(message % {"requests": shown})


class NotNow(TreasuryError):
    """What documents need does not answer: another time it may."""


class StorageFailed(NotNow):
    """A document cannot be stored; what was asked for is not done."""

    def __init__(self, name: str, cause: OSError) -> None:
        if cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            message = _("There is no room for “%(name)s” in the storage of documents.")
        else:
            message = _("“%(name)s”: the storage of documents does not answer.")
        more = _("Nothing was saved. Try again later, or tell the administrator.")
        super().__init__(f"{message % {'name': name}} {more}")


class ScannerAway(NotNow):
    """Nobody has said whether a document has a virus; so it is not stored."""

    def __init__(self, name: str) -> None:
        message = _("“%(name)s” cannot be checked for viruses: the scanner does not answer.")
        more = _("Nothing was saved. Try again later, or tell the administrator.")
        super().__init__(f"{message % {'name': name}} {more}")


class DelegationRefused(TreasuryError):
    """Nobody can stand in like this; the message says what to choose instead."""


class PasswordLinkRefused(TreasuryError):
    """No link was sent, or it is worth nothing; the message says what to do."""
