"""The journals, to be read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from treasury.admin import display
from treasury.admin.base import ReadOnlyAdmin
from treasury.admin.paging import FarListAdmin
from treasury.models import AccountEvent, Employee, Event

# What the journal of accounts keeps, in the order in which it is read.
DETAILS = {
    "deputy": _("deputy"),
    "since": _("from"),
    "until": _("until"),
    "scope": _("scope"),
    "reason": _("reason"),
    "telegram_id": _("Telegram id"),
    "telegram_name": _("Telegram name"),
    "previous_telegram_id": _("Telegram id before"),
}
MOMENTS = {"since", "until"}
# The page of an employee shows so many; the journal of accounts has them all.
NEWEST = 20


@admin.register(Event)
class EventAdmin(FarListAdmin, ReadOnlyAdmin):
    list_display = ["at", "request", "action", "actor", "on_behalf_of", "status", "reason"]
    list_filter = ["action", "channel"]
    list_select_related = ["request", "actor", "on_behalf_of"]
    search_fields = ["request__number__finds", "actor__last_name__finds"]
    ordering = ["-id"]


@admin.register(AccountEvent)
class AccountEventAdmin(FarListAdmin, ReadOnlyAdmin):
    list_display = ["at", "employee", "action", "details", "actor", "channel"]
    list_filter = ["action", "channel"]
    list_select_related = ["employee", "actor"]
    search_fields = ["employee__last_name__finds", "employee__email__finds"]
    fields = ["at", "employee", "action", "details", "actor", "channel"]

    @admin.display(description=_("details"))
    def details(self, event: AccountEvent) -> str:
        return "; ".join(_details(event.data))


def of_account(employee: Employee) -> SafeString:
    """What happened to the account lately, for the page of the employee; empty when nothing."""
    events = employee.account_events.select_related("actor")[:NEWEST]
    lines = format_html_join(
        "",
        '<li><time>{}</time><p><strong>{}</strong> {} <span class="quiet">{}</span></p></li>',
        (
            (
                display.moment(event.at),
                event.get_action_display(),
                event.actor.get_short_name() if event.actor else "",
                "; ".join([event.get_channel_display(), *_details(event.data)]),
            )
            for event in events
        ),
    )
    return format_html('<ol class="journal">{}</ol>', lines) if lines else lines


def _details(data: dict[str, Any]) -> Iterator[str]:
    for name, label in DETAILS.items():
        value = data.get(name)
        if value:
            yield f"{label}: {_moment(value) if name in MOMENTS else value}"


def _moment(text: str) -> str:
    return display.moment(datetime.fromisoformat(text))
