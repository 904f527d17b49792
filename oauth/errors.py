"""Why a sign-in or a link was refused, in words that can be shown to the person."""

from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from oauth.models import UserToken

Text = str | Promise


class LinkError(Exception):
    """A refusal: no link was made, and `str()` says why and what to do."""

    message: Text = _("This did not work. Write /login to the bot and try again.")

    def __str__(self) -> str:
        return str(self.message)


class UnknownLink(LinkError):
    message = _("This link is not known here. Write /login to the bot for a new one.")


class UsedLink(LinkError):
    message = _("This link has been used already. Write /login to the bot for a new one.")


class SignedInAlready(LinkError):
    """The link is used up, and what it was for is done: no failure."""

    message = _("This link has done its work: the bot knows this Telegram account.")

    def __init__(self, link: "UserToken") -> None:
        self.link = link
        super().__init__()


class ExpiredLink(LinkError):
    message = _("This link is too old. Write /login to the bot for a new one.")


class AlreadyLinked(LinkError):
    """The Telegram account belongs to another employee."""

    message = _(
        "This Telegram account is linked to another employee. Write /logout to the bot first."
    )


class NothingToFinish(LinkError):
    """The Telegram account has no sign-in that waits for its code."""

    message = _(
        "No sign-in waits for a code from this Telegram account. Write /login, sign in, and "
        "bring the code here within ten minutes."
    )


class WrongCode(LinkError):
    message = _(
        "The code does not fit this Telegram account. Copy it from the page on which you have "
        "just signed in."
    )


class TooManyTries(LinkError):
    message = _("Too many wrong codes. Write /login to the bot and sign in again.")


class NotLinked(LinkError):
    message = _("This Telegram account is not linked to an employee.")


class SignInRefused(LinkError):
    """The person is who he says, and still may not come in."""


class NoSuchEmployee(SignInRefused):
    message = _(
        "No employee has the e-mail address of this Google account. Choose your work account, "
        "or ask the administrator."
    )


class EmployeeInactive(SignInRefused):
    message = _("Your account is switched off. Ask the administrator.")


class EmailNotVerified(SignInRefused):
    message = _("Google has not verified the e-mail address of this account.")


class ForeignDomain(SignInRefused):
    message = _("This Google account is not one of the company's. Choose your work account.")


class NoBackOffice(SignInRefused):
    message = _(
        "You are known here, but the back office is not open to you. Requests are approved in "
        "Telegram; ask the administrator if you need more."
    )


class SignInLost(SignInRefused):
    """The answer from Google fits no sign-in that this browser has begun."""

    message = _(
        "This sign-in was begun in another browser, or is finished already. Begin again, and stay "
        "in one browser."
    )


class SignInCancelled(SignInRefused):
    message = _("You have broken off the sign-in with Google.")


class GoogleSilent(SignInRefused):
    message = _("Google cannot be reached. Try again in a minute, or sign in by password.")


class GoogleFailed(SignInRefused):
    message = _("The sign-in with Google failed. Begin again, or sign in by password.")
