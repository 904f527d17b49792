"""The order of names: ё beside е, capitals beside small letters, signs before letters.

Left to itself PostgreSQL sorts as its database was created (often by code points, as SQLite
always does): «Ёлкин» before «Антонов», «ромашка» after «Яхонт». A column with this collation is
sorted alike wherever it stands: a migration makes it from PostgreSQL's ICU, and every connection
to SQLite is given the function below.
"""

from functools import lru_cache

from treasury.search import fold

BY_NAME = "by_name"


def compare(one: str, other: str) -> int:
    """-1, 0 or 1; nothing but the same text is equal."""
    first, second = _key(one), _key(other)
    return (first > second) - (first < second)


@lru_cache(maxsize=10_000)
def _key(text: str) -> tuple[list[tuple[bool, str]], str, str, str]:
    letters = [(letter.isalnum(), letter) for letter in fold(text)]
    return letters, text.lower(), text.swapcase(), text
