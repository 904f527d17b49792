"""People: their log-in, their roles."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.forms import BooleanField, CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from treasury.admin.base import BackOfficeAdmin, employee_of
from treasury.admin.roles import RolesField, note
from treasury.models import ApprovalTask, Employee

PERSON = ("last_name", "first_name", "patronymic")
# More numbers than this are no warning but a list.
NUMBERS_SHOWN = 5


class EmployeeCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]
    """Whoever has a role works in the back office; the tick can be taken off later."""

    class Meta:
        model = Employee
        fields = ["email"]

    def save(self, commit: bool = True) -> Any:
        self.instance.is_staff = bool(self.cleaned_data.get("groups"))
        return super().save(commit)


class EmployeeForm(UserChangeForm):  # type: ignore[type-arg]
    # Django's own shows the parts of the hash.
    password = None  # type: ignore[assignment]
    is_superuser = BooleanField(
        label=_("May do everything"), required=False,
        help_text=_("Above all roles: for who installs the product, not for daily work."),
    )  # fmt: skip


@admin.register(Employee)
class EmployeeAdmin(BackOfficeAdmin, UserAdmin):  # type: ignore[type-arg]
    form = EmployeeForm
    list_display = ["__str__", "email", "roles", "is_staff", "is_active"]
    list_filter = ["is_active", "is_staff", "groups"]
    search_fields = [f"{field}__finds" for field in (*PERSON, "email")]
    ordering = ["last_name", "first_name"]
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined", "password_state"]
    add_form = EmployeeCreationForm
    add_fieldsets = [
        (None, {"fields": [PERSON, ("email", "language")]}),
        (_("Roles"), {"fields": ["groups"]}),
        (_("Log-in"), {"fields": ["usable_password", "password1", "password2"]}),
    ]
    fieldsets = [
        (None, {"fields": [PERSON, ("email", "language"), "is_active"]}),
        (_("Roles"), {"fields": ["groups", "is_staff"]}),
        (_("Log-in"), {"fields": [("password_state", "last_login", "date_joined")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody makes himself almighty, nor need he read of what he cannot give."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj and not self.has_change_permission(request, obj):
            # Django's own help to the ticks is for who can set them.
            told = {"fields": ["roles", "is_staff"]}
            return [(title, told if title == _("Roles") else rest) for title, rest in fieldsets]
        if obj and employee_of(request).is_superuser:
            return [*fieldsets, (_("Full access"), {"fields": ["is_superuser"]})]
        return fieldsets

    @admin.display(description=_("password"))
    def password_state(self, employee: Employee) -> str:
        """A hash says nothing to a person."""
        if employee.has_usable_password():
            return gettext("Set")
        return gettext("None: signs in with Google only")

    @admin.display(description=_("roles"))
    def roles(self, employee: Employee) -> str:
        almighty = [gettext("Full access")] if employee.is_superuser else []
        return ", ".join([*almighty, *(group.name for group in employee.groups.all())])

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """There are few roles: all are to be seen at a glance."""
        if db_field.name == "groups":
            kwargs |= {"widget": CheckboxSelectMultiple(), "form_class": RolesField}
            kwargs |= {"label": capfirst(_("roles")), "help_text": ""}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data and not obj.is_active:
            _warn_of_open_tasks(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj and obj.is_superuser and not employee_of(request).is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever leaves stays in the journal; take the tick off “works here”."""
        return False


def _warn_of_open_tasks(request: HttpRequest, employee: Employee) -> None:
    """Whoever leaves is asked no more, and what waits for him would stand still unnoticed."""
    open_tasks = employee.tasks.filter(status=ApprovalTask.Status.OPEN).order_by("request_id")
    numbers = list(open_tasks.values_list("request__number", flat=True))
    if not numbers:
        return
    shown, rest = ", ".join(numbers[:NUMBERS_SHOWN]), len(numbers) - NUMBERS_SHOWN
    if rest > 0:
        shown = _("%(numbers)s and %(count)d more") % {"numbers": shown, "count": rest}
    text = _(
        "These requests still wait for this employee: %(numbers)s. "
        "The tasks can be handed over on the pages of the requests."
    )
    messages.warning(request, text % {"numbers": shown})


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(BackOfficeAdmin, GroupAdmin):
    list_display = ["name", "what"]

    @admin.display(description=_("what it may do"))
    def what(self, role: Group) -> str:
        return note(role)
