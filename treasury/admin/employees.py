"""People: their log-in, their roles."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from treasury.admin import journal
from treasury.admin.base import BackOfficeAdmin, employee_of
from treasury.models import Employee

PERSON = ("last_name", "first_name", "patronymic")


class EmployeeCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = Employee
        fields = ["email"]


@admin.register(Employee)
class EmployeeAdmin(BackOfficeAdmin, UserAdmin):  # type: ignore[type-arg]
    list_display = ["__str__", "email", "roles", "is_staff", "is_active"]
    list_filter = ["is_active", "is_staff", "groups"]
    search_fields = [*PERSON, "email"]
    ordering = ["last_name", "first_name"]
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined", "account_journal"]
    add_form = EmployeeCreationForm
    add_fieldsets = [
        (None, {"fields": [PERSON, ("email", "language")]}),
        (_("Log-in"), {"fields": ["usable_password", "password1", "password2"]}),
        (_("Rights"), {"fields": ["is_staff", "groups"]}),
    ]
    fieldsets = [
        (None, {"fields": [PERSON, ("email", "language"), "is_active"]}),
        (_("Log-in"), {"fields": ["password", ("last_login", "date_joined")]}),
        (_("Rights"), {"fields": ["is_staff", "groups", "is_superuser"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj and employee_of(request).has_perm("treasury.view_accountevent"):
            return [*fieldsets, (_("Journal of the account"), {"fields": ["account_journal"]})]
        return fieldsets

    @admin.display(description=_("journal"))
    def account_journal(self, employee: Employee) -> SafeString:
        return journal.of_account(employee)

    @admin.display(description=_("roles"))
    def roles(self, employee: Employee) -> str:
        return ", ".join(group.name for group in employee.groups.all())

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody makes himself almighty."""
        fields = super().get_readonly_fields(request, obj)
        return fields if employee_of(request).is_superuser else [*fields, "is_superuser"]

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """There are few roles: all are to be seen at a glance."""
        if db_field.name == "groups":
            kwargs["widget"] = CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj and obj.is_superuser and not employee_of(request).is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever leaves stays in the journal; take the tick off “works here”."""
        return False


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(BackOfficeAdmin, GroupAdmin):
    pass
