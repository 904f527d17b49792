"""Where the webhook may be called from: the connection says it, whatever a caller writes."""

from ipaddress import ip_network

import pytest
import requests
from django.conf import LazySettings
from django.test import Client

from telegrambot.callers import ELSEWHERE
from telegrambot.redaction import HEADER
from tests.telegrambot import bot, front

TELEGRAM = [ip_network("149.154.160.0/20"), ip_network("91.108.4.0/22")]


def probed(settings: LazySettings, peer: str, forwarded: str = "") -> int:
    headers = {HEADER: settings.TELEGRAM_WEBHOOK_SECRET}
    headers |= {"X-Forwarded-For": forwarded} if forwarded else {}
    answer = Client(REMOTE_ADDR=peer).post(
        bot.URL, {"probe": "x"}, content_type="application/json", headers=headers
    )
    return answer.status_code


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "status"),
    [
        (0, "149.154.167.50", "", 200),
        (0, "91.108.7.255", "", 200),
        (0, "91.108.8.0", "", 403),
        (0, "203.0.113.7", "", 403),
        # So a socket for both versions names it.
        (0, "::ffff:149.154.167.50", "", 200),
        (0, "::ffff:203.0.113.7", "", 403),
        (0, "2001:67c:4e8:f004::9", "", 403),
        # Of a socket in the file system.
        (0, "", "", 403),
        (1, "", "149.154.167.50", 200),
        # Who calls directly writes what he likes.
        (0, "203.0.113.7", "149.154.167.50", 403),
        (0, "149.154.167.50", "203.0.113.7", 200),
        (1, "127.0.0.1", "149.154.167.50", 200),
        (1, "127.0.0.1", "::ffff:149.154.167.50", 200),
        (1, "127.0.0.1", "149.154.167.50, 203.0.113.7", 403),
        (2, "127.0.0.1", "149.154.167.50, 203.0.113.7, 10.8.0.1", 403),
        (2, "127.0.0.1", "149.154.167.50, 10.8.0.1", 200),
        # Past one of the proxies.
        (2, "203.0.113.7", "149.154.167.50", 403),
        (1, "127.0.0.1", "Telegram", 403),
    ],
)
def test_it_is_called_from_the_subnets_alone(
    settings: LazySettings, proxies: int, peer: str, forwarded: str, status: int
) -> None:
    settings.TELEGRAM_SUBNETS, settings.TRUSTED_PROXIES = TELEGRAM, proxies
    assert probed(settings, peer, forwarded) == status


def test_a_subnet_may_be_of_version_6(settings: LazySettings) -> None:
    settings.TELEGRAM_SUBNETS = [ip_network("2001:67c:4e8::/48")]
    assert probed(settings, "2001:67c:4e8:f004::9") == 200
    assert probed(settings, "149.154.167.50") == 403


def test_without_subnets_it_is_called_from_anywhere(settings: LazySettings) -> None:
    for peer in ("203.0.113.7", "2001:db8::1", ""):
        assert probed(settings, peer) == 200


def test_a_direct_call_with_forged_headers_is_refused_first(settings: LazySettings) -> None:
    """Before he is asked for anything that he might try out."""
    settings.TELEGRAM_SUBNETS = TELEGRAM
    settings.TELEGRAM_WEBHOOK_URL = "https://user:password@treasury.example.com/telegram/webhook/"
    names = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP")
    with front.product() as port:
        answer = requests.post(
            f"http://127.0.0.1:{port}{bot.URL}",
            json={"probe": "x"},
            headers=dict.fromkeys(names, "149.154.167.50"),
            timeout=30,
        )
    assert (answer.status_code, answer.json()) == (403, {"detail": ELSEWHERE})
    assert "WWW-Authenticate" not in answer.headers
