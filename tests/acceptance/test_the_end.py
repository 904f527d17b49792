"""After all calamities every chat shows the newest state, and the journal is whole."""

import requests

from .calamities import FLOOD_SECONDS, NEWS, Struck
from .firm import MARKS, Firm

# A killed worker's lease, and then the pause before a lost message is sent again.
RECOVERY_SECONDS = 120.0


def is_up_to_date(firm: Firm, request: int, status: str, words: str = "") -> None:
    """The newest message of each chat, which is the only one where no answer was lost."""
    firm.settle(RECOVERY_SECONDS)
    for person, texts in firm.shown(request).items():
        assert texts[-1].startswith(MARKS[status]), f"{person} sees: {texts[-1]}"
        assert words in texts[-1], f"{person} sees: {texts[-1]}"


def copies(firm: Firm, request: int) -> dict[str, int]:
    return {person: len(texts) for person, texts in firm.shown(request).items()}


def test_a_flooded_chat_catches_up_when_its_time_has_come(struck: Struck) -> None:
    firm, request = struck.firms["flooded"], struck.requests["flooded"]
    is_up_to_date(firm, request, "in_approval", NEWS)
    assert copies(firm, request) == {"boris": 1, "vera": 1, "group": 1}
    chat = firm.telegram_ids["boris"]
    flooded, edit = struck.installation.calls(chat, struck.flooded_at)
    assert FLOOD_SECONDS <= edit["at"] - flooded["at"] < FLOOD_SECONDS + 15


def test_what_happened_without_redis_is_shown(struck: Struck) -> None:
    """Here Telegram has failed with 500 and 502 as well, and an edit's answer was lost."""
    firm, request = struck.firms["outage"], struck.requests["outage"]
    is_up_to_date(firm, request, "in_approval", NEWS)
    assert copies(firm, request) == {"boris": 1, "vera": 1, "fedor": 1, "group": 1}


def test_a_message_whose_answer_was_lost_arrives_at_least_once(struck: Struck) -> None:
    firm, request = struck.firms["ill"], struck.requests["ill"]
    is_up_to_date(firm, request, "in_approval")
    assert copies(firm, request) == {"boris": 2, "vera": 1, "group": 2}
    firm.press("boris", request, "approve")
    is_up_to_date(firm, request, "in_approval", "Б. Орлов")


def test_what_a_killed_worker_left_behind_is_finished(struck: Struck) -> None:
    firm, request = struck.firms["killed"], struck.requests["killed"]
    is_up_to_date(firm, request, "in_approval", "Б. Орлов")
    assert copies(firm, request) == {"boris": 1, "vera": 1, "fedor": 2, "group": 1}


def test_the_journal_verifies(struck: Struck) -> None:
    struck.installation.run("verify_journal")


def test_the_web_has_not_failed_once(struck: Struck) -> None:
    assert "Traceback" not in struck.installation.log("web")


def test_whoever_watches_is_told_what_each_process_has_counted(struck: Struck) -> None:
    """The web has taken presses in, the worker has called Telegram; both have told it by now."""
    figures = requests.get(f"{struck.installation.web_url}/metrics", timeout=30).text
    for process in (
        'treasury_updates_total{kind="callback_query",result="handled"}',
        'treasury_calls_total{method="editMessageText",result="ok"}',
    ):
        assert process in figures


def test_no_log_and_no_error_holds_a_secret(struck: Struck) -> None:
    assert struck.installation.leaks() == []
