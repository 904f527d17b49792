"""Invoices by their numbers, however these were typed: «№ А-318» is «a-318»."""

import re
from functools import reduce

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Replace, Upper
from django.db.models.lookups import Exact

from treasury.search import INDEXED, upper

# What is typed between and before the digits means nothing; Latin letters stand for those Cyrillic
# ones that look alike.
_TWINS = (
    (" ", ""), ("\N{NO-BREAK SPACE}", ""), ("№", ""), ("Ё", "Е"),
    *zip("ABCEHKMOPTXY", "АВСЕНКМОРТХУ", strict=True),
)  # fmt: skip
# The same in SQL, on both databases.
_PLAIN: Func = reduce(
    lambda column, pair: Replace(column, Value(pair[0]), Value(pair[1])),
    _TWINS,
    Upper(F("invoice_number")),
)


def plain(number: str) -> str:
    """By what numbers are compared; empty when there is none."""
    return reduce(lambda text, pair: text.replace(*pair), _TWINS, upper(number))


def same(number: str) -> Q:
    """Those whose invoice has this number."""
    digits = re.findall(f"[0-9]{{{INDEXED},}}", number)
    # The same digits stand in each of its spellings, and an index finds them.
    indexed = Q(invoice_number__finds=digits[-1]) if digits else Q()
    return indexed & Q(Exact(_PLAIN, plain(number)))
