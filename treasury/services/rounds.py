"""A round of approval: what is asked by a submit, and asked anew by a change."""

from typing import Any

from treasury import facts, materiality, passed, routing
from treasury.approval import read
from treasury.facts import Facts
from treasury.models import Employee, PaymentRequest
from treasury.services import approvals, revisions
from treasury.workflow import Concern, PaymentStatus


def begin(request: PaymentRequest) -> dict[str, str]:
    """Write down what is submitted, copy the route that applies and open its first stage; what was
    submitted and by which rules it is decided, for the journal.

    Raises `NobodyCanDecide`.
    """
    digest = revisions.make(request).digest
    route = routing.route_for(request)
    policies = routing.stages_of(route)
    approval = read(request)
    approval.begin(policies, route, routing.roles(request, policies))
    approvals.write(approval)
    return {"digest": digest, "rules": passed.rules(approval.chain)}


def has_drifted(request: PaymentRequest) -> bool:
    """Whether a revision would have other facts although nobody has touched the request."""
    return bool(request.snapshot and revisions.moved(request.snapshot.facts, facts.of(request)))


def revise(
    request: PaymentRequest, actor: Employee, before: Facts, changes: dict[str, list[str]]
) -> dict[str, Any]:
    """Write down what has become of the facts, and ask anew whom it concerns; for the journal."""
    now = facts.of(request)
    moved = revisions.moved(before, now)
    concerns, makers = materiality.concerns(before, now, moved), request.makers
    _note_maker(request, actor, concerns)
    for name in {one.name for one in moved} - {*changes, facts.DOCUMENTS}:
        # The directories have changed it.
        changes[name] = [facts.in_words(before[name]), facts.in_words(now[name])]
    if materiality.of_payment(moved):
        changes |= out_of_batch(request)
    data = {"changes": changes, "material": bool(concerns)}
    if request.makers != makers:
        data["makers"] = request.makers
    if moved and request.snapshot:
        data["digest"] = revisions.make(request).digest
        data |= _ask_anew(request, concerns)
    return data


def _note_maker(request: PaymentRequest, actor: Employee, concerns: set[Concern]) -> None:
    """Whoever makes does not decide; nor does the requester who did, when another takes his place.
    Only the choice of the paying account is what those of the payment stage are there for."""
    if not concerns or actor.pk in {request.author_id, *request.makers}:
        return
    payment = [stage for stage in request.stages.valid() if stage.concern == Concern.PAYMENT]
    held = routing.roles(request, payment)
    chooses = concerns == {Concern.PAYMENT} and any(actor in held.holders(one) for one in payment)
    if not chooses:
        request.makers = sorted({*request.makers, actor.pk})


def _ask_anew(request: PaymentRequest, concerns: set[Concern]) -> dict[str, str]:
    """By which rules it is decided anew, for the journal."""
    if not concerns:
        return {}
    approval = read(request, anew=True)
    approval.restart(concerns)
    approvals.write(approval)
    return {"rules": passed.rules(approval.chain)}


def out_of_batch(request: PaymentRequest) -> dict[str, list[str]]:
    """Take it out of the batch, which was to pay something else; what has changed by that."""
    if request.payment_status != PaymentStatus.BATCHED:
        return {}
    request.payment_status = PaymentStatus.NONE
    return {"payment_status": [PaymentStatus.BATCHED.value, PaymentStatus.NONE.value]}
