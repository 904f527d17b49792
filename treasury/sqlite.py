"""What SQLite has for ASCII alone and PostgreSQL for every letter: UPPER, LOWER, LIKE, sorting.

With these Django's own `icontains`, `iexact`, `istartswith`, `Upper()` and `Lower()` know Cyrillic
letters too. (`contains` and the like mind no case on SQLite, as ever: there they are LIKE as well.)
"""

import re
from functools import lru_cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from treasury import sorting
from treasury.search import upper

WILD = {"%": ".*", "_": "."}


def connect() -> None:
    """Give every connection to SQLite what it lacks; called once, when the apps are ready."""
    connection_created.connect(_equip, dispatch_uid="treasury.sqlite")


def _equip(connection: BaseDatabaseWrapper, **signal: Any) -> None:
    if connection.vendor != "sqlite":
        return
    # Deterministic: e-mail addresses are indexed by LOWER.
    for name, parameters, function in (
        ("UPPER", 1, _upper),
        ("LOWER", 1, _lower),
        ("LIKE", 2, _like),
        ("LIKE", 3, _like),
    ):
        connection.connection.create_function(name, parameters, function, deterministic=True)
    connection.connection.create_collation(sorting.BY_NAME, sorting.compare)


def _upper(value: Any) -> str | None:
    return None if value is None else upper(str(value))


def _lower(value: Any) -> str | None:
    return None if value is None else str(value).lower()


def _like(pattern: Any, value: Any, escape: str = "") -> bool | None:
    if pattern is None or value is None:
        return None
    return _compiled(str(pattern), escape).fullmatch(upper(str(value))) is not None


@lru_cache(maxsize=500)
def _compiled(pattern: str, escape: str) -> re.Pattern[str]:
    parts, letters = [], iter(upper(pattern))
    for letter in letters:
        if letter == upper(escape):
            parts.append(re.escape(next(letters, "")))
        else:
            parts.append(WILD.get(letter) or re.escape(letter))
    return re.compile("".join(parts), re.DOTALL)
