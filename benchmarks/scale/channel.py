"""What the chat asks for, and what the workers do. The network is left out."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

from django.conf import settings
from django.test import Client, override_settings

from benchmarks import environment
from benchmarks.company import telegram_id
from benchmarks.posting import WEBHOOK
from benchmarks.scale import signing
from benchmarks.scale.company import Cast
from benchmarks.scale.measure import Step
from benchmarks.updates import Json, command, inline_query, press
from telegrambot import pruning, tasks
from telegrambot.delivery import sending
from telegrambot.delivery.lane import Lane
from telegrambot.models import Chat, SentMessage
from telegrambot.projection import cursor, deputies, news
from treasury import proving
from treasury.models import ApprovalTask, Decision, Employee, PaymentRequest
from treasury.services import decisions

HEADERS = {"Host": "127.0.0.1", "X-Telegram-Bot-Api-Secret-Token": environment.SECRET}
# Milliseconds of database time, whatever the size.
DATABASE_AIM = 20.0
# Of an inline query's answer, in all.
INLINE_AIM = 300.0
# The group of the organization with the most requests.
BUSIEST = 1001
# For how long messages of ended requests are kept.
EVER, YEAR = timedelta(days=2000), timedelta(days=365)
NO_PACE = dict.fromkeys(("overall", "private", "group"), (1000, 0.001, 1000))


def steps(cast: Cast, aim: float) -> Iterator[Step]:
    people = {
        "accountant": cast.accountant, "holder": cast.holder, "manager": cast.manager,
        "treasurer": cast.treasurer,
    }  # fmt: skip
    for name, person in people.items():
        yield from _said(name, person, aim)
        yield from _pressed(name, person, aim)
        yield from _looked_for(name, person)
    yield Step("projecting an approval", _project, aim)
    for chat, pk in (("group", BUSIEST), ("treasurer", cast.treasurer.pk)):
        message = SentMessage.objects.filter(chat=pk, kind__in=["task", "announcement"])
        newest = message.latest("id")
        yield Step(f"one edit, {chat}", partial(_edit, newest), DATABASE_AIM, database=True)
    # What has begun before is told once.
    deputies.project()
    yield Step("sweep, idle", tasks.sweep, DATABASE_AIM, database=True)
    yield Step("deputies", tasks.ask_deputies, aim)
    yield Step("prune, nothing old", partial(_prune, EVER), DATABASE_AIM, database=True)
    yield Step(f"prune, {pruning.STEP} messages", partial(_prune, YEAR), aim, database=True)
    yield Step("how long people wait", _watch, DATABASE_AIM, database=True)
    yield Step("watermark, an hour later", cursor.advance, aim)
    signing.sign(proving.BATCH)
    yield Step(f"verify_journal, {proving.BATCH} requests", _verify, None)


def _said(name: str, person: Employee, aim: float) -> Iterator[Step]:
    chat = telegram_id(person)
    tasked = PaymentRequest.objects.filter(tasks__employee=person)
    known = tasked.first() or PaymentRequest.objects.latest("id")
    texts = {
        "/pending": "/pending",
        "/request number": f"/request {known.number}",
        "/request digits": f"/request {int(known.number[-5:])}",
        "/request absent": "/request 99999",
        "/why digits": f"/why {int(known.number[-5:])}",
        "/whoami": "/whoami",
    }
    for what, text in texts.items():
        yield Step(f"{name}: {what}", partial(_receive, command(chat, text)), aim)


def _looked_for(name: str, person: Employee) -> Iterator[Step]:
    """By inline mode, which people read as they type."""
    known = PaymentRequest.objects.latest("id")
    texts = {
        "nothing": "", "number": known.number, "payee": known.counterparty.name,
        "part of a payee": known.counterparty.name[4:10], "INN": known.counterparty.inn,
        "amount": f"{known.amount}", "mine": "мои", "overdue": "просроченные",
        "approved": "согласовано", "two words": f"согласовано {known.counterparty.name[:8]}",
    }  # fmt: skip
    for what, text in texts.items():
        update = inline_query(telegram_id(person), text)
        yield Step(f"{name}: @bot {what}", partial(_receive, update), INLINE_AIM)


def _pressed(name: str, person: Employee, aim: float) -> Iterator[Step]:
    done = ApprovalTask.objects.filter(employee=person).exclude(status="open").last()
    if done:
        card = SentMessage.objects.get(task=done)
        outdated = partial(_receive, press(done, card.message_ids[0]))
        yield Step(f"{name}: outdated press", outdated, DATABASE_AIM, database=True)
    task = ApprovalTask.objects.open_for(person).first()
    if task:
        card = SentMessage.objects.get(task=task)
        yield Step(
            f"{name}: approving press", partial(_receive, press(task, card.message_ids[0])), aim
        )


def _receive(update: Json) -> None:
    response = Client(headers=HEADERS).post(WEBHOOK, update, content_type="application/json")
    assert response.status_code == 200


def _project() -> None:
    task = ApprovalTask.objects.filter(status="open", stage__position=1).latest("id")
    decisions.approve(task=task, actor=task.employee, channel=Decision.Channel.TELEGRAM)
    assert news.pending(tasks.EVENTS) == [task.request_id]
    news.project(task.request_id)


def _watch() -> None:
    assert Client(headers=HEADERS).get("/readyz").json()["lag"]


def _prune(messages: timedelta) -> None:
    kept = override_settings(KEPT={**settings.KEPT, "messages": messages})
    # One step of each rule.
    with kept, mock.patch.object(pruning, "SECONDS", -1.0):
        pruning.prune()


def _edit(message: SentMessage) -> None:
    SentMessage.objects.filter(pk=message.pk).refresh()
    answer: Any = mock.patch("telegrambot.delivery.client.call", return_value=True)
    with answer, override_settings(TELEGRAM_PACE=NO_PACE):
        lane = Lane.take(message.chat_id)
        assert lane
        sending.work_for(lane)
    message.refresh_from_db()
    assert message.shown == message.wanted
    assert not Chat.objects.filter(pk=message.chat_id).exclude(lease_token="").exists()


def _verify() -> None:
    """The oldest; of the others the journals are made up."""

    class Done(Exception):
        pass

    def stop(_requests: int) -> None:
        raise Done

    with suppress(Done):
        for whose, fault in proving.faults(stop):
            raise AssertionError(f"{whose}: {fault}")
