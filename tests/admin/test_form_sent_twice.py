"""The same form sent twice, one after the other or at once, makes one request."""

import threading
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from tests.admin.conftest import REQUESTS, browse, opened, page, text_of
from tests.company import PDF, Company
from treasury.models import NumberSequence, PaymentRequest

Form = dict[str, Any]
ADD = f"{REQUESTS}add/"


def sent(client: Client, form: Form) -> Any:
    file = SimpleUploadedFile("Счёт 45.pdf", PDF)
    return client.post(ADD, form | {"documents": file})


def at_once(client: Client, forms: Sequence[Form]) -> list[Any]:
    """What each is answered; every one goes through a connection of its own."""
    barrier, answers = threading.Barrier(len(forms)), []
    session = client.cookies["sessionid"].value

    def send(form: Form) -> None:
        own = Client(headers={"accept-language": "en"})
        own.cookies["sessionid"] = session
        barrier.wait()
        answers.append(sent(own, form))
        connection.close()

    threads = [threading.Thread(target=send, args=[form]) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_second_time_leads_to_what_the_first_has_made(accountant: Client, form: Form) -> None:
    form["token"] = opened(accountant, ADD)["token"][0]
    sent(accountant, form)
    request = PaymentRequest.objects.get()
    response = accountant.post(ADD, form, follow=True)
    assert response.redirect_chain == [(page(request), 302)]
    assert "already saved" in text_of(response)
    assert PaymentRequest.objects.get() == request


@pytest.mark.parametrize("extra", [{}, {"_submit": ""}])
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_both_lead_to_one_request(company: Company, form: Form, extra: Form) -> None:
    # Roles are of the migrations, whose rows no transactional test finds.
    accountant = browse(company.anna)
    for number in range(1, 6):
        form |= {"token": uuid4(), "invoice_number": f"{number}", **extra}
        answers = at_once(accountant, [form, form])
        request = PaymentRequest.objects.get(invoice_number=f"{number}")
        assert [answer.status_code for answer in answers] == [302, 302]
        assert [answer.url for answer in answers] == [page(request)] * 2
        assert request.documents.count() == 1
    # Nor has the refused one taken a number.
    assert NumberSequence.objects.get().last == 5


def test_another_person_has_forms_of_his_own(
    accountant: Client, company: Company, form: Form
) -> None:
    form["token"] = uuid4()
    sent(accountant, form)
    sent(browse(company.sergey, "Бухгалтер"), form)
    assert PaymentRequest.objects.count() == 2


@pytest.mark.parametrize("token", ["", "a-form", "1" * 500])
def test_a_token_that_is_none_stands_in_nobodys_way(
    accountant: Client, form: Form, token: str
) -> None:
    for _attempt in range(2):
        sent(accountant, form | {"token": token})
    assert PaymentRequest.objects.count() == 2
