"""How large a request may be, decided by its headers before anything of its body is read.

Django would write a stranger's files into the temporary folder only to answer that he must sign in.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from treasury.services.uploads import MAX_TOTAL

KIB = 1024
MIB = 1024 * KIB

# A form with words in it, or anything at all from somebody who has not signed in.
SMALL = 64 * KIB
USUAL = MIB
# All documents that one form may hold, and the form itself. nginx has the same.
WITH_DOCUMENTS = MAX_TOTAL + 10 * MIB

FORMS_OF_STRANGERS = ("/admin/login/", "/oauth/", "/i18n/")
WITH_OWN_LIMIT = "telegram-webhook"
REQUEST_PAGES = "admin:treasury_paymentrequest_"


class BodyLimitMiddleware:
    """The first one: its turn before a view comes before that of those who read the form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        if name == WITH_OWN_LIMIT:
            return None
        if "HTTP_TRANSFER_ENCODING" in request.META:
            # Django reads nothing of it; a proxy that buffers turns it into one with a length.
            return _refused(request, 411, _("The request does not say how long it is."))
        length = request.META.get("CONTENT_LENGTH") or "0"
        limit = _limit(request, name, int(length)) if length.isdecimal() else 0
        return _too_large(request, limit) if limit and int(length) > limit else None


def _limit(request: HttpRequest, name: str, length: int) -> int:
    # Who it is costs a query, which only a large request is worth.
    if request.path.startswith(FORMS_OF_STRANGERS) or length <= SMALL:
        return SMALL
    if not request.user.is_authenticated:
        return SMALL
    return WITH_DOCUMENTS if name.startswith(REQUEST_PAGES) else USUAL


def _too_large(request: HttpRequest, limit: int) -> HttpResponse:
    text = _("At most %(size)s are accepted here at once: send less, or fewer files at a time.")
    return _refused(request, 413, text % {"size": filesizeformat(limit)})


def _refused(request: HttpRequest, status: int, text: str) -> HttpResponse:
    return render(request, "413.html", {"text": text}, status=status)
