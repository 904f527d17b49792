"""The journals, to be read."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from treasury.admin import display, entries
from treasury.admin.base import ReadOnlyAdmin
from treasury.admin.paging import FarListAdmin
from treasury.models import AccountEvent, Employee, Event, RouteEvent

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
        return "; ".join(entries.of_account(event))


@admin.register(RouteEvent)
class RouteEventAdmin(FarListAdmin, ReadOnlyAdmin):
    list_display = ["at", "name", "details", "actor", "channel"]
    list_filter = ["channel"]
    list_select_related = ["actor"]
    search_fields = ["name__finds", "actor__last_name__finds"]
    fields = ["at", "name", "details", "actor", "channel"]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """It tells, as the journal of accounts, who could approve."""
        return request.user.has_perm("treasury.view_accountevent")

    @admin.display(description=_("details"))
    def details(self, event: RouteEvent) -> str:
        return "; ".join(entries.of_route(event))


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
                "; ".join([event.get_channel_display(), *entries.of_account(event)]),
            )
            for event in events
        ),
    )
    return format_html('<ol class="journal">{}</ol>', lines) if lines else lines
