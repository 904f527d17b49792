"""What is too large is refused by its headers, and by whom it comes from."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client

from config.limits import MIB, SMALL, USUAL, WITH_DOCUMENTS
from telegrambot.delivery.answers import LARGEST_UPDATE
from telegrambot.redaction import HEADER
from tests.admin.conftest import REQUESTS, browse
from tests.company import Company
from tests.services import FIXED
from tests.web import SECONDS, Web

LOGIN = "/admin/login/"
WEBHOOK = "/telegram/webhook/"
FORM = "application/x-www-form-urlencoded"


def status(client: Client, path: str, length: int, **headers: Any) -> int:
    """Of a post that says that it is as long as this; no more than its words are sent."""
    answer = client.post(
        path, data=b"x=1", content_type=FORM, CONTENT_LENGTH=str(length), **headers
    )
    return answer.status_code


def taken(client: Client, path: str, length: int) -> bool:
    """Whether a post that really is as long as this comes through."""
    answer = client.post(path, data=b"x=".ljust(length, b"1"), content_type=FORM)
    return answer.status_code != 413


@pytest.mark.parametrize(
    "path", [LOGIN, "/i18n/setlang/", "/oauth/link/", REQUESTS + "add/", "/admin/"]
)
@pytest.mark.django_db
def test_a_stranger_may_send_no_more_than_words(path: str) -> None:
    assert status(Client(), path, SMALL + 1) in {404, 413}
    assert taken(Client(), path, SMALL)


def test_who_has_signed_in_may_send_documents_with_a_request_alone(company: Company) -> None:
    anna = browse(company.anna, "Бухгалтер")
    for path, limit, fits in (
        (LOGIN, SMALL, SMALL),
        ("/i18n/setlang/", SMALL, SMALL),
        ("/admin/treasury/counterparty/add/", USUAL, USUAL),
        (REQUESTS + "add/", WITH_DOCUMENTS, 2 * USUAL),
    ):
        assert status(anna, path, limit + 1) == 413, path
        assert taken(anna, path, fits), path


def test_the_refusal_can_be_read(company: Company) -> None:
    anna = browse(company.anna, "Бухгалтер")
    answer = anna.post(REQUESTS + "add/", CONTENT_LENGTH=str(WITH_DOCUMENTS + 1))
    assert "At most 110.0\xa0MB are accepted here" in answer.content.decode()
    russian = anna.post(
        REQUESTS + "add/", CONTENT_LENGTH=str(WITH_DOCUMENTS + 1), headers={"accept-language": "ru"}
    )
    assert "За один раз здесь принимается не больше 110,0\xa0МБ" in russian.content.decode()


def test_the_webhook_keeps_its_own_limit(db: None) -> None:
    secret = {"HTTP_X_TELEGRAM_BOT_API_SECRET_TOKEN": FIXED["TELEGRAM_WEBHOOK_SECRET"]}
    assert status(Client(), WEBHOOK, LARGEST_UPDATE + 1, **secret) == 200
    assert status(Client(), WEBHOOK, LARGEST_UPDATE + 1) == 403


def answer(web: Web, *headers: str, path: str = LOGIN) -> str:
    """To a post of which nothing but its headers ever comes."""
    lines = (f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{web.port}", *headers, "", "")
    with socket.create_connection(("127.0.0.1", web.port), SECONDS) as connection:
        connection.sendall("\r\n".join(lines).encode())
        return connection.recv(4096).decode().partition("\r\n")[0]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    web = Web(tmp_path)
    web.wait()
    yield web
    web.stop()


def test_nothing_of_what_is_refused_is_waited_for_or_kept(web: Web) -> None:
    form = "Content-Type: multipart/form-data; boundary=x"
    cookie = f"Cookie: csrftoken={'a' * 32}"
    for length in (SMALL + 1, 200 * MIB):
        refused = answer(web, form, cookie, f"Content-Length: {length}")
        assert refused == "HTTP/1.1 413 Request Entity Too Large"
    assert answer(web, form, "Transfer-Encoding: chunked") == "HTTP/1.1 411 Length Required"
    assert list(web.temporary.iterdir()) == []


def test_what_is_too_large_for_an_update_is_answered_unread(web: Web) -> None:
    """And the connection is closed, for what is left in it is no request."""
    secret = {HEADER: FIXED["TELEGRAM_WEBHOOK_SECRET"]}
    line = f"{HEADER}: {secret[HEADER]}"
    unread = answer(web, line, f"Content-Length: {200 * MIB}", path=WEBHOOK)
    assert unread == "HTTP/1.1 200 OK"
    for size in (LARGEST_UPDATE + 1, 2, 10 * MIB, 2):
        sent = requests.post(
            f"http://127.0.0.1:{web.port}{WEBHOOK}",
            b"{}".ljust(size),
            headers=secret,
            timeout=SECONDS,
        )
        assert (sent.status_code, sent.text) == (200, "{}")
