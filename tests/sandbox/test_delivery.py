import itertools
import threading
from typing import Any

import pytest

from .harness import KEYBOARD, Answer, Json, Person, Receiver, Sandbox, until

QUICK = {"retry_base": 0.05}


def failing(times: int, status: int = 500, **headers: str) -> Any:
    """An answer that fails so often, and then succeeds."""
    left = [times]

    def answer(update: Json) -> Answer:
        left[0] -= 1
        return (status, None, headers) if left[0] >= 0 else (200, None, {})

    return answer


def texts(receiver: Receiver) -> list[str]:
    return [delivery.update["message"]["text"] for delivery in receiver.of("message")]


def test_an_update_is_posted_as_json(receiver: Receiver, alice: Person) -> None:
    alice.say("hello")
    delivery = receiver.wait("message")[0]
    assert delivery.headers["Content-Type"] == "application/json"
    assert delivery.update["message"]["from"]["language_code"] == "ru"
    assert delivery.update["update_id"] > 0


def test_connections_are_kept_alive(listener: Receiver) -> None:
    running = Sandbox.start("--local")  # with no idle connections of earlier tests
    person = running.person()
    running.bot("setWebhook", url=listener.url)
    for number in range(3):
        person.say(str(number))
        listener.wait("message", number + 2)
    running.stop()
    assert len({delivery.connection for delivery in listener.deliveries}) == 1


@pytest.mark.parametrize("status", [200, 204, 299])
def test_any_2xx_is_success(
    sandbox: Sandbox, receiver: Receiver, alice: Person, status: int
) -> None:
    receiver.answer = lambda update: (status, None, {})
    alice.say("x")
    receiver.wait("message")
    until(lambda: sandbox.bot("getWebhookInfo")["pending_update_count"] == 0)
    assert "last_error_date" not in sandbox.bot("getWebhookInfo")


@pytest.mark.parametrize("status", [302, 404, 410, 502])
def test_anything_else_is_a_failure(
    sandbox: Sandbox, receiver: Receiver, alice: Person, status: int
) -> None:
    receiver.answer = failing(1, status, Location="/elsewhere")
    alice.say("x")
    receiver.wait("message", 2)
    info = sandbox.bot("getWebhookInfo")
    assert info["last_error_message"].startswith(f"Wrong response from the webhook: {status} ")
    assert info["last_error_date"] > 0


def test_retries_come_at_once_and_then_ever_later(
    sandbox: Sandbox, receiver: Receiver, alice: Person
) -> None:
    sandbox.settings(webhook=QUICK)
    receiver.answer = failing(4)
    alice.say("x")
    tries = receiver.wait("message", 5)
    pauses = [later.at - earlier.at for earlier, later in itertools.pairwise(tries)]
    assert pauses[0] < 0.09
    assert pauses[1] >= 0.1
    assert pauses[2] >= 0.2
    assert pauses[3] >= 0.4
    assert len({delivery.update["update_id"] for delivery in tries}) == 1
    attempts = [entry["attempt"] for entry in sandbox.get("/control/deliveries")]
    assert attempts[-5:] == [1, 2, 3, 4, 5]


def test_retry_after_is_honoured(sandbox: Sandbox, receiver: Receiver, alice: Person) -> None:
    receiver.answer = failing(1, 503, **{"Retry-After": "1"})
    alice.say("x")
    first, second = receiver.wait("message", 2)
    assert 1.0 <= second.at - first.at < 2.5


def test_silence_is_a_failure(sandbox: Sandbox, receiver: Receiver, alice: Person) -> None:
    sandbox.settings(webhook={"read_timeout": 0.15})
    silent = threading.Event()

    def answer(update: Json) -> Answer:
        if len(receiver.of("message")) == 1:
            silent.wait(0.6)
        return 200, None, {}

    receiver.answer = answer
    alice.say("x")
    receiver.wait("message", 2)
    assert sandbox.bot("getWebhookInfo")["last_error_message"] == "Read timeout expired"
    silent.set()


def test_a_refused_connection_is_a_failure(
    sandbox: Sandbox, receiver: Receiver, alice: Person
) -> None:
    sandbox.bot("setWebhook", url="http://127.0.0.1:1/")
    alice.say("x")
    until(lambda: "last_error_date" in sandbox.bot("getWebhookInfo"))
    info = sandbox.bot("getWebhookInfo")
    assert info["last_error_message"] == "Connection refused"
    assert info["pending_update_count"] == 1


def test_one_chat_is_delivered_in_order(
    sandbox: Sandbox, receiver: Receiver, alice: Person
) -> None:
    sandbox.settings(webhook=QUICK)
    receiver.answer = failing(2)
    for number in range(4):
        alice.say(str(number))
    receiver.wait("message", 6)
    assert texts(receiver) == ["0", "0", "0", "1", "2", "3"]


def test_a_failing_chat_stops_no_other(
    sandbox: Sandbox, receiver: Receiver, alice: Person, bob: Person
) -> None:
    def answer(update: Json) -> Answer:
        poisoned = update.get("message", {}).get("from", {}).get("id") == alice.id
        return (500 if poisoned else 200), None, {}

    receiver.answer = answer
    alice.say("poison")
    until(lambda: len(receiver.of("message")) >= 2)
    bob.say("fine")
    until(lambda: "fine" in texts(receiver))
    alice.say("blocked")
    assert "blocked" not in texts(receiver)
    assert sandbox.bot("getWebhookInfo")["pending_update_count"] == 2


