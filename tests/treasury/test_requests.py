"""A request's own life: numbers, changes, documents, submit, withdraw, cancel, copy."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.company import ADMIN, PDF, Company
from treasury.errors import NobodyCanDecide, NotAllowed, NotReady, Outdated, WrongStatus
from treasury.models import (
    ApprovalRoute,
    ApprovalStage,
    Approvers,
    CashFlowItem,
    CounterpartyAccount,
    Employee,
    Organization,
    PaymentRequest,
)
from treasury.services import decisions, requests
from treasury.workflow import Concern, PaymentStatus, Status

State = ApprovalStage.State


def _change(company: Company, request: PaymentRequest, **fields: Any) -> PaymentRequest:
    return requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)


def test_who_has_not_seen_the_newest_state_overwrites_nothing(company: Company) -> None:
    request = company.draft()
    seen = request.events.latest("sequence").sequence
    first = {"comment": "Комментарий"}
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=first, seen=seen)
    with pytest.raises(Outdated):
        requests.change(
            request=request, actor=company.anna, channel=ADMIN, seen=seen,
            fields={"comment": "", "priority": "high"},
        )  # fmt: skip
    request.refresh_from_db()
    assert (request.comment, request.priority) == ("Комментарий", "normal")


def test_numbers_follow_each_other_within_an_organization_and_year(company: Company) -> None:
    first, second = company.draft(), company.draft()
    year = first.created_at.year
    assert (first.number, second.number) == (f"РОМ-{year}-00001", f"РОМ-{year}-00002")


@pytest.mark.django_db(transaction=True)
def test_simultaneous_drafts_never_share_a_number(company: Company) -> None:
    company.draft()
    barrier = threading.Barrier(8)

    def create() -> None:
        barrier.wait()
        company.draft(documents=0)
        connection.close()

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = set(PaymentRequest.objects.values_list("number", flat=True))
    assert len(numbers) == 9


def test_a_request_costs_so_many_statements_and_a_further_document_three(
    company: Company,
) -> None:
    # Rights are read once.
    company.submitted(documents=2)
    costs = []
    for documents in (1, 2):
        with CaptureQueriesContext(connection) as drafted:
            request = company.draft(documents=documents, invoice_number=f"{documents}")
        with CaptureQueriesContext(connection) as submitted:
            requests.submit(request=request, actor=company.anna, channel=ADMIN)
        costs.append((len(drafted), len(submitted)))
    assert costs == [(11, 24), (14, 24)]


def test_only_who_may_prepares_requests(company: Company) -> None:
    with translation.override("en"), pytest.raises(NotAllowed, match="You have no right"):
        requests.create(author=company.sergey, channel=ADMIN, fields=company.fields())


def test_every_problem_of_a_draft_is_said_at_its_field(company: Company) -> None:
    foreign = CounterpartyAccount.objects.create(
        counterparty=company.counterparty,
        bank=company.account.bank,
        number="40702840000000000001",
        currency="USD",
    )
    with pytest.raises(ValidationError) as refusal:
        requests.create(
            author=company.anna,
            channel=ADMIN,
            fields=company.fields(
                amount=Decimal(0),
                counterparty_account=foreign,
                purpose="",
                vat_amount=Decimal("-1"),
            ),
        )
    assert {"amount", "purpose", "currency", "vat_amount"} <= refusal.value.message_dict.keys()
    assert not PaymentRequest.objects.exists()


def test_a_department_of_another_organization_is_refused(company: Company) -> None:
    request = company.draft()
    company.department.organization = type(company.organization).objects.create(
        name="ООО Лютик", code="ЛЮТ", inn="5003052454"
    )
    company.department.save()
    with pytest.raises(ValidationError, match="department"):
        _change(company, request, comment="ещё раз")


@pytest.mark.django_db(transaction=True)
def test_a_row_that_has_gone_meanwhile_is_named_at_its_field(company: Company) -> None:
    item = CashFlowItem.objects.create(code="09", name="Прочее")
    stale = {"cash_flow_item": CashFlowItem.objects.get(pk=item.pk)}
    request = company.draft()
    item.delete()
    with pytest.raises(ValidationError) as refusal:
        requests.create(author=company.anna, channel=ADMIN, fields=company.fields(**stale))
    assert list(refusal.value.message_dict) == ["cash_flow_item"]
    with pytest.raises(ValidationError) as refusal:
        requests.change(request=request, actor=company.anna, channel=ADMIN, fields=stale)
    assert list(refusal.value.message_dict) == ["cash_flow_item"]
    assert PaymentRequest.objects.get().cash_flow_item == company.item


def test_a_draft_changes_without_a_new_revision(company: Company) -> None:
    request = _change(company, company.draft(), amount=Decimal(5), vat_amount=Decimal(0))
    assert (request.revision, request.amount) == (0, Decimal(5))
    assert request.events.latest("id").data["changes"]["amount"] == ["125000.50", "5"]


def test_nothing_is_written_when_nothing_changed(company: Company) -> None:
    request = company.draft()
    before = request.events.count()
    _change(company, request, amount=request.amount, comment=request.comment)
    assert request.events.count() == before


def test_the_same_file_twice_is_one_document(company: Company) -> None:
    request = company.draft(documents=0)
    for name in ("Счёт.pdf", "Копия счёта.pdf"):
        requests.attach(
            request=request, actor=company.anna, channel=ADMIN, file=ContentFile(PDF, name)
        )
    assert request.documents.get().name == "Счёт.pdf"


def test_an_empty_or_oversized_file_is_refused_with_its_name(company: Company) -> None:
    request = company.draft(documents=0)
    big = SimpleUploadedFile("Скан.pdf", b"x")
    big.size = 60 * 1024**2
    for file, words in ((SimpleUploadedFile("Пусто.pdf", b""), "Пусто.pdf"), (big, "60")):
        with pytest.raises(ValidationError, match=words):
            requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)
    assert not request.documents.exists()


def test_a_file_name_cannot_leave_its_folder(company: Company) -> None:
    request = company.draft(documents=0)
    file = ContentFile(PDF, name="x")
    attachment = requests.attach(
        request=request, actor=company.anna, channel=ADMIN, file=file, name="..\\..\\etc/passwd.pdf"
    )
    assert attachment.name == "passwd.pdf"
    assert str(attachment.file).startswith("attachments/")


def test_submit_refuses_what_has_neither_document_nor_explanation(company: Company) -> None:
    request = company.draft(documents=0, comment="")
    with pytest.raises(NotReady):
        requests.submit(request=request, actor=company.anna, channel=ADMIN)
    request.refresh_from_db()
    assert (request.status, request.revision) == (Status.DRAFT, 0)


@pytest.mark.parametrize("reason", ["nobody", "only the requester", "too few", "no route"])
def test_submit_refuses_what_nobody_could_decide(company: Company, reason: str) -> None:
    changes: dict[str, Any] = {}
    if reason == "nobody":
        company.department.budget_holders.clear()
    elif reason == "only the requester":
        company.department.budget_holders.set([company.boris])
        changes["requester"] = company.boris
    elif reason == "too few":
        company.route.stages.filter(position=1).update(quorum="count", quorum_count=3)
    else:
        company.route.delete()
    request = company.draft(**changes)
    with pytest.raises(NobodyCanDecide):
        requests.submit(request=request, actor=company.anna, channel=ADMIN)
    request.refresh_from_db()
    assert request.status == Status.DRAFT
    assert not request.stages.exists()


def test_submit_refuses_a_route_that_forbids_what_the_people_cannot_give(company: Company) -> None:
    company.route.same_person = "forbid"
    company.route.save()
    company.department.budget_holders.set([company.fedor])
    request = company.draft()
    with pytest.raises(NobodyCanDecide):
        requests.submit(request=request, actor=company.anna, channel=ADMIN)


def test_the_organizations_own_route_goes_before_the_general_one(company: Company) -> None:
    own = ApprovalRoute.objects.create(
        name="Свой", organization=company.organization, min_people=1
    )  # fmt: skip
    own.stages.create(
        position=1, name="Один этап", approvers=Approvers.BUDGET_HOLDERS, concern=Concern.BUDGET
    )
    stranger = Organization.objects.create(name="ООО «Василёк»", code="ВАС", inn="7728168971")
    ApprovalRoute.objects.create(name="Чужой", organization=stranger)
    assert [stage.name for stage in company.submitted().stages.all()] == ["Один этап"]
    own.is_active = False
    own.save()
    assert company.submitted().stages.count() == 3


def test_an_amount_below_every_threshold_is_not_approved_by_nobody(company: Company) -> None:
    company.route.stages.update(min_amount=Decimal(10_000_000))
    with pytest.raises(NobodyCanDecide):
        company.submitted()


def test_thresholds_in_roubles_never_let_another_currency_through(company: Company) -> None:
    company.route.stages.filter(position=3).update(min_amount=Decimal(1_000_000))
    account = CounterpartyAccount.objects.create(
        counterparty=company.counterparty,
        bank=company.account.bank,
        number="40702840000000000001",
        currency="USD",
    )
    request = company.submitted(currency="USD", counterparty_account=account)
    assert [stage.state for stage in request.stages.valid()][2] == State.WAITING


def test_a_returned_request_is_resubmitted_as_a_new_revision(company: Company) -> None:
    request = company.submitted()
    decisions.return_for_rework(
        task=company.task(request, company.boris),
        actor=company.boris,
        channel=ADMIN,
        reason="Нет договора",
    )
    request = requests.submit(request=request, actor=company.anna, channel=ADMIN)
    assert (request.status, request.revision) == (Status.IN_APPROVAL, 2)
    assert request.stages.filter(state=State.SUPERSEDED).count() == 3


def test_only_the_author_submits_and_withdraws(company: Company) -> None:
    request = company.draft()
    with pytest.raises(NotAllowed):
        requests.submit(request=request, actor=company.boris, channel=ADMIN)
    requests.submit(request=request, actor=company.anna, channel=ADMIN)
    with pytest.raises(NotAllowed):
        requests.withdraw(request=request, actor=company.boris, channel=ADMIN)
    request = requests.withdraw(request=request, actor=company.anna, channel=ADMIN)
    assert (request.status, request.stage) == (Status.DRAFT, None)
    assert not request.tasks.filter(status="open").exists()


def test_an_author_whose_role_was_taken_away_only_reads(company: Company) -> None:
    draft, submitted = company.draft(), company.submitted()
    company.anna.user_permissions.clear()
    anna = Employee.objects.get(pk=company.anna.pk)
    with pytest.raises(NotAllowed):
        requests.change(
            request=draft, actor=anna, channel=ADMIN, fields={"comment": "Всё-таки нужно"}
        )
    with pytest.raises(NotAllowed):
        requests.submit(request=draft, actor=anna, channel=ADMIN)
    with pytest.raises(NotAllowed):
        requests.withdraw(request=submitted, actor=anna, channel=ADMIN)
    assert PaymentRequest.objects.visible_to(anna).count() == 2


def test_an_approved_request_is_cancelled_with_a_reason_by_author_or_treasurer(
    company: Company,
) -> None:
    request = company.approved()
    with pytest.raises(NotAllowed):
        requests.cancel(request=request, actor=company.tamara, channel=ADMIN, reason="Уже не нужно")
    treasurer = company.allow(company.tamara, "cancel_paymentrequest")
    request = requests.cancel(
        request=request, actor=treasurer, channel=ADMIN, reason="Уже не нужно"
    )
    assert request.status == Status.CANCELLED
    with pytest.raises(WrongStatus):
        requests.cancel(request=request, actor=treasurer, channel=ADMIN, reason="Уже не нужно")


def test_a_draft_is_given_up_by_its_owner_alone(company: Company) -> None:
    request = company.draft()
    treasurer = company.allow(company.tamara, "cancel_paymentrequest")
    with pytest.raises(NotAllowed):
        requests.cancel(request=request, actor=treasurer, channel=ADMIN, reason="Уже не нужно")
    request = requests.cancel(request=request, actor=company.anna, channel=ADMIN)
    assert request.status == Status.CANCELLED


def test_what_the_bank_has_is_neither_changed_nor_cancelled(company: Company) -> None:
    request = company.approved()
    PaymentRequest.objects.filter(pk=request.pk).update(payment_status=PaymentStatus.EXPORTED)
    with pytest.raises(NotAllowed):
        _change(company, request, amount=Decimal(1))
    with pytest.raises(NotAllowed):
        requests.cancel(request=request, actor=company.anna, channel=ADMIN, reason="Передумали")


def test_a_copy_is_a_new_draft_of_the_one_who_copies(company: Company) -> None:
    original = company.approved()
    copy = requests.create(
        author=company.anna, channel=ADMIN, fields=company.fields(), copied_from=original
    )
    assert (copy.status, copy.revision, copy.copied_from) == (Status.DRAFT, 0, original)
    assert copy.number != original.number
    assert copy.events.get().data == {"copied_from": original.number}


def test_what_somebody_decides_on_is_not_copied(company: Company) -> None:
    request = company.submitted()
    with pytest.raises(NotAllowed):
        requests.create(
            author=company.anna, channel=ADMIN, fields=company.fields(), copied_from=request
        )


def test_the_database_itself_keeps_the_invariants(company: Company) -> None:
    request = company.submitted()
    for broken in (
        {"amount": Decimal(0)},
        {"vat_amount": Decimal(999_999_999)},
        {"status": "nonsense"},
        {"status": Status.APPROVED},  # with a stage still open
        {"payment_status": PaymentStatus.PAID},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentRequest.objects.filter(pk=request.pk).update(**broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovalStage.objects.filter(request=request).update(state=State.OPEN)
    with pytest.raises(IntegrityError), transaction.atomic():
        Employee.objects.create_user(company.anna.email.upper().lower(), None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Employee.objects.create(email=company.anna.email.upper())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", None), ("vat_amount", None), ("vat_rate", None), ("purpose", None),
        ("purpose", ""), ("currency", ""), ("desired_date", None), ("counterparty", None),
        ("organization", None), ("requester", None), ("priority", None),
    ],
)  # fmt: skip
def test_what_cannot_be_empty_is_refused_at_its_field(
    company: Company, name: str, value: Any
) -> None:
    request, fields = company.draft(), company.fields() | {name: value}
    with pytest.raises(ValidationError) as changed:
        _change(company, request, **{"amount": Decimal(1000), name: value})
    with pytest.raises(ValidationError) as created:
        requests.create(author=company.anna, channel=ADMIN, fields=fields)
    for refused in (changed, created):
        assert name in refused.value.message_dict
    assert PaymentRequest.objects.get().events.count() == 1


@pytest.mark.parametrize("name", ["invoice_date", "own_account", "comment", "contract"])
def test_what_may_be_empty_is_emptied(company: Company, name: str) -> None:
    request = company.draft(own_account=company.own_account, contract="№ 7")
    assert getattr(request, name)
    _change(company, request, **{name: None})
    request.refresh_from_db()
    assert not getattr(request, name)


LEFT_THE_BATCH = {"payment_status": ["batched", "none"]}


def _batched(company: Company) -> PaymentRequest:
    request = company.approved()
    PaymentRequest.objects.filter(pk=request.pk).update(payment_status=PaymentStatus.BATCHED)
    request.refresh_from_db()
    return request


def test_a_batched_request_that_is_cancelled_leaves_its_batch(company: Company) -> None:
    request = requests.cancel(
        request=_batched(company), actor=company.anna, channel=ADMIN, reason="Не нужно"
    )
    request.refresh_from_db()
    assert (request.status, request.payment_status) == (Status.CANCELLED, PaymentStatus.NONE)
    assert request.events.latest("sequence").data == {"changes": LEFT_THE_BATCH}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"purpose": "Оплата по счёту 46"}, Status.IN_APPROVAL),
        # A smaller amount asks nobody; but the batch was to pay the larger one.
        ({"amount": Decimal(1000), "vat_amount": Decimal("180.33")}, Status.APPROVED),
    ],
)
def test_a_change_of_what_is_paid_takes_it_out_of_its_batch(
    company: Company, fields: dict[str, Any], status: Status
) -> None:
    request = _change(company, _batched(company), **fields)
    request.refresh_from_db()
    assert (request.status, request.payment_status) == (status, PaymentStatus.NONE)
    assert LEFT_THE_BATCH.items() <= request.events.latest("sequence").data["changes"].items()


def test_a_document_that_is_removed_takes_it_out_of_its_batch(company: Company) -> None:
    request = _batched(company)
    document = request.documents.get()
    requests.detach(attachment=document, actor=company.anna, channel=ADMIN)
    request.refresh_from_db()
    assert (request.status, request.payment_status) == (Status.IN_APPROVAL, PaymentStatus.NONE)
    assert LEFT_THE_BATCH.items() <= request.events.latest("sequence").data["changes"].items()


@pytest.mark.parametrize("fields", [{"comment": "Спасибо"}, {"priority": "high"}])
def test_any_other_change_leaves_it_there(company: Company, fields: dict[str, Any]) -> None:
    request = _change(company, _batched(company), **fields)
    request.refresh_from_db()
    assert request.payment_status == PaymentStatus.BATCHED
