"""Shows refusals to the person, and to his chat when he came from there."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from social_core.exceptions import (
    AuthCanceled,
    AuthInputError,
    AuthProviderError,
    AuthSessionError,
    SocialAuthBaseException,
)

from oauth import linking, session
from oauth.errors import (
    ExpiredLink,
    GoogleFailed,
    GoogleSilent,
    LinkError,
    SignedInAlready,
    SignInCancelled,
    SignInLost,
    UnknownLink,
    UsedLink,
)
from oauth.forms import SignInForm
from oauth.models import UserToken
from oauth.signals import refused

logger = logging.getLogger(__name__)

STATUSES = {UnknownLink: 404, UsedLink: 410, ExpiredLink: 410, GoogleSilent: 502, GoogleFailed: 502}
FORBIDDEN = 403
OF_LIBRARY: tuple[tuple[type[SocialAuthBaseException], type[LinkError]], ...] = (
    (AuthSessionError, SignInLost),
    (AuthInputError, SignInLost),
    (AuthCanceled, SignInCancelled),
    (AuthProviderError, GoogleSilent),
    (SocialAuthBaseException, GoogleFailed),
)


class RefusalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, SocialAuthBaseException):
            # Its detail may quote what Google has sent.
            logger.warning("google: code=%s stage=%s", error.code, error.stage)
            error = _ours(error)
        if isinstance(error, SignedInAlready):
            return _lead_back(request, error)
        return _refuse(request, error) if isinstance(error, LinkError) else None


def _ours(error: SocialAuthBaseException) -> LinkError:
    return next(ours() for theirs, ours in OF_LIBRARY if isinstance(error, theirs))


def _lead_back(request: HttpRequest, error: SignedInAlready) -> HttpResponse:
    """Who opens a link once more that has done its work; who he is, it does not tell."""
    context = {"link": error.link, "said": error, "chat": linking.chat_with_bot()}
    return render(request, "oauth/signed_in.html", context)


def _refuse(request: HttpRequest, error: LinkError) -> HttpResponse:
    link = linking.by_ticket(session.ticket(request))
    telegram_id = link.telegram_id if link else None
    logger.warning("sign-in refused: %s telegram_id=%s", type(error).__name__, telegram_id)
    if telegram_id is not None:
        refused.send(sender=UserToken, telegram_id=telegram_id, reason=str(error))
    again = link if link and link.is_open else None
    context = {
        "error": error,
        "link": again,
        "ticket": linking.ticket_of(again) if again else "",
        "form": SignInForm(request),
    }
    status = STATUSES.get(type(error), FORBIDDEN)
    return render(request, "oauth/refused.html", context, status=status)
