"""Writes the demo's people and directories, checked as the back office would check them."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db.models import Model
from django.utils import timezone

from demo import company, purchases
from oauth.models import UserToken
from telegrambot.models import Chat
from treasury import bank_directory
from treasury.models import (
    ApprovalRoute,
    ApproverGroup,
    Approvers,
    Bank,
    CashFlowItem,
    Counterparty,
    CounterpartyAccount,
    Delegation,
    Department,
    Employee,
    GroupMembership,
    Organization,
    OwnAccount,
    RequesterConsent,
    RouteStage,
    VatRate,
)
from treasury.services.banks import load
from treasury.workflow import Concern

# An excerpt in the form in which the Bank of Russia publishes it.
BANKS = Path(__file__).with_name("banks.xml")

Row = TypeVar("Row", bound=Model)


@dataclass
class Directories:
    """The written rows by the keys of the data."""

    employees: dict[str, Employee] = field(default_factory=dict)
    organizations: dict[str, Organization] = field(default_factory=dict)
    departments: dict[str, list[Department]] = field(default_factory=dict)
    items: dict[str, CashFlowItem] = field(default_factory=dict)
    payees: dict[str, CounterpartyAccount] = field(default_factory=dict)

    @cached_property
    def vat(self) -> VatRate:
        return VatRate.objects.filter(percent__gt=10, until=None).latest("since")

    @cached_property
    def without_vat(self) -> VatRate:
        return VatRate.objects.get(percent=None)


def write(password: str) -> Directories:
    """Everything but the requests; every person logs in with this password."""
    rows = Directories()
    _write_people(rows, password)
    load(banks=bank_directory.read(BANKS.read_bytes()))
    banks = {bank.bik: bank for bank in Bank.objects.all() if bank.bik}
    for organization in company.ORGANIZATIONS:
        _write_organization(rows, organization, banks)
    for code, name in company.CASH_FLOW_ITEMS.items():
        rows.items[code] = _checked(CashFlowItem(code=code, name=name))
    for supplier in purchases.SUPPLIERS:
        rows.payees[supplier.inn] = _payee(supplier, banks)
    rows.payees[purchases.ABROAD.tax_number] = _payee_abroad(purchases.ABROAD)
    _write_route_with_threshold(rows)
    _write_stand_ins(rows)
    _write_deadlines(rows)
    _write_delegation(rows)
    _write_consent(rows)
    return rows


def _checked(row: Row) -> Row:
    row.full_clean()
    row.save()
    return row


def _write_people(rows: Directories, password: str) -> None:
    code, name = company.DIRECTORS
    ApproverGroup.objects.get_or_create(code=code, defaults={"name": name})
    # One hash for all: each costs a third of a second by design.
    hashed = make_password(password)
    for person in (*company.PEOPLE, company.FORMER):
        employee = _employee(person, hashed)
        rows.employees[person.key] = employee
        employee.groups.set(Group.objects.filter(name__in=person.roles))
        for group in ApproverGroup.objects.filter(code__in=person.approver_groups):
            GroupMembership.objects.create(group=group, employee=employee)
        if person.linked:
            _link(employee, person.telegram_id)


def _employee(person: company.Person, hashed_password: str) -> Employee:
    return _checked(
        Employee(
            email=person.email,
            password=hashed_password,
            last_name=person.last_name,
            first_name=person.first_name,
            patronymic=person.patronymic,
            language=person.language,
            is_staff=bool(person.roles),
            is_superuser=person.superuser,
            is_active=person is not company.FORMER,
        )
    )


def _link(employee: Employee, telegram_id: int) -> None:
    UserToken.objects.create(
        kind=UserToken.Kind.TELEGRAM, token=str(telegram_id), employee=employee
    )
    Chat.objects.create(
        telegram_id=telegram_id, kind=Chat.Kind.PRIVATE, title=employee.get_full_name(),
        weekly=employee.is_superuser,
    )  # fmt: skip


def _write_organization(
    rows: Directories, data: company.Organization, banks: dict[str, Bank]
) -> None:
    organization = _checked(
        Organization(code=data.code, name=data.name, inn=data.inn, kpp=data.kpp)
    )
    rows.organizations[data.code] = organization
    for account in data.accounts:
        _checked(
            OwnAccount(
                organization=organization,
                bank=banks[account.bik],
                number=account.number,
                currency=account.currency,
            )
        )
    for name, holders in data.departments.items():
        department = _checked(Department(organization=organization, name=name))
        department.budget_holders.set([rows.employees[key] for key in holders])
        rows.departments.setdefault(data.code, []).append(department)
    group = Chat.objects.create(
        telegram_id=data.chat_id, kind=Chat.Kind.SUPERGROUP, title=data.chat_title
    )
    group.organizations.add(organization)


def _payee(data: purchases.Supplier, banks: dict[str, Bank]) -> CounterpartyAccount:
    counterparty = _checked(Counterparty(name=data.name, inn=data.inn, kpp=data.kpp))
    return _checked(
        CounterpartyAccount(
            counterparty=counterparty, bank=banks[data.account.bik], number=data.account.number
        )
    )


def _payee_abroad(data: purchases.SupplierAbroad) -> CounterpartyAccount:
    bank = _checked(Bank(swift=data.swift, name=data.bank, city=data.city))
    counterparty = _checked(
        Counterparty(name=data.name, country=data.country, tax_number=data.tax_number)
    )
    return _checked(
        CounterpartyAccount(
            counterparty=counterparty, bank=bank, number=data.number, currency=data.currency
        )
    )


def _write_route_with_threshold(rows: Directories) -> None:
    """The general route, and a fourth stage for large amounts."""
    organization = rows.organizations[company.THRESHOLD_ORGANIZATION]
    general = ApprovalRoute.objects.get(organization=None, is_active=True)
    route = _checked(
        ApprovalRoute(name=f"{organization.code}: крупные платежи", organization=organization)
    )
    stages = list(general.stages.order_by("position"))
    for stage in stages:
        # Without its key a row is saved as a new one.
        stage.pk, stage.route = None, route
        _checked(stage)
    _checked(
        RouteStage(
            route=route,
            position=len(stages) + 1,
            name="Финансовый директор",
            approvers=Approvers.GROUP,
            group=ApproverGroup.objects.get(code=company.DIRECTORS[0]),
            concern=Concern.PAYMENT,
            min_amount=Decimal(company.THRESHOLD),
        )
    )


def _write_deadlines(rows: Directories) -> None:
    for stage in RouteStage.objects.select_related("group"):
        stage.deadline_hours = company.DEADLINES[stage.group.code if stage.group else ""]
        _checked(stage)
    Department.objects.update(head=rows.employees[company.HEAD])


def _write_stand_ins(rows: Directories) -> None:
    """So that a task can be handed over where everybody of the role is asked already."""
    for stage in RouteStage.objects.select_related("group"):
        keys = company.STAND_INS.get(stage.group.code if stage.group else "", ())
        stage.stand_ins.set([rows.employees[key] for key in keys])


def _write_delegation(rows: Directories) -> None:
    """A holiday to come, so that it changes nothing in the demo until then."""
    start = timezone.now() + timedelta(days=30)
    _checked(
        Delegation(
            principal=rows.employees["sokolov"],
            deputy=rows.employees["volkova"],
            since=start,
            until=start + timedelta(days=14),
            reason="Отпуск",
        )
    )


def _write_consent(rows: Directories) -> None:
    """The accountant asks for a colleague too."""
    requester, author = rows.employees["pavlova"], rows.employees["smirnova"]
    _checked(RequesterConsent(requester=requester, author=author, given_at=timezone.now()))
