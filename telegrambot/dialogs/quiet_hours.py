"""Quiet hours of one's own, typed as people say them."""

import re
from dataclasses import dataclass
from datetime import time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot import doorbell
from telegrambot.dialogs.questions import Question, Unclear, Value
from telegrambot.dialogs.script import Script, always
from telegrambot.models import Chat, Dialog
from treasury.models import Employee

_TIME = r"([0-9]{1,2})(?:[:.]([0-9]{2}))?"
_SPAN = re.compile(
    rf"(?:(?:со?|from)\s+)?{_TIME}\s*(?:-|–|—|до|until|till|to)\s*{_TIME}", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Span(Question):
    """The answer is when they begin and when they end (ISO), with a slash between."""

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        found = _SPAN.fullmatch(" ".join(text.split()))
        times = [_time(found[1], found[2]), _time(found[3], found[4])] if found else [None]
        if None in times or len(set(times)) == 1:
            raise Unclear(_("Send when they begin and when they end, such as 22:00–8:00."))
        return "/".join(f"{at:%H:%M}" for at in times if at)


def _time(hours: str, minutes: str | None) -> time | None:
    if hours == "24" and int(minutes or 0) == 0:
        return time(0)
    try:
        return time(int(hours), int(minutes or 0))
    except ValueError:
        return None


def _carry_out(dialog: Dialog, employee: Employee) -> str:
    begins, ends = map(time.fromisoformat, str(dialog.answers[SPAN.name]).split("/"))
    chat = Chat.objects.get(telegram_id=dialog.telegram_id)
    if chat.choose({"quiet_from": begins, "quiet_until": ends}, timezone.now()):
        transaction.on_commit(doorbell.ring)
    facts = {"begin": f"{begins:%H:%M}", "end": f"{ends:%H:%M}"}
    return _("Your quiet hours are from %(begin)s until %(end)s.") % facts


SPAN = Span(
    name="span",
    text=gettext_lazy("From when until when are your quiet hours?"),
    hint=gettext_lazy("Send both, such as 22:00–8:00."),
)
QUIET_HOURS = Script(subject="quiet_hours", questions=always(SPAN), carry_out=_carry_out)
