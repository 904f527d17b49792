"""The bar of filters above the request list: one form, so that several are set at once."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from treasury.admin.base import employee_of
from treasury.admin.fields import DateInput, MoneyField
from treasury.models import Department, Organization, PaymentRequest
from treasury.workflow import Status


class ChoiceFilter(admin.SimpleListFilter):
    """One of a list of values; a value that is not offered filters nothing."""

    template = "admin/filters/choice.html"

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            yield {"value": value, "display": label, "selected": self.value() == value}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        offered = any(value == self.value() for value, _label in self.lookup_choices)
        return self.narrowed(request, queryset) if offered else queryset

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): self.value()})


class StatusFilter(ChoiceFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Status.choices)


class WhoseFilter(ChoiceFilter):
    title = _("whose turn")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("my_turn", _("My turn")), ("mine", _("I am the author"))]

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        employee = employee_of(request)
        if self.value() == "mine":
            return queryset.filter(author=employee)
        waiting = PaymentRequest.objects.waiting_for(employee)
        return queryset.filter(pk__in=waiting.values("pk"))


class OrganizationFilter(ChoiceFilter):
    title = _("organization")
    parameter_name = "organization"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(pk), name) for pk, name in Organization.objects.values_list("pk", "name")]


class DepartmentFilter(ChoiceFilter):
    title = _("department")
    parameter_name = "department"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rows = Department.objects.values_list("pk", "name", "organization__code")
        return [(str(pk), f"{name} · {code}") for pk, name, code in rows]


class RangeFilter(admin.ListFilter):
    """From and to, both included; what cannot be understood is said beside its field."""

    template = "admin/filters/range.html"
    lookup: str
    form_class: type[forms.Form]

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in map(str, self.expected_parameters()):
            self.used_parameters[name] = params.pop(name, [""])[-1]
        self.form = self.form_class(self.used_parameters, prefix="", auto_id="filter_%s")

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.form_class.base_fields)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {"form": self.form}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        self.form.is_valid()
        for name, operator in zip(self.expected_parameters(), ("gte", "lte"), strict=True):
            value = self.form.cleaned_data.get(str(name))
            if value is not None:
                queryset = queryset.filter(**{f"{self.lookup}__{operator}": value})
        return queryset


class DesiredDateRange(forms.Form):
    date_from = forms.DateField(
        label=pgettext_lazy("date", "from"), required=False, widget=DateInput()
    )
    date_to = forms.DateField(label=pgettext_lazy("date", "to"), required=False, widget=DateInput())


class AmountRange(forms.Form):
    amount_from = MoneyField(label=pgettext_lazy("amount", "from"), required=False)
    amount_to = MoneyField(label=pgettext_lazy("amount", "to"), required=False)


class DesiredDateFilter(RangeFilter):
    title = _("desired date")
    lookup = "desired_date"
    form_class = DesiredDateRange


class AmountFilter(RangeFilter):
    title = _("amount")
    lookup = "amount"
    form_class = AmountRange
