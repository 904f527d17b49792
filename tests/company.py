"""The fixed cast: a small company with everyone whom a payment request meets."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from oauth.models import UserToken
from telegrambot.models import Chat
from tests.databases import Own
from tests.replay import Replay
from treasury import journal
from treasury.models import (
    ApprovalRoute,
    ApprovalTask,
    ApproverGroup,
    Approvers,
    Bank,
    CashFlowItem,
    Counterparty,
    CounterpartyAccount,
    Decision,
    Department,
    Employee,
    GroupMembership,
    Organization,
    OwnAccount,
    PaymentRequest,
    RequesterConsent,
    RouteStage,
    Upload,
    VatRate,
)
from treasury.services import decisions, requests, uploads
from treasury.workflow import Action, Concern, PaymentStatus

ADMIN = Decision.Channel.ADMIN
TELEGRAM = Decision.Channel.TELEGRAM
GROUP_CHAT = -1001000000001
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Company:
    """Anna prepares; Boris and Vera hold the budget; Fedor is the financial manager; Tamara the
    treasurer. Gleb holds another department's budget; Sergey works here and has no part in it."""

    organization: Organization
    department: Department
    other_department: Department
    item: CashFlowItem
    counterparty: Counterparty
    account: CounterpartyAccount
    own_account: OwnAccount
    vat_rate: VatRate
    route: ApprovalRoute
    anna: Employee
    boris: Employee
    vera: Employee
    fedor: Employee
    tamara: Employee
    gleb: Employee
    sergey: Employee
    telegram_ids: dict[int, int]

    group_chat: ClassVar[int] = GROUP_CHAT

    def telegram_id(self, person: Employee) -> int:
        return self.telegram_ids[person.pk]

    def fields(self, **changes: Any) -> dict[str, Any]:
        """The fields of an ordinary request; the VAT goes with the amount, and what is asked for in
        roubles is paid from the company's account."""
        fields = {
            "organization": self.organization,
            "department": self.department,
            "cash_flow_item": self.item,
            "counterparty": self.counterparty,
            "counterparty_account": self.account,
            "own_account": self.own_account,
            "amount": Decimal("125000.50"),
            "vat_rate": self.vat_rate,
            "vat_amount": Decimal("22541.07"),
            "purpose": "Оплата по счёту 45 за металлопрокат",
            "invoice_number": "45",
            "invoice_date": date(2026, 11, 10),
            "desired_date": date(2036, 11, 28),
            "comment": "Срочная поставка",
            **changes,
        }
        if {"currency", "organization"} & changes.keys() and "own_account" not in changes:
            fields["own_account"] = None
        if "amount" in changes and "vat_amount" not in changes:
            fields["vat_amount"] = fields["vat_rate"].included_in(fields["amount"])
        return fields

    def sums(self, amount: int | str) -> dict[str, Decimal]:
        """An amount with the VAT in it."""
        return {
            "amount": Decimal(amount), "vat_amount": self.vat_rate.included_in(Decimal(amount)),
        }  # fmt: skip

    def further_account(self, number: str = "40702810400000000021") -> OwnAccount:
        """One more of the organization's in roubles."""
        return OwnAccount.objects.create(
            organization=self.organization, bank=self.own_account.bank, number=number
        )

    def payee_abroad(self, **known_by: str) -> CounterpartyAccount:
        """In Germany, with an account in euros."""
        known_by = known_by or {"country": "DE", "tax_number": "DE136695976"}
        payee = Counterparty.objects.create(name="Müller Werkzeuge GmbH", **known_by)
        bank, _new = Bank.objects.get_or_create(
            swift="COBADEFF", name="Commerzbank", city="Frankfurt am Main"
        )
        return CounterpartyAccount.objects.create(
            counterparty=payee, bank=bank, number="DE89370400440532013000", currency="EUR"
        )

    def abroad(self, account: CounterpartyAccount, **changes: Any) -> dict[str, Any]:
        """Of a request to such a payee; it is paid from an account of the organization in euros."""
        own_account, _new = OwnAccount.objects.get_or_create(
            organization=self.organization, bank=self.own_account.bank, currency="EUR",
            number="40702978400000000031",
        )  # fmt: skip
        return {
            "counterparty": account.counterparty, "counterparty_account": account,
            "currency": "EUR", "own_account": own_account, "amount": Decimal("1500.00"),
            "vat_rate": VatRate.objects.get(percent=None),
            "purpose": "Оплата по инвойсу 45 за фрезы. НДС не облагается.", **changes,
        }  # fmt: skip

    def draft(self, *, documents: int = 1, **changes: Any) -> PaymentRequest:
        return requests.create(
            author=self.anna, channel=ADMIN, fields=self.fields(**changes),
            documents=[self._invoice(number) for number in range(1, documents + 1)],
        )  # fmt: skip

    def _invoice(self, number: int) -> Upload:
        file = ContentFile(PDF + b"%%%d" % number, name=f"Счёт {number}.pdf")
        return uploads.stage(owner=self.anna, file=file)

    def submitted(self, **changes: Any) -> PaymentRequest:
        """The invoice may be the same as of other requests: here is a reason for that."""
        request = self.draft(**changes)
        reason = "Вторая часть поставки"
        return requests.submit(request=request, actor=self.anna, channel=ADMIN, reason=reason)

    def approved(self, **changes: Any) -> PaymentRequest:
        request = self.submitted(**changes)
        for person in (self.boris, self.fedor, self.tamara):
            self.approve(request, person)
        request.refresh_from_db()
        return request

    def task(self, request: PaymentRequest, person: Employee) -> ApprovalTask:
        """The newest task of the person on the request."""
        return request.tasks.filter(employee=person).latest("id")

    def open_position(self, request: PaymentRequest) -> int | None:
        """Which stage is open now; None when none is."""
        request.refresh_from_db()
        return request.stage.position if request.stage else None

    def approve(self, request: PaymentRequest, person: Employee) -> Decision:
        return decisions.approve(task=self.task(request, person), actor=person, channel=TELEGRAM)

    def mark_paid(self, request: PaymentRequest) -> None:
        """As a statement of the bank says so; there is no service for it yet."""
        request.refresh_from_db()
        paid = [request.payment_status, PaymentStatus.PAID.value]
        request.payment_status = PaymentStatus.PAID
        with transaction.atomic():
            journal.append(
                request=request, action=Action.CHANGE, actor=self.tamara, channel=ADMIN,
                data={"changes": {"payment_status": paid}},
            )  # fmt: skip

    def may_take_over(self, *people: Employee, position: int = 1) -> None:
        """At this stage, besides those of its role."""
        self.route.stages.get(position=position).stand_ins.set(people)

    def further_group(self, telegram_id: int, **fields: Any) -> Chat:
        """Where the organization's requests are announced too."""
        fields = {"kind": Chat.Kind.SUPERGROUP, **fields}
        return self.organization.chats.create(telegram_id=telegram_id, **fields)

    def allow(self, person: Employee, *codenames: str) -> Employee:
        """Give permissions, and the row afresh: Django caches them on the instance."""
        person.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
        return Employee.objects.get(pk=person.pk)


