"""Finding by words as people type them, the same on PostgreSQL and SQLite."""

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import CharField, F, Value
from django.db.models.functions import Lower, Upper

from tests.company import Company
from treasury import search
from treasury.models import Counterparty, Employee, PaymentRequest
from treasury.search import WORDS, fold, with_amounts

TREE = "ООО «Ёлка и К_100%»"


@pytest.fixture
def tree(db: None) -> Counterparty:
    return Counterparty.objects.create(name=TREE, inn="3528000597")


@pytest.mark.parametrize(
    ("text", "folded"),
    [("ёлка", "ЕЛКА"), ("Ёлка", "ЕЛКА"), ("Straße ffi", "STRAßE FFI"), ("", "")],
)
def test_folded_texts_differ_in_letters_alone(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("term", ["ёлка", "ЕЛКА", "елка И", "«Ёл", "к_100%", ""])
def test_case_and_yo_do_not_matter(tree: Counterparty, term: str) -> None:
    assert list(Counterparty.objects.filter(name__finds=term)) == [tree]


@pytest.mark.parametrize("term", ["палка", "к%100", "к100_", "Ёлка_и", "\\"])
def test_what_is_wild_to_a_database_is_a_letter_to_people(tree: Counterparty, term: str) -> None:
    assert not Counterparty.objects.filter(name__finds=term).exists()


def test_a_backslash_is_found_where_it_is(tree: Counterparty) -> None:
    Counterparty.objects.update(name=r"a\b_c")
    assert Counterparty.objects.filter(name__finds=r"A\B_").exists()


@pytest.mark.parametrize(
    "lookup",
    [
        {"name__iexact": "ооо «ёлка и к_100%»"},
        {"name__icontains": "ЁЛКА"},
        {"name__istartswith": "ооо «ё"},
        {"name__iendswith": "К_100%»"},
        {"name__upper": "ООО «ЁЛКА И К_100%»"},
    ],
)
def test_djangos_own_lookups_know_cyrillic_letters(
    tree: Counterparty, lookup: dict[str, str]
) -> None:
    rows = Counterparty.objects.alias(name__upper=Upper("name"))
    assert rows.filter(**lookup).exists()
    assert not rows.filter(name__icontains="елка").exists()


def test_upper_and_lower_know_cyrillic_letters(tree: Counterparty) -> None:
    nothing = Lower(Value(None, CharField()))
    row = Counterparty.objects.values_list(Upper("name"), Lower("name"), nothing).get()
    assert row == (TREE.upper(), TREE.lower(), None)


def test_like_knows_a_line_break_a_number_and_nothing(tree: Counterparty) -> None:
    Counterparty.objects.update(name="две\nстроки")
    assert Counterparty.objects.filter(name__icontains="\nСТРОКИ").exists()
    assert Counterparty.objects.filter(pk__icontains=str(tree.pk)).exists()
    assert not Counterparty.objects.filter(name__icontains=F("inn")).exists()


def test_a_person_logs_in_with_the_address_as_he_types_it(company: Company) -> None:
    company.anna.set_password("long-enough-for-anyone")
    company.anna.email = "anna@пример.рф"
    company.anna.save()
    assert Employee.objects.get_by_natural_key("ANNA@Пример.РФ") == company.anna


@pytest.mark.parametrize(
    "text",
    [
        "486200", "486 200", "486200,5", "486200.50", "486 200,50", "486\u00a0200,50",
        "486\u202f200,50\u202f₽", "486,200.50", "счёту 486 200", "МЕТАЛЛ 486200", "металл СЧЕТУ",
        "металл 45", "по счету", "22 000",
    ],
)  # fmt: skip
@pytest.mark.parametrize("most", [search.MOST, 0], ids=["rare", "common"])
def test_a_request_is_found_by_words_and_amounts(
    company: Company, text: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST", most)
    wanted = company.draft(
        amount=Decimal("486200.50"), purpose="По счёту 45 за металл, 22 мешка по 50 и 7 000 гвоздей"
    )
    company.draft(amount=Decimal("48620.05"), purpose="За воду")
    found = with_amounts(text, model=PaymentRequest, fields=["purpose__finds"], amount="amount")
    assert list(type(wanted).objects.filter(found)) == [wanted]


@pytest.mark.parametrize(
    "text", ["486201", "486 200,51", "металл 486 201", "486 20", "9" * 40, "1e5", "вода 486200"]
)
def test_another_amount_finds_nothing(company: Company, text: str) -> None:
    company.draft(amount=Decimal("486200.50"), purpose="За металл")
    found = with_amounts(text, model=PaymentRequest, fields=["purpose__finds"], amount="amount")
    assert not type(company.draft()).objects.filter(found).exists()


def test_a_page_of_words_costs_no_more_than_some(
    company: Company, django_assert_max_num_queries: Any
) -> None:
    text = " ".join(f"word{number}" for number in range(1000))
    fields = ["purpose__finds", "counterparty__name__finds"]
    with django_assert_max_num_queries(2 * WORDS + 1):
        wanted = with_amounts(text, model=PaymentRequest, fields=fields, amount="amount")
        assert not PaymentRequest.objects.filter(wanted).exists()


@pytest.mark.parametrize(
    ("text", "count"), [("45", 1), ("а1", 1), ("45 а1", 0), ("по", 0), ("4", 0), ("счёту 4", 2)]
)
def test_short_words_alone_are_whole_texts(company: Company, text: str, count: int) -> None:
    for invoice in ("45", "А1"):
        company.draft(invoice_number=invoice, purpose="По счёту 45 от 4.12")
    fields = ["invoice_number__finds", "purpose__finds"]
    found = with_amounts(text, model=PaymentRequest, fields=fields, amount="amount")
    assert PaymentRequest.objects.filter(found).count() == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("АО Северсталь", 2), ("северсталь зао", 0), ("45 металлопрокат", 2),
        ("металлопрокат АО А1", 1), ("3528000597 по", 2), ("45 рога", 0),
    ],
)  # fmt: skip
def test_each_word_may_be_in_another_field(company: Company, text: str, count: int) -> None:
    company.draft(invoice_number="А1")
    company.draft(invoice_number="46")
    fields = ["number__finds", "counterparty__name__finds", "counterparty__inn__finds",
              "invoice_number__finds", "purpose__finds"]  # fmt: skip
    wanted = search.words(text, model=PaymentRequest, fields=fields)
    assert PaymentRequest.objects.filter(wanted).count() == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("нет", 0), ("инт", 1), ("НЕТ", 0), ("елк", 1), ("Ёлк", 1), ("окн", 1), ("ска", 0),
        ("рнет", 1), ("нет связи", 0), ("инт связи", 1), ("по связи", 0), ("за связи", 1),
        ("045", 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("most", [search.MOST, 0], ids=["rare", "common"])
def test_a_word_of_a_few_letters_is_found_where_words_begin(
    company: Company, text: str, count: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST", most)
    company.draft(purpose="За интернет и средства связи (окна), 12045-ЁЛКА")
    wanted = search.words(text, model=PaymentRequest, fields=["purpose__finds"])
    assert PaymentRequest.objects.filter(wanted).count() == count


@pytest.mark.parametrize(
    "name",
    ["ООО “Рив Гош”", "ООО „Рив Гош“", "Сеть ‹Рив Гош›", "Салон–Рив", "№Рив", "ТД ’Рив’", "7Рив",
     "«Рив»", "Рив"],
)  # fmt: skip
def test_a_payee_of_a_few_letters_is_found_behind_any_sign(tree: Counterparty, name: str) -> None:
    Counterparty.objects.create(name="ООО «Тариф-привод»", inn="7743013902")
    tree.name = name
    tree.save()
    assert list(Counterparty.objects.filter(name__begins="рив")) == [tree]


@pytest.mark.parametrize("word", ["kg", "кг", "шт"])
def test_a_unit_is_found_behind_its_number(company: Company, word: str) -> None:
    request = company.draft(purpose=f"Оплата за 5{word} гвоздей")
    wanted = search.words(
        f"{word} гвоздей", model=PaymentRequest, fields=["number__finds", "purpose__finds"]
    )
    assert list(PaymentRequest.objects.filter(wanted)) == [request]


def test_a_payee_of_a_few_letters_is_found_where_words_begin(company: Company) -> None:
    company.draft()
    fields = ["counterparty__name__finds"]
    for text, count in (("сев", 1), ("ста", 0), ("ао", 1), ("о", 0)):
        wanted = search.words(text, model=PaymentRequest, fields=fields)
        assert PaymentRequest.objects.filter(wanted).count() == count


@pytest.mark.parametrize("few", [0, 1, 3])
def test_among_so_many_keys(company: Company, few: int) -> None:
    drafts = [company.draft(documents=0) for _each in range(4)]
    keys = [draft.pk for draft in drafts[:few]]
    assert list(PaymentRequest.objects.filter(pk__among=keys).order_by("pk")) == drafts[:few]
    ours = PaymentRequest.objects.filter(counterparty__pk__among=[company.counterparty.pk])
    assert ours.count() == 4
