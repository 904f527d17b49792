"""The buttons of a request and what they do: every move is one POST to one view."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from treasury import rights
from treasury.admin import display
from treasury.admin.base import employee_of
from treasury.errors import (
    AlreadyDecided,
    NotAllowed,
    NotReady,
    ReasonRequired,
    TreasuryError,
    WrongColleague,
)
from treasury.models import ApprovalTask, Decision, Employee, PaymentRequest
from treasury.services import decisions, requests
from treasury.services.decisions import REASON_MAX_LENGTH, REASON_MIN_LENGTH
from treasury.workflow import MOVES, Action

CHANNEL = Decision.Channel.ADMIN
# Changing has a form of its own, and creating is no move.
LABELS = {
    Action.SUBMIT: pgettext_lazy("button", "Submit"),
    Action.APPROVE: pgettext_lazy("button", "Approve"),
    Action.DECLINE: pgettext_lazy("button", "Decline"),
    Action.RETURN: pgettext_lazy("button", "Return for rework"),
    Action.REASSIGN: pgettext_lazy("button", "Hand over"),
    Action.ADD_APPROVER: pgettext_lazy("button", "Add an approver"),
    Action.WITHDRAW: pgettext_lazy("button", "Withdraw"),
    Action.CANCEL: pgettext_lazy("button", "Cancel the request"),
    Action.COPY: pgettext_lazy("button", "Copy as new"),
}
KINDS = {Action.APPROVE: "good", Action.SUBMIT: "good", Action.DECLINE: "bad", Action.CANCEL: "bad"}
DONE = {
    Action.SUBMIT: _("%(number)s was submitted."),
    Action.APPROVE: _("%(number)s: your approval is recorded."),
    Action.DECLINE: _("%(number)s was declined."),
    Action.RETURN: _("%(number)s was returned for rework."),
    Action.REASSIGN: _("%(number)s was handed over."),
    Action.ADD_APPROVER: _("%(number)s: one more approver is asked."),
    Action.WITHDRAW: _("%(number)s was withdrawn and is a draft again."),
    Action.CANCEL: _("%(number)s was cancelled."),
    Action.COPY: _("%(number)s is a new draft. Check the date and attach the documents."),
}


class MoveForm(forms.Form):
    """The task is the one that the person saw, so that a decision never lands on another."""

    task = forms.ModelChoiceField(
        ApprovalTask.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, tasks: Any, actor: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "label_suffix": ""})
        self.actor = actor
        self.fields["task"].queryset = tasks  # type: ignore[attr-defined]


class ReasonForm(MoveForm):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=REASON_MIN_LENGTH,
        max_length=REASON_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": ReasonRequired.message, "min_length": ReasonRequired.message},
    )


class TaskField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: ApprovalTask) -> str:
        return str(obj.employee)


class ColleagueForm(ReasonForm):
    to = forms.ModelChoiceField(Employee.objects.none(), label=_("Whom to ask"))
    field_order = ["to", "reason"]

    def __init__(self, *args: Any, initial: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, initial=initial, **kwargs)
        task = initial["task"]
        if task:
            self.fields["to"].queryset = (  # type: ignore[attr-defined]
                decisions.colleagues(task, self.actor)
            )


class HandOverForm(ColleagueForm):
    task = TaskField(ApprovalTask.objects.none(), label=_("Whose task"), empty_label=None)
    to = forms.ModelChoiceField(Employee.objects.none(), label=_("To whom"))
    field_order = ["task", "to", "reason"]


# The moves that bring in a colleague.
FORMS: dict[Action, type[MoveForm]] = {
    Action.REASSIGN: HandOverForm,
    Action.ADD_APPROVER: ColleagueForm,
}


@dataclass(frozen=True)
class Button:
    action: Action
    label: Any
    kind: str
    url: str
    # Empty when one press is enough.
    form: MoveForm

    @property
    def asks(self) -> bool:
        return bool(self.form.visible_fields())


def buttons(target: PaymentRequest, actor: Employee, actions: Sequence[Action]) -> list[Button]:
    """What this person may press now, in the order of the table of moves."""
    task = rights.task_of(target, actor)
    return [
        Button(action, LABELS[action], KINDS.get(action, "plain"), url_of(target, action), form)
        for action in actions
        if action in LABELS
        for form in [_form(action, target, actor, task)]
    ]


def url_of(target: PaymentRequest, action: Action) -> str:
    return reverse("admin:treasury_paymentrequest_move", args=[target.pk, action.value])


def page_of(target: PaymentRequest) -> str:
    return reverse("admin:treasury_paymentrequest_change", args=[target.pk])


def find(request: HttpRequest, pk: int) -> PaymentRequest:
    """The request, if this person may see it; else 404."""
    visible = PaymentRequest.objects.visible_to(employee_of(request))
    return get_object_or_404(visible.with_card(), pk=pk)


def move(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """GET asks (what a browser without dialogs needs), POST does it."""
    if action not in LABELS:
        raise Http404
    chosen, target, actor = Action(action), find(request, pk), employee_of(request)
    task = rights.task_of(target, actor)
    sent = request.POST if request.method == "POST" else None
    form = _form(chosen, target, actor, task, data=sent)
    if form.is_bound and form.is_valid():
        response = _try(request, chosen, target, form)
        if response:
            return response
    if chosen not in rights.actions(target, actor):
        raise PermissionDenied(_("You cannot do this now."))
    context = {
        **admin.site.each_context(request),
        "title": LABELS[chosen],
        "original": target,
        "form": form,
        "button": Button(
            chosen, LABELS[chosen], KINDS.get(chosen, "plain"), url_of(target, chosen), form
        ),
        "opts": PaymentRequest._meta,
    }
    return render(request, "admin/treasury/paymentrequest/move.html", context)


def _form(
    action: Action,
    target: PaymentRequest,
    actor: Employee,
    task: ApprovalTask | None,
    data: Any = None,
) -> MoveForm:
    tasks = target.tasks.select_related("employee", "stage")
    form_class = FORMS.get(action, ReasonForm if MOVES[action].needs_reason else MoveForm)
    if action in FORMS:
        tasks = tasks.filter(status=ApprovalTask.Status.OPEN)
        if not rights.may_reassign(target, actor):
            tasks = tasks.filter(pk=task.pk) if task else tasks.none()
        # All of a stage have the same colleagues.
        task = task or tasks.first()
    return form_class(
        data, tasks=tasks, actor=actor, initial={"task": task}, auto_id=f"{action.value}_%s"
    )


def _try(
    request: HttpRequest, action: Action, target: PaymentRequest, form: MoveForm
) -> HttpResponse | None:
    """The way on; None when the form has to be corrected."""
    try:
        outcome = perform(action, target, employee_of(request), form.cleaned_data)
    except WrongColleague as refusal:
        form.add_error("to", str(refusal))
        return None
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except ReasonRequired as refusal:
        form.add_error("reason", str(refusal))
        return None
    except TreasuryError as refusal:
        refuse(request, refusal)
        return redirect(page_of(target))
    messages.success(request, DONE[action] % {"number": outcome.number})
    return redirect(page_of(outcome))


def refuse(request: HttpRequest, refusal: TreasuryError) -> None:
    """Say why nothing was done."""
    for problem in refusal.problems if isinstance(refusal, NotReady) else [_in_full(refusal)]:
        messages.error(request, str(problem))


def _in_full(refusal: TreasuryError) -> str:
    if not isinstance(refusal, AlreadyDecided):
        return str(refusal)
    decision = refusal.decision
    at = display.moment(decision.decided_at)
    return f"{refusal} {decision.get_action_display()}: {decision.decided_by}, {at}."


def perform(
    action: Action, target: PaymentRequest, actor: Employee, data: dict[str, Any]
) -> PaymentRequest:
    """Call the service; the request that the person wants to see next. Raises `TreasuryError`."""
    match action:
        case Action.SUBMIT:
            return requests.submit(request=target, actor=actor, channel=CHANNEL)
        case Action.WITHDRAW:
            return requests.withdraw(request=target, actor=actor, channel=CHANNEL)
        case Action.COPY:
            return requests.copy_as_new(request=target, actor=actor, channel=CHANNEL)
        case Action.CANCEL:
            return requests.cancel(
                request=target, actor=actor, channel=CHANNEL, reason=data["reason"]
            )
    task = data["task"] or rights.task_of(target, actor)
    if task is None:
        raise NotAllowed
    match action:
        case Action.APPROVE:
            decisions.approve(task=task, actor=actor, channel=CHANNEL)
        case Action.DECLINE:
            decisions.decline(task=task, actor=actor, channel=CHANNEL, reason=data["reason"])
        case Action.RETURN:
            decisions.return_for_rework(
                task=task, actor=actor, channel=CHANNEL, reason=data["reason"]
            )
        case Action.REASSIGN:
            decisions.reassign(
                task=task, to=data["to"], actor=actor, channel=CHANNEL, reason=data["reason"]
            )
        case Action.ADD_APPROVER:
            decisions.add_approver(
                task=task, to=data["to"], actor=actor, channel=CHANNEL, reason=data["reason"]
            )
    return target
