"""Invoices by their numbers, however these were typed: «№ А-318» is «a-318»."""

import re
from functools import reduce

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Replace, Upper
from django.db.models.lookups import Exact

from treasury.search import INDEXED, upper

# Latin letters that look like Cyrillic ones are typed for them, and the other way round.
_ALIKE = {" ": "", "\N{NO-BREAK SPACE}": "", "№": "", "Ё": "Е"} | dict(
    zip("ABCEHKMOPTXY", "АВСЕНКМОРТХУ", strict=True)
)
# To the same in SQL, on both databases.
_PLAIN: Func = reduce(
    lambda column, pair: Replace(column, Value(pair[0]), Value(pair[1])),
    _ALIKE.items(),
    Upper(F("invoice_number")),
)


def plain(number: str) -> str:
    return upper(number).translate({ord(typed): meant for typed, meant in _ALIKE.items()})


def same(number: str) -> Q:
    """The requests whose invoice has this number; `number` is not empty when it is plain."""
    digits = re.findall(f"[0-9]{{{INDEXED},}}", number)
    # The same digits stand in each of its spellings, and an index finds them.
    indexed = Q(invoice_number__finds=digits[-1]) if digits else Q()
    return indexed & Q(Exact(_PLAIN, plain(number)))
