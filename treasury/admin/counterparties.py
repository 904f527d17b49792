"""Whom we pay."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from treasury.admin.base import BackOfficeAdmin, BackOfficeInline
from treasury.models import Counterparty, CounterpartyAccount


class AccountInline(BackOfficeInline):
    model = CounterpartyAccount
    fields = ["bank", "number", "currency", "is_active"]
    autocomplete_fields = ["bank"]


@admin.register(Counterparty)
class CounterpartyAdmin(BackOfficeAdmin):
    list_display = ["name", "inn", "kpp", "is_active", "new_request"]
    list_filter = ["is_active"]
    search_fields = ["name__finds", "inn__finds"]
    inlines = [AccountInline]

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
