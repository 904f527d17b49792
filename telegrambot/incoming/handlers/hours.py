"""/settings, further pages: when a person is told of what, and by which clock."""

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot import doorbell
from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData, Verb
from telegrambot.content.keyboards import Row, marked
from telegrambot.content.markup import bold, plain
from telegrambot.dialogs import engine
from telegrambot.dialogs.quiet_hours import QUIET_HOURS
from telegrambot.incoming.handlers import dialogs, membership
from telegrambot.incoming.replies import Reply, instead, send
from telegrambot.incoming.updates import CallbackQuery
from telegrambot.kinds import outcome, reminder, weekly
from telegrambot.kinds.cards import COMMENT
from telegrambot.models import Chat
from treasury.errors import Text
from treasury.models import Employee

# As buttons name them: minutes of the day, and numbers.
_HOURS = range(7 * 60, 13 * 60, 60)
_QUIET = ((20 * 60, 8 * 60), (22 * 60, 8 * 60), (23 * 60, 7 * 60))
_ZONES: Mapping[int, tuple[str, Text]] = {
    1: ("Europe/Kaliningrad", gettext_lazy("Kaliningrad")),
    2: ("Europe/Moscow", gettext_lazy("Moscow")),
    3: ("Europe/Samara", gettext_lazy("Samara")),
    4: ("Asia/Yekaterinburg", gettext_lazy("Yekaterinburg")),
    5: ("Asia/Omsk", gettext_lazy("Omsk")),
    6: ("Asia/Krasnoyarsk", gettext_lazy("Krasnoyarsk")),
    7: ("Asia/Irkutsk", gettext_lazy("Irkutsk")),
    8: ("Asia/Yakutsk", gettext_lazy("Yakutsk")),
    9: ("Asia/Vladivostok", gettext_lazy("Vladivostok")),
    10: ("Asia/Magadan", gettext_lazy("Magadan")),
    11: ("Asia/Kamchatka", gettext_lazy("Kamchatka")),
}
# What asks for a decision, and whatever `is_owed`, always comes.
_NOTICES: Mapping[int, tuple[str, Text]] = {
    1: (outcome.NAME, gettext_lazy("How my requests end")),
    2: (COMMENT, gettext_lazy("Comments")),
    3: (reminder.NAME, gettext_lazy("Reminders")),
}


def ways(chat: Chat) -> list[Row]:
    """To the further pages, each with how it stands, as it is put on a button."""
    labels = {
        _DIGEST: _("📋 Digest: %(when)s") % {"when": _shown(chat.digest_at)},
        _SILENCE: _("🌙 Quiet hours: %(when)s") % {"when": _span(chat)},
        _TOLD: _("🔔 Notices"),
        _CLOCK: _("🌍 Time: %(zone)s") % {"zone": _zone(chat)},
    }
    return [keyboards.choices(Verb.SETTINGS, [(label, page)]) for page, label in labels.items()]