def _person(first: str, last: str, **fields: Any) -> Employee:
    # A latin stub of the name keeps the address readable and unique.
    address = hashlib.sha256(last.encode()).hexdigest()[:8]
    person = Employee(
        email=f"{address}@example.com", first_name=first, last_name=last, **fields
    )  # fmt: skip
    person.set_password("secret-of-the-tests")
    return person


@pytest.fixture
def company(db: None, own_database: Own) -> Company:
    return _again(own_database.number) if connection.in_atomic_block else _found()


def _found() -> Company:
    organization = Organization.objects.create(
        name="ООО «Ромашка»", code="РОМ", inn="7707083893", kpp="773601001"
    )
    bank = Bank.objects.create(
        bik="044525225",
        name="ПАО Сбербанк",
        city="Москва",
        correspondent_account="30101810400000000225",
    )
    item = CashFlowItem.objects.create(code="01.1", name="Оплата поставщикам")
    counterparty = Counterparty.objects.create(
        name="АО «Северсталь»", inn="3528000597", kpp="997550001"
    )
    people = {
        "anna": _person("Анна", "Смирнова", is_staff=True),
        "boris": _person("Борис", "Орлов"),
        "vera": _person("Вера", "Лебедева"),
        "fedor": _person("Фёдор", "Климов"),
        "tamara": _person("Тамара", "Белова"),
        "gleb": _person("Глеб", "Чужов"),
        "sergey": _person("Сергей", "Посторонних"),
    }
    Employee.objects.bulk_create(people.values())
    department, other = _departments(organization, people)
    company = Company(
        organization=organization,
        department=department,
        other_department=other,
        item=item,
        counterparty=counterparty,
        account=CounterpartyAccount.objects.create(
            counterparty=counterparty, bank=bank, number="40702810200000000001"
        ),
        own_account=OwnAccount.objects.create(
            organization=organization, bank=bank, number="40702810900000000013"
        ),
        vat_rate=VatRate.objects.get_or_create(name="22 %", percent=Decimal(22))[0],
        route=_route(people),
        telegram_ids={},
        **people,
    )
    company.anna = company.allow(company.anna, "add_paymentrequest", "view_paymentrequest")
    _let_anna_ask(company.anna, people.values())
    _link_to_telegram(company, people)
    return company


