"""What a button says when it is pressed: a verb, what it is about, and sometimes a detail.

It names things and proves nothing: who presses is known from the press itself, and what he may do
is asked anew. Telegram allows 64 bytes: https://core.telegram.org/bots/api#inlinekeyboardbutton
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """`target` is what the comment says."""

    # A task.
    APPROVE = "approve"
    DECLINE = "decline"
    RETURN = "return_for_rework"
    COLLEAGUES = "colleagues"
    # A task, whose approver wants to choose the paying account; with APPROVE `detail` is it.
    ACCOUNTS = "accounts"
    # A dialog; `detail` is the answer to its question.
    WHAT = "what"
    WHOSE = "whose"
    PERSON = "person"
    REASON = "reason"
    UNTIL = "until"
    CONFIRM = "confirm"
    # A dialog; `detail` is the page.
    TURN = "turn"
    # A dialog that is left.
    BACK = "back"
    # A request.
    DETAILS = "details"
    DOCUMENTS = "documents"
    # A page of the queue.
    PAGE = "page"
    # A delegation that is ended.
    RESUME = "resume"
    # A requester's consent.
    CONSENT = "consent"
    # 1 for yes, 0 for no.
    LOGOUT = "logout"


_VERBS = {verb.value: verb for verb in Verb}
_FORM = re.compile(r"([a-z_]{1,20}):([0-9]{1,18})(?::([0-9]{1,18}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CallbackData:
    verb: Verb
    target: int
    detail: int = 0

    def __str__(self) -> str:
        whole = f"{self.verb}:{self.target}"
        return f"{whole}:{self.detail}" if self.detail else whole

    @classmethod
    def parse(cls, data: str) -> "CallbackData | None":
        """None for what no button of ours says (any more)."""
        match = _FORM.fullmatch(data)
        if match is None or match[1] not in _VERBS:
            return None
        return cls(_VERBS[match[1]], int(match[2]), int(match[3] or 0))
