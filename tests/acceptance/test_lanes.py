"""A chat is a lane: changes that come while it is busy end as one edit."""

from .firm import Firm
from .harness import until

# Time enough to stop Telegram while it holds the calls.
LATENCY_MS = 3000
CHANGES = 5


def edits(firm: Firm, chat: int, since: int) -> list[str]:
    calls = firm.installation.calls(chat)
    return [call["method"] for call in calls if call["seq"] > since]


def test_five_changes_while_a_lane_is_busy_are_one_edit_of_each_message(firm: Firm) -> None:
    request = firm.submitted()
    busy, *others = (firm.telegram_ids["boris"], firm.telegram_ids["vera"], firm.group)
    before = max(call["seq"] for chat in (busy, *others) for call in firm.installation.calls(chat))
    firm.installation.post("/control/settings", {"latency_ms": LATENCY_MS})
    firm.office.change(request, comment="Правка 0")
    until(lambda: edits(firm, busy, before), "a busy lane")

    with firm.installation.frozen_sandbox():
        for number in range(1, CHANGES + 1):
            firm.office.change(request, comment=f"Правка {number}")
            firm.wait_for_projection()
    firm.installation.post("/control/settings", {"latency_ms": 0})
    firm.settle()

    # The one that kept the lane busy, and one for all that came meanwhile.
    assert len(edits(firm, busy, before)) == 2
    for chat in others:
        # Perhaps through with it when Telegram stood still, so that the first change kept it busy.
        assert 1 <= len(edits(firm, chat, before)) <= 3
    for chat in (busy, *others):
        assert f"Правка {CHANGES}" in str(firm.newest(chat, request))
