"""What a worker has seen outside is told by /metrics, whoever answers and whatever is reached."""

import ipaddress
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from telegrambot import watching
from telegrambot.delivery import client
from tests.company import Company
from tests.ports import free_port
from tests.telegrambot.front import ADDRESS, Front, Signed, serving, sign, tls_of
from tests.telegrambot.sandbox import Sandbox

PENDING, DAYS = "treasury_webhook_pending_updates", "treasury_certificate_days_left"
IP = x509.IPAddress(ipaddress.ip_address(ADDRESS))


def told() -> dict[str, float]:
    text = Client().get("/metrics").content.decode()
    families = text_string_to_metric_families(text)
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_updates_that_wait_at_telegram_are_told_for_ten_minutes(
    telegram: Sandbox, company: Company, settings: LazySettings
) -> None:
    assert PENDING not in told()
    boris = company.telegram_id(company.boris)
    telegram.post(f"/client/people/{boris}/chats/{boris}/messages", text="/help")
    waiting = client.call("getWebhookInfo")["pending_update_count"]
    assert waiting
    watching.watch()
    settings.TELEGRAM_API_URL = f"http://{ADDRESS}:{free_port()}"
    assert told()[PENDING] == waiting
    watching.watch()
    with time_machine.travel(timezone.now() + timedelta(minutes=9), tick=False):
        assert told()[PENDING] == waiting
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert PENDING not in told()


@pytest.fixture
def mine() -> Signed:
    return sign(ADDRESS, IP, days=30)


def test_the_days_left_are_those_of_the_certificate_that_is_served(
    telegram: Sandbox, settings: LazySettings, tmp_path: Path, mine: Signed
) -> None:
    with serving(Front(), tls_of(mine.write(tmp_path))) as port:
        settings.PUBLIC_URL = f"https://{ADDRESS}:{port}"
        watching.watch()
    assert told()[DAYS] == pytest.approx(30, abs=0.1)
    # What is not reached from here may be served all the same.
    watching.watch()
    assert DAYS in told()
    with time_machine.travel(timezone.now() + timedelta(hours=23), tick=False):
        assert told()[DAYS] == pytest.approx(29, abs=0.1)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert DAYS not in told()


def test_of_an_address_that_is_not_reached_it_is_the_certificate_that_telegram_has(
    telegram: Sandbox, settings: LazySettings, tmp_path: Path, mine: Signed
) -> None:
    settings.PUBLIC_URL = f"https://{ADDRESS}:{free_port()}"
    for content in (b"nothing", b""):
        (tmp_path / "webhook.pem").write_bytes(content)
        settings.TELEGRAM_CERTIFICATE = str(tmp_path / "webhook.pem")
        watching.watch()
        assert DAYS not in told()
    (tmp_path / "webhook.pem").write_bytes(mine.pem)
    watching.watch()
    assert told()[DAYS] == pytest.approx(30, abs=0.1)


def test_without_https_there_is_no_certificate(telegram: Sandbox) -> None:
    watching.watch()
    assert DAYS not in told()
