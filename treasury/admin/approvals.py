"""Who approves: routes, groups; and what was decided."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from treasury.admin import trial
from treasury.admin.base import (
    BackOfficeAdmin,
    BackOfficeInline,
    ReadOnlyAdmin,
    employee_of,
    refusals_forbid,
)
from treasury.admin.paging import FarListAdmin
from treasury.admin.shown import AsShownForm, WholeRowForm
from treasury.admin.stages import RouteStageInline
from treasury.admin.waiting import warn_of_nobody
from treasury.models import ApprovalRoute, ApproverGroup, Decision, GroupMembership
from treasury.services import appointments

CHANNEL = Decision.Channel.ADMIN


@admin.register(ApprovalRoute)
class ApprovalRouteAdmin(BackOfficeAdmin):
    form = AsShownForm
    list_display = ["name", "organization", "chain", "same_person", "is_active"]
    list_filter = ["is_active", "organization"]
    list_select_related = ["organization"]
    search_fields = ["name__finds"]
    inlines = [RouteStageInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalRoute]:
        return super().get_queryset(request).prefetch_related("stages")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        route = self.get_object(request, object_id)
        tried = trial.of(route, request.GET) if isinstance(route, ApprovalRoute) else None
        context = {**(extra_context or {}), "trial": tried}
        return super().change_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Together with its stages: see `save_related`."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        [stages] = formsets
        changed = stages.save(commit=False)
        chosen = [(row.instance, row.cleaned_data["stand_ins"]) for row in stages.saved_forms]
        with refusals_forbid():
            appointments.save_route(
                route=form.instance, stages=changed, removed=stages.deleted_objects,
                stand_ins=chosen,
                actor=employee_of(request), channel=CHANNEL,
            )  # fmt: skip

    def delete_model(self, request: HttpRequest, obj: ApprovalRoute) -> None:
        with refusals_forbid():
            appointments.delete_route(route=obj, actor=employee_of(request), channel=CHANNEL)

    @admin.display(description=_("stages"))
    def chain(self, route: ApprovalRoute) -> str:
        stages = sorted(route.stages.all(), key=lambda stage: stage.position)
        return " → ".join(stage.name for stage in stages)


class MembershipFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Finds the same member twice among what is being saved, which the database would refuse."""

    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.forms:
            member = form.cleaned_data.get("employee"), form.cleaned_data.get("organization")
            if form.cleaned_data.get(DELETION_FIELD_NAME) or member[0] is None:
                continue
            if member in seen:
                form.add_error("employee", _("This member is in the group already."))
            seen.add(member)


class MembershipInline(BackOfficeInline):
    model = GroupMembership
    form = WholeRowForm
    formset = MembershipFormSet
    autocomplete_fields = ["employee"]


@admin.register(ApproverGroup)
class ApproverGroupAdmin(BackOfficeAdmin):
    form = AsShownForm
    list_display = ["name", "code", "people"]
    search_fields = ["name__finds", "code__finds"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApproverGroup]:
        groups: QuerySet[ApproverGroup] = super().get_queryset(request)
        return groups.prefetch_related("memberships__employee")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A row that was changed is one member less and another more."""
        [members] = formsets
        saved = members.save(commit=False)
        known = [row.pk for row in (*saved, *members.deleted_objects) if row.pk]
        before = GroupMembership.objects.filter(pk__in=known)
        left = [_seat(row) for row in before.select_related("employee", "organization")]
        with refusals_forbid():
            appointments.change_members(
                group=form.instance, joined=map(_seat, saved), left=left,
                actor=employee_of(request), channel=CHANNEL,
            )  # fmt: skip
        warn_of_nobody(request, groups=[form.instance.pk])

    def delete_model(self, request: HttpRequest, obj: ApproverGroup) -> None:
        with refusals_forbid():
            appointments.delete_group(group=obj, actor=employee_of(request), channel=CHANNEL)

    @admin.display(description=_("members"))
    def people(self, group: ApproverGroup) -> str:
        return ", ".join(
            membership.employee.get_short_name() for membership in group.memberships.all()
        )


def _seat(row: GroupMembership) -> appointments.Seat:
    return row.employee, row.organization


@admin.register(Decision)
class DecisionAdmin(FarListAdmin, ReadOnlyAdmin):
    list_display = [
        "decided_at", "shown_request", "action", "decided_by", "on_behalf_of", "reason", "channel",
        "revision",
    ]  # fmt: skip
    list_filter = ["action", "channel"]
    list_select_related = ["request", "decided_by", "on_behalf_of"]
    search_fields = ["request__number__finds", "decided_by__last_name__finds"]
    ordering = ["-id"]
    fields = [
        "shown_request", "shown_task", "revision", "action", "decided_by", "on_behalf_of", "reason",
        "channel", "decided_at",
    ]  # fmt: skip

    # The fields have no names of their own that could be translated.
    @admin.display(description=_("request"), ordering="request_id")
    def shown_request(self, decision: Decision) -> str:
        return str(decision.request)

    @admin.display(description=_("approval task"))
    def shown_task(self, decision: Decision) -> str:
        return str(decision.task)
