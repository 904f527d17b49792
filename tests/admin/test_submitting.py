"""What a person reads after pressing “Save and submit”."""

from typing import Any

from django.test import Client
from django.utils import translation

from tests.admin.conftest import REQUESTS, browse, button, page, text_of
from tests.company import Company
from treasury.days import days_off
from treasury.models import PaymentRequest

ADD = f"{REQUESTS}add/"
Form = dict[str, Any]


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_success_says_one_thing_and_who_is_waited_for(accountant: Client, form: Form) -> None:
    response = accountant.post(ADD, form | {"_submit": ""}, follow=True)
    number = PaymentRequest.objects.get().number
    whom = "Б. Орлов, В. Лебедева (Держатель бюджета)"
    assert said(response) == [f"{number} was submitted. Waiting for: {whom}"]


def test_a_refusal_is_one_message_and_stands_at_its_field(accountant: Client, form: Form) -> None:
    response = accountant.post(ADD, form | {"comment": "", "_submit": ""}, follow=True)
    number = PaymentRequest.objects.get().number
    why = "Attach a document, or explain in the comment why there is none."
    assert said(response) == [f"{number} was saved, but not submitted: {why}"]
    shown = response.context["form"]
    assert shown.errors == {"documents": [why]}
    assert shown["documents"].value() is None
    assert "autofocus" in str(shown["documents"])


def test_a_new_form_begins_at_the_first_field(accountant: Client) -> None:
    shown = accountant.get(ADD).context["form"]
    assert [name for name in shown.fields if "autofocus" in str(shown[name])] == ["organization"]


def test_a_mistake_gets_the_focus(accountant: Client, form: Form) -> None:
    shown = accountant.post(ADD, form | {"amount": "", "purpose": ""}).context["form"]
    assert [name for name in shown.fields if "autofocus" in str(shown[name])] == ["amount"]


def test_a_change_that_asks_anew_says_so(accountant: Client, company: Company, form: Form) -> None:
    request = company.approved()
    response = accountant.post(page(request), form | {"amount": "900 000", "comment": "Ещё"},
                               follow=True)  # fmt: skip
    whom = "Б. Орлов, В. Лебедева (Держатель бюджета)"
    assert said(response) == [
        f"{request.number} was saved, and the approval begins anew. Waiting for: {whom}"
    ]


def test_a_change_that_asks_nobody_says_no_more_than_that_it_was_saved(
    accountant: Client, company: Company, form: Form
) -> None:
    request = company.submitted()
    same = {"own_account": company.own_account.pk, "purpose": request.purpose}
    less = {"amount": "100 000", "vat_amount": "18 032,79", **same}
    response = accountant.post(page(request), form | less, follow=True)
    assert said(response) == [f"{request.number} was saved."]


def test_a_duplicate_stops_before_it_is_submitted(
    accountant: Client, company: Company, form: Form
) -> None:
    first = company.submitted()
    response = accountant.post(ADD, form | {"_submit": ""}, follow=True)
    second = PaymentRequest.objects.latest("id")
    assert second.status == "draft"
    assert response.redirect_chain[-1][0] == button(second, "submit")
    text = text_of(response)
    assert f'<a href="{page(first)}">{first.number}</a>' in text
    assert "also in the request\n" in text
    assert "Submit anyway" in text
    assert "autofocus" in str(response.context["form"]["reason"])

    response = accountant.post(button(second, "submit"), {"reason": ""})
    assert "Give the reason" in text_of(response)
    accountant.post(button(second, "submit"), {"reason": "Вторая часть поставки"})
    second.refresh_from_db()
    assert second.status == "in_approval"
    assert "<q>Вторая часть поставки</q>" in text_of(accountant.get(page(second)))


def test_a_duplicate_that_one_may_not_see_is_named_without_a_link(
    company: Company, form: Form
) -> None:
    first = company.submitted()
    company.allow(company.sergey, "add_paymentrequest")
    client = browse(company.sergey)
    asked = client.post(ADD, form | {"requester": company.sergey.pk, "_submit": ""}, follow=True)
    own = PaymentRequest.objects.latest("pk")
    for response in (asked, client.get(page(own))):
        text = text_of(response)
        assert f"{first.number} <span" in text
        assert page(first) not in text
    assert client.get(page(first)).status_code == 404


def test_an_approver_hears_of_a_request_of_another_department(company: Company) -> None:
    """Who approves the second request need not be anyone of the first."""
    first = company.submitted()
    second = company.submitted(department=company.other_department)
    text = text_of(browse(company.gleb, "Согласующий").get(page(second)))
    assert f"{first.number} <span" in text
    assert page(first) not in text


def test_of_many_duplicates_the_newest_are_named(accountant: Client, company: Company) -> None:
    others = [company.draft(documents=0, invoice_number="б/н") for _number in range(12)]
    text = text_of(accountant.get(page(company.draft(invoice_number="Б/Н"))))
    assert [other.number in text for other in others] == [False] * 2 + [True] * 10
    assert "… and in 2 more" in text


def test_a_day_off_is_said_beside_the_date(accountant: Client, company: Company) -> None:
    request = company.submitted()
    with translation.override("en"):
        off, said = next(iter(days_off()))
    PaymentRequest.objects.filter(pk=request.pk).update(desired_date=off)
    assert said in text_of(accountant.get(page(request)))
