"""Some sixty requests and what became of each, made by the same services that people use."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypedDict

from django.core.files.base import ContentFile
from django.utils import timezone

from demo import clock, company
from demo.directories import Directories
from demo.documents import contract_pdf, invoice_abroad_pdf, invoice_pdf
from demo.purchases import (
    ABROAD,
    FORMER_ACCOUNT,
    INVOICES,
    SUPPLIERS,
    Invoice,
    invoice,
)
from treasury import vat, working_time
from treasury.models import (
    ApprovalTask,
    Bank,
    CounterpartyAccount,
    Decision,
    Employee,
    PaymentRequest,
    Priority,
    Upload,
    VatRate,
)
from treasury.services import comments, decisions, directories, requests, uploads
from treasury.workflow import Status

ADMIN, TELEGRAM = Decision.Channel.ADMIN, Decision.Channel.TELEGRAM
LINKED = {person.email for person in company.PEOPLE if person.linked}

Story = Callable[[PaymentRequest], None]


def draft(request: PaymentRequest) -> None:
    """Left as it is."""


def waits(stage: int) -> Story:
    """Submitted, and approved up to the given stage, counted from 1."""

    def story(request: PaymentRequest) -> None:
        _submit(request)
        _approve(request, times=stage - 1)

    return story


@dataclass(frozen=True)
class KeptWaiting:
    """As `waits`, and for three working hours longer than there is time at the stage."""

    stage: int
    # Working hours.
    deadline: int

    def __call__(self, request: PaymentRequest) -> None:
        waits(self.stage)(request)

    def age(self) -> timedelta:
        """How long ago it was lived."""
        now, calendar = timezone.now(), working_time.current()
        began, passed = now, timedelta(hours=self.deadline + 3)
        while calendar.between(began, now) < passed:
            began -= timedelta(hours=1)
        return now - began


def questioned(stage: int, question: str, answer: str = "") -> Story:
    """It waits there, and whoever decides has asked something."""

    def story(request: PaymentRequest) -> None:
        waits(stage)(request)
        asked = _decider(request)
        comments.add(
            request=request, author=asked["actor"], channel=asked["channel"], text=question
        )
        if answer:
            comments.add(request=request, author=request.author, channel=ADMIN, text=answer)

    return story


def approved(request: PaymentRequest) -> None:
    _submit(request)
    while request.status == Status.IN_APPROVAL:
        _approve(request)


def declined(stage: int, reason: str) -> Story:
    def story(request: PaymentRequest) -> None:
        waits(stage)(request)
        decisions.decline(**_decider(request), reason=reason)

    return story


def returned(stage: int, reason: str) -> Story:
    def story(request: PaymentRequest) -> None:
        waits(stage)(request)
        decisions.return_for_rework(**_decider(request), reason=reason)

    return story


def improved(request: PaymentRequest) -> None:
    """Returned, corrected, submitted again and approved."""
    returned(2, "Укажите в назначении номер спецификации")(request)
    request.refresh_from_db()
    precise = f"{request.contract}, спецификация № 3"
    purpose = request.purpose.replace(request.contract, precise)
    requests.change(
        request=request, actor=request.author, channel=ADMIN, fields={"purpose": purpose}
    )
    approved(request)


def withdrawn(request: PaymentRequest) -> None:
    _submit(request)
    requests.withdraw(request=request, actor=request.author, channel=ADMIN)


def cancelled(request: PaymentRequest) -> None:
    approved(request)
    requests.cancel(
        request=request, actor=request.author, channel=ADMIN, reason="Поставщик отозвал счёт"
    )


def payee_has_changed_banks(request: PaymentRequest) -> None:
    """Approved to an account that has gone out of use since."""
    account = CounterpartyAccount(
        counterparty=request.counterparty,
        bank=Bank.objects.get(bik=FORMER_ACCOUNT.bik),
        number=FORMER_ACCOUNT.number,
    )
    account.full_clean()
    account.save()
    fields = {"counterparty_account": account}
    requests.change(request=request, actor=request.author, channel=ADMIN, fields=fields)
    approved(request)
    directories.retire(row=account, reason="Поставщик перешёл в другой банк и закрыл счёт.")


def changed_after_approval(request: PaymentRequest) -> None:
    """The amount has grown, so that everyone is asked again."""
    approved(request)
    amount = request.amount + 1000
    vat_amount = request.vat_rate.included_in(amount)
    phrase = vat.phrase(request.vat_rate.percent, vat_amount)
    purpose = vat.with_phrase(request.purpose, phrase)
    fields = {"amount": amount, "vat_amount": vat_amount, "purpose": purpose}
    requests.change(request=request, actor=request.author, channel=ADMIN, fields=fields)


def copied(request: PaymentRequest) -> None:
    """Declined, and prepared anew as a copy."""
    declined(1, "Счёт просрочен, запросите новый")(request)
    request.refresh_from_db()
    fields = {name: getattr(request, name) for name in requests.EDITABLE_FIELDS}
    fields |= {"invoice_number": "", "invoice_date": None}
    requests.create(author=request.author, channel=ADMIN, fields=fields, copied_from=request)


# How many requests live which story, the oldest first: what still waits for approval is newest.
STORIES: tuple[tuple[int, Story], ...] = (
    (22, approved),
    (1, payee_has_changed_banks),
    (3, improved),
    (3, cancelled),
    (2, declined(1, "Расход не предусмотрен бюджетом подразделения")),
    (2, declined(2, "Нет закрывающих документов за прошлый месяц")),
    (1, declined(3, "Недостаточно средств на счёте, перенесите на следующий месяц")),
    (1, copied),
    (2, returned(1, "Приложите спецификацию к счёту")),
    (2, returned(2, "Сумма НДС не совпадает со счётом")),
    (1, returned(3, "Уточните дату платежа с поставщиком")),
    (1, withdrawn),
    (7, draft),
    (1, changed_after_approval),
    (2, waits(1)),
    (1, questioned(1, "Этот расход был в плане на квартал?")),
    (1, KeptWaiting(1, company.DEADLINES[""])),
    (1, waits(2)),
    (1, questioned(2, "Где подписанный договор?", "Оригинал у меня, скан приложу сегодня.")),
    (1, waits(4)),
    (1, waits(2)),
    (2, waits(3)),
    (1, KeptWaiting(3, company.DEADLINES["treasurers"])),
)


@dataclass(frozen=True)
class Purchase:
    invoice: Invoice
    organization: company.Organization
    department: int
    is_first: bool


def tell(rows: Directories) -> None:
    """Make all requests, in the order of the stories."""
    stories = [story for count, story in STORIES for _ in range(count)]
    for number, story in enumerate(stories):
        age = story.age() if isinstance(story, KeptWaiting) else timedelta()
        with clock.put_back(age):
            story(_prepare(rows, _purchase_of(number), number))
    waits(2)(_prepare_abroad(rows))


def _purchase_of(story: int) -> Purchase:
    """Every invoice of every supplier, shuffled evenly over the stories."""
    # 29 and 60 have no common divisor, so each is met exactly once; and the one that waits for
    # the finance director is the factory's lathe, which is dear enough to need him.
    return _purchase(story * 29 % (len(SUPPLIERS) * INVOICES), timezone.localdate())


def _purchase(number: int, today: date) -> Purchase:
    sequence, supplier = divmod(number, len(SUPPLIERS))
    organization = company.ORGANIZATIONS[(supplier + sequence) % len(company.ORGANIZATIONS)]
    return Purchase(
        invoice=invoice(SUPPLIERS[supplier], sequence, today),
        organization=organization,
        department=number % len(organization.departments),
        is_first=sequence == 0,
    )


def _prepare(rows: Directories, purchase: Purchase, number: int) -> PaymentRequest:
    """A draft with its documents."""
    bill, supplier = purchase.invoice, purchase.invoice.supplier
    vat_rate = rows.vat if supplier.with_vat else rows.without_vat
    payee = rows.payees[supplier.inn]
    organization = rows.organizations[purchase.organization.code]
    author = rows.employees["smirnova"]
    return requests.create(
        author=author,
        channel=ADMIN,
        documents=[_staged(author, *document) for document in _documents(purchase, vat_rate)],
        fields={
            "organization": organization,
            "department": rows.departments[organization.code][purchase.department],
            "cash_flow_item": rows.items[supplier.item],
            "counterparty": payee.counterparty,
            "counterparty_account": payee,
            "own_account": organization.accounts.filter(currency="RUB").first(),
            "amount": bill.total,
            "vat_rate": vat_rate,
            "vat_amount": vat_rate.included_in(bill.total),
            "purpose": _purpose(bill, vat_rate),
            "invoice_number": bill.number,
            "invoice_date": bill.date,
            "contract": supplier.contract,
            "desired_date": timezone.localdate() + timedelta(days=3 + number % 12),
            "priority": Priority.HIGH if number % 10 == 9 else Priority.NORMAL,
            "requester": rows.employees["pavlova" if number % 3 == 0 else "smirnova"],
        },
    )


def _documents(purchase: Purchase, vat_rate: VatRate) -> Iterator[tuple[str, bytes]]:
    """The name and the content of each."""
    bill, supplier, payer = purchase.invoice, purchase.invoice.supplier, purchase.organization
    yield f"Счёт {bill.number}.pdf", invoice_pdf(bill, payer, vat_rate)
    if purchase.is_first:
        name = f"Договор {supplier.contract.split()[1].replace('/', '-')}.pdf"
        yield name, contract_pdf(supplier, payer)


def _prepare_abroad(rows: Directories) -> PaymentRequest:
    """A draft to the supplier abroad, in his currency and without VAT."""
    payer, today = company.ORGANIZATIONS[0], timezone.localdate()
    payee, organization = rows.payees[ABROAD.tax_number], rows.organizations[payer.code]
    purpose = f"Оплата по инвойсу {ABROAD.invoice} за {ABROAD.goods} по договору {ABROAD.contract}"
    author, document = rows.employees["smirnova"], invoice_abroad_pdf(ABROAD, payer)
    return requests.create(
        author=author,
        channel=ADMIN,
        documents=[_staged(author, f"Invoice {ABROAD.invoice}.pdf", document)],
        fields={
            "organization": organization,
            "department": rows.departments[payer.code][0],
            "cash_flow_item": rows.items[ABROAD.item],
            "counterparty": payee.counterparty,
            "counterparty_account": payee,
            "own_account": organization.accounts.get(currency=ABROAD.currency),
            "amount": ABROAD.amount,
            "currency": ABROAD.currency,
            "vat_rate": rows.without_vat,
            "purpose": vat.with_phrase(purpose, vat.phrase(None, Decimal(0))),
            "invoice_number": ABROAD.invoice,
            "invoice_date": today - timedelta(days=2),
            "contract": ABROAD.contract,
            "desired_date": today + timedelta(days=9),
        },
    )


def _purpose(bill: Invoice, vat_rate: VatRate) -> str:
    text = (
        f"Оплата по счёту № {bill.number} от {bill.date:%d.%m.%Y} за {bill.supplier.subject} "
        f"по договору {bill.supplier.contract}"
    )
    return vat.with_phrase(text, vat.phrase(vat_rate.percent, vat_rate.included_in(bill.total)))


def _staged(owner: Employee, name: str, content: bytes) -> Upload:
    """Chosen in a form that is still to be saved."""
    return uploads.stage(owner=owner, file=ContentFile(content, name=name))


def _submit(request: PaymentRequest) -> None:
    requests.submit(request=request, actor=request.author, channel=ADMIN)
    request.refresh_from_db()


def _approve(request: PaymentRequest, times: int = 1) -> None:
    for _ in range(times):
        decisions.approve(**_decider(request))
        request.refresh_from_db()


class _Decider(TypedDict):
    task: ApprovalTask
    actor: Employee
    channel: str


def _decider(request: PaymentRequest) -> _Decider:
    """One of those who may decide now, not always the same, and the way that he has."""
    open_tasks = request.tasks.filter(status=ApprovalTask.Status.OPEN)
    tasks = open_tasks.select_related("employee").order_by("id")
    task = tasks[request.pk % len(tasks)]
    channel = TELEGRAM if task.employee.email in LINKED else ADMIN
    return _Decider(task=task, actor=task.employee, channel=channel)
