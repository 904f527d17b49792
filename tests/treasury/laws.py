"""What holds of every approval, said once more: from the rows, and without the code that made them.

Two suites of random acts ask it after each act: `test_random_approvals` of rows in memory,
`test_random_requests` of those in the database.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, settings

from treasury.models import ApprovalStage, ApprovalTask, Decision, PaymentRequest

# What a change concerned: the values of `Concern`.
Concerns = frozenset[str]


def random_acts(*, examples: int, steps: int) -> settings:
    """In the suite always the same; `SEARCH=50` tries fifty times as many, other ones each time."""
    times = int(os.environ.get("SEARCH", "1"))
    return settings(
        max_examples=examples * times,
        stateful_step_count=steps,
        derandomize=times == 1,
        deadline=None,
        database=None,
        # Why it fails is told by the shortest sequence of acts; to explain it costs minutes.
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


@dataclass(frozen=True)
class Change:
    """`since` is the first revision that has it, `first` the position from which it concerns;
    `maker` who decides no more after it: nobody, when a treasurer has chosen the account."""

    since: int
    first: int
    maker: int | None


@dataclass
class Onlooker:
    """What one remembers who has looked at a request after every act."""

    min_people: int = 1
    same_person: str = ""
    # Those of the route when the request was submitted.
    positions: list[int] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    # Keys of the tasks that were handed over, or lost with the role.
    dismissed: set[int] = field(default_factory=set)

    def sees(self, tasks: Collection[ApprovalTask], lost: Collection[int] = ()) -> None:
        """A stage that stays open closes a task for no other reason; `lost` (keys of tasks) have
        gone with the role, which may have passed the stage at once."""
        for task in tasks:
            if task.status != "closed":
                self.dismissed.discard(task.pk)
            elif task.stage.state == "open" or task.pk in lost:
                self.dismissed.add(task.pk)

    def hears(
        self,
        request: PaymentRequest,
        stages: Sequence[ApprovalStage],
        concerns: Concerns,
        maker: int | None,
    ) -> None:
        """Something else is paid now; of a draft, from the next submit on."""
        since = request.revision + (request.status in ("draft", "returned"))
        self.changes.append(Change(since, _first(request, stages, concerns), maker))

    @property
    def makers(self) -> set[int]:
        return {change.maker for change in self.changes if change.maker}


@dataclass(frozen=True)
class Seen:
    """The request with the stages that count, in their order, and all their tasks."""

    request: PaymentRequest
    stages: Sequence[ApprovalStage]
    tasks: Sequence[ApprovalTask]
    onlooker: Onlooker

    def tasks_at(self, stage: ApprovalStage) -> list[ApprovalTask]:
        return [task for task in self.tasks if task.stage == stage]

    def approvals(self) -> list[Decision]:
        """What stands: of what was returned, declined or called off nothing does."""
        if self.request.status not in ("in_approval", "approved"):
            return []
        made = (decision_on(task) for task in self.tasks)
        return [decision for decision in made if decision and decision.action == "approve"]


def broken(seen: Seen) -> list[str]:
    """Every law that does not hold, in words."""
    return [
        *_one_stage_is_open(seen),
        *_nobody_who_asks_decides(seen),
        *_nobody_has_two_voices(seen),
        *_what_has_changed_is_asked_anew(seen),
        *_what_counts_twice_was_meant_for_both(seen),
        *_a_stage_passes_by_its_quorum(seen),
        *_nothing_is_approved_by_too_few(seen),
    ]


def decision_on(task: ApprovalTask) -> Decision | None:
    return getattr(task, "decision", None)


def applies(stage: ApprovalStage, request: PaymentRequest) -> bool:
    below = stage.min_amount is not None and request.amount < stage.min_amount
    return not (below and request.currency == "RUB")


def _first(
    request: PaymentRequest, stages: Sequence[ApprovalStage], concerns: Collection[str]
) -> int:
    """From which position on a change is to be asked about; from the first one on, where a part of
    it is nobody's."""
    needed = [stage for stage in stages if applies(stage, request)]
    answered = {stage.concern for stage in needed}
    concerned = [stage.position for stage in needed if stage.concern in concerns]
    return 0 if set(concerns) - answered else min(concerned)


