"""How money is written, on pages and in chats."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from treasury.money import money, number, parsed, said


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("ru", "0.01", "RUB", "0,01 ₽"),
        ("ru", "1000", "USD", "1 000,00 $"),
        ("ru", "1234567.89", "EUR", "1 234 567,89 €"),
        ("en", "1234567.89", "EUR", "1,234,567.89 €"),
        ("ru", "9999999999999999.99", "CNY", "9 999 999 999 999 999,99 ¥"),
    ],
)
def test_its_digits_stay_together_on_a_line(
    language: str, amount: str, currency: str, text: str
) -> None:
    with translation.override(language):
        assert money(Decimal(amount), currency) == text.replace(" ", "\u202f")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1 234 567,89", "1234567.89"),
        ("1,234,567.89", "1234567.89"),
        ("1.234.567,8", "1234567.8"),
        ("1,234,567", "1234567"),
        ("1\u202f234,5 ₽", "1234.5"),
        ("1\u00a0234 руб.", "1234"),
        ("  486200,00р. ", "486200"),
        ("12.", "12"),
        ("−5", "-5"),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed: str, value: str) -> None:
    assert parsed(typed) == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1e5", "invalid"),
        ("12 тыс", "invalid"),
        ("100 50", "invalid"),
        ("1,23.456,7", "invalid"),
        ("NaN", "invalid"),
        ("٥", "invalid"),
        (",5", "invalid"),
        ("12 345,678", "kopecks"),
        ("1,234", "kopecks"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused(typed: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parsed(typed)
    assert refused.value.code == code


def test_a_page_of_spaces_is_refused_like_any_other_nonsense() -> None:
    with pytest.raises(ValidationError):
        parsed(f"1{' ' * 1_000_000}x")
    assert parsed("1 000 ₽") == Decimal(1000)


AMOUNTS = st.decimals(min_value="0.01", max_value="9999999999999999.99", places=2)


@given(
    amount=AMOUNTS, language=st.sampled_from(["ru", "en"]), unit=st.sampled_from(["", " ₽", "р."])
)
def test_whatever_is_shown_can_be_said(amount: Decimal, language: str, unit: str) -> None:
    with translation.override(language):
        shown = number(amount)
    for written in (shown, f"{amount:f}", f"{amount:f}".replace(".", ",")):
        assert said(f"{written}{unit}") == amount


@given(
    thousands=st.decimals(min_value="0.01", max_value="9999999.99", places=2),
    word=st.sampled_from(["тыс", " тыс. руб.", "к", "К", " k", "т.р.", " тысяч рублей"]),
)
def test_thousands_are_said_in_short(thousands: Decimal, word: str) -> None:
    assert said(f"{thousands:f}{word}") == thousands * 1000
    assert said(f"{thousands:f}".replace(".", ",") + word) == thousands * 1000


@given(typed=st.text(alphabet="0123456789 .,кКмлнтыср₽-", max_size=30))
def test_whatever_is_typed_is_an_amount_in_kopecks_or_refused(typed: str) -> None:
    try:
        amount = said(typed)
    except ValidationError:
        return
    assert amount.is_finite()
    assert int(amount.as_tuple().exponent) >= -2


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1 250 000,50", "1250000.50"),
        ("1250000.5", "1250000.5"),
        ("1,2 млн", "1200000"),
        ("1.25 млн руб.", "1250000"),
        ("2 миллиона", "2000000"),
        ("125 тыс", "125000"),
        ("125к", "125000"),
        ("125 т.р.", "125000"),
        ("1 250,5 тыс. ₽", "1250500"),
    ],
)
def test_an_amount_may_be_said_in_short(typed: str, value: str) -> None:
    assert said(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed", ["", "млн", "1,255 млн", "1 млн 200 тыс", "12 тысяченок", "1к2", "1e3к", "к125", "1кк"]
)
def test_what_is_no_amount_in_short_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        said(typed)


def test_more_digits_than_anybody_has_money_for_are_a_number_too() -> None:
    assert said("9" * 100 + " млн") > Decimal(10) ** 100


def test_a_page_of_digits_is_refused_soon() -> None:
    with pytest.raises(ValidationError):
        said("1 " * 500_000 + "к!")
