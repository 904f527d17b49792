"""A document that came after the submit is shown as what it is."""

from typing import Any

import pytest
from django.core.files.base import ContentFile

from tests.company import ADMIN, PDF, Company
from treasury import late
from treasury.models import Attachment, GroupMembership, PaymentRequest, SamePerson
from treasury.services import requests
from treasury.workflow import Status

pytestmark = pytest.mark.usefixtures("english")


def attach(company: Company, request: PaymentRequest, name: str = "Акт.pdf") -> Attachment:
    file = ContentFile(PDF + name.encode(), name=name)
    return requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)


def change(company: Company, request: PaymentRequest, **fields: Any) -> PaymentRequest:
    return requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)


def test_before_the_submit_nothing_is_late(company: Company) -> None:
    request = company.draft(documents=2)
    assert late.notes(request) == {}
    request = requests.submit(request=request, actor=company.anna, channel=ADMIN)
    assert late.notes(request) == {}
    assert late.lines(request) == []


def test_a_document_says_after_whose_approval_it_came(company: Company) -> None:
    request = company.submitted()
    first = attach(company, request, "Акт.pdf")
    company.approve(request, company.boris)
    second = attach(company, request, "Договор.pdf")
    company.approve(request, company.fedor)
    company.approve(request, company.tamara)
    request.refresh_from_db()
    third = attach(company, request, "Письмо.pdf")
    assert request.status == Status.APPROVED
    assert late.notes(request) == {
        first.pk: "added after submission",
        second.pk: "added after approval by Б. Орлов",
        third.pk: "added after approval by Б. Орлов, Ф. Климов, Т. Белова",
    }
    assert late.lines(request)[1] == "Договор.pdf — added after approval by Б. Орлов"


def test_approvals_that_count_no_longer_are_not_named(company: Company) -> None:
    request = company.approved()
    document = attach(company, request)
    request = change(company, request, own_account=company.further_account())
    assert company.open_position(request) == 3
    note = "added after approval by Б. Орлов, Ф. Климов"
    assert late.notes(request) == {document.pk: note}
    company.approve(request, company.tamara)
    request.refresh_from_db()
    # She has seen it.
    assert late.notes(request) == {document.pk: note}


def test_an_approval_that_the_route_counts_again_is_named_once(company: Company) -> None:
    group = company.route.stages.get(position=2).group
    assert group is not None
    GroupMembership.objects.create(group=group, employee=company.boris)
    company.route.same_person = SamePerson.SKIP
    company.route.save()
    request = company.submitted()
    company.approve(request, company.boris)
    document = attach(company, request)
    assert late.notes(request) == {document.pk: "added after approval by Б. Орлов"}


def test_whoever_submits_anew_has_nothing_late(company: Company) -> None:
    request = company.submitted()
    attach(company, request)
    request = requests.withdraw(request=request, actor=company.anna, channel=ADMIN)
    assert late.notes(request) == {}
    request = requests.submit(request=request, actor=company.anna, channel=ADMIN)
    assert late.notes(request) == {}


def test_a_removed_document_is_not_spoken_of(company: Company) -> None:
    request = company.submitted()
    requests.detach(attachment=attach(company, request), actor=company.anna, channel=ADMIN)
    request.refresh_from_db()
    assert late.notes(request) == {}
