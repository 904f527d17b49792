"""Who is meant by name in a text."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import reduce
from operator import or_

from django.db.models import Q

from treasury.models import Employee

# How surnames that end so are declined: a man's and a woman's, the nominative first; without the
# case of places, for «в Пушкине» is nobody.
_KINDS = (
    (("ов", "ев", "ин", "ын"), ("", "а", "у", "ым"), ("а", "ой", "у")),
    (("ск", "цк"), ("ий", "ого", "ому", "им"), ("ая", "ой", "ую")),
)


def meant(text: str, people: Collection[Employee]) -> list[Employee]:
    """Those who are named, in full or by surname, in a way in which no other of the people is:
    «Борис Орлов», «Б. Орлову», «@Орлов». First names are read as they are written, but for «ё».

    «Орлова» may be said of him and of her, wherever the other of the two works here.
    """
    plain = _plain(text)
    counterparts = {name for person in people for name in _of_the_other(person.last_name)}
    named_so = reduce(or_, (Q(last_name__is=name) for name in counterparts), Q(pk__in=()))
    others = Employee.objects.filter(named_so, is_active=True)
    said = {
        person.pk: {name for name in _names(person) if _stands(plain, name)}
        for person in (*others, *people)
    }
    how_many = Counter(name for names in said.values() for name in names)
    return [person for person in people if any(how_many[name] == 1 for name in said[person.pk])]


def _names(person: Employee) -> Iterator[str]:
    first, initial = person.first_name, f"{person.first_name[:1]}."
    for last in _cases(person.last_name):
        names = (
            last,
            f"{first} {last}",
            f"{last} {first}",
            f"{initial} {last}",
            f"{initial}{last}",
        )
        yield from map(_plain, names)


def _cases(surname: str) -> list[str]:
    declined = [stem + ending for stem, own, _other in _declined(surname) for ending in own]
    return declined or [surname]


def _of_the_other(surname: str) -> list[str]:
    """His as a woman has it, and hers as a man."""
    return [stem + other[0] for stem, _own, other in _declined(surname)]


def _declined(surname: str) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    """What stays of it, with its own endings and those of the other."""
    for stems, man, woman in _KINDS:
        for own, other in ((man, woman), (woman, man)):
            stem = surname.removesuffix(own[0])
            if surname.endswith(own[0]) and _plain(stem).endswith(stems):
                yield stem, own, other


def _stands(text: str, name: str) -> bool:
    return bool(name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))


def _plain(text: str) -> str:
    return " ".join(text.replace("ё", "е").replace("Ё", "Е").split())
