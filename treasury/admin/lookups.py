"""What forms ask the server for while they are being filled, above all that of a request."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from treasury.admin.base import employee_of
from treasury.admin.display import payee_label
from treasury.admin.fields import SearchedSelect, key_of
from treasury.admin.request_form import DEPENDENT
from treasury.models import Department, PaymentRequest


class CounterpartySelect(SearchedSelect):
    """Finds by name and number, and shows both."""

    def get_url(self) -> str:
        return reverse("admin:treasury_paymentrequest_counterparties")


class RequesterSelect(SearchedSelect):
    """Finds people for those who may not open the employees' pages."""

    def get_url(self) -> str:
        return reverse("admin:treasury_paymentrequest_requesters")


class DepartmentsField(ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Of any organization, by names that tell them apart."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.full_name)


class DepartmentsSelect(AutocompleteSelectMultiple):
    def get_url(self) -> str:
        return reverse("admin:treasury_department_named")


class DepartmentResults(AutocompleteJsonView):
    def get_queryset(self) -> QuerySet[Department]:
        return super().get_queryset().select_related("organization")

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        return {**super().serialize_result(obj, to_field_name), "text": obj.full_name}


class CounterpartyResults(AutocompleteJsonView):
    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        return {**super().serialize_result(obj, to_field_name), "text": payee_label(obj)}


class RequesterResults(AutocompleteJsonView):
    def has_perm(self, request: HttpRequest, obj: Any = None) -> bool:
        """The page names the field that it fills: it must not be able to name another."""
        is_requester = self.source_field == PaymentRequest._meta.get_field("requester")
        requests = admin.site.get_model_admin(PaymentRequest)
        fills = requests.has_add_permission(request) or requests.has_change_permission(request)
        return is_requester and fills


def counterparties(request: HttpRequest) -> HttpResponseBase:
    return CounterpartyResults.as_view(admin_site=admin.site)(request)


def requesters(request: HttpRequest) -> HttpResponseBase:
    return RequesterResults.as_view(admin_site=admin.site)(request)


def departments(request: HttpRequest) -> HttpResponseBase:
    return DepartmentResults.as_view(admin_site=admin.site)(request)


@require_GET
def choices(request: HttpRequest) -> JsonResponse:
    """Field → its options `{value, label, currency}`, for the parent that `?organization=` or
    `?counterparty=` names; and after a counterparty, what its last request had."""
    if not _fills_forms(request):
        raise PermissionDenied
    sent = {name: key_of(str(value)) for name, value in request.GET.items()}
    chosen = {name: key for name, key in sent.items() if key is not None}
    found: dict[str, Any] = {
        name: [_option(row) for row in rows.filter(**{parent: chosen[parent]}, is_active=True)]
        for name, (parent, rows) in DEPENDENT.items()
        if parent in chosen
    }
    if "counterparty" in chosen:
        found["usual"] = _usual(request, chosen["counterparty"])
    return JsonResponse(found)


def _fills_forms(request: HttpRequest) -> bool:
    employee = employee_of(request)
    return (
        employee.has_perm("treasury.add_paymentrequest")
        or employee.has_perm("treasury.change_paymentrequest")
        or employee.authored_requests.exists()
    )


def _option(row: Any) -> dict[str, Any]:
    return {"value": row.pk, "label": str(row), "currency": getattr(row, "currency", "")}


def _usual(request: HttpRequest, counterparty: int) -> dict[str, Any]:
    """What the last request to this payee had: the next one seldom differs."""
    visible = PaymentRequest.objects.visible_to(employee_of(request))
    last = (
        visible.filter(counterparty=counterparty)
        .select_related("cash_flow_item", "vat_rate")
        .first()
    )
    if last is None:
        return {}
    holds = last.vat_rate.holds_on(timezone.localdate())
    item = {"value": last.cash_flow_item_id, "label": str(last.cash_flow_item)}
    return {
        "cash_flow_item": item,
        "counterparty_account": last.counterparty_account_id,
        "vat_rate": last.vat_rate_id if holds else None,
        "contract": last.contract,
    }
