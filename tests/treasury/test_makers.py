"""Whoever has changed what is paid does not decide whether it is."""

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from tests.company import ADMIN, TELEGRAM, Company
from tests.treasury.conftest import appoint
from treasury.errors import NobodyCanDecide, NotAllowed, WrongColleague
from treasury.models import (
    ApprovalTask,
    ApproverGroup,
    CounterpartyAccount,
    Employee,
    GroupMembership,
    PaymentRequest,
)
from treasury.services import decisions, requests

MAKERS = importlib.import_module("treasury.migrations.0021_makers")
REASON = "Прошу посмотреть"


def join(person: Employee, code: str) -> None:
    group = ApproverGroup.objects.get(code=code)
    GroupMembership.objects.create(group=group, employee=person)


def editor(company: Company, person: Employee) -> Employee:
    return company.allow(person, "change_paymentrequest", "view_paymentrequest")


def change(request: PaymentRequest, actor: Employee, **fields: Any) -> PaymentRequest:
    return requests.change(request=request, actor=actor, channel=ADMIN, fields=fields)


def asked(request: PaymentRequest) -> set[Employee]:
    return {task.employee for task in request.tasks.filter(status="open")}


def test_one_person_in_two_roles_does_not_redirect_an_approved_payment(
    company: Company, other_account: CounterpartyAccount
) -> None:
    join(company.tamara, "financial_managers")
    tamara = editor(company, company.tamara)
    request = company.approved()
    with pytest.raises(NobodyCanDecide):
        change(request, tamara, counterparty_account=other_account)
    request.refresh_from_db()
    assert (request.status, request.counterparty_account) == ("approved", company.account)
    assert request.makers == []


def test_the_others_decide_on_a_change_and_whoever_made_it_by_no_way_round(
    company: Company, other_account: CounterpartyAccount
) -> None:
    for code in ("financial_managers", "treasurers"):
        join(company.gleb, code)
    fedor = editor(company, company.fedor)
    request = change(company.approved(), fedor, counterparty_account=other_account)
    assert (request.makers, asked(request)) == ([fedor.pk], {company.gleb})
    task = company.task(request, company.gleb)
    for share in (decisions.reassign, decisions.add_approver):
        with pytest.raises(WrongColleague):
            share(task=task, to=fedor, actor=company.gleb, channel=TELEGRAM, reason=REASON)
    appoint(company.gleb, fedor)
    with pytest.raises(NotAllowed, match=r"изменили|changed"):
        decisions.approve(task=task, actor=fedor, channel=TELEGRAM)
    assert not ApprovalTask.objects.open_for(fedor).exists()
    assert not PaymentRequest.objects.waiting_for(fedor).exists()
    assert PaymentRequest.objects.waiting_for(company.gleb).exists()


def test_who_was_the_requester_when_he_changed_it_does_not_decide_either(
    company: Company, other_account: CounterpartyAccount
) -> None:
    boris = editor(company, company.boris)
    request = change(company.submitted(requester=boris), boris, counterparty_account=other_account)
    request = change(request, company.anna, requester=company.sergey)
    assert (request.makers, asked(request)) == ([boris.pk], {company.vera})


def test_who_filled_in_a_draft_of_a_colleague_is_not_asked(company: Company) -> None:
    join(company.gleb, "financial_managers")
    request = change(company.draft(), editor(company, company.fedor), purpose="Оплата по счёту 46")
    request = requests.submit(request=request, actor=company.anna, channel=ADMIN)
    company.approve(request, company.boris)
    assert asked(request) == {company.gleb}


def test_who_took_a_document_off_is_not_asked(company: Company) -> None:
    join(company.gleb, "financial_managers")
    request = company.submitted(documents=2)
    document = request.documents.first()
    assert document
    requests.detach(attachment=document, actor=editor(company, company.fedor), channel=ADMIN)
    company.approve(request, company.boris)
    assert asked(request) == {company.gleb}


def test_the_treasurer_chooses_the_paying_account_and_decides(company: Company) -> None:
    tamara = editor(company, company.tamara)
    request = company.submitted()
    for person in (company.boris, company.fedor):
        company.approve(request, person)
    request = change(request, tamara, own_account=company.further_account())
    assert (request.makers, asked(request)) == ([], {tamara})
    company.approve(request, tamara)
    request.refresh_from_db()
    assert request.status == "approved"


def test_a_paying_account_chosen_by_anybody_else_is_a_change_like_others(
    company: Company,
) -> None:
    join(company.gleb, "financial_managers")
    request = change(
        company.submitted(), editor(company, company.fedor), own_account=company.further_account()
    )
    assert request.makers == [company.fedor.pk]


def test_a_comment_makes_nobody_a_maker(company: Company) -> None:
    request = change(company.submitted(), editor(company, company.fedor), comment="Срочно, прошу")
    assert request.makers == []


def test_makers_of_before_are_read_from_the_journal(company: Company) -> None:
    join(company.gleb, "financial_managers")
    request = change(company.submitted(), editor(company, company.fedor), purpose="Счёт 46")
    PaymentRequest.objects.update(makers=[])
    MAKERS.fill(apps, connection.schema_editor())
    request.refresh_from_db()
    assert request.makers == [company.fedor.pk]
