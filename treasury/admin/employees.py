"""People: their log-in, their roles."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from treasury.admin.base import BackOfficeAdmin, employee_of, refusals_forbid
from treasury.admin.roles import RolesField, note
from treasury.admin.shown import AsShownForm
from treasury.admin.waiting import warn_of_leaver
from treasury.errors import EmailInUse, TreasuryError
from treasury.models import Decision, Employee
from treasury.services import passwords, people

PERSON = ("last_name", "first_name", "patronymic")
CHANNEL = Decision.Channel.ADMIN
ALMIGHTY = _("Above all roles: for who installs the product, not for daily work.")


@admin.register(Employee)
class EmployeeAdmin(BackOfficeAdmin):
    form = AsShownForm
    list_display = ["__str__", "email", "roles", "is_staff", "is_active"]
    list_filter = ["is_active", "is_staff", "groups"]
    search_fields = [f"{field}__finds" for field in (*PERSON, "email")]
    ordering = ["last_name", "first_name"]
    readonly_fields = ["last_login", "date_joined", "password_state", "phone"]
    add_fieldsets = [
        (None, {"fields": [PERSON, ("email", "language")]}),
        (_("Roles"), {"fields": ["groups"]}),
    ]
    fieldsets = [
        (None, {"fields": [PERSON, ("email", "language", "phone"), "is_active"]}),
        (_("Roles"), {"fields": ["groups", "is_staff"]}),
        (_("Log-in"), {"fields": [("password_state", "last_login", "date_joined")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody makes himself almighty, nor need he read of what he cannot give."""
        fieldsets = super().get_fieldsets(request, obj) if obj else self.add_fieldsets
        if obj and not self.has_change_permission(request, obj):
            # Django's own help to the ticks is for who can set them.
            told = {"fields": ["roles", "is_staff"]}
            return [(title, told if title == _("Roles") else rest) for title, rest in fieldsets]
        if obj and employee_of(request).is_superuser:
            return [*fieldsets, (_("Full access"), {"fields": ["is_superuser"]})]
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An address by which somebody signs in is no administrator's to change."""
        fields = super().get_readonly_fields(request, obj)
        if obj and people.has_entered(obj) and not employee_of(request).is_superuser:
            return [*fields, "email"]
        return fields

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if "email" in self.get_readonly_fields(request, obj):
            kwargs["help_texts"] = {"email": EmailInUse.message}
        return super().get_form(request, obj, change, **kwargs)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """As Django's own: a filter by parts of the hash would tell it bit by bit."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[URLPattern]:
        send = self.admin_site.admin_view(self.password_link_view)
        one = path("<int:pk>/password-link/", send, name="treasury_employee_password_link")
        return [one, *super().get_urls()]

    @method_decorator(require_POST)
    def password_link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        employee = get_object_or_404(Employee, pk=pk)
        try:
            with refusals_forbid():
                passwords.send_link(employee=employee, actor=employee_of(request), channel=CHANNEL)
        except TreasuryError as refusal:
            messages.error(request, str(refusal))
        else:
            text = _("A link to set a password was sent to %(email)s.")
            messages.success(request, text % {"email": employee.email})
        return redirect("admin:treasury_employee_change", pk)

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

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "is_superuser":
            kwargs |= {"label": _("May do everything"), "help_text": ALMIGHTY}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """There are few roles: all are to be seen at a glance."""
        if db_field.name == "groups":
            kwargs |= {"widget": CheckboxSelectMultiple(), "form_class": RolesField}
            kwargs |= {"label": capfirst(_("roles")), "help_text": ""}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        given = form.cleaned_data
        actor = employee_of(request)
        with refusals_forbid():
            if not change:
                roles = given.pop("groups")
                obj.pk = people.hire(**given, roles=roles, actor=actor, channel=CHANNEL).pk
                return
            changed = {name: given[name] for name in form.changed_data}
            saved = people.change(employee=obj, actor=actor, channel=CHANNEL, fields=changed)
        if saved == actor:
            update_session_auth_hash(request, saved)
        if "is_active" in form.changed_data and not obj.is_active:
            warn_of_leaver(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The roles are saved with the person."""

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
    list_display = ["name", "what"]

    @admin.display(description=_("what it may do"))
    def what(self, role: Group) -> str:
        return note(role)
