"""A server of some version does not know what came later."""

import subprocess
import sys
from typing import Any

import pytest

from .harness import Person, Sandbox

NOT_FOUND = "Not Found: method not found"


@pytest.mark.parametrize(
    ("method", "since"),
    [
        ("sendRichMessage", "10.1"),
        ("SENDRICHMESSAGEDRAFT", "10.1"),
        ("deleteEphemeralMessage", "10.2"),
        ("editEphemeralMessageText", "10.2"),
        ("answerWidgetQuery", "10.4"),
    ],
)
def test_a_method_is_not_found_before_its_version(
    sandbox: Sandbox, method: str, since: str
) -> None:
    for version in ("10.0", "10.1", "10.2", "10.3", "10.4"):
        sandbox.settings(bot_api=version)
        response = sandbox.call(method)
        assert response.status_code == (404 if version < since else 400)
        assert (response.json()["description"] == NOT_FOUND) is (version < since)


def test_the_newest_version_is_played_unless_another_is_asked_for() -> None:
    for options, version in ((), "10.4"), (("--bot-api", "10.2"), "10.2"):
        running = Sandbox.start(*options)
        try:
            assert running.get("/control/settings")["bot_api"] == version
        finally:
            running.stop()


def test_a_version_that_is_not_played_is_refused(sandbox: Sandbox) -> None:
    response = sandbox.http.post(f"{sandbox.base}/control/settings", json={"bot_api": "9.9"})
    assert response.status_code == 400
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--bot-api", "9.9"]
    assert subprocess.run(command, capture_output=True, timeout=30).returncode == 2


def test_a_flag_of_the_bot_tells_an_older_server(sandbox: Sandbox) -> None:
    flag = "supports_join_request_queries"
    assert flag in sandbox.bot("getMe")
    sandbox.settings(bot_api="10.0")
    me = sandbox.bot("getMe")
    assert flag not in me
    assert "supports_guest_queries" in me


@pytest.mark.parametrize(
    ("kind", "since"),
    [("subscription", "10.2"), ("stopped_message_generation", "10.3"), ("widget_query", "10.4")],
)
def test_a_kind_of_updates_is_unknown_before_its_version(
    sandbox: Sandbox, kind: str, since: str
) -> None:
    for version in ("10.0", "10.2", "10.3", "10.4"):
        sandbox.settings(bot_api=version)
        sandbox.bot("getUpdates", allowed_updates=["message", kind])
        info: dict[str, Any] = sandbox.bot("getWebhookInfo")
        assert (kind in info["allowed_updates"]) is (version >= since)


def test_the_text_of_an_edit_is_empty_to_whom_rich_messages_are_unknown(
    sandbox: Sandbox, alice: Person
) -> None:
    sandbox.settings(bot_api="10.0")
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x")
    error = sandbox.error(
        "editMessageText",
        chat_id=alice.id,
        message_id=sent["message_id"],
        rich_message={"blocks": [{"type": "paragraph", "text": "x"}]},
    )
    assert error == "Bad Request: message text is empty"
