"""A request's own life: create, change, documents, submit, withdraw, cancel, adopt, copy."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from treasury import journal, readiness, reasons, rights, standing
from treasury.approval import read
from treasury.errors import (
    AlreadySaved,
    NoRight,
    NotAllowed,
    Outdated,
    WrongStatus,
)
from treasury.models import (
    Attachment,
    Employee,
    Organization,
    PaymentRequest,
    Upload,
)
from treasury.prepared import insert
from treasury.services import approvals, consents, directories, revisions, rounds, uploads
from treasury.validators import clean_purpose
from treasury.workflow import (
    UNFINISHED,
    Action,
    PaymentStatus,
    Status,
    allows,
    needs_reason,
)

EDITABLE_FIELDS = (
    "organization", "department", "cash_flow_item", "counterparty", "counterparty_account",
    "own_account", "amount", "currency", "vat_rate", "vat_amount", "purpose", "invoice_number",
    "invoice_date", "contract", "desired_date", "priority", "comment", "requester",
)  # fmt: skip
# Each invoice is paid once, on a day of its own.
_OF_ONE_PAYMENT = {"invoice_number", "invoice_date", "desired_date"}
TEXTS = {"purpose", "invoice_number", "contract", "comment"}
# The fields that name a row of another table.
_NAMING = {field.name for field in PaymentRequest._meta.concrete_fields if field.is_relation}
# Whoever comes at the same time waits for the row, and has the next one.
_NEXT_NUMBER = """
    INSERT INTO treasury_numbersequence (organization_id, year, last) VALUES (%s, %s, 1)
    ON CONFLICT (organization_id, year) DO UPDATE SET last = treasury_numbersequence.last + 1
    RETURNING last
"""


def create(
    *,
    author: Employee,
    channel: str,
    fields: Mapping[str, Any],
    documents: Sequence[Upload] = (),
    copied_from: PaymentRequest | None = None,
    form_token: UUID | None = None,
) -> PaymentRequest:
    """A new draft with the next number of its organization and year; of a copy also whence.

    Raises `NoRight`, `AlreadySaved` when the author's form has made one before, or
    `ValidationError` with the problems by field.
    """
    if not author.has_perm("treasury.add_paymentrequest"):
        raise NoRight
    if copied_from and Action.COPY not in rights.actions(copied_from, author):
        raise NoRight
    try:
        with transaction.atomic():
            request = PaymentRequest(author=author, copied_from=copied_from, form_token=form_token)
            _assign(request, {"requester": author, **fields})
            _clean(request, without_asking_for=_NAMING)
            readiness.check_saved(request, fields)
            _insert(request)
            data = {"copied_from": copied_from.number} if copied_from else {}
            added = _add_documents(request, author, documents)
            journal.append(
                request=request,
                action=Action.CREATE,
                actor=author,
                channel=channel,
                data=uploads.journalled(data, added),
            )
    except IntegrityError as refusal:
        if PaymentRequest.objects.of_form(author, form_token):
            raise AlreadySaved from refusal
        # A row that it names has gone meanwhile.
        _clean(request)
        raise
    return request


def copied(source: PaymentRequest) -> dict[str, Any]:
    """The fields that a copy begins with."""
    taken = (name for name in EDITABLE_FIELDS if name not in _OF_ONE_PAYMENT)
    return {name: getattr(source, name) for name in taken}


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

    `seen` is the `standing.version` that the actor knew of, if that matters.
    Raises `TreasuryError`, or `ValidationError` with the problems by field.
    """
    named = fields.get("requester")
    is_another = named and named.pk != request.requester_id
    if is_another and request.revision and rights.may_edit(request, actor):
        _ask_requester(request, fields["requester"], actor, channel)
    with transaction.atomic():
        request = _lock(request, Action.CHANGE)
        if not rights.may_edit(request, actor):
            raise NoRight
        _check_not_paid(request)
        if seen is not None and seen != standing.version(request.pk):
            raise Outdated
        before = revisions.known(request)
        changes = _apply(request, fields)
        added = _add_documents(request, actor, documents)
        if not changes and not added and not rounds.has_drifted(request):
            return request
        _check_organization(request, changes)
        _clean(request, without_asking_for=_NAMING - changes.keys())
        readiness.check_saved(request, changes)
        if "requester" in changes and request.status not in UNFINISHED:
            consents.check(request)
        if changes or not added:
            _check_stays_ready(request)
        data = rounds.revise(request, actor, before, changes)
        journal.append(
            request=request,
            action=Action.CHANGE,
            actor=actor,
            channel=channel,
            data=uploads.journalled(data, added),
        )
    return request


def check_attachable(request: PaymentRequest, actor: Employee) -> None:
    """Raise `TreasuryError` when no document of his would be taken, whatever it is."""
    if not allows(Action.CHANGE, request.status):
        raise WrongStatus(request.get_status_display())
    if not rights.may_edit(request, actor):
        raise NoRight
    _check_not_paid(request)


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
            request = approvals.lock(request.pk)
            check_attachable(request, actor)
            before = revisions.known(request)
            added = _add_documents(request, actor, [upload])
            if added:
                data = uploads.journalled(rounds.revise(request, actor, before, {}), added)
                journal.append(
                    request=request, action=Action.CHANGE, actor=actor, channel=channel, data=data
                )
            # Under the lock: nobody has taken it off again meanwhile.
            return added[0] if added else request.documents.get(sha256=upload.sha256)
    except BaseException:
        # Of a refused file nothing stays.
        uploads.discard(upload)
        raise


