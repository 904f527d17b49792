"""Payment requests in the back office: the list, and where its pages are."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, ForeignKey, Model, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from treasury import money, rights, working_time
from treasury.admin import (
    comments,
    consents,
    display,
    documents,
    lookups,
    moves,
    nudging,
    printing,
    request_page,
)
from treasury.admin.base import employee_of
from treasury.admin.fields import key_of
from treasury.admin.filters import (
    AmountFilter,
    CurrencyFilter,
    DeadlineFilter,
    DepartmentFilter,
    DesiredDateFilter,
    OrganizationFilter,
    OwnAccountFilter,
    PayeeChoice,
    PayeeFilter,
    PriorityFilter,
    StatusFilter,
    WhoseFilter,
)
from treasury.admin.paging import FarListAdmin
from treasury.admin.request_form import FIELDSETS, RequestForm
from treasury.models import ApprovalTask, Comment, PaymentRequest
from treasury.models.requests import SEARCHED
from treasury.workflow import Action

# More names than this make a row too high.
NAMES_SHOWN = 2
SELECTS = {"counterparty": lookups.CounterpartySelect, "requester": lookups.RequesterSelect}


@admin.register(PaymentRequest)
class PaymentRequestAdmin(FarListAdmin):
    form = RequestForm
    fieldsets = FIELDSETS
    autocomplete_fields = ["cash_flow_item", "counterparty", "requester"]
    list_display = [
        "shown_number", "shown_status", "shown_amount", "payee", "where", "due", "waits_for",
    ]  # fmt: skip
    list_display_links = ["shown_number"]
    # Those of an organization are found by the filter; for them no index keeps an order.
    sortable_by = ["shown_number", "shown_status", "shown_amount", "payee", "due"]
    list_filter = [
        StatusFilter, WhoseFilter, DeadlineFilter, PayeeFilter, OrganizationFilter,
        DepartmentFilter, OwnAccountFilter, AmountFilter, CurrencyFilter, DesiredDateFilter,
        PriorityFilter,
    ]  # fmt: skip
    list_select_related = ["organization", "department", "counterparty", "author", "stage"]
    search_fields = SEARCHED
    empty_value_display = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaymentRequest]:
        return PaymentRequest.objects.visible_to(employee_of(request))

    def with_columns(self, rows: QuerySet[PaymentRequest]) -> QuerySet[PaymentRequest]:
        """With the people whom each request waits for, and whether something is asked of it."""
        open_tasks = ApprovalTask.objects.filter(status=ApprovalTask.Status.OPEN)
        awaited = Prefetch("tasks", open_tasks.select_related("employee"), to_attr="open_tasks")
        asked = Comment.objects.open_questions().filter(request=OuterRef("pk")).order_by()
        return rows.annotate(is_questioned=Exists(asked)).prefetch_related(awaited)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """With the working calendar, for which each row that is overdue would ask by itself."""
        changelist = super().get_changelist_instance(request)
        calendar = working_time.current()
        for row in changelist.result_list:
            row.calendar = calendar
        return changelist

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PaymentRequest], search_term: str
    ) -> tuple[QuerySet[PaymentRequest], bool]:
        return queryset.filter(PaymentRequest.found_by(search_term)), False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Everyone of the back office sees the list; `visible_to` decides what is in it."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return Action.CHANGE in rights.actions(obj, employee_of(request))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "treasury_paymentrequest_%s"
        document = "<int:pk>/documents/<int:document_id>/"
        return [
            path("choices/", view(lookups.choices), name=name % "choices"),
            path("counterparties/", view(lookups.counterparties), name=name % "counterparties"),
            path("requesters/", view(lookups.requesters), name=name % "requesters"),
            path("consents/<int:pk>/<str:deed>/", view(consents.answer), name=name % "consent"),
            path("<int:pk>/do/<str:action>/", view(moves.move), name=name % "move"),
            path("<int:pk>/nudge/", view(nudging.nudge), name=name % "nudge"),
            path("<int:pk>/comment/", view(comments.add), name=name % "comment"),
            path("<int:pk>/print/", view(printing.printed), name=name % "print"),
            path(document, view(documents.download), name=name % "document"),
            path(f"{document}remove/", view(documents.remove), name=name % "document_remove"),
            *super().get_urls(),
        ]

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name in SELECTS:
            kwargs["widget"] = SELECTS[db_field.name](db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        media = self.media + PayeeChoice().media
        return super().changelist_view(request, {"media": media, **(extra_context or {})})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return request_page.add(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return request_page.change(self, request, _number(object_id))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return request_page.history(self, request, _number(object_id))

    @admin.display(description=_("number, author"), ordering="id")
    def shown_number(self, request: PaymentRequest) -> SafeString:
        author = request.author.get_short_name()
        if request.is_questioned:  # type: ignore[attr-defined]
            # Before a long name, which may be cut.
            author = format_html("{} {}", display.question_mark(), author)
        return display.two_lines(request.number, author)

    @admin.display(description=_("status"), ordering="status")
    def shown_status(self, request: PaymentRequest) -> SafeString:
        return display.status_badge(request)

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, request: PaymentRequest) -> SafeString:
        amount = money.money(request.amount, request.currency)
        return display.two_lines(amount, display.priority_mark(request))

    @admin.display(description=_("counterparty, purpose"), ordering="counterparty__name")
    def payee(self, request: PaymentRequest) -> SafeString:
        return display.two_lines(request.counterparty.name, request.purpose)

    @admin.display(description=_("organization"))
    def where(self, request: PaymentRequest) -> SafeString:
        return display.two_lines(request.organization.name, request.department.name)

    @admin.display(description=_("desired date"), ordering="desired_date")
    def due(self, request: PaymentRequest) -> SafeString | str:
        return display.due_date(request)

    @admin.display(description=_("waits for"))
    def waits_for(self, request: PaymentRequest) -> SafeString | str:
        if request.stage is None:
            return ""
        people = [task.employee.get_short_name() for task in request.open_tasks]  # type: ignore[attr-defined]
        rest = len(people) - NAMES_SHOWN
        names = ", ".join(people[:NAMES_SHOWN]) + (f" +{rest}" if rest > 0 else "")
        waits = display.two_lines(request.stage.name, names)
        late = display.late(request.stage, request.calendar)  # type: ignore[attr-defined]
        return format_html("{} {}", waits, late)


def _number(object_id: str) -> int:
    number = key_of(unquote(object_id))
    if number is None:
        raise Http404
    return number
