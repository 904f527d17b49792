"""The buttons under a message, row by row."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from telegrambot.content.callback_data import CallbackData, Passed, Verb
from telegrambot.content.markup import shortened
from treasury.models import (
    ApprovalTask,
    Delegation,
    OwnAccount,
    PaymentRequest,
    RequesterConsent,
)

Button = dict[str, Any]
Row = list[Button]
# Longer labels are cut by every client.
_LABEL_LENGTH = 60
# The words and signs say the same: a client may show no colours.
# https://core.telegram.org/bots/api#inlinekeyboardbutton
_GREEN, _RED = "success", "danger"
# More of them would push what else the card offers off the screen.
_ACCOUNTS_AT_ONCE = 4
# Answers to what is asked by a button whose 0 asks it.
YES, NO = 1, 2
# Buttons beside each other: clients drop what comes after the eighth.
_ROW = 8


def markup(rows: Iterable[Row]) -> dict[str, Any] | None:
    """An InlineKeyboardMarkup, or None without any button."""
    filled = [row for row in rows if row]
    return {"inline_keyboard": filled} if filled else None


def mine(request: PaymentRequest) -> Row:
    """In a group: whoever has to decide is shown his own card, and nobody else."""
    return [_mine(request)]


def _mine(request: PaymentRequest, shown: int = 0) -> Button:
    return _button(_("☑️ My decision"), Verb.MINE, request.pk, shown)


def passed_on(request: PaymentRequest, *, is_full: bool, is_open: bool, is_sure: bool) -> list[Row]:
    """Under a message that was sent by inline mode: whoever may decides there, and approves there
    what he `is_sure` to know by it; else he is shown his own card. There is always a button, or
    Telegram would not let the message be changed."""
    shown = int(Passed(request.revision, is_full))
    approve = _button(_("✅ Approve"), Verb.APPROVE_HERE, request.pk, shown, style=_GREEN)
    deciding = [
        approve if is_sure else _mine(request, shown),
        _button(_("❌ Decline"), Verb.DECLINE_HERE, request.pk, shown, style=_RED),
    ]
    about = [_button(_("Details"), Verb.DETAILS_HERE, request.pk, shown)]
    return [deciding if is_open else [], [*about, *link(request)]]


def decision(task: ApprovalTask, accounts: Sequence[OwnAccount] = ()) -> list[Row]:
    """`accounts` are those that the approver may choose to pay from."""
    return [
        *_approvals(task, accounts),
        [
            _button(_("❌ Decline"), Verb.DECLINE, task.pk, style=_RED),
            _button(_("↩️ Return"), Verb.RETURN, task.pk),
        ],
    ]


def _approvals(task: ApprovalTask, accounts: Sequence[OwnAccount]) -> list[Row]:
    """One tap, if the account is known or the choice is short."""
    kept, revision = task.request.own_account_id, task.request.revision
    others = [account for account in accounts if account.pk != kept]
    if not others or kept:
        label = _("🏦 Another account")
        another = _button(label, Verb.ACCOUNTS, task.pk, revision=revision)
        approve = _button(_("✅ Approve"), Verb.APPROVE, task.pk, revision=revision, style=_GREEN)
        return [[approve], [another] if others else []]
    if len(others) > _ACCOUNTS_AT_ONCE:
        choose = _("✅ Approve: choose the account")
        return [[_button(choose, Verb.ACCOUNTS, task.pk, revision=revision, style=_GREEN)]]
    return paying(task, others)


def paying(task: ApprovalTask, accounts: Iterable[OwnAccount]) -> list[Row]:
    """To approve and to pay from this account, a row each."""
    names = [(account.get_short_name(), account.pk) for account in accounts]
    return [
        [
            _button(
                _("✅ Approve, pay from %(account)s") % {"account": name},
                Verb.APPROVE, task.pk, key, revision=task.request.revision, style=_GREEN,
            )
        ]
        for name, key in names
    ]  # fmt: skip


def colleagues(task: ApprovalTask) -> Row:
    """To have somebody else decide instead, or as well."""
    return [_button(_("👥 Colleagues"), Verb.COLLEAGUES, task.pk)]


def options(verb: str, target: int, entries: Iterable[tuple[str, int]]) -> list[Row]:
    """A row for each (label, detail)."""
    return [[_button(label, verb, target, detail)] for label, detail in entries]


def pairs(verb: str, target: int, entries: Sequence[tuple[str, int]]) -> list[Row]:
    """Of short labels: as `options`, two in a row."""
    buttons = [_button(label, verb, target, detail) for label, detail in entries]
    return [buttons[start : start + 2] for start in range(0, len(buttons), 2)]


def turns(verb: str, target: int, page: int, last: int) -> Row:
    """To the neighbouring pages of a list."""
    return [_button(label, verb, target, number) for label, number in _turns(page, last)]


def of_author(request: PaymentRequest, *, submits: bool, copies: bool) -> Row:
    """What its author does with it."""
    submit = [_button(_("📤 Submit"), Verb.SUBMIT, request.pk, style=_GREEN)] if submits else []
    return [*submit, *([_button(_("🔁 Once more"), Verb.COPY, request.pk)] if copies else [])]


def submit_unchanged(request: PaymentRequest) -> Row:
    """Whether to submit what was returned, as it was."""
    return [
        _button(_("📤 Yes, submit"), Verb.SUBMIT, request.pk, YES),
        _button(_("No"), Verb.SUBMIT, request.pk, NO),
    ]


def go_on(begun: int, label: str) -> Row:
    """With a new request that was begun."""
    return [_button(f"▶️ {label}", Verb.GO_ON, begun)]


def ways_out(dialog: int, steps: int) -> Row:
    """Of a dialog: to the question before, of so many, and to leave it; at the first as one."""
    back = _button(_("← Back"), Verb.BACK, dialog, steps)
    return [back, _button(_("✖ Cancel"), Verb.BACK, dialog)] if steps else [back]


def logout() -> Row:
    return [_button(_("Yes, sign out"), Verb.LOGOUT, 1), _button(_("No"), Verb.LOGOUT, 0)]


def consent(asked: RequesterConsent) -> Row:
    return [_button(_("✅ Confirm"), Verb.CONSENT, asked.pk)]


def choices(verb: str, entries: Iterable[tuple[str, int]]) -> Row:
    """Of which one holds: a button for each (label, number)."""
    return [_button(label, verb, number) for label, number in entries]


def each(verb: str, entries: Iterable[tuple[str, int, int]]) -> list[Row]:
    """A row for each (label, target, detail)."""
    return [[_button(label, verb, target, detail)] for label, target, detail in entries]


def marked(label: object, *, chosen: bool) -> str:
    """Of several of which one holds."""
    return f"{'●' if chosen else '○'} {label}"


def typed(rows: Iterable[Sequence[str]]) -> dict[str, Any]:
    """Buttons in place of the letters, which say their words in the chat, for whoever is named in
    the text. https://core.telegram.org/bots/api#replykeyboardmarkup"""
    keyboard = [[{"text": label} for label in row] for row in rows]
    once = {"resize_keyboard": True, "one_time_keyboard": True}
    return {"keyboard": keyboard, **once, "selective": True}


