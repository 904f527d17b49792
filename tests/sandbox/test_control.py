import time
from typing import Any

import pytest
import requests

from .harness import DEADLINE, Json, Person, Receiver, Sandbox


def fault(sandbox: Sandbox, kind: str, **fields: Any) -> int:
    return int(sandbox.post("/control/faults", {"kind": kind, **fields})["id"])


def test_it_is_healthy(sandbox: Sandbox) -> None:
    assert sandbox.get("/control/health") == {"ok": True}


def test_a_person_is_changed_by_a_second_post(sandbox: Sandbox, alice: Person) -> None:
    sandbox.post("/control/people", [{"id": alice.id, "first_name": "Alicia"}])
    shown = {person["id"]: person for person in sandbox.get("/client/people")}[alice.id]
    assert (shown["first_name"], shown["username"]) == ("Alicia", "alice")
    assert shown["bot_started"] is True


def test_people_may_have_started_the_bot_of_which_it_is_not_told(sandbox: Sandbox) -> None:
    sandbox.post("/control/people", [{"id": 4001, "first_name": "Olga", "bot_started": True}])
    sent = sandbox.bot("sendMessage", chat_id=4001, text="x")
    assert sent["chat"]["id"] == 4001
    assert sandbox.updates("message") == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/control/people", {"id": "x", "first_name": "A"}),
        ("/control/people", ["x"]),
        ("/control/groups", {"id": 5, "title": "x"}),
        ("/control/groups", {"id": -5, "title": "x", "bot_rights": ["can_fly"]}),
        ("/control/flood", {"seconds": 0}),
        ("/control/groups", {"id": -5, "title": "x", "members": [5]}),
        ("/control/groups", {"id": -5, "title": "x", "type": "club"}),
        ("/control/faults", {"kind": "earthquake"}),
        ("/control/faults", {"kind": "error", "colour": "red"}),
        ("/control/faults", []),
        ("/control/settings", []),
        ("/control/settings", {"latency": 5}),
        ("/control/settings", {"limits": {"private_burst": "many"}}),
        ("/control/settings", {"has_topics_enabled": 1}),
        ("/control/updates", {"update": 5}),
    ],
)
def test_nonsense_is_refused(sandbox: Sandbox, path: str, body: Any) -> None:
    response = requests.post(sandbox.base + path, json=body, timeout=DEADLINE)
    assert response.status_code == 400
    assert response.json()["ok"] is False


def test_a_crash_gets_a_json_answer(sandbox: Sandbox) -> None:
    body = {"update": {}, "copies": "many"}
    response = requests.post(sandbox.base + "/control/updates", json=body, timeout=DEADLINE)
    assert response.status_code == 500
    assert response.json()["description"] == "Internal Server Error"


def test_calls_are_recorded(sandbox: Sandbox, alice: Person, bob: Person) -> None:
    before = time.time()
    sandbox.bot("sendMessage", chat_id=alice.id, text="x", reply_markup='{"force_reply": true}')
    sandbox.error("sendMessage", chat_id=bob.id)
    good, bad = sandbox.get("/control/calls?method=sendmessage")
    assert before <= good["at"] <= time.time()
    assert good["params"]["reply_markup"] == {"force_reply": True}
    assert good["result"]["text"] == "x"
    assert (bad["ok"], bad["error_code"]) == (False, 400)
    assert bad["description"] == "Bad Request: message text is empty"
    assert sandbox.get(f"/control/calls?chat_id={bob.id}") == [bad]
    assert sandbox.get(f"/control/calls?since={good['seq']}") == [bad]
    assert sandbox.http.delete(sandbox.base + "/control/calls", timeout=DEADLINE).ok
    assert sandbox.get("/control/calls") == []


def test_uploads_are_recorded_by_name_and_size(sandbox: Sandbox, alice: Person) -> None:
    sandbox.upload("sendDocument", {"document": ("a.txt", b"abc")}, chat_id=str(alice.id))
    (call,) = sandbox.get("/control/calls?method=sendDocument")
    assert call["params"]["document"] == {"filename": "a.txt", "size": 3}
    assert call["chat_id"] == str(alice.id)


def test_a_flood_wait_is_planned(sandbox: Sandbox, alice: Person) -> None:
    fault(sandbox, "retry_after", method="sendMessage", seconds=7, count=2)
    for _ in range(2):
        response = sandbox.call("sendMessage", chat_id=alice.id, text="x")
        assert response.headers["Retry-After"] == "7"
        assert response.json()["parameters"] == {"retry_after": 7}
    sandbox.bot("sendMessage", chat_id=alice.id, text="x")
    assert len(alice.messages()) == 2


