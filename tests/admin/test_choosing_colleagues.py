"""Whom a task is handed to, or who is asked too: chosen on the page of the request."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.admin.conftest import button, page, text_of
from tests.company import Company


def test_whom_to_ask_is_chosen_still_when_the_reason_is_missing(
    budget_holder: Client, company: Company
) -> None:
    request = company.submitted()
    data = {"task": company.task(request, company.boris).pk, "to": company.gleb.pk, "reason": ""}
    text = text_of(budget_holder.post(button(request, "add_approver"), data))
    assert f'<option value="{company.gleb.pk}" selected>{company.gleb}</option>' in text
    assert text.count(" selected>") == 1
    assert '<option value="">---------</option>' in text


def test_a_page_reads_the_colleagues_of_each_form_and_the_persons_task_once(
    budget_holder: Client, company: Company
) -> None:
    """They are others: a task is handed over within its role."""
    company.may_take_over(company.sergey)
    request = company.submitted()
    budget_holder.get(page(request))
    with CaptureQueriesContext(connection) as captured:
        text = text_of(budget_holder.get(page(request)))
    for button_of in ("reassign", "add_approver"):
        assert f'id="{button_of}_to"' in text
    read = [query["sql"] for query in captured]
    assert len([sql for sql in read if "is_approver" in sql]) == 2
    assert len(read) <= 40