def detach(*, attachment: Attachment, actor: Employee, channel: str) -> PaymentRequest:
    """Remove a document: a material change of a submitted request. Raises `TreasuryError`."""
    with transaction.atomic():
        request = _lock(attachment.request, Action.CHANGE)
        if not rights.may_edit(request, actor):
            raise NoRight
        _check_not_paid(request)
        before = revisions.known(request)
        removed = request.documents.filter(pk=attachment.pk).update(removed_at=timezone.now())
        if not removed:
            return request
        _check_stays_ready(request)
        changes = {"documents": [attachment.name, ""]}
        data = rounds.revise(request, actor, before, changes) | {"sha256": attachment.sha256}
        journal.append(
            request=request, action=Action.CHANGE, actor=actor, channel=channel, data=data
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
    if rights.is_owner(request, actor):
        _ask_requester(request, request.requester, actor, channel)
    with transaction.atomic():
        request = _lock(request, Action.SUBMIT)
        _check_owner(request, actor)
        consents.check(request)
        directories.check_ready(request)
        reason, twins = readiness.reason_for_twins(request, reason)
        proof = rounds.begin(request)
        journal.append(
            request=request,
            action=Action.SUBMIT,
            actor=actor,
            channel=channel,
            reason=reason,
            data={**proof, **({"twins": twins} if twins else {})},
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
        request.status, request.stage, request.snapshot = Status.DRAFT, None, None
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
        request.status, left = Status.CANCELLED, rounds.out_of_batch(request)
        journal.append(
            request=request,
            action=Action.CANCEL,
            actor=actor,
            channel=channel,
            reason=reason,
            data={"changes": left} if left else None,
        )
    return request


def adopt(*, request: PaymentRequest, actor: Employee, channel: str) -> PaymentRequest:
    """Become the author of a draft, or returned request, whose author prepares none any more; he
    stays among the makers. Raises `TreasuryError`.
    """
    with transaction.atomic():
        request = _lock(request, Action.ADOPT)
        if not rights.may_adopt(request, actor):
            raise NoRight
        former = request.author
        request.makers = sorted({*request.makers, former.pk})
        request.author = actor
        journal.append(
            request=request,
            action=Action.ADOPT,
            actor=actor,
            channel=channel,
            data={
                "changes": {"author": [str(former), str(actor)]},
                "makers": request.makers,
            },
        )
    return request


def _clean(request: PaymentRequest, *, without_asking_for: Collection[str] = ()) -> None:
    """Raise `ValidationError` with the problems by field.

    Whether the rows exist that these fields name is left to the database, as are its own rules: of
    those that a person can break the fields and `clean` tell.
    """
    known = {name for name in without_asking_for if getattr(request, f"{name}_id") is not None}
    request.full_clean(exclude={"number", *known}, validate_constraints=False)


def _insert(request: PaymentRequest) -> None:
    """With its number, which nothing but a saved request takes."""
    request.number = _next_number(request.organization)
    insert([request])
    journal.remember(request)


def _next_number(organization: Organization) -> str:
    year = timezone.localdate().year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [organization.pk, year])
        [number] = cursor.fetchone()
    return f"{organization.code}-{year}-{number:05d}"


def _lock(request: PaymentRequest, action: Action) -> PaymentRequest:
    locked = approvals.lock(request.pk)
    if not allows(action, locked.status):
        raise WrongStatus(locked.get_status_display())
    return locked


def _ask_requester(
    request: PaymentRequest, requester: Employee, actor: Employee, channel: str
) -> None:
    """In a transaction of its own, for a refusal must not take the question back."""
    consents.ask(requester=requester, author=request.author, actor=actor, channel=channel)


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
        # No text is an empty one.
        given = "" if value is None and name in TEXTS else value
        setattr(request, name, clean_purpose(given) if name == "purpose" else given)


def _check_given(fields: Mapping[str, Any]) -> None:
    """Raise `ValidationError` for what cannot be empty."""
    required = [field for field in PaymentRequest._meta.fields if not field.blank]
    empty = [field for field in required if fields.get(field.name, field) in ("", None)]
    if empty:
        raise ValidationError({field.name: field.error_messages["blank"] for field in empty})


def _apply(request: PaymentRequest, fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """Set the fields; what changed as `{field: [old, new]}`. Raises `ValidationError`."""
    _check_given(fields)
    before = {name: getattr(request, name) for name in fields}
    _assign(request, fields)
    changed = {name for name in fields if before[name] != getattr(request, name)}
    return {name: [_shown(before[name]), _shown(getattr(request, name))] for name in changed}


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _add_documents(
    request: PaymentRequest, actor: Employee, documents: Sequence[Upload]
) -> list[Attachment]:
    """Those that the request had not yet. They ask nobody anew: `late` says when they came."""
    if documents:
        _check_not_paid(request)
    return uploads.claim(documents, request, actor)
