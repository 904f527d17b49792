"""Deputies: everyone who is asked arranges his own; the services begin and end them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from treasury import rights
from treasury.admin import display
from treasury.admin.base import BackOfficeAdmin, employee_of
from treasury.admin.fields import MomentInput
from treasury.errors import NotAllowed, TreasuryError
from treasury.models import Decision, Delegation, Employee, Organization, RouteStage
from treasury.names import accusative
from treasury.services import delegations
from treasury.services.delegations import REASON_MAX_LENGTH

CHANNEL = Decision.Channel.ADMIN
LIST = "admin:treasury_delegation_changelist"


class StageField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: RouteStage) -> str:
        return f"{obj.route}: {obj}"


class DelegationForm(forms.Form):
    """Only whoever looks after all delegations chooses who is away; for others it is themselves."""

    principal = forms.ModelChoiceField(
        Employee.objects.filter(is_active=True), label=capfirst(_("who is away")), empty_label=None
    )
    deputy = forms.ModelChoiceField(
        Employee.objects.filter(is_active=True), label=capfirst(_("deputy"))
    )
    since = forms.DateTimeField(
        label=capfirst(_("from")),
        widget=MomentInput,
        required=False,
        help_text=_("Empty: at once."),
    )
    until = forms.DateTimeField(label=capfirst(_("until")), widget=MomentInput)
    organization = forms.ModelChoiceField(
        Organization.objects.filter(is_active=True),
        label=capfirst(_("organization")),
        required=False,
        empty_label=_("All"),
    )
    stage = StageField(
        RouteStage.objects.filter(route__is_active=True).select_related("route"),
        label=capfirst(_("stage")),
        required=False,
        empty_label=_("All"),
    )
    reason = forms.CharField(
        label=capfirst(_("reason")), required=False, max_length=REASON_MAX_LENGTH
    )

    def __init__(self, data: Any, *, employee: Employee) -> None:
        super().__init__(data, initial={"principal": employee}, label_suffix="")
        chooses = employee.has_perm("treasury.add_delegation")
        # A disabled field keeps its initial value, whatever is sent.
        self.fields["principal"].disabled = not chooses


@admin.register(Delegation)
class DelegationAdmin(BackOfficeAdmin):
    list_display = [
        "principal", "deputy", "shown_scope", "shown_since", "shown_until", "state", "reason",
    ]  # fmt: skip
    list_select_related = ["principal", "deputy", "organization", "stage__route"]
    search_fields = ["principal__last_name__finds", "deputy__last_name__finds"]
    fields = [
        "principal", "deputy", "shown_scope", "shown_since", "shown_until", "state", "reason",
    ]  # fmt: skip
    actions = ["end_chosen"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delegation]:
        """All for whoever may view them; for others those in which they are a part."""
        employee = employee_of(request)
        if employee.has_perm("treasury.view_delegation"):
            return Delegation.objects.all()
        return Delegation.objects.concerning(employee)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever is asked may arrange his own; others have nothing that a deputy could do."""
        # The page for logging in asks it of nobody in particular.
        if not isinstance(request.user, Employee):
            return False
        return request.user.has_perm("treasury.add_delegation") or request.user.is_asked

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What was decided under it refers to it; it is ended instead."""
        return False

    def get_urls(self) -> list[URLPattern]:
        end = self.admin_site.admin_view(self.end_view)
        return [
            path("<int:pk>/end/", end, name="treasury_delegation_end"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else None
        form = DelegationForm(sent, employee=employee_of(request))
        if form.is_valid() and _begin(request, form):
            return redirect(LIST)
        context = {
            **self.admin_site.each_context(request),
            "title": _("New delegation"),
            "opts": self.opts,
            "form": form,
        }
        return render(request, "admin/treasury/delegation/add.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        delegation = self.get_object(request, object_id)
        may_end = delegation is not None and _may_end(delegation, employee_of(request))
        context = {**(extra_context or {}), "may_end": may_end}
        return super().change_view(request, object_id, form_url, context)

    @method_decorator(require_POST)
    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        delegation = get_object_or_404(self.get_queryset(request), pk=pk)
        if _end(request, delegation):
            messages.success(request, _("The delegation is ended."))
        return redirect(LIST)

    @admin.action(description=_("End"))
    def end_chosen(self, request: HttpRequest, queryset: QuerySet[Delegation]) -> None:
        count = sum(_end(request, delegation) for delegation in queryset)
        text = ngettext(
            "%(count)d delegation was ended.", "%(count)d delegations were ended.", count
        )
        if count:
            messages.success(request, text % {"count": count})

    @admin.display(description=_("scope"))
    def shown_scope(self, delegation: Delegation) -> str:
        return delegation.scope

    @admin.display(description=_("from"), ordering="since")
    def shown_since(self, delegation: Delegation) -> str:
        return display.moment(delegation.since)

    @admin.display(description=_("until"), ordering="until")
    def shown_until(self, delegation: Delegation) -> str:
        return display.moment(delegation.until)

    @admin.display(description=_("state"))
    def state(self, delegation: Delegation) -> SafeString:
        now = timezone.now()
        if delegation.until <= now:
            return display.badge("cancelled", str(pgettext_lazy("delegation", "Over")))
        if delegation.since > now:
            return display.badge("draft", str(pgettext_lazy("delegation", "To come")))
        return display.badge("in_approval", str(pgettext_lazy("delegation", "Running")))


def _begin(request: HttpRequest, form: DelegationForm) -> Delegation | None:
    """None when the form has to be corrected."""
    try:
        delegation = delegations.begin(
            **form.cleaned_data, actor=employee_of(request), channel=CHANNEL
        )
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except TreasuryError as refusal:
        form.add_error(None, str(refusal))
        return None
    text = _("%(deputy)s stands in for %(principal)s.")
    names = {
        "deputy": delegation.deputy.get_short_name(),
        "principal": accusative(delegation.principal.get_short_name()),
    }
    messages.success(request, text % names)
    return delegation


def _end(request: HttpRequest, delegation: Delegation) -> bool:
    """Whether it was ended; if not, the person is told why."""
    try:
        delegations.end(delegation=delegation, actor=employee_of(request), channel=CHANNEL)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except TreasuryError as refusal:
        messages.error(request, str(refusal))
        return False
    return True


def _may_end(delegation: Delegation, employee: Employee) -> bool:
    return delegation.until > timezone.now() and rights.may_end_delegation(delegation, employee)
