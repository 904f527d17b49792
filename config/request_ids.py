"""Each request has an id, which is in all that is logged meanwhile and in the answer."""

import re
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bound_contextvars

HEADER = "X-Request-ID"
_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _given(request) or uuid4().hex
        with bound_contextvars(request_id=request_id):
            response = self._get_response(request)
        response.headers[HEADER] = request_id
        return response


def _given(request: HttpRequest) -> str:
    """By the proxy in front, which replaces what a stranger sends: without one nobody is
    believed."""
    given = request.headers.get(HEADER, "")
    return given if settings.TRUSTED_PROXIES and _ID.fullmatch(given) else ""
