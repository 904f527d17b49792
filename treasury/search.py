"""Finding by words as people type them: case, ё and the spaces in an amount do not matter.

`name__finds="елкин"` finds «ЁЛКИН». It compiles to `REPLACE(UPPER(name), 'Ё', 'Е') LIKE '%ЕЛКИН%'`
on both databases, the expression that an index may be built on.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Lookup, Q, TextField
from django.utils.text import smart_split, unescape_string_literal

# «486 200,00 ₽», “486,200.00”: as the pages show an amount, and as it is pasted from there.
GROUPED = re.compile(r"(?<![\w.,])\d{1,3}(?:[\s,]\d{3})+(?!\d)")
SIGN = re.compile(r"(?<=\d)\s*[₽$€¥]")
AMOUNT = re.compile(r"(\d{1,12})(?:[.,](\d{1,2}))?")


def upper(text: str) -> str:
    """Letter by letter, as PostgreSQL does it: «ß» stays one letter."""
    capitals = text.upper()
    if len(capitals) == len(text):
        return capitals
    return "".join(letter if len(letter.upper()) > 1 else letter.upper() for letter in text)


def fold(text: str) -> str:
    return upper(text).replace("Ё", "Е")


@CharField.register_lookup
@TextField.register_lookup
class Finds(Lookup):
    lookup_name = "finds"

    def get_prep_lookup(self) -> str:
        return fold(str(self.rhs))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        # How a backslash escapes what is wild, the database's own operator says.
        like = connection.operators["contains"]
        term = f"%{connection.ops.prep_for_like_query(self.rhs)}%"
        return f"REPLACE(UPPER({column}), 'Ё', 'Е') {like}", (*params, term)


def with_amounts(text: str, *, fields: Sequence[str], amount: str) -> Q:
    """Every word is found in one of the fields, or is the amount; kopecks may be left out."""
    joined = SIGN.sub("", GROUPED.sub(lambda found: re.sub(r"[\s,]", "", found[0]), text))
    wanted = _every_word(text, fields, amount)
    return wanted if joined == text else wanted | _every_word(joined, fields, amount)


def _every_word(text: str, fields: Sequence[str], amount: str) -> Q:
    wanted = Q()
    for word in map(_unquoted, smart_split(text)):
        somewhere = _amount(word, amount)
        for field in fields:
            somewhere |= Q(**{field: word})
        wanted &= somewhere
    return wanted


def _unquoted(word: str) -> str:
    """«"two words"» in quotes are one, as everywhere in the back office."""
    if word[0] in "\"'" and word[0] == word[-1]:
        return unescape_string_literal(word)
    return word


def _amount(word: str, field: str) -> Q:
    found = AMOUNT.fullmatch(word)
    if found is None:
        return Q()
    roubles, kopecks = found.groups()
    if kopecks is None:
        return Q(**{f"{field}__gte": Decimal(roubles), f"{field}__lt": Decimal(roubles) + 1})
    return Q(**{field: Decimal(f"{roubles}.{kopecks}")})
