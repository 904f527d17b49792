"""No query count may grow with the number of requests: counted with few, and with many."""

from collections.abc import Callable, Iterator
from functools import partial

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import environment
from benchmarks.bench import Bench
from benchmarks.company import Office, telegram_id
from benchmarks.posting import WEBHOOK
from benchmarks.results import Row, at_most
from benchmarks.updates import Json, chatter, command, press
from telegrambot.kinds.registry import render
from telegrambot.models import SentMessage
from telegrambot.projection import news
from treasury.models import ApprovalTask, Employee

# Both more than a page of a list.
FEW, MANY = 60, 120
HEADERS = {"Host": "127.0.0.1", "X-Telegram-Bot-Api-Secret-Token": environment.SECRET}
LIST = "/admin/treasury/paymentrequest/"


def run(bench: Bench) -> Iterator[Row]:
    """Everything happens in one office and to one person, whose queue grows."""
    office = bench.company.offices[0]
    _measure(bench, office, 1)  # fills the caches that a process fills once
    few = _measure(bench, office, FEW)
    many = _measure(bench, office, MANY)
    for name, count in few.items():
        yield Row(f"queries: {name}", "", [count])
        growth = f"  more with {MANY} requests than with {FEW}"
        yield Row(growth, "", [many[name] - count], at_most(0))


def _measure(bench: Bench, office: Office, submitted: int) -> dict[str, int]:
    for _ in range(submitted):
        news.project(bench.company.submitted(office).pk)
    task = ApprovalTask.objects.filter(status="open", stage__position=1).latest("id")
    card = SentMessage.objects.filter(task=task).latest("id")
    SentMessage.objects.filter(pk=card.pk).update(
        form=SentMessage.Form.TEXT, message_ids=[task.pk], state=SentMessage.State.SENT
    )
    steps: dict[str, Callable[[], object]] = {
        "update that changes nothing": partial(_receive, bench, chatter(office.groups[0])),
        "/pending": partial(_receive, bench, command(telegram_id(task.employee), "/pending")),
        "rendering a card": partial(render, card),
        "approving press": partial(_receive, bench, press(task)),
        "projecting it": partial(news.project, task.request_id),
        "list in the back office": partial(_browse, LIST),
        "form in the back office": partial(_browse, f"{LIST}{task.request_id}/change/"),
    }
    return {name: _count(step) for name, step in steps.items()}


def _count(step: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        step()
    return len(captured)


def _receive(bench: Bench, update: Json) -> None:
    bench.note([update])
    _client().post(WEBHOOK, update, content_type="application/json")


def _browse(address: str) -> None:
    client = _client()
    client.force_login(_superuser())
    assert client.get(address).status_code == 200


def _client() -> Client:
    return Client(headers=HEADERS)


def _superuser() -> Employee:
    found, _created = Employee.objects.get_or_create(
        email="root@example.com",
        defaults={
            "last_name": "Николаев", "first_name": "Игорь", "is_staff": True, "is_superuser": True,
        },
    )  # fmt: skip
    return found
