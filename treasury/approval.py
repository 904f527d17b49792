"""The approval of one request, in memory: read at once, judged and changed without a database.

A service reads it under the lock of the request's row and writes what has changed
(`treasury.services.approvals`); pages, cards and queues read it to know who may decide.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from treasury import deadlock, routing
from treasury.models import ApprovalStage, ApprovalTask, Decision, Employee, PaymentRequest
from treasury.models.routes import POLICY_FIELDS, SamePerson, StagePolicy
from treasury.routing import Roles
from treasury.workflow import UNFINISHED, Action, Concern, Status

State = ApprovalStage.State


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
        return deadlock.is_dispensable(employee, self.at(State.WAITING), self.roles, used)

    def is_fulfilled(self, stage: ApprovalStage) -> bool:
        """Whether the quorum of the stage is reached."""
        tasks = self.counted_at(stage)
        decided = [task for task in tasks if task.status == ApprovalTask.Status.DECIDED]
        return len(decided) >= stage.needed(len(tasks))

    # What changes it.

    def begin(self, policies: Sequence[StagePolicy], same_person: str, held: Roles) -> None:
        """Copy the route's stages, whose roles are `held` so, and open the first.

        Raises `NobodyCanDecide` when a stage could never pass.
        """
        deadlock.check_applies(self.request, policies)
        self.roles = held
        self.supersede(self.chain)
        self._build(policies, same_person)
        self._advance()

    def restart(self, concerns: set[Concern]) -> None:
        """Ask again from the first stage that the change concerns; the approvals before it stay.

        Raises `NobodyCanDecide` when a stage could never pass.
        """
        # A change may have brought the request below every threshold.
        deadlock.check_applies(self.request, self.chain)
        first, same_person = self._first_to_repeat(concerns), self.chain[0].same_person
        repeated = [stage for stage in self.chain if stage.position >= first]
        self.supersede(repeated)
        self._build(repeated, same_person)
        self._advance()

    def approve(self, task: ApprovalTask, decision: Decision) -> None:
        """The quorum opens the next stage or approves the request.

        Raises `NobodyCanDecide` when the people of the next stage have gone meanwhile.
        """
        self._decide(task, decision)
        if self.is_fulfilled(task.stage):
            self._close(task.stage, State.PASSED)
            self._advance()

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
        or approves the request. Raises `NobodyCanDecide` when the people of the next stage have
        gone.
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
        return Followed(stage, lost, asked)

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
        """Whether those who are asked are enough for the quorum."""
        counted, asking = self.counted_at(stage), self.request.asking
        able = [
            task
            for task in counted
            if decision_on(task) or (task.employee.is_active and task.employee_id not in asking)
        ]
        return bool(able) and len(able) >= stage.needed(len(counted))

    def _first_to_repeat(self, concerns: set[Concern]) -> int:
        needed = [stage for stage in self.chain if stage.applies_to(self.request)]
        if concerns - {stage.concern for stage in needed}:
            # A concern that no stage answers for is everyone's.
            return self.chain[0].position
        concerned = [stage.position for stage in needed if stage.concern in concerns]
        not_passed = [stage.position for stage in needed if stage.state != State.PASSED]
        return min([*concerned[:1], *not_passed[:1]])

    def _build(self, policies: Sequence[StagePolicy], same_person: str) -> None:
        applying = [policy for policy in policies if policy.applies_to(self.request)]
        deadlock.check(applying, self.roles, same_person)
        for policy in policies:
            stage = ApprovalStage(
                request=self.request,
                route_stage_id=policy.configured,
                revision=self.request.revision,
                same_person=same_person,
                state=State.WAITING if policy in applying else State.SKIPPED,
                **{name: getattr(policy, name) for name in POLICY_FIELDS},
            )
            self.chain.append(stage)
            self._note(stage)

    def _advance(self) -> None:
        """Open the next stage, passing over those that earlier approvals fulfil; or approve."""
        waiting = self.at(State.WAITING)
        for index, stage in enumerate(waiting):
            counted = self._open(stage, later=waiting[index + 1 :])
            if not counted or not self.is_fulfilled(stage):
                self.request.stage, self.request.status = stage, Status.IN_APPROVAL
                return
            self._close(stage, State.PASSED)
        self.request.stage, self.request.status = None, Status.APPROVED

    def _open(self, stage: ApprovalStage, later: Sequence[ApprovalStage]) -> bool:
        """Ask the people of the stage; True when earlier approvals of some of them count here."""
        if stage.same_person == SamePerson.FORBID:
            people = deadlock.people_without_conflict([stage, *later], self.roles, self.deciders())
        else:
            deadlock.check([stage], self.roles, stage.same_person)
            people = self.roles.candidates(stage)
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
        task = ApprovalTask(
            request=self.request,
            stage=stage,
            employee=employee,
            revision=self.request.revision,
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
    chain = list(request.stages.valid())
    stages = {stage.pk: stage for stage in chain}
    rows = ApprovalTask.objects.filter(stage__in=stages).select_related("employee", "decision")
    tasks = list(rows.order_by("id"))
    for task in tasks:
        task.request, task.stage = request, stages[task.stage_id]
    ahead = [stage for stage in chain if anew or stage.state in (State.OPEN, State.WAITING)]
    return Approval(request, chain, tasks, routing.roles(request, ahead))


def decision_on(task: ApprovalTask) -> Decision | None:
    return getattr(task, "decision", None)


def _people_of(decision: Decision) -> Iterator[int]:
    yield decision.decided_by_id
    if decision.on_behalf_of_id is not None:
        yield decision.on_behalf_of_id
