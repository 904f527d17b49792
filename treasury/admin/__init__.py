"""The back office: the Django admin with a thin skin. It checks nothing itself; services do."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from treasury.admin import (
    approvals,
    calendar,
    counterparties,
    delegations,
    employees,
    journal,
    organizations,
    requests,
)
from treasury.admin.log_in import LogInForm

__all__ = [
    "approvals",
    "calendar",
    "counterparties",
    "delegations",
    "employees",
    "journal",
    "organizations",
    "requests",
]

admin.site.login_form = LogInForm
admin.site.site_title = _("Treasury")
admin.site.site_header = _("Treasury")
admin.site.index_title = _("Payment requests")
admin.site.site_url = None
# What is done to many rows at once passes by the services.
admin.site.disable_action("delete_selected")
