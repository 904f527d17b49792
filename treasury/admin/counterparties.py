"""Whom we pay."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from treasury.admin.base import BackOfficeAdmin, BackOfficeInline
from treasury.admin.display import payee_label
from treasury.models import Counterparty, CounterpartyAccount


class AccountInline(BackOfficeInline):
    model = CounterpartyAccount
    verbose_name = _("account")
    verbose_name_plural = _("the counterparty's accounts")
    fields = ["bank", "number", "currency", "is_active"]
    autocomplete_fields = ["bank"]


class CounterpartyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The same ИНН once more is a branch, or the same company typed twice: only people know."""

    # Hidden until there is something to answer.
    branch = forms.BooleanField(
        label=_("This is another branch: save it"), required=False, widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
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
class CounterpartyAdmin(BackOfficeAdmin):
    form = CounterpartyForm
    fields = ["name", ("inn", "kpp"), "branch", "is_active"]
    list_display = ["name", "inn", "kpp", "is_active", "new_request"]
    list_filter = ["is_active"]
    search_fields = ["name__finds", "inn__finds"]
    inlines = [AccountInline]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Only whoever asks for payments is offered a new request."""
        columns = super().get_list_display(request)
        if request.user.has_perm("treasury.add_paymentrequest"):
            return columns
        return [column for column in columns if column != "new_request"]

    @admin.display(description="")
    def new_request(self, counterparty: Counterparty) -> SafeString:
        url = reverse("admin:treasury_paymentrequest_add", query={"counterparty": counterparty.pk})
        return format_html('<a href="{}">{}</a>', url, _("New request"))


@admin.register(CounterpartyAccount)
class CounterpartyAccountAdmin(BackOfficeAdmin):
    list_display = ["number", "counterparty", "bank", "currency", "is_active"]
    list_filter = ["currency", "is_active"]
    list_select_related = ["counterparty", "bank"]
    search_fields = ["number__finds", "counterparty__name__finds", "counterparty__inn__finds"]
    autocomplete_fields = ["counterparty", "bank"]
