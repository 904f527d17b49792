"""Whatever comes for an answer: it is what the Bot API promises, or it is none."""

import json
from typing import Any

import pytest

from telegrambot.delivery import answers
from telegrambot.delivery.answers import NotAnAnswer, Refusal, Success

SEND = "sendMessage"
HUGE = 10**15
NO_MESSAGES: list[object] = [True, None, {}, [], "7", 7, [{"message_id": 7}]]
NO_ALBUMS: list[object] = [[], {}, True, {"message_id": 7}, [7], [{}]]
NO_UPDATES: list[object] = [{}, True, [7], [{}], [{"update_id": "7"}]]
NO_TEXTS: list[object] = [None, "", 7, [], {}]


def read(answer: object, method: str = SEND, **params: Any) -> Success | Refusal:
    return answers.read(json.dumps(answer).encode(), method, params)


def refusal(**changes: Any) -> dict[str, Any]:
    answer = {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
    return answer | changes


@pytest.mark.parametrize(
    ("method", "result"),
    [
        (SEND, {"message_id": 7, "text": "hi"}),
        ("sendDocument", {"message_id": 7}),
        ("sendMediaGroup", [{"message_id": 7}, {"message_id": 8}]),
        ("editMessageText", {"message_id": 7}),
        ("answerCallbackQuery", True),
        ("getMe", {"id": 1}),
        ("getUpdates", []),
        ("getUpdates", [{"update_id": 0}]),
        ("getMyName", {"name": ""}),
    ],
)
def test_a_result_of_its_methods_shape_is_a_success(method: str, result: object) -> None:
    assert read({"ok": True, "result": result}, method) == Success(result)


@pytest.mark.parametrize(
    ("method", "result"),
    [
        *((SEND, result) for result in NO_MESSAGES),
        *((SEND, {"message_id": key}) for key in (0, -1, "7", 7.5, True, None, 2**63, [7])),
        *(("sendMediaGroup", result) for result in NO_ALBUMS),
        ("sendMediaGroup", [{"message_id": 7}, {"message_id": "8"}]),
        ("editMessageText", True),
        ("editMessageCaption", {}),
        *(("getUpdates", result) for result in NO_UPDATES),
    ],
)
def test_a_result_of_another_shape_is_no_answer(method: str, result: object) -> None:
    with pytest.raises(NotAnAnswer):
        read({"ok": True, "result": result}, method)


def test_an_inline_edit_gives_true_and_no_message() -> None:
    edit = {"inline_message_id": "AAA"}
    assert read({"ok": True, "result": True}, "editMessageText", **edit) == Success(True)
    with pytest.raises(NotAnAnswer):
        read({"ok": True, "result": {"message_id": 7}}, "editMessageText", **edit)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b"\xff\xfe\x00",
        b'{"ok":true}',
        b'{"ok":1,"result":{"message_id":7}}',
        b'{"ok":"true","result":{"message_id":7}}',
        b'{"ok":true,"result":{"message_id":NaN}}',
        b'{"ok":true,"result":{"message_id":1e400}}',
        b'{"ok":true,"result":{"message_id":' + b"9" * 100_000 + b"}}",
        b"[" * 200_000,
        b'{"ok":true,"result":' + b'{"a":' * 200_000,
    ],
    ids=lambda content: content[:40].decode(errors="replace"),
)
def test_what_is_not_even_alike_is_no_answer(content: bytes) -> None:
    with pytest.raises(NotAnAnswer):
        answers.read(content, SEND, {})


def test_a_refusal_says_what_and_why() -> None:
    assert read(refusal()) == Refusal(400, "Bad Request: chat not found", {})


@pytest.mark.parametrize(
    "changes",
    [
        *({"error_code": code} for code in ("400", None, True, 4.5, 0, 200, 600, HUGE)),
        *({"description": text} for text in NO_TEXTS),
        {"ok": "false"},
        {"ok": None},
    ],
    ids=str,
)
def test_a_refusal_of_another_shape_is_no_answer(changes: dict[str, Any]) -> None:
    with pytest.raises(NotAnAnswer):
        read(refusal(**changes))


@pytest.mark.parametrize("seconds", [1, 17, 86_400])
def test_a_flood_wait_is_a_number_of_seconds(seconds: int) -> None:
    answer = read(refusal(error_code=429, parameters={"retry_after": seconds}))
    assert isinstance(answer, Refusal)
    assert answer.parameters == {"retry_after": seconds}


@pytest.mark.parametrize(
    "parameters",
    [
        *({"retry_after": value} for value in ("7", "abc", 0, -5, None, True, 7.5, 86_401, HUGE)),
        {},
        None,
        [],
        "7",
    ],
    ids=str,
)
def test_a_flood_wait_of_another_kind_is_no_answer(parameters: object) -> None:
    with pytest.raises(NotAnAnswer):
        read(refusal(error_code=429, parameters=parameters))


def test_a_migrated_group_has_a_new_id() -> None:
    answer = read(refusal(parameters={"migrate_to_chat_id": -1001234567890}), chat_id=-4001)
    assert isinstance(answer, Refusal)
    assert answer.parameters == {"migrate_to_chat_id": -1001234567890}


@pytest.mark.parametrize("new", ["abc", "-100", 2**70, -(2**70), None, 1.5, True, -4001], ids=str)
def test_a_migration_to_nowhere_or_to_itself_is_no_answer(new: object) -> None:
    with pytest.raises(NotAnAnswer):
        read(refusal(parameters={"migrate_to_chat_id": new}), chat_id=-4001)


def test_parameters_that_nobody_knows_are_left_out() -> None:
    answer = read(refusal(parameters={"retry_after": "x", "adjust": 7}))
    assert answer == Refusal(400, "Bad Request: chat not found", {})


def test_a_description_is_fit_for_a_database() -> None:
    answer = read(refusal(description="a\0b\ud800c" + "x" * 10_000))
    assert isinstance(answer, Refusal)
    assert answer.description.startswith("ab?c")
    assert len(answer.description) == answers.LONGEST_TEXT
