"""Lists without an end: nothing is counted to the last row, and no page is far.

A list reads the keys of its first rows, in their order, and then the rows of one page. That is as
fast with a million of them, however they are filtered and sorted.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import EmptyPage, InvalidPage, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from treasury import search
from treasury.admin.base import BackOfficeAdmin

# So many rows are counted.
COUNTED = 1000
# Of pages, from the first or from the last: those between are for a filter to find.
FARTHEST = 100
# Page numbers beside the present one.
BESIDE = 2


class FarPaginator(Paginator):  # type: ignore[type-arg]
    """Pages by the keys of their rows. A page below zero is counted from the end: -1 is the last.

    A row that comes meanwhile moves the others on, as in any list by pages.
    """

    object_list: QuerySet[Any]

    @cached_property
    def first_keys(self) -> list[Any]:
        """As many as are counted, and one more."""
        return list(self._keys(self.object_list)[: COUNTED + 1])

    @property
    def goes_on(self) -> bool:
        """Whether there are more rows than are counted."""
        return len(self.first_keys) > COUNTED

    @property
    def count(self) -> int:
        return min(len(self.first_keys), COUNTED)

    @property
    def total(self) -> str:
        """The count in words, as far as it is known."""
        count = number_format(self.count, force_grouping=True)
        return _("more than %(count)s") % {"count": count} if self.goes_on else count

    def keys(self, number: int) -> list[Any]:
        """The keys of a page. Raises `EmptyPage`."""
        if not 0 < abs(number) <= FARTHEST:
            raise EmptyPage
        start = (abs(number) - 1) * self.per_page
        if number < 0:
            page = list(self._keys(self.object_list.reverse())[start : start + self.per_page])
            page.reverse()
        elif start + self.per_page <= COUNTED or not self.goes_on:
            page = self.first_keys[start : start + self.per_page]
        else:
            page = list(self._keys(self.object_list)[start : start + self.per_page])
        if not page and number != 1:
            raise EmptyPage
        return page

    def get_elided_page_range(  # type: ignore[override]  # a generator is an iterator
        self, number: int = 1, **kwargs: Any
    ) -> Iterator[int | str]:
        """The numbers to be offered on this page, and what stands for those left out."""
        if not self.goes_on:
            pages: Any = super().get_elided_page_range(number, **kwargs)
            yield from pages
            return
        beside = range(number - BESIDE, number + BESIDE + 1)
        around = [page for page in beside if page * number > 0 and abs(page) <= FARTHEST]
        if around[0] != 1:
            yield 1
            if around[0] != 2:
                yield str(self.ELLIPSIS)
        yield from around
        if around[-1] != -1:
            yield str(self.ELLIPSIS)
            yield -1

    def _keys(self, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
        return rows.prefetch_related(None).values_list("pk", flat=True)


class FarChangeList(ChangeList):
    model_admin: "FarListAdmin"

    def get_results(self, request: HttpRequest) -> None:
        paginator = FarPaginator(self.queryset, self.list_per_page)
        self.paginator = paginator
        self.result_count = paginator.count
        # Beside the search an exact number would be said.
        self.full_result_count = paginator.count if paginator.goes_on else None
        self.show_full_result_count = False
        self.can_show_all = not paginator.goes_on and paginator.count <= self.list_max_show_all
        self.multi_page = paginator.goes_on or paginator.count > self.list_per_page
        self.show_admin_actions = True
        # Added once (`url_for_result`): Django would look up the address of each row for it.
        self.kept_filters, self.preserved_filters = self.preserved_filters, ""
        if self.page_num < 0 and not paginator.goes_on:
            # The list has become short since the link was made: its pages have numbers again.
            self.page_num = max(1, paginator.num_pages + 1 + self.page_num)
        try:
            all_of_them = self.show_all and self.can_show_all
            keys = paginator.first_keys if all_of_them else paginator.keys(self.page_num)
        except InvalidPage as exc:
            raise IncorrectLookupParameters from exc
        self.result_list = self._rows(keys)

    def url_for_result(self, result: Model) -> str:
        """The row's page, which leads back to the list as it is filtered."""
        url = super().url_for_result(result)
        return f"{url}?{self.kept_filters}" if self.kept_filters else url

    def _rows(self, keys: Sequence[Any]) -> list[Model]:
        """The keys come from what the person may see."""
        rows = self.model_admin.with_columns(self.model._default_manager.filter(pk__in=keys))
        found = {row.pk: row for row in self.apply_select_related(rows)}
        return [found[key] for key in keys if key in found]


class FarListAdmin(BackOfficeAdmin):
    """For whatever grows with every day of work."""

    # Only what an index keeps in order.
    sortable_by: ClassVar[list[str] | tuple[str, ...] | None] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FarChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        fields = [str(field) for field in self.get_search_fields(request)]
        return queryset.filter(search.words(search_term, model=self.model, fields=fields)), False

    def with_columns(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """What the columns of the list need beside `list_select_related`."""
        return rows
