"""The journal, to be read."""

from django.contrib import admin

from treasury.admin.base import ReadOnlyAdmin
from treasury.models import Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["at", "request", "action", "actor", "on_behalf_of", "status", "reason"]
    list_filter = ["action", "channel"]
    list_select_related = ["request", "actor", "on_behalf_of"]
    search_fields = ["request__number", "actor__last_name"]
