"""Our side: organizations with their accounts and departments, banks, cash-flow items, VAT."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from treasury.admin import lookups
from treasury.admin.base import BackOfficeAdmin, employee_of, refusals_forbid
from treasury.admin.directories import DirectoryAdmin, FixedFactsForm
from treasury.admin.shown import AsShownForm
from treasury.admin.waiting import warn_of_nobody
from treasury.models import (
    Bank,
    CashFlowItem,
    Decision,
    Department,
    Organization,
    OwnAccount,
    VatRate,
)
from treasury.services import appointments


class OrganizationForm(AsShownForm, FixedFactsForm):
    pass


@admin.register(Organization)
class OrganizationAdmin(BackOfficeAdmin):
    form = OrganizationForm
    change_form_template = "admin/treasury/fixed_facts.html"
    list_display = ["name", "code", "inn", "kpp", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name__finds", "code__finds", "inn__finds"]


@admin.register(Bank)
class BankAdmin(DirectoryAdmin):
    list_display = ["name", "bik", "swift", "city", "correspondent_account", "in_use"]
    list_filter = ["is_active"]
    search_fields = ["name__finds", "bik__finds", "swift__finds", "city__finds"]
    # Whoever adds a bank reads its БИК or SWIFT from the invoice.
    fields = [("bik", "swift"), "name", "city", "correspondent_account"]


@admin.register(OwnAccount)
class OwnAccountAdmin(DirectoryAdmin):
    fields = ["organization", "bank", ("number", "currency")]
    list_display = ["number", "organization", "bank", "currency", "in_use"]
    list_filter = ["organization", "currency", "is_active"]
    list_select_related = ["organization", "bank"]
    search_fields = ["number__finds", "bank__name__finds", "organization__name__finds"]
    autocomplete_fields = ["bank"]


@admin.register(Department)
class DepartmentAdmin(DirectoryAdmin):
    fields = ["organization", "name", "head", "budget_holders"]
    list_display = ["name", "organization", "head", "holders", "in_use"]
    list_filter = ["organization", "is_active"]
    list_select_related = ["organization", "head"]
    search_fields = [
        "name__finds", "organization__name__finds", "budget_holders__last_name__finds"
    ]  # fmt: skip
    autocomplete_fields = ["budget_holders", "head"]

    def get_urls(self) -> list[URLPattern]:
        named = self.admin_site.admin_view(lookups.departments)
        return [path("named/", named, name="treasury_department_named"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Department]:
        return super().get_queryset(request).prefetch_related("budget_holders")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """What this form has changed, and nothing that another has changed meanwhile."""
        chosen, shown = form.cleaned_data["budget_holders"], form.initial.get("budget_holders", ())
        with refusals_forbid():
            appointments.change_holders(
                department=form.instance,
                joined=set(chosen) - set(shown),
                left=set(shown) - set(chosen),
                actor=employee_of(request),
                channel=Decision.Channel.ADMIN,
            )
        warn_of_nobody(request, departments=[form.instance.pk])

    def delete_model(self, request: HttpRequest, obj: Department) -> None:
        with refusals_forbid():
            appointments.delete_department(
                department=obj, actor=employee_of(request), channel=Decision.Channel.ADMIN
            )

    @admin.display(description=_("budget holders"))
    def holders(self, department: Department) -> str:
        return ", ".join(person.get_short_name() for person in department.budget_holders.all())


@admin.register(CashFlowItem)
class CashFlowItemAdmin(BackOfficeAdmin):
    list_display = ["code", "name", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code__finds", "name__finds"]


@admin.register(VatRate)
class VatRateAdmin(BackOfficeAdmin):
    list_display = ["name", "percent", "since", "until"]
