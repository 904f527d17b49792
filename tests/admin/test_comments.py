"""What is said of a request, on its page and in the list."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.admin.conftest import REQUESTS, browse, page, text_of
from tests.company import ADMIN, TELEGRAM, Company
from treasury.models import Comment, Employee, PaymentRequest
from treasury.services import comments, requests


@pytest.fixture
def request_(company: Company) -> PaymentRequest:
    return company.submitted()


def address(request: PaymentRequest) -> str:
    return f"{REQUESTS}{request.pk}/comment/"


def said_in_telegram(request: PaymentRequest, author: Employee, text: str) -> Comment:
    return comments.add(request=request, author=author, channel=TELEGRAM, text=text)


def section(client: Client, request: PaymentRequest) -> str:
    """Without the form."""
    text = text_of(client.get(page(request)))
    return text.partition('id="comments"')[2].partition("<form")[0]


def history(client: Client, request: PaymentRequest) -> str:
    return text_of(client.get(page(request))).partition('id="history"')[2]


def test_a_comment_is_added_and_shown(budget_holder: Client, request_: PaymentRequest) -> None:
    answer = budget_holder.post(address(request_), {"text": "Договор <b>где</b>?\nСпасибо"})
    assert answer["Location"] == f"{page(request_)}#comments"
    assert "your question is asked" in text_of(budget_holder.get(page(request_)))
    shown = section(budget_holder, request_)
    assert "Договор &lt;b&gt;где&lt;/b&gt;?<br>Спасибо" in shown
    assert "Б. Орлов" in shown
    told = history(budget_holder, request_)
    assert "<strong>Comment</strong>" in told
    assert "<q>Договор &lt;b&gt;где&lt;/b&gt;?" in told


def test_a_question_is_marked_on_the_page_and_in_the_list_until_it_is_answered(
    accountant: Client, budget_holder: Client, request_: PaymentRequest
) -> None:
    mark, in_list = 'badge-question">question<', 'priority-question">question<'
    assert in_list not in text_of(accountant.get(REQUESTS))
    said = budget_holder.post(address(request_), {"text": "Где договор?"}, follow=True)
    assert "your question is asked" in text_of(said)
    assert mark in section(accountant, request_)
    assert in_list in text_of(accountant.get(REQUESTS))
    accountant.post(address(request_), {"text": "Во вложении"})
    assert mark not in section(accountant, request_)
    assert in_list not in text_of(accountant.get(REQUESTS))


def test_an_edited_comment_says_so_and_the_history_has_the_former_text(
    accountant: Client, request_: PaymentRequest, company: Company
) -> None:
    comment = said_in_telegram(request_, company.boris, "Договора нет")
    comments.edit(comment=comment, actor=company.boris, channel=TELEGRAM, text="Договор есть")
    shown = section(accountant, request_)
    assert "Договор есть" in shown
    assert "Договора нет" not in shown
    assert re.search(r"edited \d", shown)
    told = history(accountant, request_)
    assert "<del>Договора нет</del> → <ins>Договор есть</ins>" in told
    whole = text_of(accountant.get(f"{REQUESTS}{request_.pk}/history/"))
    assert "<del>Договора нет</del>" in whole


def test_who_may_not_read_it_neither_sees_nor_says_anything(
    company: Company, request_: PaymentRequest
) -> None:
    said_in_telegram(request_, company.boris, "Договор где")
    stranger = browse(company.sergey, "Согласующий")
    assert stranger.get(page(request_)).status_code == 404
    assert stranger.post(address(request_), {"text": "Можно?"}).status_code == 404
    assert Comment.objects.count() == 1


def test_who_has_lost_his_right_says_nothing_any_more(
    company: Company, request_: PaymentRequest
) -> None:
    auditor = browse(company.sergey, "Аудитор")
    assert auditor.post(address(request_), {"text": "Проверил"}).status_code == 302
    company.sergey.groups.clear()
    assert auditor.post(address(request_), {"text": "И ещё"}).status_code == 404
    assert Comment.objects.get().text == "Проверил"


@pytest.mark.parametrize(
    ("text", "why"), [(" ", "This field is required"), ("я" * 2001, "at most 2000")]
)
def test_what_is_refused_stays_in_the_form(
    budget_holder: Client, request_: PaymentRequest, text: str, why: str
) -> None:
    refused = text_of(budget_holder.post(address(request_), {"text": text}))
    assert why in refused
    assert text.strip() in refused
    assert "<title>Error:" in refused
    assert not Comment.objects.exists()


def test_too_many_within_a_minute_are_refused_and_nothing_is_lost(
    budget_holder: Client, request_: PaymentRequest, company: Company
) -> None:
    for number in range(20):
        said_in_telegram(request_, company.boris, str(number))
    refused = text_of(budget_holder.post(address(request_), {"text": "Двадцать первый"}))
    assert "20 comments within a minute" in refused
    assert "Двадцать первый</textarea>" in refused


def test_another_site_says_nothing_in_his_name(company: Company, request_: PaymentRequest) -> None:
    browse(company.boris, "Согласующий")
    client = Client(enforce_csrf_checks=True)
    client.force_login(Employee.objects.get(pk=company.boris.pk))
    assert client.post(address(request_), {"text": "Согласен"}).status_code == 403
    assert not Comment.objects.exists()


def test_an_opened_form_is_saved_whatever_was_said_meanwhile(
    accountant: Client, request_: PaymentRequest, company: Company
) -> None:
    opened = text_of(accountant.get(f"{page(request_)}?edit=1"))
    version = re.search(r'name="version" value="(\d+)"', opened)
    assert version
    said_in_telegram(request_, company.boris, "Договор где?")
    requests.change(
        request=request_, actor=company.anna, channel=ADMIN, fields={"comment": "Срочно"},
        seen=int(version[1]),
    )  # fmt: skip


def test_a_page_and_the_list_cost_the_same_however_much_is_said(
    accountant: Client, request_: PaymentRequest, company: Company
) -> None:
    def cost(url: str) -> int:
        accountant.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert accountant.get(url).status_code == 200
        return len(queries)

    said_in_telegram(request_, company.boris, "Где договор?")
    before = [cost(page(request_)), cost(REQUESTS)]
    for author in (company.boris, company.vera, company.anna, company.boris):
        said_in_telegram(request_, author, "А где счёт?")
    said_in_telegram(company.submitted(invoice_number="46"), company.boris, "А где счёт?")
    assert [cost(page(request_)), cost(REQUESTS)] == before
