"""What every page of the back office has in common; the skin can be changed here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import InlineAdminFormSet
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from treasury.admin import history, wording
from treasury.admin.fields import CodeField, SearchedSelect
from treasury.errors import NotAllowed
from treasury.models import Employee


def employee_of(request: HttpRequest) -> Employee:
    """Who is signed in; the site lets nobody else in."""
    if not isinstance(request.user, Employee):
        raise PermissionDenied
    return request.user


@contextmanager
def refusals_forbid() -> Iterator[None]:
    """What a service does not allow this person is answered as Django answers it."""
    try:
        yield
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal


class TakesPastedNumbers(admin.options.BaseModelAdmin):  # type: ignore[type-arg]
    """Every form of the back office, in a window or in a row of another form too."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return CodeField.of(db_field) or super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SearchedSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class WordedRows(InlineAdminFormSet):
    """Rows whose button says what it adds as the other buttons do: «Добавить участника»."""

    def inline_formset_data(self) -> str:
        data = json.loads(super().inline_formset_data())
        data["options"]["addText"] = wording.adding(self.opts.opts)
        return json.dumps(data)


# None of these classes can be subscripted at run time.
class BackOfficeAdmin(TakesPastedNumbers, admin.ModelAdmin):  # type: ignore[type-arg]
    list_per_page = 50
    # Counting a whole table only to show its size under a filter costs a query a page.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A list finds everything; a field that is being filled only what is in use."""
        found, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        fills_a_field = "field_name" in request.GET
        if fills_a_field and hasattr(self.model, "is_active"):
            found = found.filter(is_active=True)
        return found, may_have_duplicates

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "",
        extra_context: Any = None,
    ) -> Any:  # fmt: skip
        context = {"title": self._title(request, object_id), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def get_inline_formsets(self, *args: Any, **kwargs: Any) -> list[Any]:
        found = super().get_inline_formsets(*args, **kwargs)
        for rows in found:
            # Django asks nobody which class they are of.
            rows.__class__ = WordedRows
        return found

    def _title(self, request: HttpRequest, object_id: str | None) -> str:
        if object_id is None:
            return wording.adding(self.opts)
        if self.has_change_permission(request):
            return wording.changing(self.opts)
        return capfirst(str(self.opts.verbose_name))

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, dict[str, Any]]]:
        parts = super().construct_change_message(request, form, formsets, add)
        return history.with_values(parts, form, formsets)


class BackOfficeInline(TakesPastedNumbers, admin.TabularInline):  # type: ignore[type-arg]
    extra = 0


class ReadOnlyAdmin(BackOfficeAdmin):
    """Rows that the program writes: people look at them, and repair by named actions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