def test_two_people_press_in_parallel(
    sandbox: Sandbox, receiver: Receiver, alice: Person, bob: Person
) -> None:
    group = sandbox.group(alice, bob)
    sent = sandbox.bot("sendMessage", chat_id=group, text="x", reply_markup=KEYBOARD)
    together = threading.Barrier(2, timeout=5)

    def answer(update: Json) -> Answer:
        if "callback_query" in update:
            together.wait()
        return 200, None, {}

    receiver.answer = answer
    for person in (alice, bob):
        person.press_later(sent["message_id"], chat_id=group)
    until(lambda: len(receiver.of("callback_query")) == 2)
    until(lambda: sandbox.bot("getWebhookInfo")["pending_update_count"] == 0)
    assert not together.broken


def test_max_connections_limits_what_is_parallel(
    sandbox: Sandbox, receiver: Receiver, alice: Person, bob: Person
) -> None:
    sandbox.bot("setWebhook", url=receiver.url, max_connections=1)
    running: list[int] = []
    most: list[int] = []
    pause = threading.Event()

    def answer(update: Json) -> Answer:
        running.append(1)
        most.append(len(running))
        pause.wait(0.1)
        running.pop()
        return 200, None, {}

    receiver.answer = answer
    alice.say("x")
    bob.say("y")
    receiver.wait("message", 2)
    assert max(most) == 1


def test_without_a_success_there_is_one_connection(listener: Receiver) -> None:
    """And many again once there was one: after an outage a bot is called on slowly."""
    running = Sandbox.start("--local")  # with no success of earlier tests
    people = [running.person() for _ in range(4)]
    here, success = threading.Semaphore(0), threading.Event()

    def answer(update: Json) -> Answer:
        here.release()
        success.wait(5)
        return 200, None, {}

    listener.answer = answer
    running.bot("setWebhook", url=listener.url)
    assert here.acquire(timeout=5)
    assert not here.acquire(timeout=0.2)
    success.set()
    listener.wait("message", len(people))
    running.stop()


def test_nothing_but_410_ends_the_webhook(
    sandbox: Sandbox, receiver: Receiver, alice: Person
) -> None:
    sandbox.settings(webhook=QUICK | {"gone_after": 0.1})
    receiver.answer = failing(99, 410)
    alice.say("x")
    until(lambda: sandbox.bot("getWebhookInfo")["url"] == "")
    assert sandbox.updates("message")[0]["text"] == "x"


def test_a_method_in_the_answer_is_executed(
    sandbox: Sandbox, receiver: Receiver, alice: Person
) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x", reply_markup=KEYBOARD)

    def answer(update: Json) -> Answer:
        reply = {"method": "answerCallbackQuery", "text": "From the webhook"}
        reply["callback_query_id"] = update["callback_query"]["id"]
        return 200, reply, {}

    receiver.answer = answer
    assert alice.press(sent["message_id"])["text"] == "From the webhook"
    call = sandbox.get("/control/calls?method=answerCallbackQuery")[-1]
    assert (call["via"], call["ok"]) == ("webhook", True)


@pytest.mark.parametrize("method", ["getMe", "deleteWebhook", "setWebhook", "close", "logOut"])
def test_some_methods_in_the_answer_are_ignored(
    sandbox: Sandbox, receiver: Receiver, alice: Person, method: str
) -> None:
    receiver.answer = lambda update: (200, {"method": method}, {})
    alice.say("x")
    receiver.wait("message")
    until(lambda: sandbox.bot("getWebhookInfo")["pending_update_count"] == 0)
    calls = sandbox.get(f"/control/calls?method={method}")
    assert [call for call in calls if call["via"] == "webhook"] == []
    assert sandbox.bot("getWebhookInfo")["url"] == receiver.url


def test_an_answer_that_is_no_method_is_ignored(
    sandbox: Sandbox, receiver: Receiver, alice: Person
) -> None:
    receiver.answer = lambda update: (200, ["anything"], {})
    alice.say("x")
    receiver.wait("message")
    until(lambda: sandbox.bot("getWebhookInfo")["pending_update_count"] == 0)


def test_an_update_expires(sandbox: Sandbox, receiver: Receiver, alice: Person) -> None:
    sandbox.settings(webhook=QUICK | {"expiry": {"default": 0.4}})
    receiver.answer = failing(99)
    alice.say("x")
    until(lambda: sandbox.bot("getWebhookInfo")["pending_update_count"] == 0)
    # At 0, 0, 0.1 and 0.3 s; the next would come after the expiry.
    assert len(receiver.of("message")) in (3, 4)


def test_an_expiry_is_a_matter_of_the_kind(
    sandbox: Sandbox, receiver: Receiver, alice: Person
) -> None:
    sandbox.settings(webhook=QUICK | {"expiry": {"inline_query": 0.1}})
    receiver.answer = failing(99)
    alice.inline_later("x")
    receiver.wait("inline_query", 2)
    alice.say("x")
    receiver.wait("message", 2)
    until(lambda: sandbox.bot("getWebhookInfo")["pending_update_count"] == 1)


def test_getting_updates_conflicts_with_a_webhook(sandbox: Sandbox, receiver: Receiver) -> None:
    response = sandbox.call("getUpdates")
    assert response.status_code == 409
    assert response.json()["description"] == (
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first"
    )
