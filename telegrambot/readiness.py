"""Whether what the product stands on answers: each says "ok", or what is wrong."""

from celery import current_app
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from kombu.exceptions import OperationalError

from telegrambot import held, lag

OK = "ok"


def database() -> str:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return type(error).__name__
    return OK


def broker() -> str:
    try:
        with current_app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, timeout=settings.BROKER_TIMEOUT)
    except (OperationalError, OSError) as error:
        return type(error).__name__
    return OK


def late() -> str:
    """Of what people wait for: news without messages yet, and messages not shown yet."""
    try:
        seconds = lag.seconds()
    except DatabaseError as error:
        return type(error).__name__
    return OK if seconds <= settings.LAG_LIMIT else f"{seconds:.0f} s behind"


def held_back() -> str:
    """Whether it is a restored copy, which has to be silent yet."""
    try:
        return held.problem() or OK
    except DatabaseError as error:
        return type(error).__name__
