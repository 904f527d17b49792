"""Google's stand-in: what its page shows and what it sends back."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.ports import free_port

from .harness import DEADLINE, until

CALLBACK = "http://127.0.0.1:8000/oauth/complete/google/"
REQUEST = {
    "response_type": "code",
    "client_id": "treasury",
    "redirect_uri": CALLBACK,
    "scope": "openid email profile",
    "state": "the-state",
    "nonce": "the-nonce",
}
BORIS = {
    "name": "Борис Орлов",
    "email": "orlov@example.com",
    "email_verified": True,
    "hd": "example.com",
}


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=DEADLINE).ok
    except requests.ConnectionError:
        return False


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("google") / "google.log"


@pytest.fixture(scope="module")
def google(log: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.google", f"--port={port}"],
            stdout=output, stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parents[2],
        )  # fmt: skip
    until(lambda: answers(url), "Google", 6 * DEADLINE)
    requests.put(f"{url}/users/boris", json=BORIS, timeout=DEADLINE).raise_for_status()
    yield url
    process.terminate()
    process.wait(DEADLINE)


def choose(google: str, **form: str) -> dict[str, str]:
    """Answer on the page; the parameters with which the browser is sent back."""
    answer = requests.post(
        f"{google}/oauth2/authorize",
        params=REQUEST, data=form, allow_redirects=False, timeout=DEADLINE,
    )  # fmt: skip
    address = urlsplit(answer.headers["Location"])
    assert address._replace(query="").geturl() == CALLBACK
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def claims(google: str, code: str) -> Any:
    """What a program learns for a code."""
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    credentials = ("treasury", "the-secret")
    tokens = requests.post(
        f"{google}/oauth2/token", data=body, auth=credentials, timeout=DEADLINE
    ).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return requests.get(f"{google}/userinfo", headers=headers, timeout=DEADLINE).json()


def test_accounts_are_offered_by_name_and_address(google: str) -> None:
    page = requests.get(
        f"{google}/oauth2/authorize",
        params=REQUEST, headers={"Accept-Language": "ru"}, timeout=DEADLINE,
    )  # fmt: skip
    assert "Выберите аккаунт" in page.text
    assert "Борис Орлов" in page.text
    assert "orlov@example.com" in page.text
    assert "https://" not in page.text


def test_a_chosen_account_is_told_for_the_code(google: str) -> None:
    answer = choose(google, sub="boris")
    assert answer["state"] == "the-state"
    assert claims(google, answer["code"]) == {"sub": "boris", **BORIS}


def test_a_typed_address_is_an_account_too(google: str) -> None:
    told = claims(google, choose(google, sub="new@example.com")["code"])
    assert (told["email"], told["email_verified"]) == ("new@example.com", True)
    assert told["hd"] == "example.com"


def test_a_refusal_comes_back_with_the_state(google: str) -> None:
    answer = choose(google, action="deny")
    assert answer == {"error": "access_denied", "state": "the-state"}


def test_a_request_without_a_nonce_is_refused(google: str) -> None:
    without = {name: value for name, value in REQUEST.items() if name != "nonce"}
    answer = requests.get(
        f"{google}/oauth2/authorize",
        params=without, allow_redirects=False, timeout=DEADLINE,
    )  # fmt: skip
    assert "error=invalid_request" in answer.headers["Location"]


def test_no_secret_is_logged(google: str, log: Path) -> None:
    code = choose(google, sub="boris")["code"]
    claims(google, code)
    said = log.read_text()
    assert "Serving" in said
    assert not [
        secret for secret in ("the-state", "the-nonce", code, "the-secret") if secret in said
    ]