_again = Replay(_found)


def _let_anna_ask(anna: Employee, people: Iterable[Employee]) -> None:
    """In everybody's name."""
    now = timezone.now()
    RequesterConsent.objects.bulk_create(
        RequesterConsent(requester=person, author=anna, given_at=now)
        for person in people
        if person != anna
    )


def _departments(organization: Organization, people: dict[str, Employee]) -> list[Department]:
    department, other = departments = Department.objects.bulk_create(
        Department(organization=organization, name=name) for name in ("Производство", "Маркетинг")
    )
    holder = Department.budget_holders.through
    holder.objects.bulk_create(
        holder(department=place, employee=people[name])
        for place, name in ((department, "boris"), (department, "vera"), (other, "gleb"))
    )
    return departments


def _route(people: dict[str, Employee]) -> ApprovalRoute:
    ApprovalRoute.objects.all().delete()
    route = ApprovalRoute.objects.create(name="Основной")
    stages = [
        RouteStage(
            route=route,
            position=1,
            name="Держатель бюджета",
            approvers=Approvers.BUDGET_HOLDERS,
            concern=Concern.BUDGET,
        )
    ]
    members = []
    roles = (
        (2, "financial_managers", "Финансовый менеджер", Concern.PAYEE, people["fedor"]),
        (3, "treasurers", "Казначей", Concern.PAYMENT, people["tamara"]),
    )
    for position, code, name, concern, person in roles:
        group, _created = ApproverGroup.objects.get_or_create(code=code, defaults={"name": name})
        members.append(GroupMembership(group=group, employee=person))
        stages.append(
            RouteStage(
                route=route,
                position=position,
                name=name,
                approvers=Approvers.GROUP,
                group=group,
                concern=concern,
            )
        )
    GroupMembership.objects.bulk_create(members)
    RouteStage.objects.bulk_create(stages)
    return route


def _link_to_telegram(company: Company, people: dict[str, Employee]) -> None:
    numbered = list(enumerate(people.values(), start=5001))
    company.telegram_ids |= {person.pk: number for number, person in numbered}
    UserToken.objects.bulk_create(
        UserToken(
            kind=UserToken.Kind.TELEGRAM, token=str(number), employee=person,
            last_used_at=timezone.now(),
        )
        for number, person in numbered
    )  # fmt: skip
    chats = [
        Chat(telegram_id=number, kind=Chat.Kind.PRIVATE, title=person.get_full_name())
        for number, person in numbered
    ]
    group = Chat(
        telegram_id=GROUP_CHAT,
        kind=Chat.Kind.SUPERGROUP,
        title="Платежи Ромашки",
    )
    Chat.objects.bulk_create([*chats, group])
    group.organizations.add(company.organization)
