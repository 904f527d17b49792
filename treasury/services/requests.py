"""A request's own life: create, change, documents, submit, withdraw, cancel, copy."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from treasury import journal, materiality, readiness, reasons, rights, routing
from treasury.approval import read
from treasury.errors import NoRight, NotAllowed, Outdated, WrongStatus
from treasury.models import (
    Attachment,
    Employee,
    NumberSequence,
    Organization,
    PaymentRequest,
    Upload,
)
from treasury.services import approvals, directories, uploads
from treasury.validators import clean_purpose
from treasury.workflow import Action, Concern, PaymentStatus, Status, allows, needs_reason

EDITABLE_FIELDS = (
    "organization", "department", "cash_flow_item", "counterparty", "counterparty_account",
    "own_account", "amount", "currency", "vat_rate", "vat_amount", "purpose", "invoice_number",
    "invoice_date", "contract", "desired_date", "priority", "comment", "requester",
)  # fmt: skip


def create(
    *,
    author: Employee,
    channel: str,
    fields: Mapping[str, Any],
    documents: Sequence[Upload] = (),
    copied_from: PaymentRequest | None = None,
) -> PaymentRequest:
    """A new draft with the next number of its organization and year; of a copy also whence.

    Raises `NoRight`, or `ValidationError` with the problems by field.
    """
    if not author.has_perm("treasury.add_paymentrequest"):
        raise NoRight
    if copied_from and Action.COPY not in rights.actions(copied_from, author):
        raise NoRight
    with transaction.atomic():
        request = PaymentRequest(author=author, copied_from=copied_from)
        _assign(request, {"requester": author, **fields})
        request.full_clean(exclude=["number"])
        readiness.check_saved(request, fields)
        request.number = _next_number(request.organization)
        request.save(force_insert=True)
        data = {"copied_from": copied_from.number} if copied_from else {}
        added = _add_documents(request, author, documents)
        journal.append(
            request=request,
            action=Action.CREATE,
            actor=author,
            channel=channel,
            data=uploads.journalled(data, added),
        )
    return request


def change(
    *,
    request: PaymentRequest,
    actor: Employee,
    channel: str,
    fields: Mapping[str, Any],
    documents: Sequence[Upload] = (),
    seen: int | None = None,
) -> PaymentRequest:
    """Write what differs; a material change of a submitted request asks for approval again.

    `seen` is the last journal entry (its sequence) that the actor knew of, if that matters.
    Raises `TreasuryError`, or `ValidationError` with the problems by field.
    """
    with transaction.atomic():
        request = _lock(request, Action.CHANGE)
        if not rights.may_edit(request, actor):
            raise NoRight
        _check_not_paid(request)
        if seen is not None and seen != request.journal_length:
            raise Outdated
        changes, concerns = _apply(request, fields)
        added = _add_documents(request, actor, documents)
        if not changes and not added:
            return request
        _check_organization(request, changes)
        request.full_clean(exclude=["number"])
        readiness.check_saved(request, changes)
        if changes:
            _check_stays_ready(request)
        _note_maker(request, actor, concerns)
        _reopen(request, concerns)
        journal.append(
            request=request,
            action=Action.CHANGE,
            actor=actor,
            channel=channel,
            data=uploads.journalled({"changes": changes, "material": bool(concerns)}, added),
        )
    return request


def attach(
    *,
    request: PaymentRequest,
    actor: Employee,
    channel: str,
    file: "File[bytes]",
    name: str | None = None,
) -> Attachment:
    """Add a document; the same file twice is one.

    Raises `TreasuryError`, or `ValidationError` for a file that is not taken.
    """
    upload = uploads.stage(owner=actor, file=file, name=name)
    try:
        with transaction.atomic():
            request = _lock(request, Action.CHANGE)
            if not rights.may_edit(request, actor):
                raise NoRight
            added = _add_documents(request, actor, [upload])
            if added:
                data = uploads.journalled({}, added)
                journal.append(
                    request=request, action=Action.CHANGE, actor=actor, channel=channel, data=data
                )
            # Under the lock: nobody has taken it off again meanwhile.
            return request.documents.get(sha256=upload.sha256)
    finally:
        # Of a refused file nothing stays.
        uploads.discard(upload)


def detach(*, attachment: Attachment, actor: Employee, channel: str) -> PaymentRequest:
    """Remove a document: a material change of a submitted request. Raises `TreasuryError`."""
    with transaction.atomic():
        request = _lock(attachment.request, Action.CHANGE)
        if not rights.may_edit(request, actor):
            raise NoRight
        _check_not_paid(request)
        removed = request.documents.filter(pk=attachment.pk).update(removed_at=timezone.now())
        if not removed:
            return request
        _check_stays_ready(request)
        _note_maker(request, actor, {Concern.PAYEE})
        _reopen(request, {Concern.PAYEE})
        journal.append(
            request=request,
            action=Action.CHANGE,
            actor=actor,
            channel=channel,
            data={
                "changes": {"documents": [attachment.name, ""]},
                "sha256": attachment.sha256,
                "material": True,
            },
        )
    return request


def submit(
    *, request: PaymentRequest, actor: Employee, channel: str, reason: str = ""
) -> PaymentRequest:
    """Begin the approval of a new revision; `reason` says why an invoice is asked for again.

    Raises `NotReady` with everything that is missing, `NobodyCanDecide`, `DuplicateInvoice` when
    other requests have the invoice and no reason is given, or another refusal.
    """
    reason = reasons.checked(reason) if reason.strip() else ""
    with transaction.atomic():
        request = _lock(request, Action.SUBMIT)
        _check_owner(request, actor)
        directories.check_ready(request)
        reason, twins = readiness.reason_for_twins(request, actor, reason)
        request.revision += 1
        _begin(request)
        journal.append(
            request=request,
            action=Action.SUBMIT,
            actor=actor,
            channel=channel,
            reason=reason,
            data={"twins": twins} if twins else None,
        )
    return request


def withdraw(*, request: PaymentRequest, actor: Employee, channel: str) -> PaymentRequest:
    """Take a request back before it is approved. Raises `TreasuryError`."""
    with transaction.atomic():
        request = _lock(request, Action.WITHDRAW)
        _check_owner(request, actor)
        approval = read(request)
        approval.supersede(approval.chain)
        approvals.write(approval)
        request.status, request.stage = Status.DRAFT, None
        journal.append(request=request, action=Action.WITHDRAW, actor=actor, channel=channel)
    return request


def cancel(
    *, request: PaymentRequest, actor: Employee, channel: str, reason: str = ""
) -> PaymentRequest:
    """Call off an approved request that the bank has not got, for which a reason is needed, or a
    draft. Raises `TreasuryError`.
    """
    with transaction.atomic():
        request = _lock(request, Action.CANCEL)
        if Action.CANCEL not in rights.actions(request, actor):
            raise NoRight
        _check_not_paid(request)
        if needs_reason(Action.CANCEL, request.status) or reason.strip():
            reason = reasons.checked(reason)
        request.status = Status.CANCELLED
        journal.append(
            request=request, action=Action.CANCEL, actor=actor, channel=channel, reason=reason
        )
    return request


def _next_number(organization: Organization) -> str:
    year = timezone.localdate().year
    sequence, _created = NumberSequence.objects.get_or_create(organization=organization, year=year)
    NumberSequence.objects.filter(pk=sequence.pk).update(last=F("last") + 1)
    sequence.refresh_from_db(fields=["last"])
    return f"{organization.code}-{year}-{sequence.last:05d}"


def _lock(request: PaymentRequest, action: Action) -> PaymentRequest:
    locked = approvals.lock(pk=request.pk)
    if not allows(action, locked.status):
        raise WrongStatus(locked.get_status_display())
    return locked


def _check_owner(request: PaymentRequest, actor: Employee) -> None:
    if not rights.is_owner(request, actor):
        raise NotAllowed(_("Only the author of the request can do this."))


def _check_not_paid(request: PaymentRequest) -> None:
    if request.payment_status not in (PaymentStatus.NONE, PaymentStatus.BATCHED):
        raise NotAllowed(_("The payment is already with the bank."))


def _check_organization(request: PaymentRequest, changed: Collection[str]) -> None:
    """The number begins with its code, and its route and its people were asked."""
    if request.revision and "organization" in changed:
        text = _("The organization stays after the first submit: copy the request instead.")
        raise ValidationError({"organization": text})


def _check_stays_ready(request: PaymentRequest) -> None:
    """What approvers have before them, or have approved, stays fit to be paid."""
    if request.status in (Status.IN_APPROVAL, Status.APPROVED):
        directories.check_ready(request)


def _assign(request: PaymentRequest, fields: Mapping[str, Any]) -> None:
    unknown = set(fields) - set(EDITABLE_FIELDS)
    if unknown:
        raise ValueError(f"not fields of a payment request: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(request, name, clean_purpose(value) if name == "purpose" else value)


def _apply(
    request: PaymentRequest, fields: Mapping[str, Any]
) -> tuple[dict[str, list[str]], set[Concern]]:
    """Set the fields; what changed as `{field: [old, new]}`, and whom it concerns."""
    before = {name: getattr(request, name) for name in fields}
    _assign(request, fields)
    changed = {name for name in fields if before[name] != getattr(request, name)}
    changes = {name: [_shown(before[name]), _shown(getattr(request, name))] for name in changed}
    return changes, materiality.concerns(before, request, changed)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _note_maker(request: PaymentRequest, actor: Employee, concerns: set[Concern]) -> None:
    """Whoever makes does not decide. Only the choice of the paying account is what those of the
    payment stage are there for."""
    if not concerns or actor.pk in request.asking:
        return
    payment = [stage for stage in request.stages.valid() if stage.concern == Concern.PAYMENT]
    held = routing.roles(request, payment)
    chooses = concerns == {Concern.PAYMENT} and any(actor in held.holders(one) for one in payment)
    if not chooses:
        request.makers = sorted({*request.makers, actor.pk})


def _reopen(request: PaymentRequest, concerns: set[Concern]) -> None:
    if not concerns or request.status not in (Status.IN_APPROVAL, Status.APPROVED):
        return
    request.revision += 1
    approval = read(request, anew=True)
    approval.restart(concerns)
    approvals.write(approval)


def _begin(request: PaymentRequest) -> None:
    """Copy the route that applies and open its first stage. Raises `NobodyCanDecide`."""
    route = routing.route_for(request)
    policies = list(route.stages.order_by("position"))
    approval = read(request)
    approval.begin(policies, route, routing.roles(request, policies))
    approvals.write(approval)


def _add_documents(
    request: PaymentRequest, actor: Employee, documents: Sequence[Upload]
) -> list[Attachment]:
    """Those that the request had not yet. They ask nobody anew: `late` says when they came."""
    if documents:
        _check_not_paid(request)
    return uploads.claim_all(documents, request, actor)
