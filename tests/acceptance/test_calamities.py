"""How work goes on while something is broken; `test_the_end.py` looks at how it ended."""

from .calamities import FLOOD_SECONDS, NEWS, Struck

# For a chat that nothing is wrong with.
AT_ONCE = 10.0


def test_a_press_is_answered_and_recorded_while_redis_is_stopped(struck: Struck) -> None:
    firm, request = struck.firms["outage"], struck.requests["outage"]
    state = firm.look(request)
    assert struck.answer.startswith(f"Approved: {state['number']}")
    assert [decision["decided_by"] for decision in state["decisions"]] == [firm.employee("boris")]


def test_a_flooded_chat_delays_no_other(struck: Struck) -> None:
    firm = struck.firms["flooded"]
    for chat in (firm.telegram_ids["vera"], firm.group):
        first = struck.installation.calls(chat, struck.flooded_at)[0]
        assert first["ok"]
        assert NEWS in str(first["params"])
        assert first["at"] - struck.flooded_at < AT_ONCE
    flooded, *later = struck.installation.calls(firm.telegram_ids["boris"], struck.flooded_at)
    assert flooded["error_code"] == 429
    assert all(call["at"] - flooded["at"] >= FLOOD_SECONDS for call in later)
