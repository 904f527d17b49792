"""Moments, people and decisions, as cards and messages write them."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from treasury import days
from treasury.errors import NotReady, TreasuryError
from treasury.models import Decision, Employee, PaymentRequest
from treasury.money import money
from treasury.names import accusative


def moment(at: datetime) -> str:
    """«20.11 12:31»: a message stands in its chat for years, so a bare time would mislead."""
    return f"{timezone.localtime(at):%d.%m %H:%M}"


def moment_of_year(at: datetime) -> str:
    """«20.11.2026 12:31», for what is still to come."""
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M}"


def day(value: date) -> str:
    return f"{value:%d.%m.%Y}"


def day_of_week(value: date) -> str:
    """“Friday, 04.12.2026”; in Russian «04.12.2026 (пятница)», which nothing before it declines."""
    name = str(WEEKDAYS[value.weekday()])
    russian = (get_language() or "").startswith("ru")
    return f"{day(value)} ({name.lower()})" if russian else f"{name}, {day(value)}"


def pay_day(value: date) -> str:
    """«28.11.2026 — Saturday: the bank will pay on Monday»"""
    return " — ".join(filter(None, [day(value), days.remark(value)]))


def who(person: Employee, principal: Employee | None) -> str:
    """«B. Orlov», with the person he stood in for."""
    if principal is None:
        return person.get_short_name()
    return _("%(deputy)s for %(principal)s") % {
        "deputy": person.get_short_name(),
        "principal": accusative(principal.get_short_name()),
    }


def priority(request: PaymentRequest) -> str:
    """Only what is to be decided before the others."""
    return _("❗ High priority") if request.is_urgent else ""


def spoken_to(person: Employee) -> str:
    """«Борис Игоревич»; in other languages nobody is called by the patronymic."""
    russian = (get_language() or "").startswith("ru")
    return " ".join(filter(None, [person.first_name, person.patronymic if russian else ""]))


def decided(decision: Decision) -> str:
    """«Declined: РОМ-2026-00022, 1 000,50 ₽», to whoever has decided."""
    request = decision.request
    facts: dict[str, Any] = {
        "decision": decision.get_action_display(),
        "number": request.number,
        "amount": money(request.amount, request.currency),
    }
    return _("%(decision)s: %(number)s, %(amount)s") % facts


def in_full(refusal: TreasuryError) -> str:
    """Each problem on a line of its own, with the field that can mend it."""
    if not isinstance(refusal, NotReady):
        return str(refusal)
    fields = {field.name: field.verbose_name for field in PaymentRequest._meta.fields}
    named = [
        f"• {capfirst(str(fields[name]))}: {problem}" if name in fields else f"• {problem}"
        for name, problem in refusal.by_field.items()
    ]
    of_none = [problem for problem in refusal.problems if problem not in refusal.by_field.values()]
    return "\n".join([*named, *(f"• {problem}" for problem in of_none)])
