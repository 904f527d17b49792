"""The services under random acts of random people: who may not is refused, and changes nothing.

`SEARCH=50 pytest tests/treasury/test_random_requests.py` looks further than the suite does.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils import timezone
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.company import ADMIN, PDF, TELEGRAM, Company
from tests.telegrambot.bot import Commits
from tests.treasury import laws
from treasury import facts, proving
from treasury.errors import TreasuryError
from treasury.models import (
    ApprovalStage,
    ApprovalTask,
    ApproverGroup,
    Approvers,
    Attachment,
    CashFlowItem,
    CounterpartyAccount,
    Decision,
    Delegation,
    Employee,
    Event,
    GroupMembership,
    PaymentRequest,
    Quorum,
    Revision,
    RouteStage,
    SamePerson,
)
from treasury.models.facts import DirectoryRow
from treasury.services import appointments, decisions, delegations, directories, people, requests
from treasury.workflow import Concern, Status

REASON = "Так надо"
RECORDS: tuple[type[models.Model], ...] = (
    ApprovalStage, ApprovalTask, Decision, Revision, Event, Attachment,
)  # fmt: skip
GROUPS = ("financial_managers", "treasurers")
PLACES = ("here", "department", *GROUPS)
PEOPLE = ("anna", "boris", "vera", "fedor", "tamara", "gleb", "sergey")
# What they may do besides what a role lets them.
ALLOWED = {
    "vera": ["add_paymentrequest", "change_paymentrequest"],
    "boris": ["change_paymentrequest"],
    "fedor": ["change_paymentrequest"],
    "tamara": ["change_paymentrequest"],
    "gleb": [
        "reassign_task", "add_delegation", "change_delegation", "change_department",
        "change_approvergroup", "change_employee",
    ],
}  # fmt: skip
AMOUNTS = (100_000, 120_000, 140_000)

persons = st.sampled_from(PEOPLE)
# Mostly who prepares requests.
authors = st.sampled_from(["anna", "anna", "anna", *PEOPLE])
# Of fewer people hardly a request begins.
roles = st.sets(persons, min_size=3, max_size=5)

# Part of a fact → whose it is that it has become another.
EVERYONE = frozenset(Concern.values)
BUDGET, PAYEE, PAYMENT = (
    frozenset({one.value}) for one in (Concern.BUDGET, Concern.PAYEE, Concern.PAYMENT)
)
ROWS: Mapping[tuple[str, str], laws.Concerns] = {
    ("requester", "key"): EVERYONE,
    ("organization", "inn kpp"): EVERYONE,
    ("department", "key"): BUDGET,
    ("cash_flow_item", "key"): BUDGET,
    ("counterparty", "key name inn kpp"): PAYEE,
    ("counterparty_account", "key number bik"): PAYEE,
    ("own_account", "key number bik"): PAYMENT,
}


def concerned(old: facts.Facts, new: facts.Facts) -> laws.Concerns:
    """By the rules of the product, of what these acts can change; the VAT goes with the amount."""
    found: list[laws.Concerns] = [
        whom
        for (name, parts), whom in ROWS.items()
        if any(old[name].get(part) != new[name].get(part) for part in parts.split())
    ]
    found += [PAYEE for name in ("purpose", "contract") if old[name] != new[name]]
    found += [PAYEE for document in old["documents"] if document not in new["documents"]]
    found += [BUDGET | PAYEE] if Decimal(old["amount"]) < Decimal(new["amount"]) else []
    return frozenset().union(*found)


@st.composite
def stages(draw: st.DrawFn, position: int) -> RouteStage:
    quorum = draw(st.sampled_from(Quorum.values))
    code = draw(st.sampled_from([None, *GROUPS]))
    return RouteStage(
        position=position,
        name=f"Этап {position}",
        approvers=Approvers.GROUP if code else Approvers.BUDGET_HOLDERS,
        group=ApproverGroup.objects.get(code=code) if code else None,
        concern=draw(st.sampled_from(Concern.values)),
        quorum=quorum,
        quorum_count=draw(st.integers(1, 2)) if quorum == Quorum.COUNT else None,
        min_amount=draw(st.sampled_from([None, None, *AMOUNTS[1:]])),
    )


class RandomRequest(RuleBasedStateMachine):
    """The requests of a small company, one after the other; nothing of it is kept."""

    def __init__(self, company: Company, commits: Commits) -> None:
        super().__init__()
        self.company, self.commits = company, commits
        self.documents = 0
        self.groups = {group.code: group for group in ApproverGroup.objects.all()}
        self.accounts = list(company.organization.accounts.order_by("pk"))
        payees = list(company.counterparty.accounts.order_by("pk"))
        self.rows: list[Any] = [
            company.counterparty, company.department, company.organization, *payees,
            *self.accounts[1:],
        ]  # fmt: skip
        # What the fields can become.
        fields: dict[str, list[Any]] = {
            "cash_flow_item": list(CashFlowItem.objects.order_by("pk")),
            "department": [company.department, company.other_department],
            "counterparty_account": payees,
            "own_account": [None, *self.accounts],
            "purpose": ["Оплата по счёту 45", "Оплата по счёту 46"],
            "contract": ["", "№ 7 от 01.11.2026"],
            "requester": [getattr(company, name) for name in PEOPLE],
            "comment": ["", "Срочно"],
        }
        self.kinds = [
            [company.sums(amount) for amount in AMOUNTS],
            *([{name: value} for value in values] for name, values in fields.items()),
        ]
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self) -> None:
        try:
            assert list(proving.faults()) == []
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @initialize(data=st.data())
    def found(self, data: st.DataObject) -> None:
        company, route = self.company, self.company.route
        route.same_person = data.draw(st.sampled_from(SamePerson.values))
        route.min_people = data.draw(st.integers(1, 3))
        route.save()
        route.stages.all().delete()
        for position in range(1, data.draw(st.integers(1, 4)) + 1):
            stage = data.draw(stages(position))
            stage.route = route
            stage.save()
            stage.stand_ins.set(self._people(data.draw(st.sets(persons, max_size=2))))
        company.department.budget_holders.set(self._people(data.draw(roles)))
        GroupMembership.objects.all().delete()
        GroupMembership.objects.bulk_create(
            GroupMembership(group=self.groups[code], employee=person)
            for code in GROUPS
            for person in self._people(data.draw(roles))
        )
        self.begin(data)
        self.submit("anna")
        assume(self.seen.stages)
        # What goes wrong, goes wrong half-way.
        self.approve_in_turn(data, data.draw(st.integers(0, 4)))

    @precondition(lambda self: self.status in (Status.DECLINED, Status.CANCELLED))
    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """The next draft."""
        self.onlooker = laws.Onlooker()
        self.pk = self.company.draft(
            documents=data.draw(st.integers(0, 2)),
            invoice_number=f"{PaymentRequest.objects.count()}",
            requester=getattr(self.company, data.draw(authors)),
            own_account=data.draw(st.sampled_from([None, self.company.own_account])),
            **self.company.sums(data.draw(st.sampled_from(AMOUNTS))),
        ).pk
        self.written = self._written()
        self._look()

    @precondition(lambda self: self.status in (Status.DRAFT, Status.RETURNED))
    @rule(actor=authors)
    def submit(self, actor: str) -> None:
        route = self.company.route
        self.onlooker.min_people, self.onlooker.same_person = route.min_people, route.same_person
        self.onlooker.positions = list(route.stages.values_list("position", flat=True))
        self._attempt(
            lambda: requests.submit(request=self._request(), **self._by(actor), reason=REASON)
        )

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), actor=persons)
    def approve(self, data: st.DataObject, actor: str) -> None:
        self._approve(data, data.draw(st.sampled_from(self.asked)), self._person(actor))

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), presses=st.integers(1, 6))
    def approve_in_turn(self, data: st.DataObject, presses: int) -> None:
        """Some of those who are asked, or their deputies."""
        for _press in range(presses):
            if self.asked:
                task = data.draw(st.sampled_from(self.asked))
                self._approve(data, task, self._assignee_or_deputy(data, task))

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), more=st.booleans(), by_office=st.booleans())
    def share(self, data: st.DataObject, more: bool, by_office: bool) -> None:
        """Ask one more at the stage, or another one instead; an administrator whomever he likes."""
        task = data.draw(st.sampled_from(self.asked))
        asked = {one.employee_id for one in self.asked}
        # Mostly somebody who could be asked.
        free = [name for name in PEOPLE if getattr(self.company, name).pk not in asked]
        to = data.draw(st.sampled_from(free) | persons if free else persons)
        actor = self._person("gleb") if by_office else self._assignee_or_deputy(data, task)
        act = decisions.add_approver if more else decisions.reassign
        self._attempt(
            lambda: act(
                task=task, to=self._person(to), actor=actor, channel=TELEGRAM, reason=REASON
            )
        )

    @rule(data=st.data(), actor=authors)
    def change(self, data: st.DataObject, actor: str) -> None:
        """Of no field, what the directories say otherwise by now."""
        kinds = data.draw(st.lists(st.sampled_from(self.kinds), max_size=2))
        fields = {
            name: value
            for kind in kinds
            for name, value in data.draw(st.sampled_from(kind)).items()
        }
        self._change(
            actor,
            lambda: requests.change(request=self._request(), **self._by(actor), fields=fields),
        )

    @rule(data=st.data(), actor=authors)
    def change_documents(self, data: st.DataObject, actor: str) -> None:
        """One more, or one less."""
        documents = list(self._request().documents.order_by("pk"))
        document = data.draw(st.sampled_from([None, *documents]))
        if document:
            self._change(actor, lambda: requests.detach(attachment=document, **self._by(actor)))
            return
        self.documents += 1
        file = ContentFile(PDF + b"%%%d of many" % self.documents, name="Акт.pdf")
        self._change(
            actor, lambda: requests.attach(request=self._request(), **self._by(actor), file=file)
        )

    @rule(data=st.data())
    def do_something_else(self, data: st.DataObject) -> None:
        """In one rule, for most of the time the request is to come further."""
        acts = [self.appoint, self.stand_in, self.keep_directories, self.adopt, self.end]
        data.draw(st.sampled_from(acts))(data)

    # The acts of that rule.

    def end(self, data: st.DataObject) -> None:
        """Return or decline it, withdraw it, or cancel what is approved."""
        actor = data.draw(authors)
        if self.status == Status.APPROVED or not self.asked or data.draw(st.booleans()):
            act = data.draw(st.sampled_from([self._withdraw, self._cancel]))
            self._attempt(lambda: act(actor))
            return
        refuse = data.draw(st.sampled_from([decisions.return_for_rework, decisions.decline]))
        task = data.draw(st.sampled_from(self.asked))
        who = self._assignee_or_deputy(data, task)
        self._attempt(lambda: refuse(task=task, actor=who, channel=TELEGRAM, reason=REASON))

    def adopt(self, data: st.DataObject) -> None:
        actor = data.draw(persons)
        former = self._request().author_id
        if self._attempt(lambda: requests.adopt(request=self._request(), **self._by(actor))):
            self.onlooker.hears(self._request(), [], EVERYONE, former)

    def appoint(self, data: st.DataObject) -> None:
        """Or dismiss; or let him leave, or return."""
        who, place = self._person(data.draw(persons)), data.draw(st.sampled_from(PLACES))
        if place == "here":
            fields = {"is_active": not who.is_active}
            self._staff(lambda: people.change(employee=who, **self._by("gleb"), fields=fields))
        elif place == "department":
            self._appoint(who)
        else:
            self._join(who, self.groups[place])

    def stand_in(self, data: st.DataObject) -> None:
        """Or come back."""
        running = list(Delegation.objects.running().order_by("pk"))
        ended = data.draw(st.sampled_from([None, *running]))
        if ended:
            self._attempt(lambda: delegations.end(delegation=ended, **self._by("gleb")))
            return
        where: list[dict[str, Any]] = [{}, {"organization": self.company.organization}]
        where += [{"stage": stage} for stage in self.company.route.stages.all()]
        scope = data.draw(st.sampled_from(where))
        principal, deputy = data.draw(persons), data.draw(persons)
        actor = data.draw(st.sampled_from([principal, "gleb"]))
        self._attempt(
            lambda: delegations.begin(
                principal=self._person(principal),
                deputy=self._person(deputy),
                until=timezone.now() + timedelta(days=1),
                **self._by(actor),
                **scope,
            )
        )

    def keep_directories(self, data: st.DataObject) -> None:
        """Rename a row, take it out of use, or into use again."""
        row = data.draw(st.sampled_from(self.rows))
        row = type(row)._default_manager.get(pk=row.pk)
        if hasattr(row, "name") and data.draw(st.booleans()):
            row.name = data.draw(st.sampled_from(["Прежнее", "Новое"]))
            self._attempt(lambda: _save(row))
        elif row.is_active and isinstance(row, DirectoryRow):
            self._attempt(lambda: directories.retire(row=row, reason=REASON))
        else:
            row.is_active = True
            self._attempt(lambda: _save(row))

    # What these are made of.

    @property
    def status(self) -> str:
        return self.seen.request.status

    @property
    def asked(self) -> list[ApprovalTask]:
        return [task for task in self.seen.tasks if task.status == ApprovalTask.Status.OPEN]

    def _request(self) -> PaymentRequest:
        return PaymentRequest.objects.get(pk=self.pk)

    def _person(self, name: str) -> Employee:
        """With the rights of this moment."""
        person: Employee = getattr(self.company, name)
        return Employee.objects.get(pk=person.pk)

    def _people(self, names: Collection[str]) -> list[Employee]:
        return [self._person(name) for name in sorted(names)]

    def _by(self, actor: str) -> dict[str, Any]:
        return {"actor": self._person(actor), "channel": ADMIN}

    def _assignee_or_deputy(self, data: st.DataObject, task: ApprovalTask) -> Employee:
        deputies = Delegation.objects.running().filter(principal=task.employee).order_by("pk")
        keys = [task.employee_id, *deputies.values_list("deputy", flat=True)]
        return Employee.objects.get(pk=data.draw(st.sampled_from(keys)))

    def _withdraw(self, actor: str) -> None:
        requests.withdraw(request=self._request(), **self._by(actor))

    def _cancel(self, actor: str) -> None:
        requests.cancel(request=self._request(), **self._by(actor), reason=REASON)

    def _approve(self, data: st.DataObject, task: ApprovalTask, actor: Employee) -> None:
        pays = task.stage.concern == Concern.PAYMENT or data.draw(st.integers(0, 5)) == 5
        account = data.draw(st.sampled_from([None, *self.accounts])) if pays else None
        may, before = self._may_decide(task, actor), self._request()
        if self._attempt(
            lambda: decisions.approve(
                task=task, actor=actor, channel=TELEGRAM, own_account=account
            ),
            look=False,
        ):
            assert may, f"{actor} has approved what is not his to decide"
            # By the choice of the account nobody becomes a maker.
            self._hear(None, before)
            self._look()

    def _change(self, actor: str, act: Callable[[], object]) -> None:
        before = self._request()
        known = facts.of(before)
        if self._attempt(act, look=False):
            self._hear(self._person(actor), before, known)
            self._look()

    def _hear(
        self, actor: Employee | None, before: PaymentRequest, draft: facts.Facts | None = None
    ) -> None:
        """What the act has changed, and who by it decides no more."""
        after = self._request()
        if before.snapshot and after.snapshot:
            what = concerned(before.snapshot.facts, after.snapshot.facts)
        else:
            what = concerned(draft or {}, facts.of(after))
        if not what:
            return
        stages = list(after.stages.valid())
        chooses = what == PAYMENT and any(
            actor and self._holds(stage, actor)
            for stage in stages
            if stage.concern == Concern.PAYMENT
        )
        maker = None if chooses or not actor else actor.pk
        self.onlooker.hears(after, stages, what, maker)

    def _appoint(self, person: Employee) -> None:
        department = self.company.department
        holds = department.budget_holders.filter(pk=person.pk).exists()
        who: dict[str, Any] = {"left" if holds else "joined": [person]}
        self._staff(
            lambda: appointments.change_holders(department=department, **self._by("gleb"), **who)
        )

    def _join(self, person: Employee, group: ApproverGroup) -> None:
        here = group.memberships.filter(employee=person).exists()
        who: dict[str, Any] = {"left" if here else "joined": [(person, None)]}
        self._staff(lambda: appointments.change_members(group=group, **self._by("gleb"), **who))

    def _staff(self, act: Callable[[], object]) -> None:
        """Other people approve now; whom a stage has asked by his role is asked no more."""
        before = [task for task in self.asked if task.origin == ApprovalTask.Origin.ROUTE]
        if self._attempt(act, look=False):
            lost = [task.pk for task in before if not self._holds(task.stage, task.employee)]
            self._look(lost)

    def _holds(self, stage: ApprovalStage, person: Employee) -> bool:
        if not Employee.objects.get(pk=person.pk).is_active:
            return False
        if stage.approvers == Approvers.BUDGET_HOLDERS:
            department = self._request().department
            return department.budget_holders.filter(pk=person.pk).exists()
        return GroupMembership.objects.filter(group=stage.group_id, employee=person).exists()

    def _may_decide(self, task: ApprovalTask, actor: Employee) -> bool:
        request, principal = self._request(), task.employee
        asking = {request.author_id, request.requester_id, *self.onlooker.makers}
        if not (principal.is_active and actor.is_active) or {principal.pk, actor.pk} & asking:
            return False
        if principal != actor and not any(
            one.organization_id in (None, request.organization_id)
            and one.stage_id in (None, task.stage.route_stage_id)
            and one.begun_by_id not in asking
            for one in Delegation.objects.running().filter(principal=principal, deputy=actor)
        ):
            return False
        return task.origin != ApprovalTask.Origin.ROUTE or self._holds(task.stage, principal)

    def _attempt(self, act: Callable[[], object], *, look: bool = True) -> bool:
        """What is refused has changed nothing, though nobody has rolled it back."""
        before, refused = self.written, False
        try:
            with self.commits(execute=True):
                act()
        except (TreasuryError, ValidationError):
            refused = True
        self.written = self._written()
        if refused:
            assert self.written == before
            return False
        if look:
            self._look()
        return True

    def _written(self) -> list[Any]:
        rows: list[Any] = [list(PaymentRequest.objects.filter(pk=self.pk).values_list())]
        for model in RECORDS:
            of_it = model._default_manager.filter(request=self.pk)
            rows.append(list(of_it.order_by("pk").values_list()))
        return rows

    def _look(self, lost: Collection[int] = ()) -> None:
        request = PaymentRequest.objects.select_related("stage", "snapshot").get(pk=self.pk)
        stages = request.stages.exclude(state=ApprovalStage.State.SUPERSEDED).order_by("position")
        tasks = request.tasks.exclude(stage__state=ApprovalStage.State.SUPERSEDED).order_by("pk")
        found = tasks.select_related("stage", "employee", "decision__snapshot")
        self.seen = laws.Seen(request, list(stages), list(found), self.onlooker)
        self.onlooker.sees(self.seen.tasks, lost)
        assert laws.broken(self.seen) == []
        for made in self.seen.approvals():
            assert made.digest == _digest(made.snapshot.facts)
            assert made.revision == made.snapshot.number


def _digest(said: facts.Facts) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _save(row: models.Model) -> None:
    row.full_clean()
    row.save()


@pytest.mark.long
def test_no_act_breaks_a_law_or_is_refused_by_halves(
    company: Company, django_capture_on_commit_callbacks: Commits
) -> None:
    for name, codenames in ALLOWED.items():
        company.allow(getattr(company, name), *codenames)
    CashFlowItem.objects.create(code="01.2", name="Прочее")
    company.further_account()
    CounterpartyAccount.objects.create(
        counterparty=company.counterparty, bank=company.account.bank,
        number="40702810500000000002",
    )  # fmt: skip

    class OfThisCompany(RandomRequest):
        def __init__(self) -> None:
            super().__init__(company, django_capture_on_commit_callbacks)

    run_state_machine_as_test(
        OfThisCompany,
        settings=laws.random_acts(examples=5, steps=25),
    )
