"""The page of one request: its form or its facts, its way through approval, its journal."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from treasury import explanation, late, readiness, rights, standing
from treasury.admin import comments, merging, moves, timeline, uploads
from treasury.admin.base import BackOfficeAdmin, employee_of
from treasury.admin.facts import facts
from treasury.admin.fields import key_of
from treasury.admin.request_form import FIELDSETS, RequestForm
from treasury.approval import Approval, read
from treasury.errors import (
    AlreadySaved,
    DuplicateInvoice,
    NotAllowed,
    NotReady,
    Outdated,
    Text,
    TreasuryError,
)
from treasury.models import Employee, Event, Organization, PaymentRequest
from treasury.services import consents, requests
from treasury.workflow import UNFINISHED, Action, Status

TEMPLATE = "admin/treasury/paymentrequest/page.html"
HISTORY_TEMPLATE = "admin/treasury/paymentrequest/history.html"


def add(model_admin: BackOfficeAdmin, request: HttpRequest) -> HttpResponse:
    """A new request, perhaps a copy; the same form sent twice leads to the request it made."""
    employee = employee_of(request)
    token = _token(request)
    if saved := PaymentRequest.objects.of_form(employee, token):
        return _saved_before(request, saved)
    source = _source(request, employee)
    # A copy is one: no link may slip another payee or amount into it.
    initial = requests.copied(source) if source else _usual(employee) | dict(request.GET.items())
    form = _form(model_admin, request, None, initial=initial)
    if _asks_to_save(request) and form.is_valid():
        saved = _save(form, None, employee, source, token)
        if saved:
            return _go_on(request, saved)
    elif source and not form.is_bound:
        # Directories have changed since, and the select of what went is empty.
        _mark(form, readiness.unfit_rows(source))
    # Sent twice at once, it has been refused here: what its twin took, its files, was gone.
    if saved := PaymentRequest.objects.of_form(employee, token):
        return _saved_before(request, saved)
    form.focus()
    title = _("Copy of %(number)s") % {"number": source} if source else _("New payment request")
    context = {"title": title, "source": source, "may_submit": True, "editing": True}
    return _page(model_admin, request, form, {**context, "token": uuid4()})


def change(model_admin: BackOfficeAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The form for whoever may change the request, the facts for others."""
    # Read before the request: what happens in between is then unseen, and never the reverse.
    version = standing.version(pk)
    original, employee = moves.find(request, pk), employee_of(request)
    approval = read(original)
    task = rights.task_of(approval, employee)
    actions = rights.actions_with(task, original, employee)
    may_change = Action.CHANGE in actions
    if request.method == "POST" and not may_change:
        _refuse_change(original)
    form = None
    # Whoever opens a draft means to go on filling; others are changed only after “Change”.
    wants_to = request.method == "POST" or "edit" in request.GET
    if may_change and (wants_to or original.status in UNFINISHED):
        form = _form(model_admin, request, original)
        if _asks_to_save(request):
            try:
                saved = _changed(form, original, employee, version)
            except Outdated:
                form = _brought_together(model_admin, request, original, form)
            else:
                if saved:
                    return _go_on(request, saved, original)
            form.focus()
        elif "unready" in request.GET:
            # What kept it from being submitted.
            _mark(form, readiness.shortcomings(original) | consents.shortcomings(original))
    # To submit, the form has a button of its own, which saves first.
    pressed = [action for action in actions if not (form and action == Action.SUBMIT)]
    context = {
        "title": str(original),
        "may_submit": Action.SUBMIT in actions,
        "may_change": may_change,
        "editing": form is not None,
        **_about(approval, employee),
        "version": version,
        "why": explanation.why(approval, employee),
        **moves.same_invoice(original, employee),
        "buttons": moves.buttons(approval, employee, task, pressed),
        "may_nudge": rights.may_nudge(original, employee),
    }
    return _page(model_admin, request, form, context)


