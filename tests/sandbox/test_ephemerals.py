"""Ephemeral messages: who may be sent one and when, and that nobody else sees anything of it."""

from typing import Any

import pytest

from .harness import KEYBOARD, PRESS_DATA, Person, Sandbox, texts, until

Json = dict[str, Any]
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
NOT_NOW = (
    "Bad Request: not enough rights to send an ephemeral message without an action of its receiver"
)
RECEIVER = (
    "Bad Request: the receiver of an ephemeral message must be a member of the chat and no bot"
)


@pytest.fixture
def group(sandbox: Sandbox, alice: Person, bob: Person) -> int:
    return sandbox.group(alice, bob)


@pytest.fixture
def ruled(sandbox: Sandbox, alice: Person, bob: Person) -> int:
    """A group in which the bot is an administrator."""
    group = sandbox.group(alice, bob, bot_rights=True)
    sandbox.updates("message")
    return group


@pytest.fixture
def card(sandbox: Sandbox, group: int) -> int:
    sent = sandbox.bot("sendMessage", chat_id=group, text="Card", reply_markup=KEYBOARD)
    return int(sent["message_id"])


def pressed(sandbox: Sandbox, person: Person, message_id: int, chat_id: int) -> str:
    """The identifier of a press."""
    person.press_later(message_id, chat_id=chat_id)
    [query] = until(lambda: sandbox.updates("callback_query"), "a press")
    return str(query["id"])


def test_only_who_pressed_sees_the_answer(
    sandbox: Sandbox, alice: Person, bob: Person, group: int, card: int
) -> None:
    query_id = pressed(sandbox, bob, card, group)
    sent = sandbox.bot(
        "sendMessage",
        chat_id=group,
        text="Yours",
        ephemeral_message_parameters={"receiver_user_id": bob.id, "callback_query_id": query_id},
    )
    assert (sent["message_id"], sent["ephemeral_message_id"]) == (0, 1)
    assert sent["receiver_user"]["id"] == bob.id
    assert sent["from"]["is_bot"] is True
    assert texts(bob.messages(group)) == ["Card", "Yours"]
    assert texts(alice.messages(group)) == ["Card"]
    assert texts(sandbox.public(group)) == ["Card"]
    assert texts(sandbox.ephemerals(group)) == ["Yours"]


def test_an_answered_press_still_opens_the_window(
    sandbox: Sandbox, bob: Person, group: int, card: int
) -> None:
    query_id = pressed(sandbox, bob, card, group)
    sandbox.bot("answerCallbackQuery", callback_query_id=query_id)
    parameters = {"receiver_user_id": bob.id, "callback_query_id": query_id}
    for text in ("one", "two"):
        sandbox.bot(
            "sendMessage", chat_id=group, text=text, ephemeral_message_parameters=parameters
        )
    assert texts(bob.messages(group)) == ["Card", "one", "two"]


def test_a_press_opens_the_window_for_a_time(
    sandbox: Sandbox, bob: Person, group: int, card: int
) -> None:
    query_id = pressed(sandbox, bob, card, group)
    sandbox.settings(limits={"ephemeral_window": 0})
    parameters = {"receiver_user_id": bob.id, "callback_query_id": query_id}
    late = {"chat_id": group, "text": "x", "ephemeral_message_parameters": parameters}
    assert sandbox.error("sendMessage", **late) == TOO_OLD


def test_a_press_opens_the_window_for_who_pressed_and_where(
    sandbox: Sandbox, alice: Person, bob: Person, group: int, card: int
) -> None:
    query_id = pressed(sandbox, bob, card, group)
    for chat_id, person in ((group, alice), (sandbox.group(bob), bob)):
        parameters = {"receiver_user_id": person.id, "callback_query_id": query_id}
        error = sandbox.error(
            "sendMessage", chat_id=chat_id, text="x", ephemeral_message_parameters=parameters
        )
        assert error == TOO_OLD


def test_the_list_of_chats_shows_it_to_its_receiver_alone(
    sandbox: Sandbox, alice: Person, bob: Person, ruled: int
) -> None:
    sandbox.bot("sendMessage", chat_id=ruled, text="For all")
    sandbox.whisper(ruled, bob, "For Bob")
    for person, last in ((bob, "For Bob"), (alice, "For all")):
        chats = sandbox.get(f"{person.path}/chats")
        [row] = [chat for chat in chats if chat["id"] == ruled]
        assert row["last_message"]["text"] == last


def test_an_administrator_needs_no_press(sandbox: Sandbox, bob: Person, ruled: int) -> None:
    assert sandbox.whisper(ruled, bob)["ephemeral_message_id"] == 1
    assert texts(bob.messages(ruled)) == ["x"]


