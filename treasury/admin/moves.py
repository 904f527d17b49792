"""The buttons of a request and what they do: every move is one POST to one view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from treasury import rights
from treasury.admin import copying, display
from treasury.admin.base import employee_of
from treasury.admin.move_forms import FORMS, AgainForm, ApproveForm, MoveForm, ReasonForm
from treasury.approval import Approval, read
from treasury.errors import (
    AlreadyDecided,
    DuplicateInvoice,
    NotAllowed,
    NotReady,
    ReasonRequired,
    TreasuryError,
    WrongColleague,
)
from treasury.models import ApprovalTask, Decision, Employee, OwnAccount, PaymentRequest
from treasury.services import decisions, requests
from treasury.workflow import UNFINISHED, Action, needs_reason

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
    Action.ADOPT: pgettext_lazy("button", "Take over"),
    Action.COPY: pgettext_lazy("button", "Copy as new"),
}
# Of the requests with one invoice: «б/н» may stand on many.
TWINS_SHOWN = 10
KINDS = {Action.APPROVE: "good", Action.SUBMIT: "good", Action.DECLINE: "bad", Action.CANCEL: "bad"}
DONE = {
    Action.APPROVE: _("%(number)s: your approval is recorded."),
    Action.DECLINE: _("%(number)s was declined."),
    Action.RETURN: _("%(number)s was returned for rework."),
    Action.REASSIGN: _("%(number)s was handed over."),
    Action.ADD_APPROVER: _("%(number)s: one more approver is asked."),
    Action.WITHDRAW: _("%(number)s was withdrawn and is a draft again."),
    Action.CANCEL: _("%(number)s was cancelled."),
    Action.ADOPT: _("%(number)s is yours now: check it and submit it."),
}
# What is said before a move that cannot be taken back, where no reason has to be written.
QUESTIONS = {
    Action.WITHDRAW: _("The request becomes a draft again, and approvals already given are lost."),
    Action.CANCEL: _("It stays in the list as cancelled, and can be copied."),
    Action.ADOPT: _(
        "Its author prepares no requests any more. You become the author: you submit it, and never "
        "decide on it."
    ),
}


@dataclass(frozen=True)
class Button:
    action: Action
    label: Any
    kind: str
    url: str
    # Empty when one press is enough.
    form: MoveForm
    question: Any = ""

    @property
    def asks(self) -> bool:
        return bool(self.question or self.form.visible_fields())

    @property
    def is_link(self) -> bool:
        """It only opens a form."""
        return self.action == Action.COPY


def buttons(
    approval: Approval,
    actor: Employee,
    task: ApprovalTask | None,
    actions: Sequence[Action],
) -> list[Button]:
    """What this person may press now, in the order of the table of moves, and red ones last."""
    target = approval.request
    forms = {action: _form(action, approval, actor, task) for action in actions if action in LABELS}
    found = [_button(action, target, form) for action, form in forms.items() if not form.is_in_vain]
    return sorted(found, key=lambda button: button.kind == "bad")


def _button(action: Action, target: PaymentRequest, form: MoveForm) -> Button:
    is_draft = action == Action.CANCEL and target.status in UNFINISHED
    label = pgettext("button", "Cancel the draft") if is_draft else LABELS[action]
    if isinstance(form, AgainForm):
        label = pgettext("button", "Submit anyway")
    if isinstance(form, ApproveForm) and form.only:
        label = pgettext("button", "Approve, pay from %(account)s") % {
            "account": form.only.get_short_name()
        }
    return Button(
        action=action,
        label=label,
        kind="plain" if is_draft else KINDS.get(action, "plain"),
        url=copying.url_of(target) if action == Action.COPY else url_of(target, action),
        form=form,
        question="" if form.visible_fields() else QUESTIONS.get(action, ""),
    )


def url_of(target: PaymentRequest, action: Action) -> str:
    return reverse("admin:treasury_paymentrequest_move", args=[target.pk, action.value])


def page_of(target: PaymentRequest) -> str:
    return reverse("admin:treasury_paymentrequest_change", args=[target.pk])


def find(request: HttpRequest, pk: int) -> PaymentRequest:
    """The request, if this person may see it; else 404."""
    readable = PaymentRequest.objects.readable_by(employee_of(request))
    return get_object_or_404(readable.with_card(), pk=pk)


def move(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """GET asks (what a browser without dialogs needs), POST does it."""
    # A copy is made by the form of a new request.
    if action not in LABELS or action == Action.COPY:
        raise Http404
    chosen, target, actor = Action(action), find(request, pk), employee_of(request)
    approval = read(target)
    task = rights.task_of(approval, actor)
    sent = request.POST if request.method == "POST" else None
    form = _form(chosen, approval, actor, task, data=sent)
    if form.is_bound and form.is_valid():
        response = _try(request, chosen, target, form)
        if response:
            return response
    if chosen not in rights.actions_with(task, target, actor):
        raise PermissionDenied(_("You cannot do this now."))
    for field in form.visible_fields()[:1]:
        field.field.widget.attrs["autofocus"] = True
    context = {
        **admin.site.each_context(request),
        "title": LABELS[chosen],
        "original": target,
        "form": form,
        "button": _button(chosen, target, form),
        **(same_invoice(target, actor) if chosen == Action.SUBMIT else {}),
        "opts": PaymentRequest._meta,
    }
    return render(request, "admin/treasury/paymentrequest/move.html", context)


def _form(
    action: Action,
    approval: Approval,
    actor: Employee,
    task: ApprovalTask | None,
    data: Any = None,
) -> MoveForm:
    target = approval.request
    tasks = target.tasks.select_related("employee", "stage")
    initial: dict[str, Any] = {"task": task}
    form_class: Callable[..., MoveForm] = FORMS.get(action, MoveForm)
    if action == Action.APPROVE and task and rights.chooses_account(approval, task, actor):
        accounts = OwnAccount.objects.to_pay(target).select_related("bank")
        form_class = partial(ApproveForm, accounts=accounts)
        initial["own_account"] = target.own_account_id
    elif action == Action.SUBMIT and PaymentRequest.objects.twins_of(target).exists():
        form_class = AgainForm
    elif action not in FORMS and needs_reason(action, target.status):
        form_class = ReasonForm
    if action in FORMS:
        tasks = tasks.filter(status=ApprovalTask.Status.OPEN)
        if not rights.may_reassign(target, actor):
            tasks = tasks.filter(pk=task.pk) if task else tasks.none()
        # All of a stage have the same colleagues.
        initial["task"] = task or tasks.first()
    return form_class(
        data,
        tasks=tasks,
        colleagues=partial(decisions.colleagues, approval, actor=actor, action=action),
        initial=initial,
        auto_id=f"{action.value}_%s",
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
    except DuplicateInvoice:
        # It has come between: now the reason is asked for.
        return redirect(url_of(target, action))
    except TreasuryError as refusal:
        refuse(request, refusal)
        return redirect(page_of(target))
    if action == Action.SUBMIT:
        messages.success(request, submitted(outcome))
    else:
        messages.success(request, DONE[action] % {"number": outcome.number})
    return redirect(page_of(outcome))


def submitted(target: PaymentRequest) -> str:
    """What has come of a submit, and who is asked."""
    if target.stage is None:
        said = _("%(number)s was submitted: %(status)s.")
        return said % {"number": target.number, "status": target.get_status_display().lower()}
    said = _("%(number)s was submitted. Waiting for: %(whom)s")
    return said % {"number": target.number, "whom": awaited(target)}


def awaited(target: PaymentRequest) -> str:
    """«B. Orlov, V. Lebedeva (Budget holder)»"""
    tasks = target.tasks.filter(status=ApprovalTask.Status.OPEN).select_related("employee")
    names = ", ".join(task.employee.get_short_name() for task in tasks.order_by("id"))
    return f"{names} ({target.stage.name})" if target.stage else names


def same_invoice(target: PaymentRequest, actor: Employee) -> dict[str, Any]:
    """The newest others with this invoice, how many there are more, and which he may open."""
    twins = PaymentRequest.objects.twins_of(target).order_by("-id")
    count = twins.count()
    shown = list(twins[:TWINS_SHOWN]) if count else []
    named = PaymentRequest.objects.filter(pk__in=[twin.pk for twin in shown])
    return {
        "same_invoice": shown,
        "same_invoice_more": count - len(shown),
        "openable": set(named.readable_by(actor).values_list("pk", flat=True)) if shown else set(),
    }


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
            return requests.submit(
                request=target, actor=actor, channel=CHANNEL, reason=data.get("reason", "")
            )
        case Action.WITHDRAW:
            return requests.withdraw(request=target, actor=actor, channel=CHANNEL)
        case Action.CANCEL:
            return requests.cancel(
                request=target, actor=actor, channel=CHANNEL, reason=data.get("reason", "")
            )
        case Action.ADOPT:
            return requests.adopt(request=target, actor=actor, channel=CHANNEL)
    task = data["task"]
    if task is None:
        # Which version the person saw is not known.
        raise NotAllowed(_("Nothing was decided. Please open the request again and press there."))
    match action:
        case Action.APPROVE:
            decisions.approve(
                task=task, actor=actor, channel=CHANNEL, own_account=data.get("own_account")
            )
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