def contact() -> dict[str, Any]:
    """A button in place of the letters that shares one's own number.
    https://core.telegram.org/bots/api#keyboardbutton"""
    share = {"text": _("📱 Share my number"), "request_contact": True}
    return {"keyboard": [[share]], "resize_keyboard": True, "one_time_keyboard": True}


def answer_here() -> dict[str, Any]:
    """What is written next is the answer, of whoever is named in the text.
    https://core.telegram.org/bots/api#forcereply"""
    return {"force_reply": True, "selective": True}


def usual(digest: int, label: str) -> Row:
    """To approve all of a digest that is usual; he is asked once more."""
    return [_button(label, Verb.USUAL, digest, style=_GREEN)] if label else []


def bulk(asked: int) -> Row:
    return [
        _button(_("✅ Yes, approve"), Verb.BULK, asked, 1, style=_GREEN),
        _button(_("No"), Verb.BULK, asked),
    ]


def resume(delegations: Iterable[Delegation]) -> list[Row]:
    """To end an absence before its time."""
    return [
        [_button(_("I am back: %(deputy)s") % {"deputy": item.deputy.get_short_name()},
                 Verb.RESUME, item.pk)]
        for item in delegations
    ]  # fmt: skip


def addresses(entries: Iterable[tuple[str, str]]) -> list[Row]:
    """A row for each (label, URL)."""
    return [[{"text": label, "url": url}] for label, url in entries]


def information(
    request: PaymentRequest, *, details: bool, documents: bool, printed: bool = False
) -> Row:
    about = [
        (_("Details"), Verb.DETAILS, details),
        (_("Documents"), Verb.DOCUMENTS, documents),
        (_("Printed form"), Verb.PRINTED, printed),
    ]
    return [_button(label, verb, request.pk) for label, verb, offered in about if offered]


def nudge(request: PaymentRequest) -> Row:
    """To remind those who have to decide."""
    return [_button(_("⏰ Remind"), Verb.NUDGE, request.pk)]


def copies(entries: Iterable[tuple[str, str]]) -> Row:
    """Each (label, value) puts the value into the clipboard."""
    return [
        {"text": shortened(label, _LABEL_LENGTH), "copy_text": {"text": value}}
        for label, value in entries
        if value
    ]


def link(request: PaymentRequest) -> Row:
    """The request in the back office, which asks whoever follows the link for his rights."""
    if "." not in (urlsplit(settings.PUBLIC_URL).hostname or ""):
        # Telegram refuses a message with such an address, as that of a developer's machine.
        return []
    return [{"text": _("Open the request"), "url": page_of(request.pk)}]


def page_of(request_pk: int) -> str:
    """The address of a request in the back office."""
    path = reverse("admin:treasury_paymentrequest_change", args=[request_pk])
    return f"{settings.PUBLIC_URL}{path}"


def listed(entries: Iterable[tuple[str, int]]) -> list[Row]:
    """A button for each (label, request pk)."""
    chosen = [_button(label, Verb.DETAILS, request) for label, request in entries]
    return [chosen[start : start + _ROW] for start in range(0, len(chosen), _ROW)]


def pages(which: int, page: int, last: int) -> Row:
    """To the neighbouring pages of this list of requests."""
    return [_button(label, Verb.PAGE, number, which) for label, number in _turns(page, last)]


def _turns(page: int, last: int) -> list[tuple[str, int]]:
    return [("←", page - 1)] * (page > 1) + [("→", page + 1)] * (page < last)


def _button(
    label: str, verb: str, target: int, detail: int = 0, *, revision: int = 0, style: str = ""
) -> Button:
    data = CallbackData(verb, target, detail, revision)
    button = {"text": shortened(label, _LABEL_LENGTH), "callback_data": str(data)}
    return button | {"style": style} if style else button
