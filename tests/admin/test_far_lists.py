"""A list without an end: its first and its last pages, and what is told of its length."""

from collections.abc import Iterable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from telegrambot.models import Update
from tests.admin.conftest import REQUESTS, text_of
from tests.company import Company
from treasury.models import PaymentRequest

UPDATES = "/admin/telegrambot/update/"


def receive(numbers: Iterable[int], kind: str = "message") -> None:
    Update.objects.bulk_create(
        Update(update_id=number, kind=kind, payload={}, handled_at=timezone.now())
        for number in numbers
    )


def page(client: Client, **query: str | int) -> list[int]:
    """The update ids on a page."""
    return [update.update_id for update in client.get(UPDATES, query).context["cl"].result_list]


@pytest.mark.parametrize("pages", [range(1, 24), range(-23, 0)], ids=["first", "last"])
def test_no_row_is_lost_or_shown_twice(
    administrator: Client, company: Company, pages: Iterable[int]
) -> None:
    receive(range(1103))
    rows = [row for number in pages for row in page(administrator, p=number)]
    assert rows == list(range(1102, -1, -1))


@pytest.mark.parametrize("order", ["1", "-3", "3.-1"])
def test_the_last_page_ends_what_the_first_begins_in_every_order(
    administrator: Client, company: Company, order: str
) -> None:
    receive(range(550))
    receive(range(550, 1100), kind="callback_query")
    forward = [row for number in range(1, 23) for row in page(administrator, p=number, o=order)]
    assert sorted(forward) == list(range(1100))
    assert page(administrator, p=-1, o=order) == forward[-50:]
    assert page(administrator, p=-2, o=order) == forward[-100:-50]


def test_a_long_list_tells_that_it_is_long(administrator: Client, company: Company) -> None:
    receive(range(1000))
    assert "Total: 1,000" in text_of(administrator.get(UPDATES))
    receive([1000])
    assert "Total: more than 1,000" in text_of(administrator.get(UPDATES))
    russian = administrator.get(UPDATES, headers={"accept-language": "ru"})
    assert "Всего: более 1\u00a0000" in text_of(russian)


def test_the_pager_leads_to_both_ends_and_keeps_the_filter(
    administrator: Client, company: Company
) -> None:
    receive(range(1100))
    receive([2000], kind="callback_query")
    first = text_of(administrator.get(UPDATES, {"kind": "message"}))
    assert '<span class="this-page" aria-current="page">1</span>' in first
    assert '<a href="?kind=message&amp;p=2">2</a>' in first
    assert '<a href="?kind=message&amp;p=-1">last</a>' in first
    last = text_of(administrator.get(UPDATES, {"kind": "message", "p": "-1"}))
    assert '<span class="this-page" aria-current="page">last</span>' in last
    assert '<a href="?kind=message&amp;p=-2">last − 1</a>' in last
    assert 2000 not in page(administrator, kind="message")


@pytest.mark.parametrize("number", ["0", "24", "-24", "101", "-101"])
def test_a_page_that_is_not_there_leads_to_the_list(
    administrator: Client, company: Company, number: str
) -> None:
    receive(range(1103))
    assert administrator.get(UPDATES, {"p": number}).status_code == 302


def test_a_short_list_is_shown_whole_when_asked(administrator: Client, company: Company) -> None:
    receive(range(120))
    assert page(administrator, p=3) == list(range(19, -1, -1))
    assert page(administrator, all="") == list(range(119, -1, -1))


def test_only_what_an_index_keeps_in_order_can_be_sorted_by(
    administrator: Client, company: Company
) -> None:
    receive(range(2))
    inbox = administrator.get(UPDATES).context["cl"]
    assert [name for name in inbox.list_display if name in inbox.sortable_by] == ["received_at"]
    # A column that cannot be sorted by, in an address that somebody has kept.
    assert page(administrator, o="2") == [1, 0]


def test_a_long_list_costs_as_few_queries_as_a_short_one(
    administrator: Client, company: Company
) -> None:
    receive(range(10))
    administrator.get(UPDATES)
    with CaptureQueriesContext(connection) as few:
        administrator.get(UPDATES)
    receive(range(10, 1100))
    with CaptureQueriesContext(connection) as many:
        administrator.get(UPDATES)
    assert len(many) == len(few)


def test_an_update_is_found_by_its_number_and_a_failed_one_by_its_error(
    administrator: Client, company: Company
) -> None:
    receive(range(40, 45))
    Update.objects.create(update_id=77, kind="message", payload={}, error="ValueError: Ёлка")
    assert page(administrator, q="42") == [42]
    assert page(administrator, q="елка") == [77]
    assert page(administrator, q="9" * 30) == page(administrator, q="нет такого") == []


def test_requests_beyond_the_counted_are_reached_from_the_end(
    accountant: Client, company: Company
) -> None:
    draft = company.draft()
    copies = [
        PaymentRequest(
            **company.fields(number=f"РОМ-2025-{number:05}"),
            author=company.anna,
            requester=company.anna,
        )
        for number in range(1, 1061)
    ]
    PaymentRequest.objects.bulk_create(copies)
    last = accountant.get(REQUESTS, {"p": "-1"}).context["cl"].result_list
    assert last[-1] == draft
    assert len(last) == 50
    # The sum of a page is not to be taken for that of all.
    assert "Narrow the list down" in text_of(accountant.get(REQUESTS))
    one = accountant.get(REQUESTS, {"q": "2025-01060"})
    assert "Narrow the list down" not in text_of(one)
    assert [request.number for request in one.context["cl"].result_list] == ["РОМ-2025-01060"]


def test_the_last_page_of_a_list_that_has_become_short_is_still_its_last(
    administrator: Client, company: Company
) -> None:
    receive(range(120))
    assert page(administrator, p=-1) == list(range(19, -1, -1))
    assert page(administrator, p=-2) == list(range(69, 19, -1))
    assert page(administrator, p=-99) == page(administrator, p=1)
