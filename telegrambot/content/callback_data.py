"""What a button says when it is pressed: a verb, what it is about, and sometimes a detail.

Beside the verbs listed here there are the names of the dialogs that a button begins (`target` is a
task) and of the questions that it answers (`target` is the dialog, `detail` the answer).

It names things and proves nothing: who presses is known from the press itself, and what he may do
is asked anew. Telegram allows 64 bytes: https://core.telegram.org/bots/api#inlinekeyboardbutton
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Verb(StrEnum):
    """`target` is what the comment says."""

    # A task; of APPROVE and ACCOUNTS the button says also which revision it was shown with.
    APPROVE = "approve"
    DECLINE = "decline"
    RETURN = "return_for_rework"
    COLLEAGUES = "colleagues"
    # A task, whose approver wants to choose the paying account; with APPROVE `detail` is it.
    ACCOUNTS = "accounts"
    # A dialog; `detail` is the page.
    TURN = "turn"
    # A dialog; `detail` is the step that is taken back, and 0 leaves it.
    BACK = "back"
    # A request; of MINE under a message that was sent by inline mode `detail` is a `Passed`.
    DETAILS = "details"
    MINE = "mine"
    DOCUMENTS = "documents"
    PRINTED = "printed"
    NUDGE = "nudge"
    # `detail` is 1 for yes, 2 for no, where it was asked whether to do so.
    SUBMIT = "submit"
    COPY = "copy"
    # A new request that was begun.
    GO_ON = "go_on"
    # A request, under a message that was sent by inline mode; `detail` is a `Passed`.
    APPROVE_HERE = "approve_here"
    DECLINE_HERE = "decline_here"
    DETAILS_HERE = "details_here"
    # A page; `detail` says of which list: see `listing.PAGED`.
    PAGE = "page"
    # Words that were looked for; `detail` is the page.
    FOUND = "found"
    # A delegation that is ended.
    RESUME = "resume"
    # A requester's consent.
    CONSENT = "consent"
    # How requests look: 1 as text, 2 as rich messages.
    DRESS = "dress"
    # The language in which one is spoken to: 1 Russian, 2 English.
    LANGUAGE = "language"
    # What has a topic of its own: 1 nothing, 2 each organization.
    TOPICS = "topics"
    # A page of the settings, 0 for the first.
    SETTINGS = "settings"
    # The hour of the digest in minutes of the day, 0 for none.
    DIGEST = "digest"
    # 1 for yes, 0 for no.
    WEEKLY = "weekly"
    URGENT = "urgent"
    # When quiet hours begin, and `detail` when they end, in minutes of the day; both 0 for none.
    QUIET = "quiet"
    # To type them; the number says nothing.
    OTHER_HOURS = "other_hours"
    # A number of `hours._NOTICES`; `detail` is 1 to be told of it.
    NOTICE = "notice"
    # … and of `hours._ZONES`.
    ZONE = "zone"
    # A digest, of which all that is usual is to be approved.
    USUAL = "usual"
    # What was asked then; `detail` is 1 for yes, 0 for no.
    BULK = "bulk"
    # A group; `detail` is the organization whose requests are to come there, once that is asked;
    # come there from now on, or no more. With BIND 0 is for nobody's.
    BIND = "bind"
    BIND_SURE = "bind_sure"
    UNBIND = "unbind"
    # … and here it is the department.
    BIND_DEPARTMENT = "bind_department"
    BIND_DEPARTMENT_SURE = "bind_dept_sure"
    UNBIND_DEPARTMENT = "unbind_department"
    # A group; `detail` is the organization whose departments are offered, 0 for the organizations.
    BINDINGS = "bindings"
    # 1 for yes, 0 for no.
    LOGOUT = "logout"


_VERBS = frozenset(Verb)
_FORM = re.compile(r"([a-z_]{1,20}):([0-9]{1,18})(?::([0-9]{1,18}))?(?::([0-9]{1,18}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CallbackData:
    verb: str
    target: int
    detail: int = 0
    # Of the request, as the message showed it; 0 where that does not matter.
    revision: int = 0

    def __str__(self) -> str:
        whole = f"{self.verb}:{self.target}"
        if self.revision:
            return f"{whole}:{self.detail}:{self.revision}"
        return f"{whole}:{self.detail}" if self.detail else whole

    @classmethod
    def parse(cls, data: str) -> "CallbackData | None":
        """None for what no button of ours can say."""
        match = _FORM.fullmatch(data)
        if match is None:
            return None
        return cls(match[1], int(match[2]), int(match[3] or 0), int(match[4] or 0))


class Passed(NamedTuple):
    """What the message showed that the button is under: which revision, and whether all of it.

    Telegram tells nothing of such a message but its identifier.
    """

    revision: int
    is_full: bool

    def __int__(self) -> int:
        return self.revision * 2 + self.is_full

    @classmethod
    def of(cls, detail: int) -> "Passed":
        return cls(detail // 2, bool(detail % 2))


def may_name_a_question(name: str) -> bool:
    """Whether it fits on a button, and means nothing else there."""
    return name not in _VERBS and CallbackData.parse(f"{name}:0") is not None
