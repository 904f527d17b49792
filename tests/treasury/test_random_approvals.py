"""The aggregate under random acts of random people, without a database.

`SEARCH=50 pytest tests/treasury/test_random_approvals.py` looks further than the suite does.
"""

from collections.abc import Callable, Collection
from copy import deepcopy
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.treasury import laws
from treasury import rights
from treasury.approval import Approval
from treasury.errors import NobodyCanDecide
from treasury.models import (
    ApprovalRoute,
    ApprovalTask,
    ApproverGroup,
    Approvers,
    Decision,
    Delegation,
    Employee,
    PaymentRequest,
    Quorum,
    Revision,
    RouteStage,
    SamePerson,
)
from treasury.models.routes import StagePolicy
from treasury.routing import Roles
from treasury.workflow import Action, Concern, Status

Origin = ApprovalTask.Origin

PEOPLE, GROUPS = range(1, 8), range(1, 4)
AUTHOR = 1
AMOUNTS = [Decimal(500), Decimal(5_000), Decimal(50_000)]
DECISION = ApprovalTask._meta.get_field("decision")

persons = st.sampled_from(PEOPLE)
# Of fewer people hardly a request begins.
roles = st.sets(persons, min_size=3, max_size=5)
concerns = st.frozensets(st.sampled_from(Concern.values), min_size=1)


@st.composite
def stages(draw: st.DrawFn, position: int) -> RouteStage:
    group = draw(st.sampled_from([None, *GROUPS]))
    quorum = draw(st.sampled_from(Quorum.values))
    return RouteStage(
        pk=position,
        position=position,
        name=f"Stage {position}",
        approvers=Approvers.GROUP if group else Approvers.BUDGET_HOLDERS,
        group=ApproverGroup(pk=group, code=f"{group}") if group else None,
        concern=draw(st.sampled_from(Concern.values)),
        quorum=quorum,
        quorum_count=draw(st.integers(1, 2)) if quorum == Quorum.COUNT else None,
        min_amount=draw(st.sampled_from([None, None, *AMOUNTS[1:]])),
    )


