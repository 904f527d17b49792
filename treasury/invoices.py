"""Invoices by their numbers, however these were typed: «№ А-318» is «a-318»."""

import re
from functools import reduce

from django.db.models import CharField, F, Func, Q
from django.db.models.lookups import Exact

from treasury.search import INDEXED, upper

# What is typed between and before the digits means nothing; Latin letters stand for those Cyrillic
# ones that look alike.
_TWINS = (
    (" ", ""), ("\N{NO-BREAK SPACE}", ""), ("№", ""), ("Ё", "Е"),
    *zip("ABCEHKMOPTXY", "АВСЕНКМОРТХУ", strict=True),
)  # fmt: skip
# The same in SQL, on both databases; as one expression, for Django to look through only once.
PLAIN: Func = Func(
    F("invoice_number"),
    template=reduce(
        lambda sql, pair: "REPLACE({}, '{}', '{}')".format(sql, *pair),
        _TWINS,
        "UPPER(%(expressions)s)",
    ),
    output_field=CharField(),
)


def plain(number: str) -> str:
    """By what numbers are compared; empty when there is none."""
    return reduce(lambda text, pair: text.replace(*pair), _TWINS, upper(number))


def same(number: str) -> Q:
    """Those whose invoice has this number."""
    digits = re.findall(f"[0-9]{{{INDEXED},}}", number)
    # The same digits stand in each of its spellings, and an index finds them.
    indexed = Q(invoice_number__finds=digits[-1]) if digits else Q()
    return indexed & Q(Exact(PLAIN, plain(number)))
