"""The hand of a test on the bot: updates go in at the webhook, as Telegram would bring them."""

import json
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from itertools import count
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpResponse
from django.test import Client

from telegrambot.kinds import registry
from telegrambot.kinds.base import Rendered
from telegrambot.models import ReasonTemplate, SentMessage
from telegrambot.projection import news
from tests.company import Company
from treasury.models import ApprovalTask, Employee, PaymentRequest
from treasury.workflow import Action

URL = "/telegram/webhook/"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
Json = dict[str, Any]
Commits = Callable[..., AbstractContextManager[object]]
Say = Callable[..., Json]

_update_ids = count(700_000_000)


def post(body: Any, *, secret: str | None = None, client: Client | None = None) -> HttpResponse:
    """What the webhook answers to a body: JSON is made of anything but bytes."""
    headers = {HEADER: settings.TELEGRAM_WEBHOOK_SECRET if secret is None else secret}
    answer = (client or Client()).post(
        URL, data=body, content_type="application/json", headers=headers
    )
    assert isinstance(answer, HttpResponse)
    return answer


def update(**body: Any) -> Json:
    return {"update_id": next(_update_ids), **body}


def reply_to(body: Json) -> Json:
    """What comes of it, as a method with its parameters: the answer to its query, else the first
    message that is to be sent; empty for nothing."""
    before = _answers() if "message" in body else {}
    response = post(body)
    assert response.status_code == 200
    if answer := dict(json.loads(response.content)):
        return answer
    said = [message for key, message in _answers().items() if before.get(key) != message]
    return said[0] if said else {}


def _answers() -> dict[tuple[int, int], Json]:
    """All that the bot has answered, by its row and how often it was changed, oldest first."""
    rows = SentMessage.objects.filter(kind="answer").select_related("chat").order_by("id")
    return {(row.pk, row.wanted): _as_method(row) for row in rows}


def _as_method(message: SentMessage) -> Json:
    markup = {"reply_markup": message.keyboard} if message.keyboard else {}
    words = {"text": message.text, "parse_mode": "HTML", **markup}
    if message.form:
        address = message.place.address_of(message.message_id)
        return {"method": "editMessageText", **address, **words}
    return {"method": "sendMessage", **message.place.address, **words}


def person(telegram_id: int, language: str = "ru") -> Json:
    return {
        "id": telegram_id,
        "is_bot": False,
        "first_name": "Имя",
        "language_code": language,
    }


def private(telegram_id: int) -> Json:
    return {"id": telegram_id, "type": "private", "first_name": "Имя"}


def message(telegram_id: int, text: str, **more: Any) -> Json:
    body = {
        "message_id": 1,
        "date": 1_790_000_000,
        "from": person(telegram_id),
        "chat": private(telegram_id),
        "text": text,
    }
    return update(message={**body, **more})


def press(telegram_id: int, data: str, *, message_id: int = 10, chat: Json | None = None) -> Json:
    return update(
        callback_query={
            "id": "4382bfdwdsb323b2d9",
            "from": person(telegram_id),
            "chat_instance": "1",
            "data": data,
            "message": {
                "message_id": message_id,
                "date": 1_790_000_000,
                "chat": chat or private(telegram_id),
            },
        }
    )


def project() -> None:
    """What the worker does with the journal's news."""
    for request_pk in news.pending(1000):
        news.project(request_pk)


def shown(sent: Iterable[SentMessage]) -> list[Rendered]:
    return [registry.render(message) for message in sent]


def chat_of(company: Company, who: Employee | int) -> QuerySet[SentMessage]:
    """What the bot has for a person's private chat, or for the chat with this id, oldest first;
    without what it has answered him, and the menu there."""
    telegram_id = who if isinstance(who, int) else company.telegram_id(who)
    rows = SentMessage.objects.filter(chat__telegram_id=telegram_id).order_by("id")
    return rows.exclude(kind__in=["answer", "menu"])


def buttons(rendered: Rendered) -> list[list[str]]:
    """The callback data, or the address, of every button that leads somewhere, row by row."""
    rows = (rendered.keyboard or {}).get("inline_keyboard", [])
    acting = [[button for button in row if "copy_text" not in button] for row in rows]
    return [
        [button.get("callback_data") or button["url"] for button in row] for row in acting if row
    ]


def approves(task: ApprovalTask) -> str:
    """What the button of a card says that shows the newest revision."""
    return f"approve:{task.pk}:0:{fresh(task.request).revision}"


def address(request: PaymentRequest) -> str:
    """Where the button “Open the request” leads."""
    return f"{settings.PUBLIC_URL}/admin/treasury/paymentrequest/{request.pk}/change/"


def offered(answer: Json) -> dict[str, str]:
    """What the buttons of an answered message say, by their labels."""
    rows = answer["reply_markup"]["inline_keyboard"]
    return {
        button["text"]: button.get("callback_data") or button["url"]
        for row in rows
        for button in row
        if "copy_text" not in button
    }


def mark_sent(sent: SentMessage, message_id: int = 10) -> SentMessage:
    """As delivery leaves a text message."""
    sent.form, sent.message_ids = SentMessage.Form.TEXT, [message_id]
    sent.state, sent.shown = SentMessage.State.SENT, sent.wanted
    sent.shown_hash = "0" * 64
    sent.save()
    return sent


def fresh(request: PaymentRequest) -> PaymentRequest:
    return PaymentRequest.objects.get(pk=request.pk)


def in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """The results of so many simultaneous calls, each in a thread with its own connection."""
    barrier = threading.Barrier(count)
    results: list[Any] = [None] * count

    def run(number: int) -> None:
        try:
            barrier.wait(timeout=30)
            results[number] = work(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def until_somebody_waits_for_us() -> None:
    """For a lock that this transaction holds; of PostgreSQL alone."""
    deadline = time.monotonic() + 30
    with connection.cursor() as cursor:
        waiting = 0
        while not waiting:
            assert time.monotonic() < deadline
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            [waiting] = cursor.fetchone()


def refuse_inserts(table: str, error: str, when: str = "TRUE") -> None:
    """From now on the database takes no such row (until the test is over)."""
    _refuse("INSERT", table, error, when)


def refuse_updates(table: str, error: str, when: str = "TRUE") -> None:
    """From now on the database lets nobody change such a row (until the test is over)."""
    _refuse("UPDATE", table, error, when)


def _refuse(what: str, table: str, error: str, when: str) -> None:
    trigger = f"CREATE TRIGGER poison BEFORE {what} ON {table} FOR EACH ROW WHEN ({when})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$BEGIN RAISE EXCEPTION '{error}'; END$$"
            )
            cursor.execute(f"{trigger} EXECUTE FUNCTION poison()")
        else:
            cursor.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, '{error}'); END")


def accept_inserts(table: str) -> None:
    """Undo `refuse_inserts`."""
    _accept(table)


def accept_updates(table: str) -> None:
    """Undo `refuse_updates`."""
    _accept(table)


def _accept(table: str) -> None:
    on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER poison{on_table}")


def ready_reasons() -> None:
    """Two for each refusal, whatever an earlier test has left."""
    ReasonTemplate.objects.all().delete()
    for action in (Action.DECLINE, Action.RETURN):
        for position, text in enumerate(("Нет средств", "Не тот счёт"), start=1):
            ReasonTemplate.objects.create(action=action, text=text, position=position)
