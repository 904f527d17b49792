"""The stand-in for Telegram: one process for all tests, emptied for each of them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from celery import current_app
from django.conf import LazySettings

from telegrambot.delivery.topics import forget_icons
from telegrambot.models import SentMessage
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.bot import Commits, Say
from tests.telegrambot.phone import Line, Phone, PhoneOf
from tests.telegrambot.sandbox import TOKEN, Sandbox
from treasury.models import Employee, PaymentRequest

FAST = (1_000_000, 1.0, 1_000_000)


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    command = [sys.executable, "-m", "sandbox", "--local", "--quiet", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--token", TOKEN], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert process.stdout
    sandbox = Sandbox(process.stdout.readline().split()[-1])
    yield sandbox
    sandbox.close()
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


@pytest.fixture(autouse=True)
def icons() -> None:
    """Each test's server is asked for its own."""
    forget_icons()


@pytest.fixture
def sandbox(sandbox_process: Sandbox, settings: LazySettings, db: None) -> Sandbox:
    """Empty, and as fast as it can be: tests of the pace set their own. Whoever calls asks the
    database whether he may."""
    sandbox_process.post("/control/reset", webhook=True)
    limits = {"overall_per_second": 10_000, "group_per_minute": 10_000}
    limits |= {"private_per_second": 10_000, "private_burst": 10_000}
    sandbox_process.post("/control/settings", latency_ms=0, limits=limits)
    settings.TELEGRAM_API_URL = sandbox_process.url
    settings.TELEGRAM_BOT_TOKEN = TOKEN
    settings.TELEGRAM_PACE = dict.fromkeys(settings.TELEGRAM_PACE, FAST)
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    return sandbox_process


@pytest.fixture
def telegram(sandbox: Sandbox, company: Company) -> Sandbox:
    """The sandbox with the company's people, all of whom have started the bot, and its group."""
    sandbox.put_people(*company.telegram_ids.values())
    sandbox.put_group(GROUP_CHAT, *company.telegram_ids.values())
    return sandbox


@pytest.fixture
def request_(telegram: Sandbox, company: Company) -> PaymentRequest:
    return lanes.submit(company)


@pytest.fixture
def card(company: Company, request_: PaymentRequest) -> SentMessage:
    """Of Boris, not sent yet."""
    return lanes.card(company, request_)


@pytest.fixture
def sent(card: SentMessage) -> SentMessage:
    return lanes.delivered(card)


@pytest.fixture
def say(django_capture_on_commit_callbacks: Commits) -> Say:
    """What is answered to a message, or with `press` to a button; with all that its commit sets
    in motion."""

    def send(telegram_id: int, text: str, *, press: bool = False, **more: Any) -> bot.Json:
        body = bot.press if press else bot.message
        with django_capture_on_commit_callbacks(execute=True):
            return bot.reply_to(body(telegram_id, text, **more))

    return send


@pytest.fixture
def line(
    telegram: Sandbox, company: Company, django_capture_on_commit_callbacks: Commits
) -> Iterator[Line]:
    """Everyone reads English; tasks run where they are asked for."""
    Employee.objects.update(language="en")
    line = Line(telegram, django_capture_on_commit_callbacks)
    current_app.conf.task_always_eager = True
    yield line
    current_app.conf.task_always_eager = False


@pytest.fixture
def phone(line: Line, company: Company) -> PhoneOf:
    return lambda person: Phone(line, company.telegram_id(person))


@pytest.fixture
def boris(company: Company, phone: PhoneOf) -> Phone:
    return phone(company.boris)


@pytest.fixture
def sergey(company: Company, phone: PhoneOf) -> Phone:
    return phone(company.sergey)


@pytest.fixture
def anna(company: Company, phone: PhoneOf) -> Phone:
    return phone(company.anna)