def page(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """None for a page that there is not."""
    if data.target not in _PAGES:
        return None
    return instead(query, _page(query, membership.own_chat(query), employee, data.target))


def chosen(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """None for what there is not to be chosen."""
    chat = membership.own_chat(query)
    read, shown = CHOICES[data.verb]
    values = read(chat, employee, data)
    if values is None:
        return None
    if chat.choose(values, timezone.now()):
        transaction.on_commit(doorbell.ring)
    return instead(query, _page(query, chat, employee, shown))


def asked(query: CallbackQuery, employee: Employee) -> Reply:
    """For quiet hours that stand on no button."""
    dialog = engine.begin(query.sender.id, QUIET_HOURS.subject)
    return dialogs.asked_beside(query, dialog, employee)


def _hour(chat: Chat, employee: Employee, data: CallbackData) -> dict[str, Any] | None:
    if data.target in _HOURS:
        return {"digest_at": _time(data.target)}
    return None if data.target else {"digest_at": None}


def _weekly(chat: Chat, employee: Employee, data: CallbackData) -> dict[str, Any] | None:
    return {"weekly": bool(data.target)} if employee.has_perm(weekly.RIGHT) else None


def _quiet(chat: Chat, employee: Employee, data: CallbackData) -> dict[str, Any] | None:
    if data.target == data.detail == 0:
        return {"quiet_from": None, "quiet_until": None}
    if (data.target, data.detail) not in (*_QUIET, _minutes(chat)):
        return None
    return {"quiet_from": _time(data.target), "quiet_until": _time(data.detail)}


def _urgent(chat: Chat, employee: Employee, data: CallbackData) -> dict[str, Any]:
    return {"urgent_passes": bool(data.target)}


def _notice(chat: Chat, employee: Employee, data: CallbackData) -> dict[str, Any] | None:
    if data.target not in _NOTICES:
        return None
    name, _label = _NOTICES[data.target]
    others = [kind for kind in chat.muted if kind != name]
    return {"muted": others if data.detail else [*others, name]}


def _clock(chat: Chat, employee: Employee, data: CallbackData) -> dict[str, Any] | None:
    return {"zone": _ZONES[data.target][0]} if data.target in _ZONES else None


def _page(query: CallbackQuery, chat: Chat, employee: Employee, number: int) -> Reply:
    lines, rows = _PAGES[number](chat, employee)
    back = keyboards.choices(Verb.SETTINGS, [(_("← Settings"), 0)])
    return send(query.own_place, "\n".join(lines), keyboards.markup([*rows, back]))


# Its lines, in Telegram's HTML, and its buttons.
_Page = tuple[list[str], list[Row]]


def _of_digest(chat: Chat, employee: Employee) -> _Page:
    text = _(
        "On working days, at your hour: what waits for your decision, with one button to approve "
        "all that is usual. On days when nothing waits none comes."
    )
    lines = [bold(_("Digest")), plain(text)]
    hours = [
        (marked(_shown(_time(hour)), chosen=chat.digest_at == _time(hour)), hour) for hour in _HOURS
    ]
    none = (marked(_("none"), chosen=chat.digest_at is None), 0)
    rows = [*_rows(Verb.DIGEST, hours, columns=3), keyboards.choices(Verb.DIGEST, [none])]
    if employee.has_perm(weekly.RIGHT):
        lines.append(plain(_("And on Mondays how the week has been, with a chart.")))
        rows.append(_switch(Verb.WEEKLY, _("Weekly"), on=chat.weekly))
    return lines, rows


def _of_silence(chat: Chat, employee: Employee) -> _Page:
    text = _(
        "What would ring meanwhile comes when they are over; what you ask for yourself comes at "
        "once."
    )
    own = _minutes(chat)
    offered = [*_QUIET, *([own] if own and own not in _QUIET else [])]
    spans = [(marked(_from_to(*span), chosen=own == span), *span) for span in offered]
    none = (marked(_("none"), chosen=chat.quiet_from is None), 0, 0)
    switch = _switch(Verb.URGENT, _("Urgent ones pass"), on=chat.urgent_passes)
    others = keyboards.choices(Verb.OTHER_HOURS, [(_("✏️ Other hours …"), 0)])
    rows = [*keyboards.each(Verb.QUIET, [*spans, none]), others, switch]
    return [bold(_("Quiet hours")), plain(text)], rows


def _of_notices(chat: Chat, employee: Employee) -> _Page:
    text = _("What asks for your decision always comes. Of the rest you choose:")
    offered = [
        (_ticked(label, on=name not in chat.muted), number, int(name in chat.muted))
        for number, (name, label) in _NOTICES.items()
    ]
    return [bold(_("Notices")), plain(text)], keyboards.each(Verb.NOTICE, offered)


def _of_clock(chat: Chat, employee: Employee) -> _Page:
    own = chat.zone or settings.TIME_ZONE
    zones = [
        (marked(label, chosen=zone == own), number) for number, (zone, label) in _ZONES.items()
    ]
    lines = [bold(_("Time")), plain(_("By which your hours are counted:"))]
    return lines, _rows(Verb.ZONE, zones, columns=2)


def _switch(verb: str, label: str, *, on: bool) -> Row:
    """One button, which turns it round."""
    return keyboards.choices(verb, [(_ticked(label, on=on), int(not on))])


def _ticked(label: object, *, on: bool) -> str:
    return f"{'☑' if on else '☐'} {label}"


def _rows(verb: str, entries: list[tuple[str, int]], *, columns: int) -> list[Row]:
    """So many of them in each as a phone shows without breaking their words."""
    starts = range(0, len(entries), columns)
    return [keyboards.choices(verb, entries[start : start + columns]) for start in starts]


def _time(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def _shown(at: time | None) -> str:
    return f"{at.hour}:{at.minute:02}" if at else _("none")


def _from_to(begins: int, ends: int) -> str:
    return f"{_shown(_time(begins))}–{_shown(_time(ends))}"


def _minutes(chat: Chat) -> tuple[int, int] | None:
    if chat.quiet_from is None or chat.quiet_until is None:
        return None
    begins, ends = (at.hour * 60 + at.minute for at in (chat.quiet_from, chat.quiet_until))
    return begins, ends


def _span(chat: Chat) -> str:
    span = _minutes(chat)
    return _from_to(*span) if span else _("none")


def _zone(chat: Chat) -> str:
    own = chat.zone or settings.TIME_ZONE
    return next((str(label) for zone, label in _ZONES.values() if zone == own), own)


_DIGEST, _SILENCE, _TOLD, _CLOCK = range(1, 5)
_PAGES: Mapping[int, Callable[[Chat, Employee], _Page]] = {
    _DIGEST: _of_digest,
    _SILENCE: _of_silence,
    _TOLD: _of_notices,
    _CLOCK: _of_clock,
}
# What a button changes, None for what it cannot, and on which page it stands.
CHOICES: Mapping[
    str, tuple[Callable[[Chat, Employee, CallbackData], dict[str, Any] | None], int]
] = {
    Verb.DIGEST: (_hour, _DIGEST),
    Verb.WEEKLY: (_weekly, _DIGEST),
    Verb.QUIET: (_quiet, _SILENCE),
    Verb.URGENT: (_urgent, _SILENCE),
    Verb.NOTICE: (_notice, _TOLD),
    Verb.ZONE: (_clock, _CLOCK),
}
