"""The hand of the tests in an installation's database: a line of JSON in, a line of JSON out.

A process of its own, because the settings of the tests' process name another database. It founds
firms and looks at rows; whatever a test is about goes over HTTP.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from stdnum.ru import inn  # noqa: E402

from oauth.models import UserToken  # noqa: E402
from telegrambot.kinds import alert  # noqa: E402
from telegrambot.models import Bookmark, Chat, SentMessage, Update  # noqa: E402
from telegrambot.projection import cursor  # noqa: E402
from treasury.models import (  # noqa: E402
    AccountEvent,
    ApproverGroup,
    Bank,
    CashFlowItem,
    Counterparty,
    CounterpartyAccount,
    Department,
    Employee,
    GroupMembership,
    Organization,
    PaymentRequest,
    VatRate,
)

Json = dict[str, Any]

PASSWORD = "secret-of-the-accountants"
# Name, last name, and the number that makes the Telegram id.
CAST = {
    "anna": ("Анна", "Смирнова"),
    "boris": ("Борис", "Орлов"),
    "vera": ("Вера", "Лебедева"),
    "fedor": ("Фёдор", "Климов"),
    "tamara": ("Тамара", "Белова"),
    "gleb": ("Глеб", "Чужов"),
}


def found_firm(number: int, language: str) -> Json:
    """A company with chats of its own, so that no test waits for the pace of another's."""
    organization = Organization.objects.create(
        name=f"ООО «Ромашка {number}»", code=f"Р{number}", inn=_inn(7_700_000_000 + number)
    )
    people = {name: _person(name, number, language) for name in CAST}
    _give_roles(organization, people)
    telegram_ids = {name: _link(employee, number, name) for name, employee in people.items()}
    group, title = -1_001_000_000_000 - number, f"Платежи Ромашки {number}"
    found_group(organization.pk, group, title)
    return {
        "organization": organization.pk,
        "name": organization.name,
        "department": organization.departments.get(name="Производство").pk,
        "employees": {name: employee.pk for name, employee in people.items()},
        "telegram_ids": telegram_ids,
        "names": {name: " ".join(CAST[name]) for name in CAST},
        "accountant": people["anna"].email,
        "group": group,
        "title": title,
        **_directories(),
    }


def request_numbered(number: str) -> int:
    return PaymentRequest.objects.get(number=number).pk


def found_group(organization: int, telegram_id: int, title: str, **fields: Any) -> None:
    """Where the organization's requests are announced."""
    kind = Chat.Kind.SUPERGROUP
    group = Chat.objects.create(telegram_id=telegram_id, kind=kind, title=title, **fields)
    group.organizations.add(organization)


def make_administrator(employee: int) -> None:
    Employee.objects.get(pk=employee).groups.add(Group.objects.get(name="Администратор"))


def raise_alarm(text: str) -> None:
    """Of trouble for which no worker looks: it would find none, and say so."""
    alert.report(alert.Subject.JOURNAL, 1, text)


def sign_in(employee: int) -> dict[str, str]:
    """The cookies of somebody who has signed in; his password is asked for where that is tested."""
    client = Client()
    client.force_login(Employee.objects.get(pk=employee))
    return {name: cookie.value for name, cookie in client.cookies.items()}


def hire(name: str, email: str, password: str, **fields: Any) -> int:
    """An employee whom the bot does not know yet."""
    first, last = name.split()
    employee = Employee.objects.create_user(
        email, password, first_name=first, last_name=last, language="en", **fields
    )
    return employee.pk


def account(employee: int) -> Json:
    """How the employee is linked, and what his journal tells of it."""
    links = UserToken.objects.filter(
        kind=UserToken.Kind.TELEGRAM, employee=employee, revoked_at=None
    )
    events = AccountEvent.objects.filter(employee=employee).order_by("pk")
    return {
        "telegram_ids": [int(token) for token in links.values_list("token", flat=True)],
        "journal": list(events.values_list("action", flat=True)),
    }


def holders(telegram_id: int) -> list[int]:
    """The employees to whom a Telegram account belongs or ever belonged."""
    links = UserToken.objects.filter(kind=UserToken.Kind.TELEGRAM, token=str(telegram_id))
    return list(links.values_list("employee", flat=True))


def expire(telegram_id: int) -> None:
    """Ten minutes are over."""
    now = timezone.now()
    links = UserToken.objects.filter(kind=UserToken.Kind.LINK, telegram_id=telegram_id)
    links.update(created_at=now - timedelta(hours=1), expires_at=now - timedelta(minutes=1))


