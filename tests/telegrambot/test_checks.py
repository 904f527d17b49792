"""Settings of the way to Telegram that are found wrong before anything is sent by them."""

import pytest
from django.conf import LazySettings

from telegrambot.checks import check_proxy

TELEGRAMS = "https://api.telegram.org"
OWN = "http://bot-api.example.com:8081"


@pytest.mark.parametrize(
    ("proxy", "api", "found"),
    [
        ("", OWN, []),
        ("http://proxy.example.com:3128", TELEGRAMS, []),
        ("http://user:p%40ss%3A@proxy.example.com:3128/", TELEGRAMS, []),
        ("socks5h://user:%D0%BA%D0%BB%D1%8E%D1%87@10.0.0.7:1080", TELEGRAMS, []),
        ("socks5h://10.0.0.7:1080", OWN, []),
        ("http://proxy.example.com:3128", OWN, ["telegrambot.W001"]),
        # A header has no such letters.
        ("http://user:%D0%BA%D0%BB%D1%8E%D1%87@10.0.0.7:3128", TELEGRAMS, ["telegrambot.E001"]),
        # The names would be asked for here.
        ("socks5://10.0.0.7:1080", TELEGRAMS, ["telegrambot.E001"]),
        ("10.0.0.7:1080", TELEGRAMS, ["telegrambot.E001"]),
        ("http://proxy.example.com", TELEGRAMS, ["telegrambot.E001"]),
        ("http://user:pass/word@10.0.0.7:3128", TELEGRAMS, ["telegrambot.E001"]),
        ("http://user:pass#word@10.0.0.7:3128", TELEGRAMS, ["telegrambot.E001"]),
        ("http://user:pass@a host:3128", TELEGRAMS, ["telegrambot.E001"]),
        ("http://10.0.0.7:port", TELEGRAMS, ["telegrambot.E001"]),
        ("http://[10.0.0.7:3128", TELEGRAMS, ["telegrambot.E001"]),
    ],
)
def test_a_proxy_that_cannot_be_used_is_found(
    settings: LazySettings, proxy: str, api: str, found: list[str]
) -> None:
    settings.TELEGRAM_PROXY_URL, settings.TELEGRAM_API_URL = proxy, api
    assert [problem.id for problem in check_proxy(None)] == found
    assert "pass" not in "".join(problem.msg for problem in check_proxy(None))
