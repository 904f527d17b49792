"""Finding by words as people type them: case, ё and the spaces in an amount do not matter.

`name__finds="елкин"` finds «ЁЛКИН». It compiles to `REPLACE(UPPER(name), 'Ё', 'Е') LIKE '%ЕЛКИН%'`
on both databases, the expression that an index may be built on. Of a few letters, which stand
inside many words, `name__begins` finds those that begin with them: «нет» is no «интернет».
"""

import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial, reduce
from itertools import groupby, islice
from operator import or_
from typing import Any

from django.db.models import BigIntegerField, CharField, JSONField, Lookup, Model, Q, TextField
from django.db.models.constants import LOOKUP_SEP
from django.utils.text import smart_split, unescape_string_literal

# «486 200,00 ₽», “486,200.00”: as the pages show an amount, and as it is pasted from there.
GROUPED = re.compile(r"(?<![\w.,])\d{1,3}(?:[\s,]\d{3})+(?!\d)")
SIGN = re.compile(r"(?<=\d)\s*[₽$€¥]")
AMOUNT = re.compile(r"(\d{1,12})(?:[.,](\d{1,2}))?")
# Indexes know so many letters in a row, and how a text begins and ends.
INDEXED = 3
# Words of so few letters are looked for where words begin.
FEW_LETTERS = 3
# So many words are looked for; each costs a query or two, and nobody remembers more.
WORDS = 20
# What stands before words: «5кг» has one too.
_BETWEEN = r"[ \t\n\u00a0!-@\[-`{-~«»]"
# Signs of higher numbers, each looked for by itself: among the others they would have PostgreSQL's
# index of three letters in a row find every word that has the letters inside.
_FAR_SIGNS = "“”„‘’‹–—№"
# So many keys are worth naming one by one.
MOST = 1000


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
        return self._has(self.rhs, compiler, connection)

    def _has(self, part: str, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        # How a backslash escapes what is wild, the database's own operator says.
        like = connection.operators["contains"]
        term = f"%{connection.ops.prep_for_like_query(part)}%"
        return f"REPLACE(UPPER({column}), 'Ё', 'Е') {like}", (*params, term)


@CharField.register_lookup
@TextField.register_lookup
class Begins(Finds):
    """As `finds`, where a word begins."""

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        found, params = super().as_sql(compiler, connection)
        column, of_column = self.process_lhs(compiler, connection)
        # Both, for then PostgreSQL expects few rows, and takes the index.
        beginning = f"(^|{_BETWEEN}){re.escape(self.rhs)}"
        begins = f"REPLACE(UPPER({column}), 'Ё', 'Е') {connection.operators['regex']}"
        behind = [self._has(sign + self.rhs, compiler, connection) for sign in _FAR_SIGNS]
        ways = " OR ".join([begins, *(sql for sql, _params in behind)])
        of_behind = (param for _sql, params in behind for param in params)
        return f"({found} AND ({ways}))", (*params, *of_column, beginning, *of_behind)


@CharField.register_lookup
@TextField.register_lookup
class Is(Finds):
    """As `finds`, of the whole text."""

    lookup_name = "is"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        # Not “=”, which an index of three letters in a row does not know.
        like = f"REPLACE(UPPER({column}), 'Ё', 'Е') {connection.operators['contains']}"
        return like, (*params, connection.ops.prep_for_like_query(self.rhs))


@BigIntegerField.register_lookup
class Among(Lookup):
    """`pk__among=keys`: as `in`, but the keys are one value for the database, and not thousands
    that are looked through and written one by one."""

    lookup_name = "among"

    def get_prep_lookup(self) -> list[int]:
        return list(self.rhs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", (*params, self.rhs)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        keys = json.dumps(self.rhs)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, keys)  # noqa: S608


@JSONField.register_lookup
class Holds(Lookup):
    """`makers__holds=5`: the number stands in the list, on both databases."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} @> %s::jsonb", (*params, json.dumps(self.rhs))

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        listed = f"SELECT value FROM json_each({column})"  # noqa: S608
        return f"%s IN ({listed})", (self.rhs, *params)


def words(text: str, *, model: type[Model], fields: Sequence[str]) -> Q:
    """Every word is found in one of the fields.

    A field of a related table is looked up there first: joined, the tables could use no index.
    """
    return _every_word(text, model, fields, amount="")


def with_amounts(text: str, *, model: type[Model], fields: Sequence[str], amount: str) -> Q:
    """As `words`; or the word is the amount, of which kopecks may be left out."""
    joined = SIGN.sub("", GROUPED.sub(lambda found: re.sub(r"[\s,]", "", found[0]), text))
    wanted = _every_word(text, model, fields, amount)
    return wanted if joined == text else wanted | _every_word(joined, model, fields, amount)


def _every_word(text: str, model: type[Model], fields: Sequence[str], amount: str) -> Q:
    wanted, relation_of = Q(), partial(_relation, model)
    found = list(islice(dict.fromkeys(map(_unquoted, smart_split(text))), WORDS))
    are_short = all(len(word) < INDEXED for word in found)
    narrowed = False
    # A number is the rarest, then a long word.
    for word in sorted(found, key=lambda word: (word.isalpha(), -len(word))):
        somewhere, few = _amount(word, amount) if amount else Q(), True
        for relation, group in groupby(sorted(fields, key=relation_of), key=relation_of):
            lookups = list(group)
            if _has_few_letters(word):
                lookups = _asked(lookups, "begins")
            if narrowed or (len(word) < INDEXED and not are_short):
                # Any part, of a related row too: the other words have found the rows.
                somewhere |= _in_any(lookups, word)
                continue
            if not relation and are_short:
                # A whole text, as the number of an invoice may be.
                lookups = _asked(lookups, "is")
            rows = _related if relation else _own
            some, few_of_them = rows(model, relation, lookups, word)
            somewhere, few = somewhere | some, few and few_of_them
        narrowed = narrowed or few
        wanted &= somewhere
    return wanted


def _has_few_letters(word: str) -> bool:
    return word.isalpha() and len(word) <= FEW_LETTERS


def _asked(lookups: Iterable[str], way: str) -> list[str]:
    """Of the same fields, in this way."""
    return [f"{to.rpartition(LOOKUP_SEP)[0]}{LOOKUP_SEP}{way}" for to in lookups]


def _relation(model: type[Model], field: str) -> str:
    """The foreign key with which a field's path begins; empty for the model's own."""
    name = field.split(LOOKUP_SEP)[0]
    return name if model._meta.get_field(name).is_relation else ""


def _own(model: type[Model], relation: str, lookups: Sequence[str], word: str) -> tuple[Q, bool]:
    """Of a rare word the rows are found by its letters once, and not for each row that is met."""
    wanted = _in_any(lookups, word)
    keys = _few(model, wanted)
    return (wanted, False) if keys is None else (Q(pk__among=keys), True)


def _related(
    model: type[Model], relation: str, lookups: Sequence[str], word: str
) -> tuple[Q, bool]:
    paths = (lookup.removeprefix(f"{relation}{LOOKUP_SEP}") for lookup in lookups)
    related: Any = model._meta.get_field(relation).related_model
    wanted = _in_any(paths, word)
    keys = _few(related, wanted)
    if keys is not None:
        return Q(**{f"{relation}__pk__among": keys}), True
    rows = related._default_manager.filter(wanted).order_by().values("pk")
    return Q(**{f"{relation}__in": rows}), False


def _in_any(lookups: Iterable[str], word: str) -> Q:
    return reduce(or_, (Q(**{lookup: word}) for lookup in lookups), Q())


def _few(model: type[Model], wanted: Q) -> list[Any] | None:
    """The keys of the rows, unless they are many."""
    rows = model._default_manager.filter(wanted).order_by().values_list("pk", flat=True)
    keys = list(rows[: MOST + 1])
    return keys if len(keys) <= MOST else None


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