def errors() -> list[str]:
    """Every error that is kept."""
    updates = Update.objects.values_list("error", flat=True)
    return [*updates, *SentMessage.objects.values_list("error", flat=True)]


def rename(table: str, name: str) -> None:
    """So that it is missing, or is there again."""
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{name}"')


def dismiss(employee: int) -> None:
    Employee.objects.filter(pk=employee).update(is_active=False)


def look(request: int) -> Json:
    """All that decides about a request, to be compared and asserted."""
    row = PaymentRequest.objects.select_related("stage").get(pk=request)
    return {
        "number": row.number,
        "status": row.status,
        "revision": row.revision,
        "stage": row.stage.position if row.stage else None,
        "documents": list(row.documents.values_list("pk", flat=True)),
        "decisions": list(row.decisions.values("action", "decided_by", "revision", "reason")),
        "events": list(
            row.events.values("action", "actor", "channel", "status", "reason", "revision")
        ),
    }


def lag(organization: int) -> Json:
    """What the chats do not show yet, and what they never will."""
    messages = SentMessage.objects.filter(request__organization=organization)
    waits = cursor.unread().filter(request__organization=organization)
    stuck = Bookmark.objects.stuck().filter(request__organization=organization)
    return {
        "unprojected": waits.count() + stuck.count(),
        "behind": messages.behind().count(),
        "failed": list(messages.filter(state=SentMessage.State.FAILED).values("id", "error")),
    }


def under_way(request: int) -> int:
    """How many messages about it are just being sent or edited."""
    return SentMessage.objects.filter(request=request, state=SentMessage.State.SENDING).count()


def _inn(stem: int) -> str:
    """A valid one of ten digits; the stem's last digit gives way to the check digit."""
    digits = str(stem)[-9:]
    return digits + str(inn.calc_company_check_digit(digits))


def _person(name: str, number: int, language: str) -> Employee:
    first, last = CAST[name]
    employee: Employee = Employee.objects.create(
        email=f"{name}.{number}@example.com",
        first_name=first,
        last_name=last,
        language=language,
        is_staff=name == "anna",
        password=_password() if name == "anna" else make_password(None),
    )
    return employee


@cache
def _password() -> str:
    """It takes half a second, as it should."""
    return make_password(PASSWORD)


def _give_roles(organization: Organization, people: dict[str, Employee]) -> None:
    department = Department.objects.create(organization=organization, name="Производство")
    department.budget_holders.add(people["boris"], people["vera"])
    other = Department.objects.create(organization=organization, name="Маркетинг")
    other.budget_holders.add(people["gleb"])
    for code, name in (("financial_managers", "fedor"), ("treasurers", "tamara")):
        group = ApproverGroup.objects.get(code=code)
        GroupMembership.objects.create(
            group=group, employee=people[name], organization=organization
        )
    people["anna"].groups.add(Group.objects.get(name="Бухгалтер"))


def _link(employee: Employee, number: int, name: str) -> int:
    """The employee's Telegram account, as it stands after he has pressed Start."""
    telegram_id = number * 1000 + list(CAST).index(name)
    UserToken.objects.create(
        kind=UserToken.Kind.TELEGRAM, token=str(telegram_id), employee=employee
    )
    Chat.objects.create(telegram_id=telegram_id, kind=Chat.Kind.PRIVATE, title=name.title())
    return telegram_id


def _directories() -> Json:
    """What all firms share; made when it is first asked for."""
    bank, _ = Bank.objects.get_or_create(bik="044525225", defaults={"name": "ПАО Сбербанк"})
    item, _ = CashFlowItem.objects.get_or_create(code="01.1", name="Оплата поставщикам")
    payee, _ = Counterparty.objects.get_or_create(
        inn="3528000597", kpp="997550001", defaults={"name": "АО «Северсталь»"}
    )
    account, _ = CounterpartyAccount.objects.get_or_create(
        counterparty=payee, bank=bank, number="40702810200000000001"
    )
    return {
        "cash_flow_item": item.pk,
        "counterparty": payee.pk,
        "counterparty_account": account.pk,
        "vat_rate": VatRate.objects.get(name="22 %").pk,
    }


COMMANDS: dict[str, Callable[..., Any]] = {
    command.__name__: command
    for command in (
        found_firm, found_group, sign_in, hire, account, holders, expire, errors, dismiss,
        make_administrator, raise_alarm, look, lag, request_numbered, rename,
        under_way,
    )
}  # fmt: skip


def main() -> None:
    for line in sys.stdin:
        name, arguments = json.loads(line)
        print(json.dumps(COMMANDS[name](**arguments)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
