"""The approval of one request, in memory: read at once, judged and changed without a database.

A service reads it under the lock of the request's row and writes what has changed
(`treasury.services.approvals`); pages, cards and queues read it to know who may decide.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from treasury import deadlock, routing
from treasury.models import (
    ApprovalRoute,
    ApprovalStage,
    ApprovalTask,
    Decision,
    Employee,
    PaymentRequest,
)
from treasury.models.routes import POLICY_FIELDS, ROUTE_FIELDS, SamePerson, StagePolicy
from treasury.prepared import Prepared
from treasury.routing import Roles
from treasury.workflow import UNFINISHED, Action, Concern, Status

State = ApprovalStage.State
Origin = ApprovalTask.Origin
# Of stages that are still to be decided.
_AHEAD = (State.OPEN, State.WAITING)

_CHAINS = Prepared(
    lambda requests: ApprovalStage.objects.filter(request__pk__among=requests).valid(),
    list,
    related={"tasks": (), "tasks__employee": (), "tasks__decision": ()},
)


@dataclass(frozen=True)
class Followed:
    """The tasks of whom the open stage asks no more, and of whom it asks by now."""

    stage: ApprovalStage
    lost: Sequence[ApprovalTask]
    asked: Sequence[ApprovalTask]


@dataclass
class Approval:
    """`chain` is the stages that count, in their order; `tasks` all of theirs by key, each with
    its employee and, when it is decided, its decision. `changed` is what is to be written, in the
    order of the changes; rows that are new have no key yet."""

    request: PaymentRequest
    chain: list[ApprovalStage]
    tasks: list[ApprovalTask]
    roles: Roles
    changed: list[ApprovalStage | ApprovalTask | Decision] = field(default_factory=list)

    # What is asked of it.

    def at(self, state: str) -> list[ApprovalStage]:
        return [stage for stage in self.chain if stage.state == state]

    def find(self, pk: int) -> ApprovalTask | None:
        """The task with this key; None of a stage that counts no more."""
        return next((task for task in self.tasks if task.pk == pk), None)

    def tasks_at(self, stage: ApprovalStage) -> list[ApprovalTask]:
        return [task for task in self.tasks if task.stage is stage]

    def counted_at(self, stage: ApprovalStage) -> list[ApprovalTask]:
        """Without those that were handed over, or that nobody needed any more."""
        return [task for task in self.tasks_at(stage) if task.status != ApprovalTask.Status.CLOSED]

    def standing(self) -> list[Decision]:
        """The approvals that count now."""
        decisions = (decision_on(task) for task in self.tasks if task.stage in self.chain)
        return [made for made in decisions if made and made.action == Action.APPROVE]

    def deciders(self) -> set[int]:
        """The pks of all who have approved, and of those for whom deputies did."""
        return {person for made in self.standing() for person in _people_of(made)}

    def humans(self) -> set[int]:
        """The pks of the different people who have approved: of a deputy his own; without those
        who have come to ask for the money themselves."""
        return {made.decided_by_id for made in self.standing()} - self.request.asking

    def available(self) -> set[int]:
        """The pks of everyone who has approved, or may yet: who is asked now, or will be."""
        asked = {task.employee_id for task in self.tasks if self._may_still_decide(task)}
        return self.humans() | asked | deadlock.people_at(self.at(State.WAITING), self.roles)

    def has_voice(self, task: ApprovalTask) -> bool:
        """Whether the task gives its assignee a voice still: he works here, does not ask for the
        money, and holds the role by which he was asked, if it was by that."""
        person = task.employee
        if not person.is_active or person.pk in self.request.asking:
            return False
        by_role = task.origin == Origin.ROUTE and task.stage.state == State.OPEN
        return not by_role or person in self.roles.holders(task.stage)

    def _may_still_decide(self, task: ApprovalTask) -> bool:
        return task.status == ApprovalTask.Status.OPEN and self.has_voice(task)

    def voices_at(self, stage: ApprovalStage) -> set[int]:
        """The pks of those with a task at the stage, unless it was handed over, and who decided."""
        tasks = self.counted_at(stage)
        made = filter(None, map(decision_on, tasks))
        return {task.employee_id for task in tasks} | {each.decided_by_id for each in made}

    def decision(self, task: ApprovalTask, **made: Any) -> Decision:
        """On what the request says now, by its revision."""
        request, snapshot = self.request, self.request.snapshot
        if snapshot is None:
            raise ValueError("nothing was submitted: there is nothing to decide on")
        return Decision(
            task=task,
            request=request,
            revision=snapshot.number,
            snapshot=snapshot,
            digest=snapshot.digest,
            **made,
        )

    def is_free(self, stage: ApprovalStage, employee: Employee) -> bool:
        """Whether one without a task here may decide here, when nobody may decide twice.

        Not who has decided before, nor whom a later stage cannot do without: those who have a task
        here may decide too, so they are not counted on.
        """
        used = self.deciders() | {task.employee_id for task in self.counted_at(stage)}
        return deadlock.is_dispensable(employee, self._after(stage), self.roles, used)

    def may_replace(self, task: ApprovalTask, employee: Employee) -> bool:
        """Whether people enough are left when he decides the task, and its assignee does not."""
        others = replace(self, tasks=[other for other in self.tasks if other is not task])
        return len(others.available() | {employee.pk}) >= self.min_people

    @property
    def min_people(self) -> int:
        """How many different people have to approve; all stages have it from one route."""
        return self.chain[0].min_people

    def whom_to_ask(self, stage: ApprovalStage) -> set[Employee]:
        """Raises `NobodyCanDecide` when it, or a later stage, could not pass."""
        deadlock.check([stage], self.roles, stage.same_person)
        if stage.same_person != SamePerson.FORBID:
            return self.roles.candidates(stage)
        ahead = [stage, *self._after(stage)]
        return deadlock.people_without_conflict(ahead, self.roles, self.deciders())

    def as_if_open(self, stage: ApprovalStage, people: Iterable[Employee]) -> "Approval":
        """What it would be if the stage, which waits, were open and asked these."""
        opened = copy(stage)
        opened.state = State.OPEN
        chain = [opened if other is stage else other for other in self.chain]
        imagined = replace(self, chain=chain, tasks=[*self.tasks], changed=[])
        for person in people:
            imagined._new_task(opened, person)
        return imagined

    def _after(self, stage: ApprovalStage) -> list[ApprovalStage]:
        return [later for later in self.at(State.WAITING) if later.position > stage.position]

    def is_fulfilled(self, stage: ApprovalStage) -> bool:
        """Whether its quorum is reached, and so many different people have decided that those of
        the stages to come can make up the number."""
        to_come = deadlock.people_at(self._after(stage), self.roles)
        enough = len(self.humans() | to_come) >= self.min_people
        counted = self.counted_at(stage)
        return enough and is_reached(stage, counted, decided(counted))

    # What changes it.

    def begin(self, policies: Sequence[StagePolicy], route: ApprovalRoute, held: Roles) -> None:
        """Copy the stages of the route, whose roles are `held` so, and open the first.

        Raises `NobodyCanDecide` when a stage could never pass.
        """
        deadlock.check_applies(self.request, policies)
        self.roles = held
        self.supersede(self.chain)
        self._build(policies, route)
        self._advance()

    def restart(self, concerns: set[Concern]) -> None:
        """Ask again from the first stage that the change concerns; the approvals before it stay.

        Raises `NobodyCanDecide` when a stage could never pass.
        """
        # A change may have brought the request below every threshold.
        deadlock.check_applies(self.request, self.chain)
        first, route = self._first_to_repeat(concerns), self.chain[0]
        repeated = [stage for stage in self.chain if stage.position >= first]
        self.supersede(repeated)
        self._build(repeated, route)
        self._advance()

    def approve(self, task: ApprovalTask, decision: Decision) -> None:
        """The quorum opens the next stage or approves the request.

        Raises `NobodyCanDecide` when the people of the next stage, or so many different ones as
        the route wants, have gone meanwhile.
        """
        self._decide(task, decision)
        if self.is_fulfilled(task.stage):
            self._close(task.stage, State.PASSED)
            self._advance()
        if self.request.status == Status.IN_APPROVAL:
            deadlock.check_people(self.available(), self.min_people)

    def refuse(self, task: ApprovalTask, decision: Decision, status: Status) -> None:
        self._decide(task, decision)
        self._close(task.stage, State.STOPPED)
        self.request.stage, self.request.status = None, status
        if status in UNFINISHED:
            self.request.snapshot = None

    def ask(self, stage: ApprovalStage, employee: Employee, origin: str) -> ApprovalTask:
        """One more person; who has handed his task over before is asked by the same again."""
        asked = next((task for task in self.tasks_at(stage) if task.employee == employee), None)
        if asked is None:
            asked = self._new_task(stage, employee)
        asked.origin, asked.status = origin, ApprovalTask.Status.OPEN
        asked.revision = self.request.revision
        self._note(asked)
        return asked

    def follow(self, people: Collection[int]) -> Followed:
        """Have the open stage ask those who hold its role by now; the appointments of `people`
        (pks) have changed.

        Where it could not pass without those who have lost the role, their tasks stay: they show
        for whom it waits, and can be handed over. A quorum that is reached so opens the next stage
        or approves the request. Raises `NobodyCanDecide` when the people of the next stage, or so
        many different ones as the route wants, have gone.
        """
        [stage] = self.at(State.OPEN)
        lost = self._without_role(stage)
        for task in lost:
            self.close_task(task)
        asked = self._ask_holders(stage, people)
        if not self._may_pass(stage):
            for task in lost:
                task.status = ApprovalTask.Status.OPEN
            return Followed(stage, (), asked)
        decided = any(map(decision_on, self.counted_at(stage)))
        if lost and decided and self.is_fulfilled(stage):
            self._close(stage, State.PASSED)
            self._advance()
        if self.request.status == Status.IN_APPROVAL:
            deadlock.check_people(self.available(), self.min_people)
        return Followed(stage, lost, asked)

    def ask_anew_ahead(self) -> None:
        """Earlier approvals count for none of the stages to come: something else is paid now."""
        for stage in self.at(State.WAITING):
            stage.revision = self.request.revision
            self._note(stage)

    def close_task(self, task: ApprovalTask) -> None:
        task.status = ApprovalTask.Status.CLOSED
        self._note(task)

    def supersede(self, stages: Sequence[ApprovalStage]) -> None:
        """These count no more; their open tasks close."""
        for stage in list(stages):
            self._close(stage, State.SUPERSEDED)
            self.chain.remove(stage)

    # The parts of these.

    def _without_role(self, stage: ApprovalStage) -> list[ApprovalTask]:
        """Whom the route has asked here and who may not answer any more."""
        holders = self.roles.holders(stage)
        return [
            task
            for task in self.tasks_at(stage)
            if task.status == ApprovalTask.Status.OPEN
            and task.origin == ApprovalTask.Origin.ROUTE
            and task.employee not in holders
        ]

    def _ask_holders(self, stage: ApprovalStage, people: Collection[int]) -> list[ApprovalTask]:
        """Those with the role and without a task; their earlier approvals are not counted here,
        for a stage is to be passed by nobody's appointment.

        Of those with a closed task only `people`: the others have handed theirs over.
        """
        before = {task.employee_id for task in self.tasks_at(stage)} - set(people)
        asked = []
        for person in sorted(self.roles.candidates(stage), key=lambda one: one.pk):
            if person.pk in before | self.voices_at(stage):
                continue
            if stage.same_person != SamePerson.FORBID or self.is_free(stage, person):
                asked.append(self.ask(stage, person, ApprovalTask.Origin.ROUTE))
        return asked

    def _may_pass(self, stage: ApprovalStage) -> bool:
        """Whether it would if all who are asked approved who have a voice still."""
        counted = self.counted_at(stage)
        able = [task for task in counted if decision_on(task) or self.has_voice(task)]
        return bool(able) and is_reached(stage, counted, able)

    def _first_to_repeat(self, concerns: set[Concern]) -> int:
        needed = [stage for stage in self.chain if stage.applies_to(self.request)]
        if concerns - {stage.concern for stage in needed}:
            # A concern that no stage answers for is everyone's.
            return self.chain[0].position
        concerned = [stage.position for stage in needed if stage.concern in concerns]
        not_passed = [stage.position for stage in needed if stage.state != State.PASSED]
        # It is asked anew, or not at all when the amount has fallen below its threshold.
        opened = [stage.position for stage in self.at(State.OPEN)]
        return min([*concerned[:1], *not_passed[:1], *opened])

    def _build(self, policies: Sequence[StagePolicy], route: ApprovalRoute | ApprovalStage) -> None:
        applying = [policy for policy in policies if policy.applies_to(self.request)]
        deadlock.check(applying, self.roles, route.same_person)
        people = self.humans() | deadlock.people_at(applying, self.roles)
        deadlock.check_people(people, route.min_people)
        for stage in copies(self.request, policies, route):
            self.chain.append(stage)
            self._note(stage)

    def _advance(self) -> None:
        """Open the next stage, passing over those that earlier approvals fulfil; or approve."""
        for stage in self.at(State.WAITING):
            counted = self._open(stage)
            if not counted or not self.is_fulfilled(stage):
                self.request.stage, self.request.status = stage, Status.IN_APPROVAL
                return
            self._close(stage, State.PASSED)
        self.request.stage, self.request.status = None, Status.APPROVED

    def _open(self, stage: ApprovalStage) -> bool:
        """Ask the people of the stage; True when earlier approvals of some of them count here."""
        people = self.whom_to_ask(stage)
        earlier = self._own_approvals()
        stage.state, stage.opened_at = State.OPEN, timezone.now()
        self._note(stage)
        tasks = [self._new_task(stage, person) for person in sorted(people, key=lambda one: one.pk)]
        if stage.same_person != SamePerson.SKIP:
            return False
        counted = [task for task in tasks if task.employee_id in earlier]
        for task in counted:
            self._decide(task, self._by_policy(task))
        return bool(counted)

    def _own_approvals(self) -> set[int]:
        """The pks of those whose earlier approval counts at a later stage too.

        What was approved before a change that concerned anybody is not this: since then the chain
        has stages of that revision. And a press in somebody's place counts for neither at another
        stage: the deputy has not been asked in his own right, and the one who is away has not been
        asked at all.
        """
        asked_since = max(stage.revision for stage in self.chain)
        return {
            made.decided_by_id
            for made in self.standing()
            if made.revision >= asked_since and made.on_behalf_of_id is None
        }

    def _by_policy(self, task: ApprovalTask) -> Decision:
        return self.decision(
            task,
            action=Action.APPROVE,
            decided_by=task.employee,
            channel=Decision.Channel.POLICY,
        )

    def _new_task(self, stage: ApprovalStage, employee: Employee) -> ApprovalTask:
        by_role = employee in self.roles.holders(stage)
        task = ApprovalTask(
            request=self.request,
            stage=stage,
            employee=employee,
            revision=self.request.revision,
            origin=Origin.ROUTE if by_role else Origin.SUBSTITUTE,
        )
        self.tasks.append(task)
        self._note(task)
        return task

    def _decide(self, task: ApprovalTask, decision: Decision) -> None:
        task.status = ApprovalTask.Status.DECIDED
        self._note(task)
        self._note(decision)

    def _close(self, stage: ApprovalStage, state: State) -> None:
        """End a stage; whoever has not decided need not any more."""
        for task in self.tasks_at(stage):
            if task.status == ApprovalTask.Status.OPEN:
                self.close_task(task)
        stage.state, stage.closed_at = state, timezone.now()
        self._note(stage)

    def _note(self, row: Any) -> None:
        if not any(row is noted for noted in self.changed):
            self.changed.append(row)


def read(request: PaymentRequest, *, anew: bool = False) -> Approval:
    """As it stands in the database, with the roles of the stages that are still to be decided; of
    all when some may have to be decided `anew`."""
    [approval] = read_each([request], anew=anew)
    return approval


def read_each(requests: Collection[PaymentRequest], *, anew: bool = False) -> list[Approval]:
    """The same of many, in their order; in as many queries."""
    # Not `request.stages`, which may have been read for a card, with some of the tasks.
    chains: dict[int, dict[int, ApprovalStage]] = {one.pk: {} for one in requests}
    tasks: dict[int, list[ApprovalTask]] = {one.pk: [] for one in requests}
    for row in _CHAINS.rows([one.pk for one in requests]):
        stage, task = row[""], row["tasks"]
        stage = chains[stage.request_id].setdefault(stage.pk, stage)
        if task is not None:
            task.stage = stage
            tasks[stage.request_id].append(task)
    asked = []
    for request in requests:
        for task in tasks[request.pk]:
            task.request = request
        chain = chains[request.pk].values()
        asked.append((request, [stage for stage in chain if anew or stage.state in _AHEAD]))
    return [
        Approval(
            held.request,
            list(chains[held.request.pk].values()),
            sorted(tasks[held.request.pk], key=lambda task: task.pk),
            held,
        )
        for held in routing.roles_of_each(asked)
    ]


def copies(
    request: PaymentRequest, policies: Iterable[StagePolicy], route: ApprovalRoute | ApprovalStage
) -> list[ApprovalStage]:
    """The stages as the request would have them, none of them opened yet."""
    return [
        ApprovalStage(
            request=request,
            route_stage_id=policy.configured,
            revision=request.revision,
            state=State.WAITING if policy.applies_to(request) else State.SKIPPED,
            **{name: getattr(route, name) for name in ROUTE_FIELDS},
            **{name: getattr(policy, name) for name in POLICY_FIELDS},
        )
        for policy in policies
    ]


def is_reached(
    stage: ApprovalStage, counted: Sequence[ApprovalTask], approved: Sequence[ApprovalTask]
) -> bool:
    """Whether, of the tasks that count, so many of the role are approved as the quorum wants, and
    all of those who were asked besides."""
    of_the_role = [task for task in counted if task.origin != Origin.ADDED]
    besides = [task for task in counted if task.origin == Origin.ADDED]
    voices = [task for task in of_the_role if task in approved]
    return len(voices) >= stage.needed(len(of_the_role)) and all(
        task in approved for task in besides
    )


def decided(tasks: Sequence[ApprovalTask]) -> list[ApprovalTask]:
    return [task for task in tasks if task.status == ApprovalTask.Status.DECIDED]


def decision_on(task: ApprovalTask) -> Decision | None:
    return getattr(task, "decision", None)


def _people_of(decision: Decision) -> Iterator[int]:
    yield decision.decided_by_id
    if decision.on_behalf_of_id is not None:
        yield decision.on_behalf_of_id