def history(model_admin: BackOfficeAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    original = moves.find(request, pk)
    base = model_admin.admin_site.each_context(request)
    context = base | {
        "title": _("History of %(number)s") % {"number": original.number},
        "original": original,
        "opts": model_admin.opts,
        "history": timeline.history(original),
    }
    return render(request, HISTORY_TEMPLATE, context)


def _refuse_change(original: PaymentRequest) -> None:
    raise PermissionDenied(
        _("The request is “%(status)s” now: you cannot change it.")
        % {"status": original.get_status_display()}
    )


def _form(
    model_admin: BackOfficeAdmin,
    request: HttpRequest,
    original: PaymentRequest | None,
    initial: dict[str, Any] | None = None,
    *,
    bound: bool = True,
) -> RequestForm:
    posted = bound and request.method == "POST"
    chosen = None
    if posted:
        uploads.remove(request, employee_of(request))
        chosen = uploads.chosen(request, employee_of(request))
    form_class: Any = model_admin.get_form(request, original, change=original is not None)
    form: RequestForm = form_class(
        *((request.POST, request.FILES) if posted else ()),
        # Validation writes into the instance, and the page goes on showing the original.
        instance=copy.copy(original) if original else PaymentRequest(),
        initial=initial,
        chosen=chosen,
    )
    return form


def _asks_to_save(request: HttpRequest) -> bool:
    """Not when a chosen file was only to be taken off the form."""
    return request.method == "POST" and uploads.REMOVE not in request.POST


def _source(request: HttpRequest, employee: Employee) -> PaymentRequest | None:
    """The request that is to be copied; 404 or a refusal when this person may not."""
    asked = request.GET.get("copy")
    if asked is None:
        return None
    source = moves.find(request, key_of(asked) or 0)
    if Action.COPY not in rights.actions(source, employee):
        raise PermissionDenied(_("You cannot do this now."))
    return source


def _usual(employee: Employee) -> dict[str, Any]:
    """What the person's last request had, because the next one is likely to."""
    usual: dict[str, Any] = {"requester": employee, "vat_amount": None}
    last = PaymentRequest.objects.filter(author=employee).order_by("-id").first()
    if last:
        names = ["organization", "department", "currency"]
        if last.vat_rate.holds_on(timezone.localdate()):
            names.append("vat_rate")
        return usual | {name: getattr(last, f"{name}_id", getattr(last, name)) for name in names}
    only = Organization.objects.filter(is_active=True)[:2]
    return usual | {"organization": only[0].pk} if len(only) == 1 else usual


def _changed(
    form: RequestForm, original: PaymentRequest, employee: Employee, version: int | None
) -> PaymentRequest | None:
    """Save the form; None when it has to be corrected, `Outdated` when it is not the newest."""
    form.is_valid()
    seen = form.cleaned_data.get("version")
    if seen is not None and seen != version:
        raise Outdated
    return None if form.errors else _save(form, original, employee)


def _brought_together(
    model_admin: BackOfficeAdmin, request: HttpRequest, original: PaymentRequest, mine: RequestForm
) -> RequestForm:
    """The form with what has changed meanwhile, to be looked at and saved again."""
    newest = _form(model_admin, request, original, bound=False)
    elsewhere = merging.changed_since(original, mine.cleaned_data["version"])
    data, conflicts = merging.merge(mine, newest, elsewhere)
    form = type(mine)(data, instance=copy.copy(original), chosen=mine.chosen)
    form.add_error(None, str(Outdated()))
    for name, said in conflicts.items():
        form.add_error(name, said)
    return form


def _mark(form: RequestForm, problems: Mapping[str, Text]) -> None:
    """Say at their fields what the saved request has wrong."""
    for name, problem in problems.items():
        form.errors[name] = form.error_class([str(problem)])
    if form.errors:
        form.focus()


def _save(
    form: RequestForm,
    original: PaymentRequest | None,
    employee: Employee,
    source: PaymentRequest | None = None,
    token: UUID | None = None,
) -> PaymentRequest | None:
    """All of the form or nothing; problems are left at their fields."""
    channel, documents = moves.CHANNEL, form.chosen.kept
    try:
        if original:
            return requests.change(
                request=original, actor=employee, channel=channel, fields=form.values,
                documents=documents, seen=form.cleaned_data["version"],
            )  # fmt: skip
        return requests.create(
            author=employee, channel=channel, fields=form.values, documents=documents,
            copied_from=source, form_token=token,
        )  # fmt: skip
    except Outdated:
        raise
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except NotReady as refusal:
        _say(form, refusal.by_field or {"": str(refusal)})
    except TreasuryError as refusal:
        form.add_error(None, str(refusal))
    except ValidationError as problems:
        _say(form, problems.update_error_dict({}))
    return None


def _say(form: RequestForm, problems: Mapping[str, Any]) -> None:
    for name, problem in problems.items():
        form.add_error(name if name in form.fields else None, problem)


def _go_on(
    request: HttpRequest, saved: PaymentRequest, before: PaymentRequest | None = None
) -> HttpResponse:
    """Back to the page, after submitting when this was asked for."""
    if "_submit" not in request.POST:
        messages.success(request, _outcome(saved, before))
        return redirect(moves.page_of(saved))
    try:
        submitted = requests.submit(
            request=saved, actor=employee_of(request), channel=moves.CHANNEL
        )
    except DuplicateInvoice:
        return redirect(moves.url_of(saved, Action.SUBMIT))
    except TreasuryError as refusal:
        said = _("%(number)s was saved, but not submitted: %(why)s")
        messages.error(request, said % {"number": saved.number, "why": refusal})
        return redirect(f"{moves.page_of(saved)}?unready")
    messages.success(request, moves.submitted(submitted))
    return redirect(moves.page_of(saved))


def _outcome(saved: PaymentRequest, before: PaymentRequest | None) -> str:
    if before is None or saved.stage is None or saved.stage_id == before.stage_id:
        return _("%(number)s was saved.") % {"number": saved.number}
    said = _("%(number)s was saved, and the approval begins anew. Waiting for: %(whom)s")
    return said % {"number": saved.number, "whom": moves.awaited(saved)}


def _token(request: HttpRequest) -> UUID | None:
    """Of the page that is sent; nothing else is asked of one that was tampered with."""
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        return None


def _saved_before(request: HttpRequest, saved: PaymentRequest) -> HttpResponse:
    messages.info(request, str(AlreadySaved()))
    return redirect(moves.page_of(saved))


def _about(approval: Approval, employee: Employee) -> dict[str, Any]:
    """What the page shows of an existing request."""
    original = approval.request
    plan = timeline.plan(approval) if original.status in UNFINISHED else None
    shown = standing.as_submitted(original)
    documents = list(rights.documents(original, employee).select_related("uploaded_by"))
    history = timeline.history(original)
    return {
        "original": original,
        "shown": shown,
        "facts": facts(shown),
        "outdated": standing.warnings(original),
        "way": timeline.way(approval),
        "plan": plan,
        "documents": [document for document in documents if not document.removed_at],
        "removed_documents": [document for document in documents if document.removed_at],
        "late": late.notes(original),
        "history": history,
        **comments.shown(original),
        "returned": _returned(original, history),
        "object_id": original.pk,
    }


def _returned(original: PaymentRequest, history: Iterable[timeline.Entry]) -> Event | None:
    """Why it is to be reworked: on a phone whatever stands beside the form is far below it."""
    if original.status != Status.RETURNED:
        return None
    events = (entry.event for entry in history)
    return next((event for event in events if event.action == Action.RETURN), None)


def _page(
    model_admin: BackOfficeAdmin,
    request: HttpRequest,
    form: RequestForm | None,
    context: dict[str, Any],
) -> HttpResponse:
    if form:
        context["adminform"] = AdminForm(form, FIELDSETS, {}, model_admin=model_admin)
        context["media"] = model_admin.media + form.media
    base = model_admin.admin_site.each_context(request)
    return render(request, TEMPLATE, base | {"opts": model_admin.opts, "form": form} | context)
