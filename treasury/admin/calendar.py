"""The working calendar, as far as the company knows better than the library."""

from django.contrib import admin

from treasury.admin.base import BackOfficeAdmin
from treasury.models import CalendarDay


@admin.register(CalendarDay)
class CalendarDayAdmin(BackOfficeAdmin):
    list_display = ["date", "kind", "note"]
    list_filter = ["kind"]
    search_fields = ["note__finds"]
