import json
import signal

import pytest
import requests

from .harness import DEADLINE, TOKEN, Person, Sandbox


def test_a_result_comes_in_the_envelope(sandbox: Sandbox) -> None:
    response = sandbox.call("getMe")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    body = response.json()
    assert body["ok"] is True
    assert body["result"]["is_bot"] is True
    assert body["result"]["id"] == int(TOKEN.partition(":")[0])
    assert body["result"]["supports_inline_queries"] is True


def test_an_error_comes_in_the_envelope_with_its_status(sandbox: Sandbox) -> None:
    response = sandbox.call("sendMessage", chat_id=1)
    assert response.status_code == 400
    assert response.json() == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: message text is empty",
    }


@pytest.mark.parametrize(
    ("token", "code", "description"),
    [
        ("4242:another-token", 401, "Unauthorized"),
        ("malformed", 404, "Not Found"),
        ("12:a b", 404, "Not Found"),
    ],
)
def test_a_wrong_token_is_refused(
    sandbox: Sandbox, token: str, code: int, description: str
) -> None:
    response = requests.post(sandbox.url("getMe", token), timeout=DEADLINE)
    assert response.status_code == code
    assert response.json() == {"ok": False, "error_code": code, "description": description}


def test_an_unknown_method_is_not_found(sandbox: Sandbox) -> None:
    assert sandbox.error("sendMesage") == "Not Found: method not found"


def test_a_real_method_that_is_not_modelled_says_so(sandbox: Sandbox) -> None:
    assert sandbox.error("sendGame") == "Not Implemented in the sandbox: sendgame"


def test_method_names_are_not_case_sensitive(sandbox: Sandbox) -> None:
    assert sandbox.bot("GETME") == sandbox.bot("getme")


def test_parameters_may_come_in_the_query_string(sandbox: Sandbox, alice: Person) -> None:
    query = {"chat_id": str(alice.id), "text": "from a browser"}
    response = requests.get(sandbox.url("sendMessage"), params=query, timeout=DEADLINE)
    assert response.json()["result"]["text"] == "from a browser"


def test_a_form_carries_nested_values_as_json(sandbox: Sandbox, alice: Person) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    form = {"chat_id": str(alice.id), "text": "form", "reply_markup": json.dumps(keyboard)}
    response = requests.post(sandbox.url("sendMessage"), data=form, timeout=DEADLINE)
    assert response.json()["result"]["reply_markup"] == keyboard


def test_multipart_carries_nested_values_as_json(sandbox: Sandbox, alice: Person) -> None:
    entities = [{"type": "bold", "offset": 0, "length": 4}]
    parts = {
        "chat_id": (None, str(alice.id)),
        "text": (None, "bold text"),
        "entities": (None, json.dumps(entities)),
    }
    response = requests.post(sandbox.url("sendMessage"), files=parts, timeout=DEADLINE)
    assert response.json()["result"]["entities"] == entities


def test_json_may_carry_nested_values_as_text(sandbox: Sandbox, alice: Person) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    sent = sandbox.bot(
        "sendMessage", chat_id=str(alice.id), text="x", reply_markup=json.dumps(keyboard)
    )
    assert sent["reply_markup"] == keyboard


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("application/json", b"\xff\xfe"),
        ("multipart/form-data; boundary=x", b"--y\r\nnonsense"),
        ("multipart/form-data", b"no boundary"),
    ],
)
def test_a_malformed_body_gets_a_json_answer(
    sandbox: Sandbox, content_type: str, body: bytes
) -> None:
    headers = {"Content-Type": content_type}
    response = requests.post(
        sandbox.url("sendMessage"), data=body, headers=headers, timeout=DEADLINE
    )
    assert response.status_code == 400
    assert response.json()["ok"] is False


def test_parameters_above_one_mebibyte_are_too_large(sandbox: Sandbox) -> None:
    assert sandbox.error("sendMessage", chat_id=1, text="x" * (1 << 20)) == (
        "Request Entity Too Large"
    )


def test_the_root_shows_the_chat_page(sandbox: Sandbox) -> None:
    response = requests.get(sandbox.base + "/", timeout=DEADLINE)
    assert response.headers["Content-Type"].startswith("text/html")


def test_an_unknown_path_gets_a_json_answer(sandbox: Sandbox) -> None:
    response = requests.get(sandbox.base + "/nowhere", timeout=DEADLINE)
    assert response.status_code == 404
    assert response.json()["description"] == "Not Found"


def test_latency_delays_every_answer(sandbox: Sandbox) -> None:
    sandbox.settings(latency_ms=120)
    assert sandbox.call("getMe").elapsed.total_seconds() >= 0.12
    call = sandbox.get("/control/calls?method=getMe")[-1]
    assert call["ok"] is True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_gracefully(number: signal.Signals) -> None:
    running = Sandbox.start()
    running.process.send_signal(number)
    assert running.process.wait(DEADLINE) == 0
    running.stop()