def test_an_error_is_planned_for_one_chat(sandbox: Sandbox, alice: Person, bob: Person) -> None:
    fault(
        sandbox,
        "error",
        chat_id=bob.id,
        error_code=400,
        description="Bad Request: not enough rights to send text messages to the chat",
        parameters={"hint": 1},
    )
    sandbox.bot("sendMessage", chat_id=alice.id, text="x")
    response = sandbox.call("sendMessage", chat_id=str(bob.id), text="x")
    assert response.status_code == 400
    assert response.json()["description"].endswith(
        "not enough rights to send text messages to the chat"
    )
    assert response.json()["parameters"] == {"hint": 1}


@pytest.mark.parametrize(("kind", "accepted"), [("drop_before", 0), ("drop_after", 1)])
def test_a_connection_is_dropped(sandbox: Sandbox, alice: Person, kind: str, accepted: int) -> None:
    fault(sandbox, kind, method="sendMessage")
    with pytest.raises(requests.ConnectionError):
        sandbox.call("sendMessage", chat_id=alice.id, text="x")
    assert len(alice.messages()) == 1 + accepted
    assert sandbox.get("/control/calls?method=sendMessage")[0]["ok"] is bool(accepted)
    assert sandbox.get("/control/faults") == []


@pytest.mark.parametrize(("kind", "accepted"), [("hang_before", 0), ("hang_after", 1)])
def test_silence_is_planned(sandbox: Sandbox, alice: Person, kind: str, accepted: int) -> None:
    fault(sandbox, kind, method="sendMessage", seconds=0.5)
    body = {"chat_id": alice.id, "text": "x"}
    with pytest.raises(requests.ReadTimeout):
        requests.post(sandbox.url("sendMessage"), json=body, timeout=0.2)
    assert len(alice.messages()) == 1 + accepted


def test_faults_are_listed_and_dropped(sandbox: Sandbox) -> None:
    identifier = fault(sandbox, "error", method="getMe")
    (planned,) = sandbox.get("/control/faults")
    assert (planned["id"], planned["method"], planned["count"]) == (identifier, "getMe", 1)
    sandbox.http.delete(sandbox.base + "/control/faults", timeout=DEADLINE)
    sandbox.bot("getMe")


def test_an_update_is_delivered_in_copies(
    sandbox: Sandbox, receiver: Receiver, alice: Person
) -> None:
    receiver.answer = lambda update: (200, {"seen": update["update_id"]}, {})
    update = {"callback_query": {"id": "7", "data": "forged"}}
    shown = sandbox.post("/control/updates", {"update": update, "copies": 3, "update_id": 77})
    assert shown == {"update_id": 77, "statuses": [200] * 3, "bodies": ['{"seen": 77}'] * 3}
    assert [d.update for d in receiver.of("callback_query")] == [{"update_id": 77, **update}] * 3
    deliveries = sandbox.get("/control/deliveries")
    assert [entry["status"] for entry in deliveries if entry["update_id"] == 77] == [200] * 3
    assert sandbox.get(f"/control/deliveries?since={deliveries[-1]['seq']}") == []


def test_settings_are_changed_in_part(sandbox: Sandbox) -> None:
    before: Json = sandbox.get("/control/settings")
    sandbox.settings(webhook={"read_timeout": 5, "expiry": {"poll": 9}})
    after = sandbox.get("/control/settings")
    assert after["webhook"]["read_timeout"] == 5
    assert after["webhook"]["expiry"] == before["webhook"]["expiry"] | {"poll": 9}
    assert after["limits"] == before["limits"]


def test_a_reset_forgets_what_was_said(sandbox: Sandbox, receiver: Receiver, alice: Person) -> None:
    sandbox.settings(webhook={"retry_base": 30})
    receiver.answer = lambda update: (500, None, {})
    sandbox.bot("sendMessage", chat_id=alice.id, text="x")
    alice.say("never delivered")
    receiver.wait("message", 2)
    fault(sandbox, "error", method="getChat")
    sandbox.post("/control/reset")
    assert alice.messages() == []
    assert sandbox.get("/control/calls") == sandbox.get("/control/faults") == []
    assert sandbox.get("/control/deliveries") == []
    info = sandbox.bot("getWebhookInfo")
    assert (info["url"], info["pending_update_count"]) == (receiver.url, 0)
    # A lane that was waiting for its next attempt does not hold up what comes after the reset.
    receiver.answer = lambda update: (200, None, {})
    receiver.deliveries.clear()
    alice.say("delivered")
    assert receiver.wait("message")[0].update["message"]["text"] == "delivered"


def test_a_reset_forgets_the_webhook_where_that_is_asked_for(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    assert sandbox.bot("getWebhookInfo")["url"] == receiver.url
    sandbox.post("/control/reset", {"webhook": True})
    assert sandbox.bot("getWebhookInfo")["url"] == ""
    assert sandbox.bot("getUpdates") == []
