"""Who works here and what he may do: every change stands in the journal of accounts."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from treasury import journal
from treasury.errors import EmailInUse, NoRight, OwnAppointment
from treasury.models import AccountEvent, Employee
from treasury.services import followers
from treasury.signals import appointments_changed, had_key

Action = AccountEvent.Action
# Of a field: what was there and what is, as JSON holds it.
Changes = dict[str, tuple[Any, Any]]

PERSON = ("email", "last_name", "first_name", "patronymic", "language")
RIGHTS = ("groups", "is_staff", "is_superuser")
CHANGEABLE = {*PERSON, *RIGHTS, "is_active"}
_ACTIONS = {"email": Action.EMAIL, **dict.fromkeys(RIGHTS, Action.RIGHTS)}


def hire(
    *,
    email: str,
    last_name: str,
    first_name: str,
    actor: Employee,
    channel: str,
    patronymic: str = "",
    language: str = Employee.Language.RU,
    roles: Iterable[Group] = (),
) -> Employee:
    """Add an employee, who has no password; one with a role may enter the back office.

    Raises `NoRight`, and Django's `ValidationError` for what cannot be.
    """
    roles = list(roles)
    person = Employee(
        email=email.lower(),
        last_name=last_name,
        first_name=first_name,
        patronymic=patronymic,
        language=language,
        is_staff=bool(roles),
    )
    person.set_unusable_password()
    with transaction.atomic():
        if not _afresh(actor).has_perm("treasury.add_employee"):
            raise NoRight
        person.full_clean()
        person.save(force_insert=True)
        person.groups.set(roles)
        new = _values(person, [*PERSON, "groups", "is_staff"])
        changes = {name: (None, value) for name, value in new.items() if value}
        _record(person, Action.HIRED, actor, channel, changes)
    return person


def change(
    *, employee: Employee, actor: Employee, channel: str, fields: Mapping[str, Any]
) -> Employee:
    """Set these fields, each one of `CHANGEABLE`; `groups` are the roles.

    Whoever leaves or returns loses password and sessions; it is told to others, who revoke his
    further keys. Raises `NoRight`, `OwnAppointment`, `EmailInUse`, and Django's `ValidationError`.
    """
    if strange := fields.keys() - CHANGEABLE:
        raise ValueError(f"not to be changed here: {strange}")
    with transaction.atomic():
        person = locked(employee, actor)
        old = _values(person, fields)
        columns = {name: value for name, value in fields.items() if name != "groups"}
        for name, value in columns.items():
            setattr(person, name, value.lower() if name == "email" else value)
        person.full_clean()
        if "groups" in fields:
            person.groups.set(fields["groups"])
        new = _values(person, fields)
        changes = {name: (old[name], new[name]) for name in fields if old[name] != new[name]}
        _check(person, _afresh(actor), changes)
        if "is_active" in changes:
            # On return too: some have left before their passwords ended with it.
            person.set_unusable_password()
            columns["password"], columns["phone"] = person.password, ""
            person.phone = ""
        person.save(update_fields=columns.keys())
        _tell(person, actor, channel, changes)
    return person


def speak(*, employee: Employee, language: str, channel: str) -> None:
    """The language in which the program speaks to him is his own to choose."""
    with transaction.atomic():
        person = Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        if person.language == language:
            return
        changes = {"language": (person.language, str(Employee.Language(language)))}
        person.language = language
        person.save(update_fields=["language"])
        _record(person, Action.CHANGED, person, channel, changes)


def give_phone(*, employee: Employee, phone: str, channel: str) -> None:
    """Keep the number that he has given himself; the journal says when he has, which is his
    consent, and not which number. Raises `ValueError` for what is none."""
    number = as_phone(phone)
    with transaction.atomic():
        person = Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        if person.phone != number:
            person.phone = number
            person.save(update_fields=["phone"])
            _record(person, Action.PHONE_GIVEN, person, channel, {})


def forget_phone(*, employee: Employee, channel: str) -> bool:
    """False where there is none."""
    with transaction.atomic():
        person = Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        if not person.phone:
            return False
        person.phone = ""
        person.save(update_fields=["phone"])
        _record(person, Action.PHONE_FORGOTTEN, person, channel, {})
    return True


def as_phone(text: str) -> str:
    """«+79161234567», as ITU-T E.164 writes it. Raises `ValueError`."""
    digits = "".join(letter for letter in text if letter not in " ()-\u00a0").removeprefix("+")
    if not (digits.isascii() and digits.isdecimal() and 7 <= len(digits) <= 15):
        raise ValueError("not a telephone number")
    return f"+{digits}"


def locked(employee: Employee, actor: Employee) -> Employee:
    """The person's row, for whoever may change it. Raises `NoRight`."""
    person = Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
    current = _afresh(actor)
    if not current.has_perm("treasury.change_employee"):
        raise NoRight
    if person.is_superuser and not current.is_superuser:
        raise NoRight
    return person


def check_not_himself(actor: Employee, appointed: Iterable[Employee]) -> None:
    """Nobody gives himself what others have to give; but who has full access has it already.

    Raises `OwnAppointment`.
    """
    if actor in set(appointed) and not _afresh(actor).is_superuser:
        raise OwnAppointment


def has_entered(employee: Employee) -> bool:
    """Whether he has ever shown who he is, so that somebody could be taken for him."""
    shown = employee.account_events.filter(action__in=[Action.LINKED, Action.PASSWORD_SET])
    if employee.last_login or employee.has_usable_password() or shown.exists():
        return True
    answers = had_key.send(sender=Employee, employee=employee)
    return any(answer for _receiver, answer in answers)


def _afresh(actor: Employee) -> Employee:
    """With the rights of this moment: Django keeps those once asked for on the instance."""
    return Employee.objects.get(pk=actor.pk)


def _check(person: Employee, actor: Employee, changes: Changes) -> None:
    old, new = changes.get("groups", ((), ()))
    if set(new) - set(old):
        check_not_himself(actor, [person])
    if actor.is_superuser:
        return
    if "is_superuser" in changes:
        raise NoRight
    if "email" in changes and has_entered(person):
        raise EmailInUse


def _values(person: Employee, names: Iterable[str]) -> dict[str, Any]:
    """As JSON holds them; of roles their names, as they were called then."""
    return {
        name: sorted(person.groups.values_list("name", flat=True))
        if name == "groups"
        else getattr(person, name)
        for name in names
    }


def _tell(person: Employee, actor: Employee, channel: str, changes: Changes) -> None:
    presence = changes.pop("is_active", None)
    by_action: dict[str, Changes] = {}
    for name, values in changes.items():
        by_action.setdefault(_ACTIONS.get(name, Action.CHANGED), {})[name] = values
    for action, part in by_action.items():
        _record(person, action, actor, channel, part)
    if presence:
        _record(person, Action.RETURNED if person.is_active else Action.LEFT, actor, channel, {})
        departments, groups = followers.places_of(person)
        changed = {
            "departments": departments,
            "groups": groups,
            "people": frozenset([person.pk]),
        }
        appointments_changed.send(sender=Employee, **changed)
        followers.follow_after_commit(**changed, actor=actor, channel=channel)


def _record(person: Employee, action: str, actor: Employee, channel: str, changes: Changes) -> None:
    data = {"changes": changes} if changes else {}
    journal.record(employee=person, action=action, actor=actor, channel=channel, data=data)
