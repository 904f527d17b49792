import time

import pytest

from .harness import Person, Sandbox

WIDE = {"overall_per_second": 1000, "private_burst": 1000, "group_per_minute": 1000}


def test_a_private_chat_takes_a_burst_and_then_one_a_second(
    sandbox: Sandbox, alice: Person
) -> None:
    sandbox.settings(limits=WIDE | {"private_burst": 3, "private_per_second": 1})
    for number in range(3):
        sandbox.bot("sendMessage", chat_id=alice.id, text=str(number))
    response = sandbox.call("sendMessage", chat_id=alice.id, text="one too many")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "1"
    assert response.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    assert alice.messages()[-1]["text"] == "2"


def test_edits_share_the_budget_of_messages(sandbox: Sandbox, alice: Person) -> None:
    sandbox.settings(limits=WIDE | {"private_burst": 2, "private_per_second": 0.01})
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x")
    message = {"chat_id": alice.id, "message_id": sent["message_id"]}
    sandbox.bot("editMessageText", **message, text="y")
    error = sandbox.error("editMessageText", **message, text="z")
    assert error == "Too Many Requests: retry after 100"


def test_a_group_takes_so_many_a_minute(sandbox: Sandbox, alice: Person) -> None:
    sandbox.settings(limits=WIDE | {"group_per_minute": 20})
    group, other = sandbox.group(alice), sandbox.group(alice)
    for number in range(20):
        sandbox.bot("sendMessage", chat_id=group, text=str(number))
    response = sandbox.call("sendMessage", chat_id=group, text="x").json()
    assert 55 <= response["parameters"]["retry_after"] <= 60
    sandbox.bot("sendMessage", chat_id=other, text="x")


def test_all_chats_together_have_a_limit(sandbox: Sandbox) -> None:
    people = [sandbox.person() for _ in range(4)]
    sandbox.settings(limits=WIDE | {"overall_per_second": 3})
    results = [sandbox.call("sendMessage", chat_id=p.id, text="x").status_code for p in people]
    assert results == [200, 200, 200, 429]


def test_an_album_counts_each_item(sandbox: Sandbox, alice: Person) -> None:
    group, other = sandbox.group(alice), sandbox.group(alice)
    file_id = sandbox.upload(
        "sendDocument", {"document": ("a.txt", b"a")}, chat_id=str(group)
    ).json()["result"]["document"]["file_id"]
    sandbox.settings(limits=WIDE | {"group_per_minute": 10})
    media = [{"type": "document", "media": file_id}] * 10
    # The upload was one of the ten.
    assert sandbox.call("sendMediaGroup", chat_id=group, media=media).status_code == 429
    assert sandbox.call("sendMediaGroup", chat_id=other, media=media).status_code == 200
    assert sandbox.call("sendMessage", chat_id=other, text="x").status_code == 429


def test_an_album_larger_than_the_burst_is_sent_on_credit(sandbox: Sandbox, alice: Person) -> None:
    file_id = sandbox.upload(
        "sendDocument", {"document": ("a.txt", b"a")}, chat_id=str(alice.id)
    ).json()["result"]["document"]["file_id"]
    sandbox.settings(limits=WIDE | {"private_burst": 3, "private_per_second": 1})
    sandbox.bot(
        "sendMediaGroup", chat_id=alice.id, media=[{"type": "document", "media": file_id}] * 5
    )
    assert sandbox.error("sendMessage", chat_id=alice.id, text="x") == (
        "Too Many Requests: retry after 3"
    )


def test_an_album_counts_each_item_overall(sandbox: Sandbox, alice: Person, bob: Person) -> None:
    file_id = sandbox.upload(
        "sendDocument", {"document": ("a.txt", b"a")}, chat_id=str(alice.id)
    ).json()["result"]["document"]["file_id"]
    sandbox.settings(limits=WIDE | {"overall_per_second": 5})
    media = [{"type": "document", "media": file_id}] * 4
    sandbox.bot("sendMediaGroup", chat_id=alice.id, media=media)
    sent = [sandbox.call("sendMessage", chat_id=bob.id, text="x").status_code for _ in range(2)]
    assert sent[-1] == 429


def test_a_refused_message_costs_nothing(sandbox: Sandbox, alice: Person) -> None:
    sandbox.settings(limits=WIDE | {"private_burst": 1, "private_per_second": 0.01})
    keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": "x" * 65}]]}
    error = sandbox.error("sendMessage", chat_id=alice.id, text="x", reply_markup=keyboard)
    assert error == "Bad Request: BUTTON_DATA_INVALID"
    sandbox.bot("sendMessage", chat_id=alice.id, text="x")


@pytest.mark.parametrize(
    ("method", "params"),
    [("getMe", {}), ("sendChatAction", {"action": "typing"}), ("getChat", {})],
)
def test_other_calls_are_not_counted(
    sandbox: Sandbox, alice: Person, method: str, params: dict[str, str]
) -> None:
    sandbox.settings(limits=WIDE | {"overall_per_second": 1, "private_burst": 1})
    for _ in range(3):
        sandbox.bot(method, chat_id=alice.id, **params)


def refused(sandbox: Sandbox, chat_id: int) -> int:
    """The seconds to wait, of a call that must be refused."""
    body = sandbox.call("sendMessage", chat_id=chat_id, text="x").json()
    assert body["error_code"] == 429
    return int(body["parameters"]["retry_after"])


def test_who_does_not_wait_waits_longer(sandbox: Sandbox, alice: Person, bob: Person) -> None:
    sandbox.post("/control/flood", {"chat_id": alice.id, "seconds": 5})
    assert [refused(sandbox, alice.id) for _ in range(3)] == [10, 20, 40]
    sandbox.bot("sendMessage", chat_id=bob.id, text="x")
    sandbox.post("/control/reset")
    sandbox.bot("sendMessage", chat_id=alice.id, text="x")


def test_a_flood_ends(sandbox: Sandbox, alice: Person) -> None:
    sandbox.post("/control/flood", {"chat_id": alice.id, "seconds": 0.3})
    time.sleep(refused(sandbox, alice.id))
    sandbox.bot("sendMessage", chat_id=alice.id, text="x")


def test_a_flood_of_the_whole_bot_stops_it_in_every_chat(
    sandbox: Sandbox, alice: Person, bob: Person
) -> None:
    sent = sandbox.bot("sendMessage", chat_id=bob.id, text="x")
    sandbox.post("/control/flood", {"seconds": 30})
    assert refused(sandbox, alice.id) == 60
    error = sandbox.error(
        "editMessageText", chat_id=bob.id, message_id=sent["message_id"], text="y"
    )
    assert error == "Too Many Requests: retry after 120"
    sandbox.bot("getMe")
    sandbox.bot("sendChatAction", chat_id=bob.id, action="typing")


def test_a_short_wait_is_hidden_in_a_slow_answer(sandbox: Sandbox, alice: Person) -> None:
    limits = {"private_burst": 1, "private_per_second": 5, "hidden_wait": 8}
    sandbox.settings(limits=WIDE | limits)
    began = time.monotonic()
    for number in range(3):
        sandbox.bot("sendMessage", chat_id=alice.id, text=str(number))
    assert time.monotonic() - began >= 0.4
    sandbox.settings(limits={"hidden_wait": 0.1, "private_per_second": 0.1})
    assert refused(sandbox, alice.id) >= 9
