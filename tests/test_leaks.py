"""The watch over the logs sees what it is there to see."""

import logging
from urllib.parse import unquote

import pytest
from django.test import Client

from tests.leaks import leaks, secrets_in, watch
from tests.services import FIXED

SECRET = "a-secret-of-this-test-alone"


def test_a_secret_that_is_logged_is_found() -> None:
    watch.secrets.add(SECRET)
    logging.getLogger("treasury").warning("somebody brings %s", SECRET)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("oauth").exception("refused")
    logging.getLogger("django.server").info("GET /%s", SECRET)
    found = watch.leaks()
    watch.begin()
    assert len(found) == 3
    assert "somebody brings" in found[0]


def test_what_the_product_masks_is_not_found() -> None:
    logging.getLogger("telegrambot").warning("POST /bot%s/getMe", FIXED["TELEGRAM_BOT_TOKEN"])
    assert watch.leaks() == []


@pytest.mark.django_db
def test_secrets_of_requests_are_noticed(client: Client) -> None:
    link = "l" * 43
    client.get(f"/oauth/link/{link}/?state={'s' * 32}")
    client.post("/admin/login/", {"username": "nobody@example.com", "password": SECRET})
    assert {link, "s" * 32, SECRET} <= watch.secrets


def test_links_codes_and_parameters_are_recognised() -> None:
    link, token, code = "l" * 43, "c8-" + "t" * 32, "4%2F" + "c" * 20
    text = f"https://x.example/oauth/link/{link}/ /oauth/password/MQ/{token}/"
    text += f" ABCD-2345 ?a=1&code={code}&state=short"
    expected = {link, token, "ABCD-2345", "ABCD2345", code, unquote(code)}
    assert secrets_in(text) == expected
    assert leaks(["fine", "ABCD2345"], expected) == ["ABCD2345"]