class RandomApproval(RuleBasedStateMachine):
    """One request of a small company. As the services do, an act that is refused is not written."""

    @initialize(data=st.data(), requester=persons, amount=st.sampled_from(AMOUNTS))
    def found(self, data: st.DataObject, requester: int, amount: Decimal) -> None:
        self.keys = count(1)
        self.onlooker = laws.Onlooker()
        self.people = {pk: Employee(pk=pk, last_name=f"Person {pk}") for pk in PEOPLE}
        pairs = st.permutations(PEOPLE).map(lambda people: (people[0], people[1]))
        self.delegations = data.draw(st.sets(pairs, max_size=3))
        self.route = ApprovalRoute(
            same_person=data.draw(st.sampled_from(SamePerson.values)),
            min_people=data.draw(st.integers(1, 3)),
        )
        length = data.draw(st.integers(1, 4))
        self.configured = [data.draw(stages(position)) for position in range(1, length + 1)]
        self.stand_ins = {stage.pk: data.draw(st.sets(persons)) for stage in self.configured}
        # Of the budget, and of each group.
        self.holders = {group: data.draw(roles) for group in (None, *GROUPS)}
        request = PaymentRequest(
            pk=1,
            author=self.people[AUTHOR],
            requester=self.people[requester],
            amount=amount,
            currency="RUB",
            organization_id=1,
        )
        self.approval = Approval(request, [], [], self._roles(request))
        self.submit()
        assume(self.approval.chain)
        # What goes wrong, goes wrong half-way.
        self.approve_in_turn(data.draw(st.integers(0, 4)), data)

    @precondition(lambda self: self.request.status in (Status.DRAFT, Status.RETURNED))
    @rule()
    def submit(self) -> None:
        def begin() -> None:
            self._revise()
            self.approval.begin(self.configured, self.route, self.approval.roles)

        self.onlooker.min_people = self.route.min_people
        self.onlooker.same_person = self.route.same_person
        self.onlooker.positions = [stage.position for stage in self.configured]
        self._attempt(begin)

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), actor=persons)
    def approve(self, data: st.DataObject, actor: int) -> None:
        self._decide(data.draw(st.sampled_from(self.asked)), actor)

    @precondition(lambda self: self.asked)
    @rule(presses=st.integers(1, 6), data=st.data())
    def approve_in_turn(self, presses: int, data: st.DataObject) -> None:
        """Some of those who are asked, or their deputies."""
        for _press in range(presses):
            if self.asked:
                task = data.draw(st.sampled_from(self.asked))
                deputies = [two for one, two in self.delegations if one == task.employee_id]
                self._decide(task, data.draw(st.sampled_from([task.employee_id, *deputies])))

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), more=st.booleans(), by_office=st.booleans())
    def share(self, data: st.DataObject, more: bool, by_office: bool) -> None:
        """Ask one more at the stage, or another one instead; an administrator whomever he likes."""
        task = data.draw(st.sampled_from(self.asked))
        busy = {counted.employee_id for counted in self.approval.counted_at(task.stage)}
        free = [pk for pk in PEOPLE if pk not in busy | self.request.asking]
        if not free:
            return
        colleague = self.people[data.draw(st.sampled_from(free))]
        objection = (
            rights.objection_at(self.approval, task.stage, colleague)
            if more
            else rights.objection_to(self.approval, task, colleague)
        )
        origin = self._origin(task, colleague, more, by_office)
        if objection or not origin or (not by_office and self._refused(task, task.employee)):
            return

        def ask() -> None:
            if not more:
                self.approval.close_task(task)
            self.approval.ask(task.stage, colleague, origin)

        self._attempt(ask)

    @precondition(lambda self: self.approval.chain)
    @rule(
        actor=persons,
        what=concerns,
        amount=st.sampled_from(AMOUNTS),
        requester=st.none() | persons,
    )
    def change(
        self, actor: int, what: laws.Concerns, amount: Decimal, requester: int | None
    ) -> None:
        """A larger amount concerns the budget, another requester everyone."""
        if amount > self.request.amount:
            what |= {Concern.BUDGET.value}
        if requester not in (None, self.request.requester_id):
            what = frozenset(Concern.values)

        def write() -> None:
            self.request.amount = amount
            if requester:
                self.request.requester = self.people[requester]

        self._change(actor, what, write)

    @precondition(lambda self: self.approval.chain)
    @rule(amount=st.sampled_from(AMOUNTS))
    def make_smaller(self, amount: Decimal) -> None:
        """Which asks nobody."""

        def write() -> None:
            self.request.amount = amount
            self._revise()

        if amount < self.request.amount and self.request.snapshot:
            self._attempt(write)

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), status=st.sampled_from([Status.DRAFT, Status.RETURNED, Status.DECLINED]))
    def end(self, data: st.DataObject, status: Status) -> None:
        """Withdraw it, return it, or decline it."""
        task = data.draw(st.sampled_from(self.asked))
        if status != Status.DRAFT and not self._refused(task, task.employee):
            decision = self._decision(task, task.employee, Action.DECLINE)
            self._attempt(lambda: self.approval.refuse(task, decision, status))

        def withdraw() -> None:
            self.approval.supersede(self.approval.chain)
            self.request.status, self.request.stage = Status.DRAFT, None
            self.request.snapshot = None

        if status == Status.DRAFT:
            self._attempt(withdraw)

    @rule(person=persons, role=st.sampled_from([None, *GROUPS]), leaves=st.booleans())
    def appoint(self, person: int, role: int | None, leaves: bool) -> None:
        """Or dismiss; or let him leave, or return."""
        if leaves:
            self.people[person].is_active = not self.people[person].is_active
        else:
            self.holders[role] ^= {person}
        self._follow(person)

    @rule(principal=persons, deputy=persons)
    def stand_in(self, principal: int, deputy: int) -> None:
        """Or end it."""
        if principal != deputy:
            self.delegations ^= {(principal, deputy)}

    # What these are made of.

    @property
    def request(self) -> PaymentRequest:
        return self.approval.request

    @property
    def asked(self) -> list[ApprovalTask]:
        return [task for task in self.approval.tasks if task.status == ApprovalTask.Status.OPEN]

    def _roles(self, request: PaymentRequest) -> Roles:
        here = {
            group: {self.people[pk] for pk in people if self.people[pk].is_active}
            for group, people in self.holders.items()
        }
        budget = here.pop(None)
        listed = {
            stage: [self.people[pk] for pk in people if self.people[pk].is_active]
            for stage, people in self.stand_ins.items()
        }
        members = {group: people for group, people in here.items() if group is not None}
        return Roles(request, members, budget, listed)

    def _holds(self, stage: StagePolicy, person: Employee) -> bool:
        return person.is_active and person.pk in self.holders[stage.group_id]

    def _revise(self) -> None:
        self.request.revision += 1
        number = self.request.revision
        self.request.snapshot = Revision(pk=number, number=number, digest=f"{number:064}")

    def _refused(self, task: ApprovalTask, actor: Employee) -> bool:
        running = [
            Delegation(
                principal=self.people[principal],
                deputy=self.people[deputy],
                begun_by=self.people[principal],
            )
            for principal, deputy in self.delegations
        ]
        return rights.refusal(self.approval, task, actor, running) is not None

    def _origin(
        self, task: ApprovalTask, colleague: Employee, more: bool, by_office: bool
    ) -> Origin | None:
        """As the services have it; None where the colleague cannot be asked."""
        if not colleague.is_active:
            return None
        if more or task.origin == Origin.ADDED:
            return Origin.ADDED
        listed = colleague.pk in self.stand_ins[task.stage.route_stage_id or 0]
        if listed or self._holds(task.stage, colleague):
            return Origin.REASSIGNED
        return Origin.ASSIGNED if by_office else None

    def _decision(self, task: ApprovalTask, actor: Employee, action: Action) -> Decision:
        return self.approval.decision(
            task,
            action=action,
            decided_by=actor,
            on_behalf_of=task.employee if task.employee_id != actor.pk else None,
            channel=Decision.Channel.ADMIN,
        )

    def _decide(self, task: ApprovalTask, actor: int) -> None:
        if self._refused(task, self.people[actor]):
            return

        def press() -> None:
            decision = self._decision(task, self.people[actor], Action.APPROVE)
            self.approval.approve(task, decision)

        self._attempt(press)

    def _change(self, actor: int, what: laws.Concerns, write: Callable[[], None]) -> None:
        payment = [one for one in self.approval.chain if one.concern == Concern.PAYMENT]
        chooses = what == {Concern.PAYMENT.value} and any(
            self._holds(stage, self.people[actor]) for stage in payment
        )

        def change() -> None:
            write()
            if not chooses:
                self.request.makers = sorted({*self.request.makers, actor})
            self._revise()
            self.approval.roles = self._roles(self.request)
            self.approval.restart(set(map(Concern, what)))

        if self.request.status in (Status.IN_APPROVAL, Status.APPROVED) and self._attempt(change):
            maker = None if chooses else actor
            self.onlooker.hears(self.request, self.approval.chain, what, maker)
            self._look()

    def _follow(self, person: int) -> None:
        self.approval.roles = self._roles(self.request)
        if self.request.status != Status.IN_APPROVAL:
            return
        lost = [
            task.pk
            for task in self.asked
            if task.origin == Origin.ROUTE and not self._holds(task.stage, task.employee)
        ]
        self._attempt(lambda: self.approval.follow([person]), lost)

    def _attempt(self, act: Callable[[], object], lost: Collection[int] = ()) -> bool:
        """Do it and write it down, or leave it as it was; `lost` are keys of tasks."""
        same = {id(person): person for person in self.people.values()}
        before = deepcopy(self.approval, dict[int, object](same))
        try:
            act()
        except NobodyCanDecide:
            self.approval = before
            return False
        self._write()
        self.onlooker.sees(self.approval.tasks, lost)
        self._look()
        return True

    def _write(self) -> None:
        """And read it again: of the stages that count, each task with its decision or none."""
        approval = self.approval
        for row in approval.changed:
            row.pk = row.pk or next(self.keys)
        tasks = [task for task in approval.tasks if task.stage in approval.chain]
        for task in tasks:
            if not DECISION.is_cached(task):
                DECISION.set_cached_value(task, None)
        self.approval = Approval(approval.request, approval.chain, tasks, self._roles(self.request))

    def _look(self) -> None:
        seen = laws.Seen(self.request, self.approval.chain, self.approval.tasks, self.onlooker)
        assert laws.broken(seen) == []


@pytest.mark.long
def test_no_act_breaks_a_law() -> None:
    run_state_machine_as_test(RandomApproval, settings=laws.random_acts(examples=200, steps=25))
