"""A company large enough to measure: many small offices, and one event away from 300 chats."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import count
from uuid import uuid4

from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.utils import timezone

from oauth.models import UserToken
from telegrambot.models import Chat, SentMessage
from treasury.models import (
    ApprovalTask,
    ApproverGroup,
    Bank,
    CashFlowItem,
    Counterparty,
    CounterpartyAccount,
    Decision,
    Department,
    Employee,
    GroupMembership,
    Organization,
    PaymentRequest,
    VatRate,
)
from treasury.services import requests

ADMIN = Decision.Channel.ADMIN
OFFICES = 10
HOLDERS = 2
# Of the route that a new database has.
STAGES = 3
CROWD_HOLDERS = 250
CROWD_GROUPS = 50
MORNING_HOLDERS = 300

_numbers = count(1)


@dataclass(frozen=True)
class Office:
    """An organization with a department; `groups` are the Telegram ids of its group chats."""

    organization: Organization
    department: Department
    groups: list[int]


@dataclass(frozen=True)
class Company:
    """Each office has its own approvers. An event in the crowd concerns 300 chats, and so many
    people have a digest in the morning."""

    author: Employee
    account: CounterpartyAccount
    item: CashFlowItem
    vat_rate: VatRate
    offices: list[Office]
    crowd: Office
    morning: Office

    def draft(self, office: Office) -> PaymentRequest:
        return requests.create(
            author=self.author,
            channel=ADMIN,
            fields={
                "organization": office.organization,
                "department": office.department,
                "cash_flow_item": self.item,
                "counterparty": self.account.counterparty,
                "counterparty_account": self.account,
                "amount": Decimal("125000.50"),
                "vat_rate": self.vat_rate,
                "vat_amount": Decimal("22541.07"),
                "purpose": "Оплата по счёту 45 за металлопрокат",
                # No other request asks for it: a submit would stop there.
                "invoice_number": uuid4().hex[:12],
                "desired_date": timezone.localdate() + timedelta(days=7),
                "comment": "Срочная поставка",
            },
        )

    def submitted(self, office: Office, *, documents: int = 0) -> PaymentRequest:
        request = self.draft(office)
        for number in range(documents):
            file = ContentFile(f"%PDF-1.4 {request.number} {number}".encode(), "Счёт.pdf")
            requests.attach(request=request, actor=self.author, channel=ADMIN, file=file)
        return requests.submit(request=request, actor=self.author, channel=ADMIN)

    def tasks(self, wanted: int) -> list[ApprovalTask]:
        """Open tasks of so many requests, one of each; as many are submitted as are lacking.

        None is at the last stage: approving any of them opens the next.
        """
        for number in range(wanted - len(_open_tasks(wanted))):
            self.submitted(self.offices[number % len(self.offices)])
        tasks = _open_tasks(wanted)
        _send_cards(tasks)
        return tasks


def _open_tasks(limit: int) -> list[ApprovalTask]:
    open_now = ApprovalTask.objects.filter(status="open", stage__position__lt=STAGES)
    each = open_now.order_by("request_id", "id").distinct("request_id")
    return list(each.select_related("employee")[:limit])


def _send_cards(tasks: Iterable[ApprovalTask]) -> None:
    """As delivery leaves them; the number of each message is its task's key."""
    chat_of = dict(Chat.objects.values_list("telegram_id", "pk"))
    SentMessage.objects.bulk_create(
        (
            SentMessage(
                chat_id=chat_of[telegram_id(task.employee)],
                request_id=task.request_id,
                kind="task",
                key=str(task.pk),
                task=task,
                form=SentMessage.Form.TEXT,
                message_ids=[task.pk],
                state=SentMessage.State.SENT,
                shown=1,
            )
            for task in tasks
        ),
        ignore_conflicts=True,
    )


def found() -> Company:
    bank = Bank.objects.create(bik="044525225", name="ПАО Сбербанк", city="Москва")
    counterparty = Counterparty.objects.create(name="АО «Северсталь»", inn="3528000597")
    account = CounterpartyAccount.objects.create(
        counterparty=counterparty, bank=bank, number="40702810200000000001"
    )
    author = _hire(1)[0]
    author.user_permissions.add(*Permission.objects.filter(codename="add_paymentrequest"))
    _appoint("treasurers", _hire(1), None)
    return Company(
        author=Employee.objects.get(pk=author.pk),
        account=account,
        item=CashFlowItem.objects.create(code="01.1", name="Оплата поставщикам"),
        vat_rate=VatRate.objects.get(name="22 %"),
        offices=[open_office(holders=HOLDERS, groups=1) for _ in range(OFFICES)],
        crowd=open_office(holders=CROWD_HOLDERS, groups=CROWD_GROUPS),
        morning=open_office(holders=MORNING_HOLDERS, groups=0),
    )


def open_office(*, holders: int, groups: int) -> Office:
    number = next(_numbers)
    organization = Organization.objects.create(
        name=f"ООО «Ромашка {number}»", code=f"Р{number}", inn=f"{7707083893 + number}"
    )
    department = Department.objects.create(organization=organization, name="Производство")
    department.budget_holders.add(*_hire(holders))
    _appoint("financial_managers", _hire(1), organization)
    chats = [
        Chat(
            telegram_id=-1_001_000_000_000 - next(_numbers),
            kind=Chat.Kind.SUPERGROUP,
            title=f"Платежи: {organization.name}",
        )
        for _ in range(groups)
    ]
    organization.chats.add(*Chat.objects.bulk_create(chats))
    return Office(organization, department, [chat.telegram_id for chat in chats])


def _hire(people: int) -> list[Employee]:
    """New employees; each has opened a chat with the bot."""
    numbers = [next(_numbers) for _ in range(people)]
    employees = Employee.objects.bulk_create(
        Employee(email=f"{number}@example.com", last_name=f"Сотрудник-{number}", first_name="Борис")
        for number in numbers
    )
    UserToken.objects.bulk_create(
        UserToken(kind=UserToken.Kind.TELEGRAM, token=str(telegram_id(person)), employee=person)
        for person in employees
    )
    Chat.objects.bulk_create(
        Chat(telegram_id=telegram_id(person), kind=Chat.Kind.PRIVATE, title=str(person))
        for person in employees
    )
    return employees


def telegram_id(person: Employee) -> int:
    return 5_000_000 + person.pk


def _appoint(code: str, people: Iterable[Employee], organization: Organization | None) -> None:
    group = ApproverGroup.objects.get(code=code)
    for person in people:
        GroupMembership.objects.create(group=group, employee=person, organization=organization)
