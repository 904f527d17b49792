"""Who works at a large company, and with whom it deals; `fill.sql` adds what they have done."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from benchmarks.company import telegram_id
from oauth.models import UserToken
from telegrambot.models import Chat
from treasury.models import (
    ApproverGroup,
    Bank,
    CashFlowItem,
    Counterparty,
    CounterpartyAccount,
    Delegation,
    Department,
    Employee,
    GroupMembership,
    Organization,
)

ORGANIZATIONS = 20
DEPARTMENTS_EACH = 4
AUTHORS = 100
PAYEES = 5000
RARE = "Редкоземельный"


@dataclass(frozen=True)
class Cast:
    """`holder` has the budget of four departments and stands in for somebody; `manager` is the
    financial manager of a third of all. Neither may view everything; the others do."""

    accountant: Employee
    holder: Employee
    manager: Employee
    treasurer: Employee
    administrator: Employee
    auditor: Employee


def found() -> Cast:
    """The primary keys of everyone and everything go up from 1, which `fill.sql` relies on."""
    cast = Cast(
        accountant=_hire("Смирнова", "Бухгалтер"),
        holder=_hire("Орлов", "Согласующий"),
        manager=_hire("Климов", "Согласующий"),
        treasurer=_hire("Белова", "Казначей"),
        administrator=_hire("Николаев", "Администратор", is_superuser=True),
        auditor=_hire("Ревизорова", "Аудитор"),
    )
    authors = [_person(number) for number in range(AUTHORS)]
    managers = [_person(AUTHORS + number) for number in range(2)]
    holders = [_person(AUTHORS + 2 + number) for number in range(160)]
    Employee.objects.bulk_create([*authors, *managers, *holders])
    _found_organizations(cast, holders)
    _appoint(cast, managers)
    _open_chats()
    _know_payees()
    return cast


def _hire(name: str, role: str, **fields: bool) -> Employee:
    person = Employee.objects.create(
        email=f"{name}@example.com", last_name=name, first_name="Анна", is_staff=True, **fields
    )
    person.groups.add(Group.objects.get(name=role))
    return Employee.objects.get(pk=person.pk)


def _person(number: int) -> Employee:
    return Employee(
        email=f"{number}@example.com", last_name=f"Сотрудник-{number}", first_name="Борис"
    )


def _found_organizations(cast: Cast, holders: list[Employee]) -> None:
    for number in range(1, ORGANIZATIONS + 1):
        organization = Organization.objects.create(
            name=f"ООО «Ромашка {number}»", code=f"Р{number}", inn=f"{7707083893 + number}"
        )
        for _ in range(DEPARTMENTS_EACH):
            name = f"Отдел {Department.objects.count() + 1}"
            department = Department.objects.create(organization=organization, name=name)
            department.budget_holders.add(holders.pop(), holders.pop())
    for department in Department.objects.filter(pk__in=[30, 40, 50, 60]):
        department.budget_holders.set([cast.holder, department.budget_holders.earliest("pk")])


def _appoint(cast: Cast, others: list[Employee]) -> None:
    """A third of the organizations has this financial manager; one treasurer pays for all."""
    managers = ApproverGroup.objects.get(code="financial_managers")
    people = [cast.manager, *others]
    GroupMembership.objects.bulk_create(
        GroupMembership(group=managers, employee=people[number % 3], organization_id=number)
        for number in range(1, ORGANIZATIONS + 1)
    )
    treasurers = ApproverGroup.objects.get(code="treasurers")
    GroupMembership.objects.create(group=treasurers, employee=cast.treasurer)
    principal = Department.objects.get(pk=70).budget_holders.earliest("pk")
    now = timezone.now()
    for since in (now - timedelta(days=1), now - timedelta(days=400)):
        Delegation.objects.create(
            principal=principal,
            deputy=cast.holder,
            since=since,
            until=since + timedelta(days=14),
            begun_by=principal,
        )


def _open_chats() -> None:
    """A private chat has the primary key of its person; those of the organizations' groups follow.

    The groups are where most happens: the busiest one has every sixth request.
    """
    people = list(Employee.objects.order_by("pk"))
    UserToken.objects.bulk_create(
        UserToken(kind=UserToken.Kind.TELEGRAM, token=str(telegram_id(person)), employee=person)
        for person in people
    )
    Chat.objects.bulk_create(
        Chat(pk=person.pk, telegram_id=telegram_id(person), kind="private", title=str(person))
        for person in people
    )
    for organization in Organization.objects.all():
        organization.chats.create(
            pk=1000 + organization.pk,
            telegram_id=-1_001_000_000_000 - organization.pk,
            kind=Chat.Kind.SUPERGROUP,
            title=f"Платежи: {organization.name}",
        )


def _know_payees() -> None:
    bank = Bank.objects.create(bik="044525225", name="ПАО Сбербанк", city="Москва")
    CashFlowItem.objects.create(code="01.1", name="Оплата поставщикам")
    kinds = ["Металлопрокат", "Транспорт", "Химреактив", "Стройматериалы", "Канцтовары"]
    payees = Counterparty.objects.bulk_create(
        Counterparty(
            name=f"ООО «{RARE if number == 2500 else kinds[number % 5]} {number}»",
            inn=f"{5000000000 + number}",
        )
        for number in range(1, PAYEES + 1)
    )
    CounterpartyAccount.objects.bulk_create(
        CounterpartyAccount(counterparty=payee, bank=bank, number=f"{40702810200000000000 + n}")
        for n, payee in enumerate(payees)
    )