def test_a_member_needs_one(sandbox: Sandbox, bob: Person, group: int) -> None:
    parameters = {"receiver_user_id": bob.id}
    error = sandbox.error(
        "sendMessage", chat_id=group, text="x", ephemeral_message_parameters=parameters
    )
    assert error == NOT_NOW


def test_the_receiver_is_a_person_in_the_chat(sandbox: Sandbox, ruled: int) -> None:
    stranger = sandbox.person("Charlie")
    robot = sandbox.person("Robot", is_bot=True, started=False)
    sandbox.post(f"/control/chats/{ruled}/members", {"user_id": robot.id, "status": "member"})
    for user_id in (stranger.id, robot.id, 7):
        error = sandbox.error(
            "sendMessage",
            chat_id=ruled,
            text="x",
            ephemeral_message_parameters={"receiver_user_id": user_id},
        )
        assert error == RECEIVER


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ("{", "can't parse ephemeral message parameters JSON object"),
        ([], "can't parse EphemeralMessageParameters: unknown fields or no Object"),
        (
            {"receiver_user_id": 1, "reciever": 2},
            "can't parse EphemeralMessageParameters: unknown fields or no Object",
        ),
        (
            {},
            "can't parse EphemeralMessageParameters: Can't find field \"receiver_user_id\"",
        ),
        (
            {"receiver_user_id": 1, "replace_callback_query_message": True},
            "there is no message to be replaced by the ephemeral message",
        ),
    ],
)
def test_faulty_parameters_are_refused(
    sandbox: Sandbox, ruled: int, parameters: Any, description: str
) -> None:
    error = sandbox.error(
        "sendMessage", chat_id=ruled, text="x", ephemeral_message_parameters=parameters
    )
    assert error == f"Bad Request: {description}"
    assert sandbox.public(ruled) == []


def test_before_its_version_an_ephemeral_message_goes_to_everybody(
    sandbox: Sandbox, alice: Person, bob: Person, ruled: int
) -> None:
    sandbox.settings(bot_api="10.2")
    sent = sandbox.whisper(ruled, bob, "Secret")
    assert sent["message_id"] > 0
    assert "ephemeral_message_id" not in sent
    assert texts(alice.messages(ruled)) == ["Secret"]
    assert sandbox.ephemerals(ruled) == []


def test_a_method_that_knows_no_ephemeral_messages_sends_to_everybody(
    sandbox: Sandbox, bob: Person, ruled: int
) -> None:
    parameters = {"receiver_user_id": bob.id}
    sandbox.bot("sendDice", chat_id=ruled, ephemeral_message_parameters=parameters)
    assert "dice" in sandbox.public(ruled)[-1]


def test_in_10_2_the_parameters_stood_alone(sandbox: Sandbox, bob: Person, ruled: int) -> None:
    former = {"chat_id": ruled, "text": "x", "receiver_user_id": bob.id}
    sandbox.settings(bot_api="10.2")
    assert sandbox.bot("sendMessage", **former)["message_id"] == 0
    sandbox.settings(bot_api="10.3")
    assert sandbox.bot("sendMessage", **former)["message_id"] > 0


def test_a_press_alone_says_where_to_and_to_whom(
    sandbox: Sandbox, bob: Person, group: int, card: int
) -> None:
    query_id = pressed(sandbox, bob, card, group)
    call = {"text": "x", "ephemeral_message_parameters": {"callback_query_id": query_id}}
    sandbox.settings(bot_api="10.3")
    assert "receiver_user_id" in sandbox.error("sendMessage", chat_id=group, **call)
    sandbox.settings(bot_api="10.4")
    sent = sandbox.bot("sendMessage", **call)
    assert (sent["chat"]["id"], sent["receiver_user"]["id"]) == (group, bob.id)


def test_a_press_is_answered_in_a_private_chat_since_10_4(sandbox: Sandbox, bob: Person) -> None:
    sent = sandbox.bot("sendMessage", chat_id=bob.id, text="x", reply_markup=KEYBOARD)
    query_id = pressed(sandbox, bob, sent["message_id"], bob.id)
    parameters = {"receiver_user_id": bob.id, "callback_query_id": query_id}
    call = {"chat_id": bob.id, "text": "Yours", "ephemeral_message_parameters": parameters}
    sandbox.settings(bot_api="10.3")
    refused = "Bad Request: ephemeral messages can be sent to groups and supergroups only"
    assert sandbox.error("sendMessage", **call) == refused
    sandbox.settings(bot_api="10.4")
    assert sandbox.bot("sendMessage", **call)["message_id"] == 0


