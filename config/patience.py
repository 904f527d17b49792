"""No page holds a connection for long: PostgreSQL gives up what takes more than some seconds.

Only of the web: migrations and workers take the time that they need.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

logger = logging.getLogger(__name__)

# https://www.postgresql.org/docs/current/errcodes-appendix.html
QUERY_CANCELED = "57014"


def limit() -> None:
    """From now on, for each new connection of this process."""
    connection_created.connect(_limit_connection, dispatch_uid="config.patience")


def _limit_connection(connection: Any, **signal: Any) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            milliseconds = int(settings.WEB_STATEMENT_TIMEOUT * 1000)
            cursor.execute("SET statement_timeout = %s", [milliseconds])


class PatienceMiddleware:
    """Says that a page was given up, and what helps."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        cause = exception.__cause__
        if not isinstance(exception, OperationalError) or _code(cause) != QUERY_CANCELED:
            return None
        logger.warning("given up after %s s: %s", settings.WEB_STATEMENT_TIMEOUT, request.path)
        return render(request, "503.html", status=503)


def _code(cause: BaseException | None) -> str | None:
    return getattr(cause, "pgcode", None)
