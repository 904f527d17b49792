"""What a thief with an account in the company tries, and what comes of it.

First how money is paid that nobody has approved as it stands; then how one person passes for
several; then how one becomes another; at last what somebody does who may write to the database and
has no key of the journals. What is refused at one place alone is tested there.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.utils import timezone

from tests.admin.conftest import browse, button, opened
from tests.company import ADMIN, TELEGRAM, Company
from tests.treasury.conftest import appoint
from tests.treasury.test_document_races import at_once
from tests.treasury.test_makers import editor
from treasury import guards, proving, seals, witness
from treasury.approval import read
from treasury.errors import (
    NobodyCanDecide,
    NotAllowed,
    NotReady,
    OwnAppointment,
    Superseded,
    WrongColleague,
)
from treasury.models import (
    ApprovalRoute,
    ApprovalTask,
    ApproverGroup,
    Counterparty,
    CounterpartyAccount,
    Decision,
    Employee,
    GroupMembership,
    OwnAccount,
    PaymentRequest,
    Quorum,
    Revision,
    RouteStage,
)
from treasury.services import appointments, decisions, requests
from treasury.workflow import Action, Concern, Status

REASON = "Прошу посмотреть"
Commits = Callable[..., Any]


def change(request: PaymentRequest, actor: Employee, **fields: Any) -> PaymentRequest:
    return requests.change(request=request, actor=actor, channel=ADMIN, fields=fields)


def submit(request: PaymentRequest, actor: Employee) -> PaymentRequest:
    return requests.submit(request=request, actor=actor, channel=ADMIN, reason="Вторая часть")


def waiting_for_payment(company: Company, **fields: Any) -> PaymentRequest:
    request = company.submitted(**fields)
    for person in (company.boris, company.fedor):
        company.approve(request, person)
    return request


def pay(company: Company, request: PaymentRequest, account: OwnAccount) -> None:
    decisions.approve(
        task=company.task(request, company.tamara), actor=company.tamara, channel=TELEGRAM,
        own_account=account,
    )  # fmt: skip


def faults() -> dict[str, str]:
    return dict(proving.faults())


# 1. Money that nobody has approved as it stands.


@pytest.mark.parametrize("form", ["number", "bik", "payee"])
def test_an_accountant_rewrites_no_account_under_an_approved_request(
    company: Company, form: str
) -> None:
    request, client = company.approved(), browse(company.anna, "Бухгалтер")
    other = Counterparty.objects.create(name="ООО «Рога и копыта»", inn="5003052454")
    account, bank = company.account, company.account.bank
    forms: dict[str, tuple[str, dict[str, Any]]] = {
        "number": (f"counterpartyaccount/{account.pk}", {"number": "40702810500000000002"}),
        "payee": (f"counterpartyaccount/{account.pk}", {"counterparty": other.pk}),
        "bik": (f"bank/{bank.pk}", {"bik": "044525974"}),
    }
    path, fields = forms[form]
    url = f"/admin/treasury/{path}/change/"
    assert client.get(url).status_code == 200
    client.post(url, opened(client, url) | fields)
    paid = CounterpartyAccount.objects.select_related("bank").get(pk=account.pk)
    assert (paid.number, paid.counterparty_id) == (account.number, company.counterparty.pk)
    assert (paid.bank_id, paid.bank.bik) == (bank.pk, bank.bik)
    request.refresh_from_db()
    assert (request.status, faults()) == (Status.APPROVED, {})


def test_a_payee_renamed_between_two_approvals_is_approved_by_nobody(company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    Counterparty.objects.filter(pk=company.counterparty.pk).update(name="АО «Северная сталь»")
    with pytest.raises(Superseded):
        company.approve(request, company.fedor)
    assert company.open_position(request) == 2


def test_less_in_steps_and_then_as_much_as_before_is_more(company: Company) -> None:
    request = company.approved()
    for amount in (90_000, 100):
        request = change(request, company.anna, **company.sums(amount))
        assert request.status == Status.APPROVED
    request = change(request, company.anna, **company.sums("100.01"))
    assert (request.status, company.open_position(request)) == (Status.IN_APPROVAL, 1)


def test_another_department_asks_its_holders_whatever_their_stage_answers_for(
    company: Company,
) -> None:
    """Not only the stage that answers for the budget: who decides has become another."""
    company.route.stages.filter(position=1).update(concern=Concern.PAYEE)
    company.route.stages.filter(position=2).update(concern=Concern.BUDGET)
    request = change(company.approved(), company.anna, department=company.other_department)
    assert company.open_position(request) == 1
    assert company.task(request, company.gleb).status == "open"


def test_the_choice_of_the_paying_account_brings_nothing_else_in(
    company: Company, other_account: CounterpartyAccount
) -> None:
    """What the row of the request says by now was not submitted: the treasurer does not sign it."""
    request = waiting_for_payment(company, own_account=None)
    PaymentRequest.objects.filter(pk=request.pk).update(counterparty_account=other_account)
    with pytest.raises(Superseded):
        pay(company, request, company.own_account)
    request.refresh_from_db()
    assert (request.status, request.revision) == (Status.IN_APPROVAL, 1)


def test_what_was_returned_and_filled_in_anew_is_asked_from_the_first_stage(
    company: Company, other_account: CounterpartyAccount
) -> None:
    request = waiting_for_payment(company)
    decisions.return_for_rework(
        task=company.task(request, company.tamara), actor=company.tamara, channel=TELEGRAM,
        reason=REASON,
    )  # fmt: skip
    request = submit(
        change(request, company.anna, counterparty_account=other_account), company.anna
    )
    assert company.open_position(request) == 1
    assert not Decision.objects.standing(request).exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_approved_at_the_moment_of_a_change_is_one_of_both(
    company: Company, other_account: CounterpartyAccount
) -> None:
    for number in range(5):
        request = waiting_for_payment(company, invoice_number=str(number))
        task = company.task(request, company.tamara)
        at_once(
            lambda: change(request, company.anna, counterparty_account=other_account),  # noqa: B023
            lambda: decisions.approve(task=task, actor=company.tamara, channel=TELEGRAM),  # noqa: B023
        )
        request.refresh_from_db()
        # Whoever came first, the other account waits for those whom it concerns.
        assert request.counterparty_account == other_account
        assert (request.status, company.open_position(request)) == (Status.IN_APPROVAL, 2)
    assert faults() == {}


# 2. One person who passes for several.


def test_the_requester_who_has_changed_it_does_not_decide_when_another_takes_his_place(
    company: Company, other_account: CounterpartyAccount
) -> None:
    tamara = editor(company, company.tamara)
    request = change(company.draft(requester=tamara), tamara, counterparty_account=other_account)
    request = change(request, company.anna, requester=company.anna)
    assert request.makers == [tamara.pk]
    with pytest.raises(NobodyCanDecide):
        submit(request, company.anna)


def test_an_administrator_gives_no_task_to_whom_he_stands_in_for(company: Company) -> None:
    """He would decide it himself, by a role that neither of them has."""
    request = company.submitted()
    task = company.task(request, company.boris)
    administrator = company.allow(company.gleb, "reassign_task")
    appoint(company.sergey, administrator)
    for action, share in (
        (Action.REASSIGN, decisions.reassign), (Action.ADD_APPROVER, decisions.add_approver),
    ):  # fmt: skip
        offered = decisions.colleagues(read(request), task, administrator, action)
        assert company.sergey not in offered
        assert company.fedor in offered
        with pytest.raises(WrongColleague):
            share(task=task, to=company.sergey, actor=administrator, channel=ADMIN, reason=REASON)


def test_nor_does_he_make_him_an_approver(company: Company) -> None:
    administrator = company.allow(company.gleb, "change_department", "change_approvergroup")
    delegation = appoint(company.sergey, administrator)
    group = ApproverGroup.objects.get(code="treasurers")

    def to_group(person: Employee) -> None:
        appointments.change_members(
            group=group, joined=[(person, None)], actor=administrator, channel=ADMIN
        )

    def to_department(person: Employee) -> None:
        appointments.change_holders(
            department=company.department, joined=[person], actor=administrator, channel=ADMIN
        )

    for appoint_him in (to_group, to_department):
        with pytest.raises(OwnAppointment):
            appoint_him(company.sergey)
        appoint_him(company.fedor)
    delegation.until = timezone.now() - timedelta(minutes=1)
    delegation.since = delegation.until - timedelta(days=1)
    delegation.save()
    to_group(company.sergey)
    assert company.sergey in {row.employee for row in group.memberships.all()}


def test_nor_does_he_list_himself_among_those_who_may_take_over(company: Company) -> None:
    """Where the requester leaves a place, whoever is listed is asked by the route itself."""
    administrator = company.allow(company.gleb, "change_approvalroute")
    stage = company.route.stages.get(position=1)

    def list_(*people: Employee) -> None:
        appointments.save_route(
            route=company.route, stages=[stage], stand_ins=[(stage, people)], actor=administrator,
            channel=ADMIN,
        )  # fmt: skip

    with pytest.raises(OwnAppointment):
        list_(company.sergey, administrator)
    assert not stage.stand_ins.exists()
    # Whom others have listed stays so.
    stage.stand_ins.add(administrator)
    list_(company.sergey, administrator)
    assert set(stage.stand_ins.all()) == {company.sergey, administrator}


def test_a_dismissal_does_not_spare_the_choice_of_the_paying_account(
    company: Company, django_capture_on_commit_callbacks: Commits
) -> None:
    """Of two treasurers one approves while there is none to choose, and the other is dismissed."""
    group = ApproverGroup.objects.get(code="treasurers")
    GroupMembership.objects.create(group=group, employee=company.sergey)
    company.route.stages.filter(position=3).update(quorum=Quorum.ALL)
    request = waiting_for_payment(company, own_account=None)
    with pytest.raises(NotReady):
        company.approve(request, company.tamara)
    OwnAccount.objects.update(is_active=False)
    company.approve(request, company.tamara)
    OwnAccount.objects.update(is_active=True)
    administrator = company.allow(company.gleb, "change_approvergroup")
    with django_capture_on_commit_callbacks(execute=True):
        appointments.change_members(
            group=group, left=[(company.sergey, None)], actor=administrator, channel=ADMIN
        )
    request.refresh_from_db()
    assert (request.status, request.own_account) == (Status.IN_APPROVAL, None)


def test_full_access_is_no_voice(company: Company) -> None:
    Employee.objects.filter(pk=company.gleb.pk).update(is_superuser=True)
    gleb, request = Employee.objects.get(pk=company.gleb.pk), company.submitted()
    task = company.task(request, company.boris)
    with pytest.raises(NotAllowed):
        decisions.approve(task=task, actor=gleb, channel=TELEGRAM)
    client = browse(gleb)
    assert client.post(button(request, "approve"), {"task": task.pk}).status_code == 403
    assert not request.decisions.exists()


# 3. One who becomes another.


def test_an_administrator_neither_widens_a_role_nor_makes_himself_almighty(
    company: Company,
) -> None:
    client = browse(company.gleb, "Администратор")
    role = Group.objects.get(name="Администратор")
    wanted = Permission.objects.get(codename="add_paymentrequest")
    answer = client.post(
        f"/admin/auth/group/{role.pk}/change/", {"name": role.name, "permissions": [wanted.pk]}
    )
    assert answer.status_code == 403
    url = f"/admin/treasury/employee/{company.gleb.pk}/change/"
    more = {"is_superuser": "on", "user_permissions": [wanted.pk]}
    assert client.post(url, opened(client, url) | more).status_code == 302
    gleb = Employee.objects.get(pk=company.gleb.pk)
    assert (gleb.is_superuser, gleb.has_perm("treasury.add_paymentrequest")) == (False, False)


def test_nor_does_he_sign_in_as_an_approver_by_another_address(company: Company) -> None:
    client = browse(company.gleb, "Администратор")
    url, address = f"/admin/treasury/employee/{company.tamara.pk}/change/", company.tamara.email
    hash_before = company.tamara.password
    more = {"email": "thief@example.com", "password": "known"}
    assert client.post(url, opened(client, url) | more).status_code == 302
    tamara = Employee.objects.get(pk=company.tamara.pk)
    assert (tamara.email, tamara.password) == (address, hash_before)


# 4. Somebody who may write to the database, has taken the triggers off and has no key.


def behind_the_back(act: Callable[[], object]) -> None:
    seals.unseal(connection)
    guards.unguard(connection)
    act()
    guards.guard(connection)
    seals.seal(connection)


def say_in_the_row(request: PaymentRequest, facts: dict[str, Any], **more: Any) -> None:
    amounts = {name: Decimal(facts[name]) for name in ("amount", "vat_amount")}
    PaymentRequest.objects.filter(pk=request.pk).update(**amounts, **more)


def test_two_revisions_of_a_request_do_not_change_places(company: Company) -> None:
    """Both are in the journal, and their digests too; what is approved is the smaller one."""
    request = change(company.approved(), company.anna, **company.sums(100))
    assert (request.status, request.revision) == (Status.APPROVED, 2)
    large = request.revisions.get(number=1)

    def swap() -> None:
        request.revisions.filter(number=2).update(facts=large.facts, digest=large.digest)
        say_in_the_row(request, large.facts)

    behind_the_back(swap)
    assert faults() == {request.number: "revision 2 is not the one in the journal"}


def test_nothing_is_shown_by_the_revision_of_another_request(company: Company) -> None:
    request, other = company.approved(), company.submitted(amount=Decimal(9_999_999))
    snapshot = other.snapshot
    assert snapshot
    say_in_the_row(request, snapshot.facts, snapshot=snapshot)
    assert "it is shown as revision 1 of request" in faults()[request.number]


def test_a_revision_that_calls_itself_older_than_all_revisions_is_not(company: Company) -> None:
    """Those that were made of an old journal are in none; this one is."""
    request = company.approved()

    def forge() -> None:
        forged = Revision.objects.get(request=request)
        forged.facts |= {"amount": "9999999.00", "reconstructed": True}
        forged.digest = forged.computed_digest()
        forged.save()
        request.decisions.update(digest=forged.digest)
        say_in_the_row(request, forged.facts)

    behind_the_back(forge)
    assert faults() == {request.number: "revision 1 is not the one in the journal"}


def test_a_decision_is_not_moved_to_what_was_never_decided(company: Company) -> None:
    request = company.submitted()
    first = company.approve(request, company.boris)
    later = change(request, company.anna, purpose="Оплата по счёту 46").snapshot
    assert later
    behind_the_back(
        lambda: Decision.objects.filter(pk=first.pk).update(
            revision=later.number, snapshot=later, digest=later.digest
        )
    )
    assert faults() == {request.number: f"decision {first.pk} is not the one in the journal"}


def test_the_author_stays_the_author(company: Company) -> None:
    """Whoever asks for the money would decide himself."""
    request = company.submitted()
    PaymentRequest.objects.filter(pk=request.pk).update(author=company.sergey)
    assert "author_id is" in faults()[request.number]


def test_whoever_has_taken_it_over_is_the_author(company: Company) -> None:
    gleb = company.allow(company.gleb, "add_paymentrequest", "change_paymentrequest")
    request = company.draft()
    company.anna.user_permissions.clear()
    request = requests.adopt(request=request, actor=gleb, channel=ADMIN)
    assert faults() == {}
    PaymentRequest.objects.filter(pk=request.pk).update(author=company.anna, makers=[])
    assert "author_id is" in faults()[request.number]


def test_whoever_has_changed_it_stays_a_maker(company: Company) -> None:
    gleb = editor(company, company.gleb)
    request = change(company.draft(), gleb, purpose="Оплата по счёту 46")
    assert (request.makers, faults()) == ([gleb.pk], {})
    PaymentRequest.objects.filter(pk=request.pk).update(makers=[])
    assert faults() == {request.number: f"makers is [], and the journal left it [{gleb.pk}]"}


@pytest.mark.parametrize("status", ["batched", "paid"])
def test_nothing_is_paid_that_the_journal_does_not_know_of(company: Company, status: str) -> None:
    request = company.approved()
    PaymentRequest.objects.filter(pk=request.pk).update(payment_status=status)
    assert "payment_status is" in faults()[request.number]


def a_lower_quorum(request: PaymentRequest) -> None:
    request.stages.filter(position=1).update(quorum=Quorum.ANY)


def fewer_people(request: PaymentRequest) -> None:
    request.stages.update(min_people=1)


def a_higher_threshold(request: PaymentRequest) -> None:
    request.stages.filter(position=3).update(min_amount=Decimal(9_999_999))


@pytest.mark.parametrize("rewrite", [a_lower_quorum, fewer_people, a_higher_threshold])
def test_the_rules_of_a_request_in_approval_are_those_of_its_submit(
    company: Company, rewrite: Callable[[PaymentRequest], None]
) -> None:
    company.route.stages.filter(position=1).update(quorum=Quorum.ALL)
    request = company.submitted()
    rewrite(request)
    assert faults() == {request.number: "its stages have other rules than those in the journal"}


ByStage = Callable[[RouteStage], object]


@pytest.mark.parametrize(
    ("rewrite", "said"),
    [
        (lambda stage: ApprovalRoute.objects.update(min_people=1), "min_people is 1"),
        (lambda stage: RouteStage.objects.filter(pk=stage.pk).update(quorum="any"), "quorum is"),
        (lambda stage: RouteStage.objects.filter(pk=stage.pk).delete(), "has other stages"),
        (
            lambda stage: RouteStage.objects.filter(pk=stage.pk).update(min_amount=10**7),
            "min_amount is 10000000.00, and the journal left it 50000.00",
        ),
        (
            lambda stage: RouteStage.objects.filter(pk=stage.pk).update(
                group=ApproverGroup.objects.create(code="friends", name="Друзья")
            ),
            "the group is Друзья",
        ),
        (lambda stage: stage.route.delete(), "is gone"),
    ],
)
def test_the_routes_are_those_of_their_journal(
    company: Company, rewrite: ByStage, said: str
) -> None:
    administrator = company.allow(company.gleb, "change_approvalroute")
    stage = company.route.stages.get(position=3)
    stage.quorum, stage.min_amount = Quorum.ALL, Decimal(50_000)
    appointments.save_route(route=company.route, stages=[stage], actor=administrator, channel=ADMIN)
    assert faults() == {}
    ApproverGroup.objects.filter(code="treasurers").update(name="Казначейство")
    assert faults() == {}
    rewrite(RouteStage.objects.get(pk=stage.pk))
    assert said in faults()["routes"]


def test_a_stage_that_nobody_has_passed_is_not_passed(company: Company) -> None:
    """The program itself signs the approval of the whole, by the hand of an honest man."""
    request = company.submitted()
    request.stages.filter(position__gt=1).update(state="passed", min_people=1)
    request.stages.filter(position=1).update(min_people=1)
    company.approve(request, company.boris)
    request.refresh_from_db()
    assert request.status == Status.APPROVED
    request.stages.update(min_people=2)
    assert faults() == {request.number: "stage 2 was passed without the voices that it wants"}


def test_a_stage_that_applies_is_not_passed_over(company: Company) -> None:
    request = company.submitted()
    request.stages.filter(position=2).update(state="skipped")
    assert faults() == {request.number: "stage 2 was passed over, and applies"}


def test_a_task_that_nobody_has_given_gives_no_voice(company: Company) -> None:
    request = company.submitted()
    boris, vera = (company.task(request, person) for person in (company.boris, company.vera))
    ApprovalTask.objects.filter(pk=boris.pk).update(employee=company.sergey, origin="assigned")
    ApprovalTask.objects.filter(pk=vera.pk).update(status="closed")
    company.approve(request, company.sergey)
    said = f"nobody has given the task {boris.pk} to whom it was decided by"
    assert faults() == {request.number: said}


def test_an_approval_of_before_a_change_is_not_moved_to_after_it(
    company: Company, other_account: CounterpartyAccount
) -> None:
    request = company.approved()
    former = company.task(request, company.fedor)
    change(request, company.anna, counterparty_account=other_account)
    anew = company.task(request, company.fedor)
    ApprovalTask.objects.filter(pk=anew.pk).update(stage=former.stage_id, employee=company.sergey)
    ApprovalTask.objects.filter(pk=former.pk).update(stage=anew.stage_id)
    said = f"decision {former.decision.pk} counts at a stage where it was not given"
    assert faults() == {request.number: said}


def test_nor_is_one_moved_to_another_stage(company: Company) -> None:
    request = waiting_for_payment(company)
    task = company.task(request, company.boris)
    last = request.stages.get(position=3)
    ApprovalTask.objects.filter(pk=task.pk).update(stage=last)
    request.stages.filter(position=1).update(state="waiting")
    said = f"decision {task.decision.pk} counts at a stage where it was not given"
    assert faults() == {request.number: said}


def test_an_approval_that_was_never_given_is_not_counted_again(company: Company) -> None:
    request = company.submitted()
    snapshot = request.snapshot
    assert snapshot
    task = ApprovalTask.objects.create(
        request=request, stage=request.stages.get(position=3), employee=company.tamara,
        revision=1, status="decided",
    )  # fmt: skip
    made = Decision.objects.create(
        task=task, request=request, revision=1, snapshot=snapshot, digest=snapshot.digest,
        action=Action.APPROVE, decided_by=company.tamara, channel=Decision.Channel.POLICY,
    )  # fmt: skip
    said = f"decision {made.pk} counts an approval that was never given"
    assert faults() == {request.number: said}


def test_what_honest_people_do_is_proved(company: Company) -> None:
    """Handing over, asking one more, counting an approval twice, changing, standing in."""
    group = ApproverGroup.objects.get(code="financial_managers")
    GroupMembership.objects.create(group=group, employee=company.boris)
    company.may_take_over(company.sergey)
    request = company.submitted()
    task = company.task(request, company.boris)
    decisions.reassign(
        task=task, to=company.sergey, actor=company.boris, channel=TELEGRAM, reason=REASON
    )
    decisions.add_approver(
        task=company.task(request, company.vera), to=company.gleb, actor=company.vera,
        channel=TELEGRAM, reason=REASON,
    )  # fmt: skip
    for person in (company.sergey, company.gleb, company.fedor, company.tamara):
        company.approve(request, person)
        assert faults() == {}
    counted_twice = company.submitted()
    company.approve(counted_twice, company.boris)
    assert company.open_position(counted_twice) == 3
    company.approve(counted_twice, company.tamara)
    assert change(counted_twice, company.anna, **company.sums(100)).status == Status.APPROVED
    dearer = change(counted_twice, company.anna, **company.sums(9_999_999))
    assert dearer.status == Status.IN_APPROVAL
    assert faults() == {}


def test_of_a_tail_that_was_cut_off_with_all_that_hung_on_it_a_witness_alone_knows(
    company: Company,
) -> None:
    """No key helps: everything that is left is as it was signed."""
    request = company.submitted()
    kept = witness.heads()
    declined = request.events.count()
    task = company.task(request, company.boris)
    before = cast("dict[str, Any]", PaymentRequest.objects.filter(pk=request.pk).values().get())
    decisions.decline(task=task, actor=company.boris, channel=TELEGRAM, reason=REASON)
    later: Sequence[witness.Head] = witness.heads()

    def cut() -> None:
        request.decisions.all().delete()
        request.events.filter(sequence__gt=declined).delete()
        request.tasks.update(status="open")
        request.stages.filter(position=1).update(state="open")
        PaymentRequest.objects.filter(pk=request.pk).update(**before)

    behind_the_back(cut)
    assert faults() == {}
    assert all(map(witness.holds, kept))
    assert not all(map(witness.holds, later))
