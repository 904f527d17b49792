"""The bar of filters above the request list: one form, so that several are set at once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Min, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from treasury import money
from treasury.admin import display
from treasury.admin.base import employee_of
from treasury.admin.fields import DateInput, MoneyField
from treasury.admin.lookups import CounterpartySelect
from treasury.models import (
    Counterparty,
    Currency,
    Department,
    Organization,
    OwnAccount,
    PaymentRequest,
    Priority,
)
from treasury.workflow import Status

# A time so short is a small part of all requests.
NEAR = timedelta(days=92)


class ChoiceFilter(admin.SimpleListFilter):
    """One of a list of values; a value that is not offered filters nothing."""

    template = "admin/filters/choice.html"
    # Agrees with the title, as languages with genders want it.
    any_label: Any
    # Those of every day stand in the bar itself, the others are folded away.
    is_quick = False

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            yield {"value": value, "display": label, "selected": self.value() == value}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.narrowed(request, queryset) if self.chosen else queryset

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): self.value()})

    @property
    def chosen(self) -> Any:
        """What it filters by, in words; nothing when it does not."""
        return dict(self.lookup_choices).get(self.value() or "", "")


class StatusFilter(ChoiceFilter):
    title = _("status")
    parameter_name = "status"
    any_label = pgettext_lazy("status", "Any")
    is_quick = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Status.choices)


class WhoseFilter(ChoiceFilter):
    title = _("whose turn")
    parameter_name = "whose"
    any_label = pgettext_lazy("whose turn", "Any")
    is_quick = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("my_turn", _("My turn")), ("mine", _("I am the author"))]

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        employee = employee_of(request)
        if self.value() == "mine":
            return queryset.filter(author=employee)
        waiting = PaymentRequest.objects.waiting_for(employee)
        return queryset.filter(pk__in=waiting.values("pk"))


class DeadlineFilter(ChoiceFilter):
    title = _("deadline")
    parameter_name = "deadline"
    any_label = pgettext_lazy("deadline", "Any")
    is_quick = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("Overdue"))]

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        overdue = PaymentRequest.objects.overdue(timezone.now())
        return queryset.filter(pk__in=overdue.values("pk"))


class OrganizationFilter(ChoiceFilter):
    title = _("organization")
    parameter_name = "organization"
    any_label = pgettext_lazy("organization", "Any")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(pk), name) for pk, name in Organization.objects.values_list("pk", "name")]


class DepartmentFilter(ChoiceFilter):
    title = _("department")
    parameter_name = "department"
    any_label = pgettext_lazy("department", "Any")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rows = Department.objects.values_list("pk", "name", "organization__code")
        return [(str(pk), f"{name} · {code}") for pk, name, code in rows]


class OwnAccountFilter(ChoiceFilter):
    """For those who may know which accounts there are."""

    title = _("own account")
    parameter_name = "own_account"
    any_label = pgettext_lazy("own account", "Any")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        if not employee_of(request).has_perm("treasury.view_ownaccount"):
            return []
        accounts = OwnAccount.objects.select_related("bank")
        return [(str(account.pk), str(account)) for account in accounts]


class CurrencyFilter(ChoiceFilter):
    title = _("currency")
    parameter_name = "currency"
    any_label = pgettext_lazy("currency", "Any")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Currency.choices)


class PriorityFilter(ChoiceFilter):
    title = _("priority")
    parameter_name = "priority"
    any_label = pgettext_lazy("priority", "Any")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Priority.choices)


class FormFilter(admin.ListFilter):
    """Asks by the fields of a form; what cannot be understood is said beside its field."""

    template = "admin/filters/range.html"
    form_class: type[forms.Form]
    is_quick = False

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in map(str, self.expected_parameters()):
            self.used_parameters[name] = params.pop(name, [""])[-1]
        self.form = self.form_class(self.used_parameters, auto_id="filter_%s", label_suffix="")
        self.form.is_valid()

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.form_class.base_fields)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {"form": self.form}


class Range(forms.Form):
    """Two fields, from and to; neither counts while they contradict each other."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        lower, upper = self.fields
        if None not in (data.get(lower), data.get(upper)) and data[lower] > data[upper]:
            self.add_error(upper, ValidationError(_("Less than “from”: nothing can be between.")))
            del data[lower]
        return data


class RangeFilter(FormFilter):
    """From and to, both included."""

    lookup: str
    shown: Callable[[Any], str]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for name, operator in zip(self.form.fields, ("gte", "lte"), strict=True):
            value = self.form.cleaned_data.get(name)
            if value is not None:
                queryset = queryset.filter(**{f"{self.lookup}__{operator}": value})
        return queryset

    @property
    def chosen(self) -> str:
        values = [(field, self.form.cleaned_data.get(field.name)) for field in self.form]
        said = [
            f"{field.label} {self.shown(value)}" for field, value in values if value is not None
        ]
        return " ".join(said)


class DesiredDateRange(Range):
    date_from = forms.DateField(
        label=pgettext_lazy("date", "from"), required=False, widget=DateInput()
    )
    date_to = forms.DateField(label=pgettext_lazy("date", "to"), required=False, widget=DateInput())


class AmountRange(Range):
    amount_from = MoneyField(label=pgettext_lazy("amount", "from"), required=False)
    amount_to = MoneyField(label=pgettext_lazy("amount", "to"), required=False)


class DesiredDateFilter(RangeFilter):
    title = _("desired date")
    lookup = "desired_date"
    form_class = DesiredDateRange

    shown = staticmethod(display.day)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Requests of one time have keys that are near each other: of a short one the keys between
        which all lie are added, or the newest first are read down to there."""
        found = super().queryset(request, queryset)
        first, last = (self.form.cleaned_data.get(name) for name in self.form.fields)
        if first is None or last is None or last - first > NEAR:
            return found
        within = PaymentRequest.objects.filter(desired_date__range=(first, last))
        # Counted too, or PostgreSQL looks for the ends from those of the table.
        ends = within.aggregate(first=Min("pk"), last=Max("pk"), all=Count("pk"))
        return found.filter(pk__range=(ends["first"], ends["last"])) if ends["all"] else found


class AmountFilter(RangeFilter):
    title = _("amount")
    lookup = "amount"
    form_class = AmountRange

    shown = staticmethod(money.number)


class PayeeChoice(forms.Form):
    counterparty = forms.ModelChoiceField(
        Counterparty.objects.all(), label=capfirst(_("counterparty")), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["counterparty"]
        field.label_from_instance = display.payee_label
        asked_for = PaymentRequest._meta.get_field("counterparty")
        field.widget = CounterpartySelect(asked_for, admin.site, choices=field.choices)


class PayeeFilter(FormFilter):
    """Found by name and number, by those who may open the directory."""

    title = _("counterparty")
    template = "admin/filters/payee.html"
    form_class = PayeeChoice

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.may_search = employee_of(request).has_perm("treasury.view_counterparty")

    def has_output(self) -> bool:
        return self.may_search

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        payee = self.form.cleaned_data.get("counterparty")
        return queryset.filter(counterparty=payee) if payee else queryset

    @property
    def chosen(self) -> str:
        payee = self.form.cleaned_data.get("counterparty")
        return payee.name if payee else ""
