"""The chain of stages behind one request: building, opening, closing. Called under its row lock."""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from treasury import deadlock, routing
from treasury.models import ApprovalStage, ApprovalTask, Decision, PaymentRequest
from treasury.models.routes import POLICY_FIELDS, Quorum, SamePerson, StagePolicy
from treasury.workflow import Action, Concern, Status

State = ApprovalStage.State


def begin(request: PaymentRequest) -> None:
    """Copy the route that applies and open its first stage.

    Raises `NobodyCanDecide` when a stage could never pass.
    """
    route = routing.route_for(request)
    policies = list(route.stages.order_by("position"))
    deadlock.check_applies(request, policies)
    _supersede(request.stages.valid())
    _build(request, policies, route.same_person)
    advance(request)


def restart(request: PaymentRequest, concerns: set[Concern]) -> None:
    """Ask again from the first stage that the change concerns; the approvals before it stay.

    Raises `NobodyCanDecide` when a stage could never pass.
    """
    chain = list(request.stages.valid())
    first = _first_to_repeat(request, chain, concerns)
    repeated = [stage for stage in chain if stage.position >= first]
    _supersede(request.stages.filter(pk__in=[stage.pk for stage in repeated]))
    _build(request, repeated, chain[0].same_person)
    advance(request)


def _first_to_repeat(
    request: PaymentRequest, chain: Sequence[ApprovalStage], concerns: set[Concern]
) -> int:
    needed = [stage for stage in chain if stage.applies_to(request)]
    if concerns - {stage.concern for stage in needed}:
        # A concern that no stage answers for is everyone's.
        return chain[0].position
    concerned = [stage.position for stage in needed if stage.concern in concerns]
    not_passed = [stage.position for stage in needed if stage.state != State.PASSED]
    return min([*concerned[:1], *not_passed[:1]])


def _build(request: PaymentRequest, policies: Sequence[StagePolicy], same_person: str) -> None:
    applying = [policy for policy in policies if policy.applies_to(request)]
    deadlock.check(request, applying, same_person)
    ApprovalStage.objects.bulk_create(
        ApprovalStage(
            request=request,
            route_stage_id=policy.configured,
            revision=request.revision,
            same_person=same_person,
            state=State.WAITING if policy in applying else State.SKIPPED,
            **{field: getattr(policy, field) for field in POLICY_FIELDS},
        )
        for policy in policies
    )


def _supersede(stages: Iterable[ApprovalStage]) -> None:
    pks = [stage.pk for stage in stages]
    ApprovalTask.objects.filter(stage__in=pks, status=ApprovalTask.Status.OPEN).update(
        status=ApprovalTask.Status.CLOSED
    )
    ApprovalStage.objects.filter(pk__in=pks).update(
        state=State.SUPERSEDED, closed_at=timezone.now()
    )


def supersede_all(request: PaymentRequest) -> None:
    """The whole chain counts no more; its open tasks close."""
    _supersede(request.stages.valid())


def advance(request: PaymentRequest) -> None:
    """Open the next stage, passing over those that earlier approvals fulfil; or approve.

    Sets `status` and `stage` on the request, which the caller saves.
    Raises `NobodyCanDecide` when the people of the next stage have gone meanwhile.
    """
    waiting = list(request.stages.filter(state=State.WAITING).order_by("position"))
    for index, stage in enumerate(waiting):
        counted = _open(request, stage, later=waiting[index + 1 :])
        if not counted or not is_fulfilled(stage):
            request.stage, request.status = stage, Status.IN_APPROVAL
            return
        close(stage, State.PASSED)
    request.stage, request.status = None, Status.APPROVED


def _open(request: PaymentRequest, stage: ApprovalStage, later: Sequence[ApprovalStage]) -> bool:
    """Ask the people of the stage; True when earlier approvals of some of them count here."""
    earlier = Decision.objects.standing(request)
    if stage.same_person == SamePerson.FORBID:
        people = deadlock.people_without_conflict(request, [stage, *later], earlier.people())
    else:
        [people] = deadlock.check(request, [stage], stage.same_person)
    stage.state, stage.opened_at = State.OPEN, timezone.now()
    stage.save(update_fields=["state", "opened_at"])
    tasks = [
        ApprovalTask(request=request, stage=stage, employee=person, revision=request.revision)
        for person in sorted(people, key=lambda person: person.pk)
    ]
    ApprovalTask.objects.bulk_create(tasks)
    if stage.same_person != SamePerson.SKIP:
        return False
    # What was approved before a material change is not this. And a press in somebody's place counts
    # for neither at another stage: the deputy has not been asked in his own right, and the one who
    # is away has not been asked at all.
    of_this = earlier.filter(revision=request.revision, on_behalf_of=None)
    deciders = set(of_this.values_list("decided_by", flat=True))
    approved = [task for task in tasks if task.employee_id in deciders]
    for task in approved:
        _count_earlier_approval(task)
    return bool(approved)


def _count_earlier_approval(task: ApprovalTask) -> None:
    task.status = ApprovalTask.Status.DECIDED
    task.save(update_fields=["status"])
    Decision.objects.create(
        task=task,
        request=task.request,
        revision=task.revision,
        action=Action.APPROVE,
        decided_by=task.employee,
        channel=Decision.Channel.POLICY,
    )


def is_fulfilled(stage: ApprovalStage) -> bool:
    """Whether the quorum of the stage is reached, now that someone has approved."""
    if stage.quorum == Quorum.ANY:
        return True
    statuses = list(stage.tasks.counted().values_list("status", flat=True))
    return statuses.count(ApprovalTask.Status.DECIDED) >= stage.needed(len(statuses))


def close(stage: ApprovalStage, state: State) -> None:
    """End a stage; whoever has not decided need not any more."""
    stage.tasks.filter(status=ApprovalTask.Status.OPEN).update(status=ApprovalTask.Status.CLOSED)
    stage.state, stage.closed_at = state, timezone.now()
    stage.save(update_fields=["state", "closed_at"])
