"""Requests that a person looks for in his chat: his own, by words, and by what he just writes."""

import pytest

from tests.company import Company
from tests.telegrambot.phone import Line, Phone, PhoneOf
from treasury.models import PaymentRequest

# The bell of an earlier test may still be ringing, and knows no other way than the broker.
pytestmark = pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored")


@pytest.fixture
def rent(line: Line, company: Company) -> PaymentRequest:
    with line.committed():
        company.draft(documents=0)
        return company.draft(purpose="Аренда склада за декабрь", documents=0)


@pytest.mark.parametrize("said", ["/search аренда склада", "аренда склада", "Аренда"])
def test_the_only_one_with_these_words_is_opened(
    rent: PaymentRequest, phone: PhoneOf, company: Company, said: str
) -> None:
    assert "Аренда склада" in phone(company.anna).says(said)
    assert f"\n{rent.number} · Draft" in phone(company.anna).reads()[-1]


def test_of_several_the_newest_are_offered(
    rent: PaymentRequest, phone: PhoneOf, company: Company, line: Line
) -> None:
    with line.committed():
        for _more in range(4):
            company.draft(documents=0)
    anna = phone(company.anna)
    shown = anna.says("Северсталь")
    assert "The newest 5; a further word finds less" in shown
    assert shown.count("Draft") == 5
    anna.presses("5")
    assert rent.number in anna.reads()[-1]


@pytest.mark.parametrize(
    ("said", "answer"),
    [("/search жираф", "Nothing found"), ("/search", "for example /search"),
     ("жираф в саду", "did not understand"), ("да", "did not understand"),
     ("слово " * 30, "did not understand")],
)  # fmt: skip
def test_where_nothing_is_found_it_says_what_to_do(
    rent: PaymentRequest, phone: PhoneOf, company: Company, said: str, answer: str
) -> None:
    assert answer in phone(company.anna).says(said)


def test_nobody_finds_what_is_not_his_to_see(
    rent: PaymentRequest, sergey: Phone, company: Company
) -> None:
    assert "Nothing found" in sergey.says("/search аренда")
    assert "did not understand" in sergey.says("Северсталь")


def test_my_own_are_turned_page_by_page(
    line: Line, phone: PhoneOf, company: Company, sergey: Phone
) -> None:
    with line.committed():
        numbers = [company.draft(documents=0).number for _each in range(6)]
        company.draft(requester=company.sergey, documents=0)
    anna = phone(company.anna)
    assert "7 requests of yours" in anna.says("/mine")
    anna.presses("→")
    assert all(number in anna.reads()[-1] for number in numbers[:2])
    assert "1 request of yours" in sergey.says("/mine")
    assert "no payment yet" in phone(company.gleb).says("/mine")


def test_a_page_of_no_list_is_out_of_date(phone: PhoneOf, company: Company, line: Line) -> None:
    with line.committed():
        for _each in range(6):
            company.draft(documents=0)
    anna = phone(company.anna)
    anna.says("/mine")
    assert "out of date" in anna.presses_data(anna.newest(), "page:2:9")
