"""Who is meant by name in a text."""

import re
from collections import Counter
from collections.abc import Collection, Iterator

from treasury.models import Employee


def meant(text: str, people: Collection[Employee]) -> list[Employee]:
    """Those who are named in full, or by a surname that no other of those who are named has:
    «Борис Орлов», «Б. Орлов», «@Орлов». Names are written as they are, but for «ё»."""
    plain = _plain(text)
    in_full = {person.pk for person in people if any(_stands(plain, n) for n in _names(person))}
    called = [person for person in people if _stands(plain, person.last_name)]
    how_many = Counter(_plain(person.last_name) for person in called)
    return [
        person
        for person in called
        if person.pk in in_full or how_many[_plain(person.last_name)] == 1
    ]


def _names(person: Employee) -> Iterator[str]:
    first, last = person.first_name, person.last_name
    initial = f"{first[:1]}."
    yield from (f"{first} {last}", f"{last} {first}", f"{initial} {last}", f"{initial}{last}")


def _stands(text: str, name: str) -> bool:
    words = re.escape(_plain(name))
    return bool(words and re.search(rf"(?<!\w){words}(?!\w)", text))


def _plain(text: str) -> str:
    return " ".join(text.replace("ё", "е").replace("Ё", "Е").split())
