"""Requests that a person names, as far as he may see them."""

import re
from collections.abc import Callable
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils import timezone

from treasury import money
from treasury.models import (
    Employee,
    Organization,
    PaymentRequest,
    PaymentRequestQuerySet,
    Priority,
)
from treasury.models.acting import asks
from treasury.workflow import PaymentStatus, Status

# More with the same last digits are not worth a choice.
MOST = 5
_NUMBER = re.compile(r"(\S+-[0-9]{4}-)?([0-9]{1,8})")
# In a sentence; so many of them are looked up.
_APART = r"\s(«\"'№#,;:/"
_WHOLE = re.compile(rf"(?<![^{_APART}])([^{_APART}]+?-[0-9]{{4}}-)([0-9]{{1,8}})(?!\w)")
_MOST_NAMED = 10
# «НМЗ-17», «нмз 17»: of this year.
_SHORT = re.compile(r"(\w*[^\W\d])[-\s№#]*([0-9]{1,5})")


def looks_like_number(text: str) -> bool:
    """Whether a plain message can be nothing else: «НМЗ-2026-00022», «№ 22», «00022», «НМЗ-22»."""
    return bool(_NUMBER.fullmatch(_compact(text)) or _short(text))


def is_in_full(text: str) -> bool:
    """Whether it names organization and year too: «НМЗ-2026-00022»."""
    named = _NUMBER.fullmatch(_compact(text))
    return named is not None and named[1] is not None


def by_number(employee: Employee, number: str) -> list[PaymentRequest]:
    """Those with this number, or with these last digits; the newest first."""
    return _visible(employee, _numbered(number))


def _named(text: str) -> list[tuple[str, str]]:
    """The numbers in it, each as what it begins with and its digits."""
    whole = [(found[1], found[2]) for found in _WHOLE.finditer(_with_dashes(text.upper()))]
    return list(dict.fromkeys(whole))[:_MOST_NAMED] or _short(text)


def _short(text: str) -> list[tuple[str, str]]:
    short = _SHORT.fullmatch(_with_dashes(text.upper()).strip())
    if short is None or not Organization.objects.filter(code__iexact=short[1]).exists():
        return []
    return [(f"{short[1]}-{timezone.localdate().year}-", short[2])]


def _numbered(number: str) -> PaymentRequestQuerySet:
    if named := _named(number):
        wanted = (_in_full(beginning, digits) for beginning, digits in named)
        return reduce(or_, wanted)
    found = _NUMBER.fullmatch(_compact(number))
    if found is None:
        return PaymentRequest.objects.none()
    beginning, digits = found.groups()
    return _in_full(beginning, digits) if beginning else PaymentRequest.objects.ending_with(digits)


def _in_full(beginning: str, digits: str) -> PaymentRequestQuerySet:
    wanted = PaymentRequest.objects.ending_with(digits)
    return wanted.filter(number__iexact=f"{beginning}{digits:0>5}")


def looked_for(employee: Employee, text: str) -> PaymentRequestQuerySet:
    """Those with this number; else with all of the words, of which some say whose they are and how
    they stand, such as «мои просроченные»; the newest first. Without any word what waits for him,
    the most urgent first."""
    if not text.strip():
        return PaymentRequest.objects.waiting_for(employee).most_urgent_first()
    numbered = _numbered(text).readable_by(employee)
    if numbered.exists():
        return numbered.order_by("-id")
    wanted, rest = Q(), text
    for said, meant in _SAID:
        rest, count = said.subn(" ", rest)
        if count:
            wanted &= meant(employee)
    found = PaymentRequest.objects.visible_to(employee).filter(wanted)
    if rest := rest.strip():
        in_digits = money.in_digits(rest)
        words = {rest, in_digits}
        found = found.filter(reduce(or_, map(PaymentRequest.found_by, words)))
    return found.order_by("-id")


def _waiting(employee: Employee) -> Q:
    return Q(pk__in=PaymentRequest.objects.waiting_for(employee).values("pk"))


def _overdue(employee: Employee) -> Q:
    return Q(pk__in=PaymentRequest.objects.overdue(timezone.now()).values("pk"))


def _paid(employee: Employee) -> Q:
    return Q(payment_status=PaymentStatus.PAID)


def _urgent(employee: Employee) -> Q:
    return Q(priority=Priority.HIGH)


def _at(status: Status) -> Callable[[Employee], Q]:
    return lambda _employee: Q(status=status)


def _words(pattern: str) -> re.Pattern[str]:
    """Of whole words, as they stand in a text; in quotes they mean themselves."""
    return re.compile(rf"(?<!\S)(?:{pattern})(?!\S)", re.IGNORECASE)


# How people say whose requests they want and how these stand, in either language.
_SAID: tuple[tuple[re.Pattern[str], Callable[[Employee], Q]], ...] = (
    (_words(r"мо[йиёеяю]|мо(?:их|ей|ими)|mine|my"), asks),
    (_words(r"жду[тщ]\w*|ждет|ждёт|pending|waiting"), _waiting),
    (_words(r"просроч\w*|overdue"), _overdue),
    (_words(r"черновик\w*|drafts?"), _at(Status.DRAFT)),
    (_words(r"(?:на )?согласовани\w*|in approval"), _at(Status.IN_APPROVAL)),
    (_words(r"согласован(?:о|а|ы|ные|ный|ная|ную|ных)?|approved"), _at(Status.APPROVED)),
    (_words(r"возвращ[её]н\w*|(?:на )?доработк\w*|returned"), _at(Status.RETURNED)),
    (_words(r"отклон[её]н\w*|declined"), _at(Status.DECLINED)),
    (_words(r"отмен[её]н\w*|cancell?ed"), _at(Status.CANCELLED)),
    (_words(r"оплачен\w*|paid"), _paid),
    (
        _words(r"срочн(?:о|ые|ая|ой|ую|ых)|высок(?:ий|ого|им) приоритет\w*|urgent|high priority"),
        _urgent,
    ),
)


def _compact(text: str) -> str:
    """Without what people write around a number; words apart from each other are none."""
    return re.sub(r"\s*-\s*", "-", _with_dashes(text.upper())).strip().lstrip("№# ")


def _with_dashes(text: str) -> str:
    """Dashes of every kind are one."""
    return re.sub("[‐‑‒–—−]", "-", text)


def with_key(employee: Employee, pk: int) -> list[PaymentRequest]:
    return _visible(employee, PaymentRequest.objects.filter(pk=pk))


def newest(employee: Employee) -> list[PaymentRequest]:
    """Of all that he may see."""
    own = PaymentRequest.objects.visible_to(employee)
    visible = own.select_related("counterparty", "stage")
    return list(visible.order_by("-id")[:MOST])


def _visible(employee: Employee, wanted: PaymentRequestQuerySet) -> list[PaymentRequest]:
    visible = wanted.readable_by(employee).select_related("counterparty", "stage")
    return list(visible.order_by("-id")[:MOST])