def test_the_answer_may_stand_in_place_of_the_card(
    sandbox: Sandbox, alice: Person, bob: Person, group: int, card: int
) -> None:
    sandbox.bot("sendMessage", chat_id=group, text="Later")
    query_id = pressed(sandbox, bob, card, group)
    parameters = {"callback_query_id": query_id, "replace_callback_query_message": True}
    sent = sandbox.bot("sendMessage", text="Yours", ephemeral_message_parameters=parameters)
    assert texts(bob.messages(group)) == ["Yours", "Later"]
    assert texts(alice.messages(group)) == ["Card", "Later"]
    key = {"receiver_user_id": bob.id, "ephemeral_message_id": sent["ephemeral_message_id"]}
    sandbox.bot("deleteEphemeralMessage", chat_id=group, **key)
    assert texts(bob.messages(group)) == ["Card", "Later"]


def test_the_press_of_an_ephemeral_button_tells_which_message_it_is(
    sandbox: Sandbox, alice: Person, bob: Person, ruled: int
) -> None:
    sent = sandbox.whisper(ruled, bob, reply_markup=KEYBOARD)
    ephemeral_id = sent["ephemeral_message_id"]
    waiting = bob.press_ephemeral_later(ephemeral_id, ruled)
    [query] = until(lambda: sandbox.updates("callback_query"), "a press")
    message = query["message"]
    assert (message["message_id"], message["ephemeral_message_id"]) == (0, ephemeral_id)
    assert (message["receiver_user"]["id"], query["from"]["id"]) == (bob.id, bob.id)
    assert query["data"] == PRESS_DATA
    parameters = {"callback_query_id": query["id"], "replace_callback_query_message": True}
    error = sandbox.error("sendMessage", text="y", ephemeral_message_parameters=parameters)
    assert error.endswith("there is no message to be replaced by the ephemeral message")
    sandbox.bot("answerCallbackQuery", callback_query_id=query["id"], text="Done")
    assert waiting.result()["text"] == "Done"
    url = f"{sandbox.base}{alice.path}/chats/{ruled}/press"
    body = {"ephemeral_message_id": ephemeral_id, "data": PRESS_DATA}
    assert sandbox.http.post(url, json=body, timeout=10).status_code == 404


def test_a_lost_message_is_shown_to_nobody(sandbox: Sandbox, bob: Person, ruled: int) -> None:
    sandbox.lose_ephemeral(ruled)
    sent = sandbox.whisper(ruled, bob, "Lost")
    assert sent["ephemeral_message_id"] == 1
    sandbox.whisper(ruled, bob, "Found")
    assert texts(bob.messages(ruled)) == ["Found"]
    assert [message["is_lost"] for message in sandbox.ephemerals(ruled)] == [True, False]
    key = {"receiver_user_id": bob.id, "ephemeral_message_id": 1}
    assert sandbox.bot("editEphemeralMessageText", chat_id=ruled, **key, text="Still lost") is True
    assert texts(bob.messages(ruled)) == ["Found"]


def test_no_button_logs_in_from_an_ephemeral_message(
    sandbox: Sandbox, bob: Person, ruled: int
) -> None:
    button = {"text": "x", "login_url": {"url": "https://a.b"}}
    call: Json = {"chat_id": ruled, "text": "x"}
    call["ephemeral_message_parameters"] = {"receiver_user_id": bob.id}
    error = sandbox.error("sendMessage", **call, reply_markup={"inline_keyboard": [[button]]})
    assert error == "Bad Request: login URL buttons can't be used in ephemeral messages"
    call["rich_message"] = {"blocks": [{"type": "buttons", "buttons": [button]}]}
    assert sandbox.error("sendRichMessage", **call) == error


def test_files_and_rich_messages_may_be_ephemeral(
    sandbox: Sandbox, bob: Person, ruled: int
) -> None:
    parameters = {"receiver_user_id": bob.id}
    answer = sandbox.upload(
        "sendDocument",
        {"document": ("a.txt", b"a")},
        chat_id=str(ruled),
        ephemeral_message_parameters=parameters,
    ).json()
    assert answer["result"]["message_id"] == 0
    rich = {"blocks": [{"type": "paragraph", "text": "x"}]}
    call: Json = {"chat_id": ruled, "rich_message": rich}
    sent = sandbox.bot("sendRichMessage", **call, ephemeral_message_parameters=parameters)
    assert sent["ephemeral_message_id"] == 2
    assert sandbox.public(ruled) == []
