"""Requests that a person looks for in his chat: his own, by words, and by what he just writes."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from telegrambot import pruning
from telegrambot.models import Sought
from tests.company import Company
from tests.telegrambot.phone import Line, Phone, PhoneOf
from treasury.models import PaymentRequest, Priority


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


@pytest.mark.parametrize("shape", ["{code}-{short}", "{lower} {short}", "/request {lower}-{short}",
                                   "что с {number}?", "{code}-{short:0>3}"])  # fmt: skip
def test_a_number_is_found_as_people_write_it(
    rent: PaymentRequest, phone: PhoneOf, company: Company, shape: str
) -> None:
    code, _year, digits = rent.number.split("-")
    said = shape.format(code=code, lower=code.lower(), short=int(digits), number=rent.number)
    assert f"\n{rent.number} · Draft" in phone(company.anna).says(said)


def test_of_a_number_without_its_year_it_is_that_of_this_one(
    rent: PaymentRequest, phone: PhoneOf, company: Company
) -> None:
    code, year, digits = rent.number.split("-")
    PaymentRequest.objects.filter(pk=rent.pk).update(number=f"{code}-{int(year) - 1}-{digits}")
    assert "no such request" in phone(company.anna).says(f"{code}-{int(digits)}")


def test_several_numbers_are_listed(rent: PaymentRequest, phone: PhoneOf, company: Company) -> None:
    other = PaymentRequest.objects.exclude(pk=rent.pk).get()
    listed = phone(company.anna).says(f"{rent.number} {other.number}")
    assert rent.number in listed
    assert other.number in listed


def test_what_only_looks_like_a_number_in_a_sentence_is_looked_for(
    rent: PaymentRequest, phone: PhoneOf, company: Company
) -> None:
    PaymentRequest.objects.filter(pk=rent.pk).update(purpose="Аренда по договору ДП-2026-15")
    assert f"\n{rent.number} · Draft" in phone(company.anna).says("договору ДП-2026-15")


def test_a_word_that_is_no_organization_with_a_number_is_looked_for(
    rent: PaymentRequest, phone: PhoneOf, company: Company
) -> None:
    PaymentRequest.objects.filter(pk=rent.pk).update(purpose="Аренда 22")
    assert "Аренда 22" in phone(company.anna).says("аренда 22")


def test_an_amount_is_found_as_it_is_said(
    rent: PaymentRequest, phone: PhoneOf, company: Company
) -> None:
    PaymentRequest.objects.filter(pk=rent.pk).update(amount="43700.00", vat_amount="0.00")
    anna = phone(company.anna)
    assert f"\n{rent.number} · Draft" in anna.says("43,7 тыс")
    assert f"\n{rent.number} · Draft" in anna.says("43,7 тыс северсталь")


def test_a_typed_telephone_number_is_shared_by_the_button(phone: PhoneOf, company: Company) -> None:
    boris = phone(company.boris)
    for typed in ("+7 916 123-45-67", "8 (916) 123-45-67", "79161234567"):
        assert "press the button below" in boris.says(typed)
    assert "I find nothing" in boris.says("3528000591")


def test_the_button_of_a_search_without_results_tells_how_to_search(boris: Phone) -> None:
    assert boris.says("/start inline").startswith("I look for the number of a request")


@pytest.mark.parametrize("said", ["Северсталь", "/search Северсталь"])
def test_what_is_found_is_turned_page_by_page(
    rent: PaymentRequest, phone: PhoneOf, company: Company, line: Line, said: str
) -> None:
    with line.committed():
        for _more in range(4):
            company.draft(documents=0)
    anna = phone(company.anna)
    shown = anna.says(said)
    assert shown.count("Draft") == 5
    assert "→" in anna.offers()
    messages = len(anna.reads())
    anna.presses("→")
    assert len(anna.reads()) == messages
    assert anna.reads()[-1].count("Draft") == 1
    assert "\n6. " in anna.reads()[-1]
    assert "→" not in anna.offers()
    anna.presses("←")
    anna.presses("5")
    assert rent.number in anna.reads()[-1]


def test_what_has_no_further_page_keeps_no_words(
    rent: PaymentRequest, phone: PhoneOf, company: Company
) -> None:
    phone(company.anna).says("Северсталь")
    assert not Sought.objects.exists()


@pytest.mark.parametrize("said", ["/mine", "Северсталь"])
def test_what_is_late_and_what_is_urgent_is_marked(
    phone: PhoneOf, company: Company, line: Line, said: str
) -> None:
    with line.committed():
        late, ended = company.submitted(priority=Priority.HIGH), company.approved()
        late.stages.filter(position=1).update(due_at=timezone.now() - timedelta(minutes=1))
        PaymentRequest.objects.filter(pk=ended.pk).update(priority=Priority.HIGH)
    line.deliver()
    shown = phone(company.anna).says(said)
    about = "⏰ overdue · pay by 28.11.2036 · ❗ High priority · In approval"
    assert f"{late.number} · {about}" in shown
    assert f"{ended.number} · Approved" in shown


def test_nobody_turns_the_pages_of_another_and_none_that_there_are_not(
    phone: PhoneOf, company: Company, line: Line
) -> None:
    with line.committed():
        for _each in range(6):
            company.draft(documents=0)
    anna, boris = phone(company.anna), phone(company.boris)
    anna.says("Северсталь")
    data = f"found:{Sought.objects.get().pk}"
    for page in (":0", ":3", ":10000", ":999999999999999999", ""):
        assert "out of date" in anna.presses_data(anna.newest(), f"{data}{page}")
    boris.says("/mine")
    assert "out of date" in boris.presses_data(boris.newest(), f"{data}:2")


def test_the_words_of_a_search_are_forgotten_after_a_while(company: Company) -> None:
    old = timezone.now() - settings.KEPT["sought"] - timedelta(minutes=1)
    Sought.objects.create(employee=company.anna, words="аренда", created_at=old)
    kept = Sought.objects.create(employee=company.anna, words="склад")
    assert pruning.prune()["sought"] == 1
    assert Sought.objects.get() == kept


@pytest.mark.parametrize(
    ("said", "answer"),
    [("/search жираф", "I find nothing for “жираф”."), ("/search", "for example /search"),
     ("жираф в саду", "I find nothing for “жираф в саду”.\nI look for the number of a request"),
     ("да", "did not understand"),
     ("слово " * 30, "did not understand")],
)  # fmt: skip
def test_where_nothing_is_found_it_says_what_to_do(
    rent: PaymentRequest, phone: PhoneOf, company: Company, said: str, answer: str
) -> None:
    assert answer in phone(company.anna).says(said)


def test_nobody_finds_what_is_not_his_to_see(
    rent: PaymentRequest, sergey: Phone, company: Company
) -> None:
    assert "I find nothing" in sergey.says("/search аренда")
    assert "I find nothing" in sergey.says("Северсталь")


def test_a_short_word_is_no_part_of_another(line: Line, phone: PhoneOf, company: Company) -> None:
    with line.committed():
        company.draft(purpose="За интернет", documents=0)
    anna = phone(company.anna)
    assert "I find nothing for “Нет”" in anna.says("Нет")
    assert "За интернет" in anna.says("инт")


def test_help_tells_of_words_and_files(boris: Phone) -> None:
    told = boris.says("/help")
    assert "“overdue”" in told
    assert "with a file, to attach that to the request" in told


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
