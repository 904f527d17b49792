"""Every page of the back office, as those see it who use it."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from benchmarks.scale.company import RARE, Cast
from benchmarks.scale.measure import Step
from treasury.admin.paging import FARTHEST
from treasury.models import ApprovalTask, Counterparty, Employee, PaymentRequest

HEADERS = {"Host": "127.0.0.1"}
ADMIN = "/admin/"
LIST = f"{ADMIN}treasury/paymentrequest/"
JOURNAL = f"{ADMIN}treasury/event/"
DECISIONS = f"{ADMIN}treasury/decision/"
MESSAGES = f"{ADMIN}telegrambot/sentmessage/"
INBOX = f"{ADMIN}telegrambot/update/"
AUTOCOMPLETE = {
    "app_label": "treasury", "model_name": "paymentrequest", "field_name": "counterparty",
}  # fmt: skip


class Visitor:
    def __init__(self, name: str, employee: Employee, aim: float) -> None:
        self.name = name
        self.employee = employee
        self.aim = aim
        self.client = Client(headers=HEADERS)
        self.client.force_login(employee)

    def step(self, what: str, path: str, **query: Any) -> Step:
        address = f"{path}?{urlencode(query)}" if query else path
        return Step(f"{self.name}: {what}", partial(self.get, address), self.aim)

    def get(self, address: str) -> Any:
        response = self.client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        return response


def steps(cast: Cast, aim: float) -> Iterator[Step]:
    everyone = {name: Visitor(name, person, aim) for name, person in vars(cast).items()}
    for visitor in everyone.values():
        yield visitor.step("start page", ADMIN)
        yield visitor.step("list", LIST)
    for name in ("accountant", "holder", "manager"):
        yield from _list(everyone[name])
        yield from _requests(everyone[name])
    for name in ("treasurer", "administrator"):
        yield from _requests(everyone[name])
    yield everyone["treasurer"].step("list, my turn", LIST, whose="my_turn")
    yield from _form(everyone["accountant"])
    yield from _channel(everyone["administrator"])
    yield from _records(everyone["administrator"])
    yield from _records(everyone["auditor"])
    for machine in ("healthz", "metrics"):
        yield everyone["administrator"].step(machine, f"/{machine}")


def _list(visitor: Visitor) -> Iterator[Step]:
    yield from _paging(visitor, "list", LIST)
    yield from _filters(visitor)
    changelist = visitor.get(LIST).context_data["cl"]
    for column in changelist.sortable_by:
        number = changelist.list_display.index(column)
        yield visitor.step(f"list by {column}", LIST, o=number)
        yield visitor.step(f"list by {column}, descending", LIST, o=f"-{number}")
    yield from _searches(visitor)


def _paging(visitor: Visitor, name: str, path: str) -> Iterator[Step]:
    yield visitor.step(f"{name}, page 2", path, p=2)
    # Beyond the end of a shorter list there is none.
    if visitor.client.get(path, {"p": FARTHEST}).status_code == 200:
        yield visitor.step(f"{name}, farthest page", path, p=FARTHEST)
    yield visitor.step(f"{name}, last page", path, p=-1)


def _filters(visitor: Visitor) -> Iterator[Step]:
    someone = PaymentRequest.objects.filter(tasks__employee=visitor.employee).last()
    own = someone or PaymentRequest.objects.latest("id")
    filters: dict[str, dict[str, Any]] = {
        "in approval": {"status": "in_approval"},
        "approved": {"status": "approved"},
        "declined": {"status": "declined"},
        "my turn": {"whose": "my_turn"},
        "mine": {"whose": "mine"},
        "organization": {"organization": own.organization_id},
        "organization of others": {"organization": 1 + own.organization_id % 20},
        "department": {"department": own.department_id},
        "a month": {"date_from": "01.03.2025", "date_to": "31.03.2025"},
        "amounts, narrow": {"amount_from": "100000", "amount_to": "101000"},
        "amounts, wide": {"amount_from": "1000", "amount_to": "900000"},
        "organization, status, year": {
            "organization": own.organization_id, "status": "approved",
            "date_from": "01.01.2025", "date_to": "31.12.2025",
        },
    }  # fmt: skip
    for name, query in filters.items():
        yield visitor.step(f"list, {name}", LIST, **query)


def _searches(visitor: Visitor) -> Iterator[Step]:
    middle = PaymentRequest.objects.filter(pk__gte=PaymentRequest.objects.count() // 2).earliest(
        "pk"
    )
    searches = {
        "number": middle.number,
        "digits": middle.number[-5:],
        "payee": "металл",
        "rare payee": RARE.lower(),
        "ИНН": middle.counterparty.inn,
        "invoice": middle.invoice_number,
        "two words": f"металл {middle.invoice_number}",
        "absent": "йцукенгшщз",
        "two letters": "ме",
        "amount": str(middle.amount),
        "purpose": f"Оплата по счёту {middle.pk}",
    }
    for name, text in searches.items():
        yield visitor.step(f"search, {name}", LIST, q=text)


def _requests(visitor: Visitor) -> Iterator[Step]:
    visible = PaymentRequest.objects.visible_to(visitor.employee)
    old = visible.filter(status="approved").order_by("id").first()
    running = visible.filter(status="in_approval").order_by("-id").first()
    for name, request in (("old", old), ("running", running)):
        if request:
            yield visitor.step(f"{name} request", f"{LIST}{request.pk}/change/")
            yield visitor.step(f"{name} request, journal", f"{LIST}{request.pk}/history/")
    task = ApprovalTask.objects.open_for(visitor.employee).first()
    if task:
        yield visitor.step("request to decide", f"{LIST}{task.request_id}/change/")


def _form(visitor: Visitor) -> Iterator[Step]:
    unpaid = Counterparty.objects.latest("pk")
    yield visitor.step("add form", f"{LIST}add/")
    yield visitor.step("choices of an organization", f"{LIST}choices/", organization=1)
    yield visitor.step("choices of a payee", f"{LIST}choices/", counterparty=1)
    yield visitor.step("choices, never paid", f"{LIST}choices/", counterparty=unpaid.pk)
    for name, term in (("payee", "металл"), ("absent payee", "йцукенг")):
        yield visitor.step(f"autocomplete {name}", f"{LIST}counterparties/",
                           **AUTOCOMPLETE, term=term)  # fmt: skip
    requester = {**AUTOCOMPLETE, "field_name": "requester"}
    yield visitor.step("autocomplete requester", f"{LIST}requesters/", **requester, term="сотр")


def _channel(visitor: Visitor) -> Iterator[Step]:
    yield visitor.step("inbox", INBOX)
    yield from _paging(visitor, "inbox", INBOX)
    yield visitor.step("inbox, search", INBOX, q="4242")
    yield visitor.step("inbox, kind", INBOX, kind="message")
    yield visitor.step("inbox, by received", INBOX, o="3")
    yield visitor.step("messages", MESSAGES)
    yield from _paging(visitor, "messages", MESSAGES)
    yield visitor.step("messages, number", MESSAGES, q=_a_number())
    yield visitor.step("messages, chat", MESSAGES, q="Орлов")
    yield visitor.step("messages, failed", MESSAGES, state__exact="failed")
    yield visitor.step("messages, not delivered", MESSAGES, state__in="unknown,failed")
    yield visitor.step("chats", f"{ADMIN}telegrambot/chat/")


def _records(visitor: Visitor) -> Iterator[Step]:
    yield visitor.step("journal", JOURNAL)
    yield from _paging(visitor, "journal", JOURNAL)
    yield visitor.step("journal, number", JOURNAL, q=_a_number())
    yield visitor.step("journal, person", JOURNAL, q="Орлов")
    yield visitor.step("journal, approvals", JOURNAL, action__exact="approve")
    yield visitor.step("journal, cancelled", JOURNAL, action__exact="cancel")
    yield visitor.step("decisions", DECISIONS)
    yield from _paging(visitor, "decisions", DECISIONS)
    yield visitor.step("decisions, number", DECISIONS, q=_a_number())
    yield visitor.step("decisions, person", DECISIONS, q="Орлов")


def _a_number() -> str:
    return PaymentRequest.objects.filter(pk__gte=1000).earliest("pk").number
