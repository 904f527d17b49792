"""The page of one request: its form or its facts, its way through approval, its journal."""

import copy
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from treasury import explanation, rights
from treasury.admin import moves, timeline
from treasury.admin.base import BackOfficeAdmin, employee_of
from treasury.admin.facts import facts
from treasury.admin.request_form import FIELDSETS, RequestForm
from treasury.errors import NotAllowed, TreasuryError
from treasury.models import Employee, Organization, PaymentRequest
from treasury.services import requests
from treasury.workflow import Action, Status

TEMPLATE = "admin/treasury/paymentrequest/page.html"
HISTORY_TEMPLATE = "admin/treasury/paymentrequest/history.html"
# Whoever opens these means to go on filling; others are changed only after pressing “Change”.
UNFINISHED = {Status.DRAFT, Status.RETURNED}
# Tokens of forms that a session has saved: so many sent twice are recognised.
REMEMBERED = 20


def add(model_admin: BackOfficeAdmin, request: HttpRequest) -> HttpResponse:
    """A new request; the same form sent twice leads to the request that it made."""
    employee = employee_of(request)
    saved_before = _saved_before(request)
    if saved_before:
        messages.info(request, _("This form was already saved."))
        return redirect("admin:treasury_paymentrequest_change", saved_before)
    form = _form(model_admin, request, None, initial=_usual(employee) | dict(request.GET.items()))
    if request.method == "POST" and form.is_valid():
        saved = _save(form, None, employee)
        if saved:
            _remember(request, saved)
            return _go_on(request, saved)
    context = {"title": _("New payment request"), "may_submit": True, "editing": True}
    return _page(model_admin, request, form, {**context, "token": uuid4().hex})


def change(model_admin: BackOfficeAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The form for whoever may change the request, the facts for others."""
    original, employee = moves.find(request, pk), employee_of(request)
    actions = rights.actions(original, employee)
    may_change = Action.CHANGE in actions
    if request.method == "POST" and not may_change:
        _refuse_change(original)
    form = None
    wants_to = request.method == "POST" or "edit" in request.GET
    if may_change and (wants_to or original.status in UNFINISHED):
        form = _form(model_admin, request, original)
        if request.method == "POST" and form.is_valid():
            saved = _save(form, original, employee)
            if saved:
                return _go_on(request, saved)
    context = {
        "title": str(original),
        "may_submit": Action.SUBMIT in actions,
        "may_change": may_change,
        "editing": form is not None,
        **_about(original),
        "why": explanation.why(original, employee),
        "same_invoice": PaymentRequest.objects.visible_to(employee).twins_of(original),
        "buttons": [
            button
            for button in moves.buttons(original, employee, actions)
            # The form has its own, which saves first.
            if not (form and button.action == Action.SUBMIT)
        ],
    }
    return _page(model_admin, request, form, context)


def history(model_admin: BackOfficeAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    original = moves.find(request, pk)
    context = {
        **model_admin.admin_site.each_context(request),
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
) -> RequestForm:
    form_class: Any = model_admin.get_form(request, original, change=original is not None)
    form: RequestForm = form_class(
        *((request.POST, request.FILES) if request.method == "POST" else ()),
        # Validation writes into the instance, and the page goes on showing the original.
        instance=copy.copy(original) if original else PaymentRequest(),
        initial=initial,
    )
    return form


def _version(original: PaymentRequest) -> int:
    return original.events.order_by("-sequence").values_list("sequence", flat=True)[0]


def _usual(employee: Employee) -> dict[str, Any]:
    """What the person's last request had, because the next one is likely to."""
    usual: dict[str, Any] = {"requester": employee, "vat_amount": None}
    last = PaymentRequest.objects.filter(author=employee).order_by("-id").first()
    if last:
        names = ("organization", "department", "currency", "vat_rate")
        return usual | {name: getattr(last, f"{name}_id", getattr(last, name)) for name in names}
    only = Organization.objects.filter(is_active=True)[:2]
    return usual | {"organization": only[0].pk} if len(only) == 1 else usual


def _save(
    form: RequestForm, original: PaymentRequest | None, employee: Employee
) -> PaymentRequest | None:
    """All of the form or nothing; problems are left at their fields."""
    channel = moves.CHANNEL
    try:
        with transaction.atomic():
            if original:
                saved = requests.change(
                    request=original, actor=employee, channel=channel, fields=form.values,
                    seen=form.cleaned_data["version"],
                )  # fmt: skip
            else:
                saved = requests.create(author=employee, channel=channel, fields=form.values)
            for file in form.cleaned_data["documents"]:
                requests.attach(request=saved, actor=employee, channel=channel, file=file)
            return saved
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except TreasuryError as refusal:
        form.add_error(None, str(refusal))
    except ValidationError as problems:
        for name, errors in problems.update_error_dict({}).items():
            form.add_error(name if name in form.fields else None, errors)
    return None


def _go_on(request: HttpRequest, saved: PaymentRequest) -> HttpResponse:
    """Back to the page, after submitting when this was asked for."""
    messages.success(request, _("%(number)s was saved.") % {"number": saved.number})
    if "_submit" in request.POST:
        try:
            requests.submit(request=saved, actor=employee_of(request), channel=moves.CHANNEL)
        except TreasuryError as refusal:
            messages.warning(request, _("But it was not submitted:"))
            moves.refuse(request, refusal)
        else:
            messages.success(request, moves.DONE[Action.SUBMIT] % {"number": saved.number})
    return redirect(moves.page_of(saved))


def _saved_before(request: HttpRequest) -> int | None:
    saved: dict[str, int] = request.session.get("saved_forms", {})
    return saved.get(request.POST.get("token", ""))


def _remember(request: HttpRequest, saved: PaymentRequest) -> None:
    token = request.POST.get("token")
    if token:
        forms = {**request.session.get("saved_forms", {}), token: saved.pk}
        request.session["saved_forms"] = dict(list(forms.items())[-REMEMBERED:])


def _about(original: PaymentRequest) -> dict[str, Any]:
    """What the page shows of an existing request."""
    plan = timeline.plan(original) if original.status in UNFINISHED else None
    return {
        "original": original,
        "facts": facts(original),
        "way": timeline.way(original),
        "plan": plan,
        "documents": original.documents.select_related("uploaded_by"),
        "history": timeline.history(original),
        "version": _version(original),
        "object_id": original.pk,
    }


def _page(
    model_admin: BackOfficeAdmin,
    request: HttpRequest,
    form: RequestForm | None,
    context: dict[str, Any],
) -> HttpResponse:
    if form:
        context["adminform"] = AdminForm(form, FIELDSETS, {}, model_admin=model_admin)
        context["media"] = model_admin.media + form.media
        context["files_were_chosen"] = bool(form.errors and request.FILES)
    base = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, "form": form}
    return render(request, TEMPLATE, base | context)
