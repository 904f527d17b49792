"""Whom we pay."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from treasury.admin.base import BackOfficeInline
from treasury.admin.directories import DirectoryAdmin, DirectoryForm
from treasury.admin.display import payee_label
from treasury.models import Counterparty, CounterpartyAccount, PaymentRequest

# What the account of a corrected payee takes over.
COPIED = ["bank", "number", "currency"]


class AccountInline(BackOfficeInline):
    model = CounterpartyAccount
    verbose_name = _("account")
    verbose_name_plural = _("the counterparty's accounts")
    form = DirectoryForm
    fields = ["bank", "number", "currency", "is_active", "out_of_use_reason"]
    autocomplete_fields = ["bank"]
    # Where it can be corrected.
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[CounterpartyAccount]:
        """With what each account would ask for by itself."""
        submitted = PaymentRequest.objects.ever_submitted()
        naming = submitted.filter(counterparty_account=OuterRef("pk"))
        accounts: QuerySet[CounterpartyAccount] = super().get_queryset(request)
        return accounts.select_related("bank").annotate(is_fixed=Exists(naming))  # type: ignore[no-redef]


class CounterpartyForm(DirectoryForm):
    """The same ИНН once more is a branch, or the same company typed twice: only people know."""

    # Hidden until there is something to answer.
    branch = forms.BooleanField(
        label=_("This is another branch: save it"), required=False, widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        namesakes = self._with_this_inn()
        if namesakes and not data.get("branch"):
            self.fields["branch"].widget = forms.CheckboxInput()
            known = "; ".join(map(payee_label, namesakes))
            text = _("There is a counterparty with this INN already: %(known)s.")
            self.add_error("branch", text % {"known": known})
        return data

    def _with_this_inn(self) -> "QuerySet[Counterparty]":
        """Its other rows, when ИНН or КПП has just been typed."""
        inn = self.cleaned_data.get("inn")
        if not inn or not {"inn", "kpp"} & set(self.changed_data):
            return Counterparty.objects.none()
        return Counterparty.objects.filter(inn=inn).exclude(pk=self.instance.pk)


@admin.register(Counterparty)
class CounterpartyAdmin(DirectoryAdmin):
    form = CounterpartyForm
    change_form_template = "admin/treasury/counterparty/change_form.html"
    fields = ["name", "country", ("inn", "kpp"), ("kio", "tax_number"), "branch"]
    list_display = ["name", "shown_numbers", "kpp", "in_use", "new_request"]
    list_filter = ["is_active"]
    search_fields = ["name__finds", "inn__finds", "kio__finds", "tax_number__finds"]
    inlines = [AccountInline]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Only whoever asks for payments is offered a new request."""
        columns = super().get_list_display(request)
        if request.user.has_perm("treasury.add_paymentrequest"):
            return columns
        return [column for column in columns if column != "new_request"]

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Iterator[Any]:
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            formset.extra = len(self._accounts_of_former(request))
            yield formset, inline

    def get_formset_kwargs(self, request: HttpRequest, *args: Any) -> dict[str, Any]:
        """What corrects a payee begins with his accounts."""
        initial = self._accounts_of_former(request)
        return {**super().get_formset_kwargs(request, *args), "initial": initial}

    def _accounts_of_former(self, request: HttpRequest) -> list[dict[str, Any]]:
        former = self._former(request) if request.method == "GET" else None
        if former is None:
            return []
        accounts = CounterpartyAccount.objects.filter(counterparty=former.pk, is_active=True)
        return [model_to_dict(account, COPIED) for account in accounts]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        changed = [account for account, _names in formset.changed_objects]
        _warn_of_other_payees(request, [*formset.new_objects, *changed])

    @admin.display(description=_("INN, KIO, tax number"), ordering="inn")
    def shown_numbers(self, counterparty: Counterparty) -> str:
        """Only what is seldom says what it is."""
        if not counterparty.is_abroad:
            return counterparty.inn
        return ", ".join([counterparty.foreign_country, *map(str, counterparty.numbers)])

    @admin.display(description="")
    def new_request(self, counterparty: Counterparty) -> SafeString:
        url = reverse("admin:treasury_paymentrequest_add", query={"counterparty": counterparty.pk})
        return format_html('<a href="{}">{}</a>', url, _("New request"))


@admin.register(CounterpartyAccount)
class CounterpartyAccountAdmin(DirectoryAdmin):
    fields = ["counterparty", "bank", ("number", "currency")]
    list_display = ["number", "counterparty", "bank", "currency", "in_use"]
    list_filter = ["currency", "is_active"]
    list_select_related = ["counterparty", "bank"]
    search_fields = [
        "number__finds", "counterparty__name__finds", "counterparty__inn__finds",
        "counterparty__kio__finds", "counterparty__tax_number__finds",
    ]  # fmt: skip
    autocomplete_fields = ["counterparty", "bank"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _warn_of_other_payees(request, [obj])


def _warn_of_other_payees(request: HttpRequest, accounts: Iterable[CounterpartyAccount]) -> None:
    """An account belongs to one: the other payee is a mistake, an old name, or a fraud."""
    for account in accounts:
        others = CounterpartyAccount.objects.of_other_payees(account)
        known = "; ".join(payee_label(other.counterparty) for other in others)
        if known and account.is_active:
            text = _("The account %(number)s is also that of %(known)s: whose is it really?")
            messages.warning(request, text % {"number": account.number, "known": known})
