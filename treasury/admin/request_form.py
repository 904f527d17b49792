"""The form of a payment request: what an accountant fills, in the order he thinks."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from treasury import days, vat
from treasury.admin.display import day, payee_label
from treasury.admin.fields import DateInput, DocumentsField, MoneyField, key_of
from treasury.admin.uploads import Chosen
from treasury.contents import EXTENSIONS
from treasury.files import MAX_BYTES, TAKEN
from treasury.models import (
    CounterpartyAccount,
    Currency,
    Department,
    Organization,
    OwnAccount,
    PaymentRequest,
    VatRate,
)
from treasury.services.requests import EDITABLE_FIELDS
from treasury.services.uploads import MAX_COUNT, MAX_TOTAL
from treasury.validators import PURPOSE_MAX_LENGTH, clean_purpose, validate_purpose

FIELDSETS: list[tuple[Any, Any]] = [
    (
        _("Who asks"),
        {"fields": [("organization", "department"), ("cash_flow_item", "requester")]},
    ),
    (
        _("Whom to pay"),
        {"fields": [("counterparty", "counterparty_account")]},
    ),
    (
        _("How much"),
        {"fields": [("amount", "currency", "vat_rate", "vat_amount"), "purpose"]},
    ),
    (
        _("On what grounds"),
        {"fields": [("invoice_number", "invoice_date", "contract")]},
    ),
    (
        _("When and from where"),
        {"fields": [("desired_date", "priority", "own_account"), "comment"]},
    ),
]
HELP = _("%(taken)s. Up to %(each)d MB each; %(count)d files and %(all)d MB at once.")
# Field → the field that narrows its choices, and all of them.
DEPENDENT = {
    "department": ("organization", Department.objects.all()),
    "own_account": ("organization", OwnAccount.objects.select_related("bank")),
    "counterparty_account": ("counterparty", CounterpartyAccount.objects.select_related("bank")),
}
# So long is paid for what was delivered under a former VAT rate.
OLD_INVOICES = timedelta(days=365)
# What stands behind the “+” beside a field.
ADDING = {
    "counterparty": _("Add a counterparty"),
    "counterparty_account": _("Add an account of the counterparty"),
}


class RequestForm(forms.ModelForm):  # type: ignore[type-arg]
    """Checks a request; services write it."""

    amount = MoneyField(label=capfirst(_("amount")))
    vat_amount = MoneyField(
        label=_("VAT"), required=False, help_text=_("Empty: computed from the rate.")
    )
    purpose = forms.CharField(
        label=capfirst(_("purpose")),
        widget=forms.Textarea(attrs={"rows": 3, "data-limit": PURPOSE_MAX_LENGTH}),
        help_text=_("What the payment order will say: the invoice, the contract, the VAT."),
    )
    documents = DocumentsField(label=_("Attach documents"), required=False)
    # The newest journal entry that the person has seen.
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = PaymentRequest
        fields = EDITABLE_FIELDS
        # The browser's own calendar: quick to type into, and it needs no script.
        widgets = {
            "invoice_date": DateInput(),
            "desired_date": DateInput(),
            "comment": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, chosen: Chosen | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "label_suffix": ""})
        self.chosen = chosen or Chosen()
        if self.instance.revision:
            self._fix_organization()
        self._offer_what_fits()
        self._tell_scripts()

    @property
    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in EDITABLE_FIELDS}

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount <= 0:
            raise ValidationError(_("The amount must be more than zero."))
        return amount

    def clean_vat_amount(self) -> Decimal | None:
        vat_amount: Decimal | None = self.cleaned_data["vat_amount"]
        if vat_amount is not None and vat_amount < 0:
            raise ValidationError(_("VAT cannot be less than zero."))
        return vat_amount

    def clean_purpose(self) -> str:
        purpose = clean_purpose(self.cleaned_data["purpose"])
        validate_purpose(purpose)
        return purpose

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("vat_amount") is None and data.get("amount") and data.get("vat_rate"):
            data["vat_amount"] = data["vat_rate"].included_in(data["amount"])
        if self.chosen.problems:
            self.add_error("documents", self.chosen.problems)
        return data

    def _get_validation_exclusions(self) -> set[str]:
        """A VAT that only waits for its amount or rate is no second mistake."""
        empty = self.cleaned_data.get("vat_amount") is None
        return super()._get_validation_exclusions() | ({"vat_amount"} if empty else set())  # type: ignore[misc, no-any-return]

    def focus(self) -> None:
        """Where typing begins: at the first field that is wrong, else at the first."""
        free = [name for name, field in self.fields.items() if not field.disabled]
        order = [name for name in free if name in self.errors] or free
        self._widget(order[0]).attrs["autofocus"] = True

    def _fix_organization(self) -> None:
        """The service refuses another one."""
        self.fields["organization"].disabled = True
        self.fields["organization"].help_text = _(
            "Stays after the first submit. For another organization copy the request."
        )

    def _offer_what_fits(self) -> None:
        """Narrow each list to what is in use; validation stays wider, to explain a misfit."""
        for name, (parent, everything) in DEPENDENT.items():
            field = self._choice_field(name)
            field.queryset = self._in_use(name, everything)
            fitting = field.queryset.filter(**{parent: self._chosen(parent)})
            options = [(row.pk, str(row)) for row in fitting]
            field.widget.choices = [("", field.empty_label or ""), *options]
        organization = self._choice_field("organization")
        organization.queryset = self._in_use("organization", Organization.objects.all())
        rate = self._choice_field("vat_rate")
        rate.queryset = offered_rates(self.instance.vat_rate_id)
        rate.label_from_instance = _rate_label  # type: ignore[method-assign, assignment]
        payee = self._choice_field("counterparty")
        payee.label_from_instance = payee_label  # type: ignore[method-assign, assignment]

    def _tell_scripts(self) -> None:
        rates = dict(offered_rates(self.instance.vat_rate_id).values_list("pk", "percent"))
        phrases = {
            currency: {pk: vat.template(percent, currency) for pk, percent in rates.items()}
            for currency in Currency.values
        }
        self._widget("vat_rate").attrs["data-percents"] = json.dumps(rates, cls=DjangoJSONEncoder)
        self.fields["purpose"].widget.attrs |= {
            "data-vat-add": _("Add the VAT"),
            "data-vat-renew": _("Renew the VAT"),
            "data-vat-pattern": vat.PATTERN,
            "data-vat-phrases": json.dumps(phrases, ensure_ascii=False),
        }
        self._tell_days()
        for name, label in ADDING.items():
            self._widget(name).attrs["data-add"] = label
        self._tell_files()

    def _tell_files(self) -> None:
        self.fields["documents"].help_text = HELP % {
            "each": MAX_BYTES // 1024**2,
            "all": MAX_TOTAL // 1024**2,
            "count": MAX_COUNT,
            "taken": TAKEN,
        }
        self.fields["documents"].widget.attrs |= {
            "accept": ",".join(f".{extension}" for extension in EXTENSIONS),
            "data-limit": MAX_BYTES,
            "data-empty": _("the file is empty"),
            "data-too-large": _("the file is too large"),
            "data-not-taken": _("such files are not taken"),
            "data-remove": _("Remove"),
        }

    def _tell_days(self) -> None:
        today = timezone.localdate().isoformat()
        self.fields["invoice_date"].widget.attrs["max"] = today
        self.fields["desired_date"].widget.attrs |= {
            "min": today,
            "data-days-off": json.dumps(
                {day.isoformat(): said for day, said in days.days_off()}, ensure_ascii=False
            ),
            "data-farthest": days.farthest().isoformat(),
            "data-too-far": days.too_far(),
        }

    def _widget(self, name: str) -> forms.Widget:
        """The select itself, around which may stand what offers to add another row."""
        widget = self.fields[name].widget
        return cast(forms.Widget, getattr(widget, "widget", widget))

    def _choice_field(self, name: str) -> "forms.ModelChoiceField[Any]":
        return cast("forms.ModelChoiceField[Any]", self.fields[name])

    def _in_use(self, name: str, everything: "QuerySet[Any]") -> "QuerySet[Any]":
        """What the request holds already stays eligible."""
        return everything.filter(Q(is_active=True) | Q(pk=getattr(self.instance, f"{name}_id")))

    def _chosen(self, name: str) -> int | None:
        return key_of(str(self[name].value()))


def offered_rates(kept: int | None = None) -> "QuerySet[VatRate]":
    """The VAT rates of today and those to come, for payments on later days; those of the last
    year, for what was delivered then; and the one that the request holds."""
    not_long_over = Q(until=None) | Q(until__gte=timezone.localdate() - OLD_INVOICES)
    return VatRate.objects.filter(not_long_over | Q(pk=kept))


def _rate_label(rate: VatRate) -> str:
    """With its days when they are not now."""
    today = timezone.localdate()
    if rate.holds_on(today):
        return rate.name
    if rate.since and rate.since > today:
        return _("%(rate)s (from %(day)s)") % {"rate": rate, "day": day(rate.since)}
    return _("%(rate)s (until %(day)s)") % {"rate": rate, "day": day(rate.until or today)}
