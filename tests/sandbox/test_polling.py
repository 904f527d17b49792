from typing import Any

import requests

from .harness import Later, Person, Receiver, Sandbox, until


def test_updates_are_repeated_until_confirmed(sandbox: Sandbox, alice: Person) -> None:
    alice.say("one")
    alice.say("two")
    first, second = sandbox.bot("getUpdates")
    assert second["update_id"] == first["update_id"] + 1
    assert sandbox.bot("getUpdates") == [first, second]
    assert sandbox.bot("getUpdates", offset=second["update_id"]) == [second]
    assert sandbox.bot("getUpdates", offset=second["update_id"] + 1) == []


def test_a_limit_is_kept(sandbox: Sandbox, alice: Person) -> None:
    alice.say("one")
    alice.say("two")
    assert [update["message"]["text"] for update in sandbox.bot("getUpdates", limit=1)] == ["one"]


def test_a_negative_offset_forgets_all_but_the_last(sandbox: Sandbox, alice: Person) -> None:
    for text in "abc":
        alice.say(text)
    found = sandbox.bot("getUpdates", offset=-1)
    assert [update["message"]["text"] for update in found] == ["c"]
    assert sandbox.bot("getWebhookInfo")["pending_update_count"] == 1


def test_a_long_poll_ends_with_the_first_update(sandbox: Sandbox, alice: Person) -> None:
    # Nobody here waits as long as this poll would by itself.
    later = Later(lambda: long_poll(sandbox, timeout=50))
    until(lambda: sandbox.get("/control/calls?method=getUpdates"))
    alice.say("finally")
    assert later.result()["result"][0]["message"]["text"] == "finally"


def test_a_long_poll_ends_empty_in_time(sandbox: Sandbox) -> None:
    response = sandbox.call("getUpdates", timeout=1)
    assert response.json()["result"] == []
    assert response.elapsed.total_seconds() >= 1


def test_of_two_pollers_the_older_gets_a_conflict(sandbox: Sandbox) -> None:
    older = Later(lambda: long_poll(sandbox, timeout=30))
    until(lambda: len(sandbox.get("/control/calls?method=getUpdates")) == 1)
    assert sandbox.call("getUpdates", timeout=1).json()["result"] == []
    assert older.result() == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    }


def test_a_webhook_ends_a_long_poll(sandbox: Sandbox, listener: Receiver) -> None:
    poll = Later(lambda: long_poll(sandbox, timeout=30))
    until(lambda: sandbox.get("/control/calls?method=getUpdates"))
    sandbox.bot("setWebhook", url=listener.url)
    assert poll.result()["description"] == "Conflict: terminated by setWebhook request"


def test_updates_expire_unfetched(sandbox: Sandbox, alice: Person) -> None:
    sandbox.settings(webhook={"expiry": {"default": 0.05}})
    alice.say("x")
    until(lambda: sandbox.bot("getWebhookInfo")["pending_update_count"] == 0)
    assert sandbox.bot("getUpdates") == []


def test_kinds_that_are_not_allowed_are_not_queued(sandbox: Sandbox, alice: Person) -> None:
    sandbox.bot("getUpdates", allowed_updates=["callback_query"])
    alice.say("x")
    assert sandbox.bot("getUpdates") == []


def long_poll(sandbox: Sandbox, timeout: int) -> dict[str, Any]:
    """On a connection of its own: this one waits."""
    response = requests.post(sandbox.url("getUpdates"), json={"timeout": timeout}, timeout=60)
    body: dict[str, Any] = response.json()
    return body