def _one_stage_is_open(seen: Seen) -> Iterator[str]:
    request = seen.request
    opened = [stage for stage in seen.stages if stage.state == "open"]
    if len(opened) != (request.status == "in_approval"):
        yield f"the request is {request.status}, and open are the stages {opened}"
    if request.stage != (opened[0] if opened else None):
        yield f"the request is at {request.stage}, and open are the stages {opened}"
    for task in seen.tasks:
        if (task.status == "decided") != bool(decision_on(task)):
            yield f"{task.employee} has a task that is {task.status}, decision or not"
        if task.status == "open" and task.stage not in opened:
            yield f"{task.employee} is asked at a stage that is {task.stage.state}"


def _nobody_who_asks_decides(seen: Seen) -> Iterator[str]:
    asking = {seen.request.author_id, seen.request.requester_id}
    for made in seen.approvals():
        people = _people_of(made)
        if people & asking:
            yield f"{made.decided_by} has approved, and asks for the money"
        before = [one.maker for one in seen.onlooker.changes if one.since <= made.revision]
        if people & set(before):
            yield f"{made.decided_by} has approved what he, or his principal, has changed"


def _nobody_has_two_voices(seen: Seen) -> Iterator[str]:
    places = [[seen.tasks_at(stage)] for stage in seen.stages]
    if seen.onlooker.same_person == "forbid":
        # Not even at two stages.
        places = [[seen.tasks_at(stage) for stage in seen.stages]]
    for place in places:
        made = [made for tasks in place for made in map(decision_on, tasks) if made]
        voices = [person for one in made for person in _people_of(one)]
        if len(voices) != len(set(voices)):
            yield f"somebody has two voices: {voices}"


def _what_has_changed_is_asked_anew(seen: Seen) -> Iterator[str]:
    for made in seen.approvals():
        for change in seen.onlooker.changes:
            if change.since > made.revision and made.task.stage.position >= change.first:
                yield (
                    f"what {made.decided_by} has approved at stage {made.task.stage.position} was "
                    f"revision {made.revision}, and revision {change.since} is another"
                )


def _what_counts_twice_was_meant_for_both(seen: Seen) -> Iterator[str]:
    """By the policy counts what a person has approved before: himself, in his own name, and the
    very thing."""
    for made in seen.approvals():
        if made.channel != "policy":
            continue
        changed = [change.since for change in seen.onlooker.changes]
        if not any(
            earlier.decided_by_id == made.decided_by_id
            and earlier.channel != "policy"
            and earlier.on_behalf_of_id is None
            and earlier.task.stage.position < made.task.stage.position
            and not any(earlier.revision < since <= made.revision for since in changed)
            for earlier in seen.approvals()
        ):
            yield f"{made.decided_by} has never approved what counts as his approval"


def _a_stage_passes_by_its_quorum(seen: Seen) -> Iterator[str]:
    for stage in seen.stages:
        if stage.state != "passed":
            continue
        asked = [task for task in seen.tasks_at(stage) if task.pk not in seen.onlooker.dismissed]
        made = {task.pk for task in asked if decision_on(task)}
        besides = {task.pk for task in asked if task.origin == "added"}
        of_the_role = {task.pk for task in asked} - besides
        wanted = {"any": 1, "count": stage.quorum_count, "all": len(of_the_role)}[stage.quorum]
        if not made or len(of_the_role & made) < (wanted or 1):
            yield f"stage {stage.position} has passed with {len(of_the_role & made)} of {wanted}"
        if besides - made:
            yield f"stage {stage.position} has passed without who was asked besides"


def _nothing_is_approved_by_too_few(seen: Seen) -> Iterator[str]:
    request, stages = seen.request, seen.stages
    if request.status != "approved":
        return
    if [stage.position for stage in stages] != seen.onlooker.positions:
        yield f"the stages are {stages}, and the route had {seen.onlooker.positions}"
    for stage in stages:
        if stage.state != "passed" and (applies(stage, request) or stage.state != "skipped"):
            yield f"it is approved, and stage {stage.position} is {stage.state}"
    asking = {request.author_id, request.requester_id, *seen.onlooker.makers}
    people = {made.decided_by_id for made in seen.approvals()} - asking
    if len(people) < seen.onlooker.min_people:
        yield f"it is approved by {people}, and {seen.onlooker.min_people} were wanted"


def _people_of(made: Decision) -> set[int]:
    """Who has decided, and for whom."""
    return {made.decided_by_id, made.on_behalf_of_id or made.decided_by_id}
