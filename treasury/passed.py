"""Proving that each stage was passed by the voices that its rules want.

The journal is signed and the stages are not: it names the digest of their rules, so that nobody
who has the database lowers a quorum under a request and leaves the rest to honest people.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from treasury import facts
from treasury.approval import is_reached
from treasury.models import ApprovalStage, ApprovalTask, Decision, Event, PaymentRequest
from treasury.workflow import Action, Status

State = ApprovalStage.State
Origin = ApprovalTask.Origin
# Of a stage what says whose and how many voices it wants.
_RULES = (
    "revision", "position", "approvers", "group_id", "concern", "quorum", "quorum_count",
    "same_person", "min_people",
)  # fmt: skip
# Given by somebody, who is in the journal.
_GIVEN = {Origin.REASSIGNED, Origin.ASSIGNED, Origin.ADDED}
_PASSED = {State.PASSED, State.SKIPPED}


def rules(chain: Iterable[ApprovalStage]) -> str:
    """The digest of the rules of the stages that count, in their order."""
    return facts.digest({"stages": [_rules_of(stage) for stage in chain]})


def faults(
    request: PaymentRequest,
    events: Sequence[Event],
    chain: Sequence[ApprovalStage],
    tasks: Collection[ApprovalTask],
    decisions: Iterable[Decision],
) -> Iterator[str]:
    """What is wrong with the stages of a request that waits for its approvers, or has them.

    Nothing is said of one that was submitted before the journal named the rules.
    """
    current = _since_submit(events)
    is_asked = request.status in (Status.IN_APPROVAL, Status.APPROVED)
    if not is_asked or not current or "rules" not in current[0].data:
        return
    signed = [event.data["rules"] for event in current if "rules" in event.data]
    if rules(chain) != signed[-1]:
        yield "its stages have other rules than those in the journal"
    counting = {task.pk for task in tasks}
    standing = {
        made.task_id: made
        for made in decisions
        if made.action == Action.APPROVE and made.task_id in counting
    }
    for stage in chain:
        counted = [task for task in tasks if task.stage_id == stage.pk]
        yield from _faults_of_stage(request, stage, counted, standing)
    yield from _faults_of_places(current, chain, tasks, standing)
    yield from _faults_of_voices(current, tasks, standing)
    people = {made.decided_by_id for made in standing.values()} - request.asking
    wanted = max((stage.min_people for stage in chain), default=1)
    if request.status == Status.APPROVED and len(people) < wanted:
        yield f"it was approved by {len(people)} people, and its route wants more"


def _since_submit(events: Sequence[Event]) -> Sequence[Event]:
    """The entries of the round that counts, which its submit begins."""
    begun = [number for number, event in enumerate(events) if event.action == Action.SUBMIT]
    return events[begun[-1] :] if begun else ()


def _rules_of(stage: ApprovalStage) -> facts.Facts:
    amount = stage.min_amount
    plain = {name: getattr(stage, name) for name in _RULES}
    return {**plain, "min_amount": None if amount is None else f"{amount:.2f}"}


def _faults_of_stage(
    request: PaymentRequest,
    stage: ApprovalStage,
    tasks: Iterable[ApprovalTask],
    standing: Mapping[int, Decision],
) -> Iterator[str]:
    name = f"stage {stage.position}"
    if request.status == Status.APPROVED and stage.state not in _PASSED:
        yield f"{name} is {stage.state}, and the request is approved"
    if stage.state == State.SKIPPED and stage.applies_to(request):
        yield f"{name} was passed over, and applies"
    counted = [task for task in tasks if task.status != ApprovalTask.Status.CLOSED]
    approved = [task for task in counted if task.pk in standing]
    if stage.state == State.PASSED and not is_reached(stage, counted, approved):
        yield f"{name} was passed without the voices that it wants"


def _faults_of_places(
    events: Iterable[Event],
    chain: Iterable[ApprovalStage],
    tasks: Iterable[ApprovalTask],
    standing: Mapping[int, Decision],
) -> Iterator[str]:
    """An approval counts where it was given, and for nothing that was asked after it."""
    stages = {stage.pk: stage for stage in chain}
    given = {
        event.data.get("task"): event.data.get("position")
        for event in events
        if event.action == Action.APPROVE
    }
    for task in tasks:
        made, stage = standing.get(task.pk), stages.get(task.stage_id)
        if made is None:
            continue
        if (
            stage is None
            or made.revision < stage.revision
            or given.get(task.pk, stage.position) != stage.position
        ):
            yield f"decision {made.pk} counts at a stage where it was not given"


def _faults_of_voices(
    events: Iterable[Event], tasks: Iterable[ApprovalTask], standing: Mapping[int, Decision]
) -> Iterator[str]:
    """Who was brought in by nobody, and whose approval is counted and was never given."""
    sharing = (Action.REASSIGN, Action.ADD_APPROVER)
    given = {event.data.get("task") for event in events if event.action in sharing}
    for task in tasks:
        if task.pk in standing and task.origin in _GIVEN and task.pk not in given:
            yield f"nobody has given the task {task.pk} to whom it was decided by"
    own = {
        made.decided_by_id
        for made in standing.values()
        if made.channel != Decision.Channel.POLICY and made.on_behalf_of_id is None
    }
    for made in standing.values():
        if made.channel == Decision.Channel.POLICY and made.decided_by_id not in own:
            yield f"decision {made.pk} counts an approval that was never given"
