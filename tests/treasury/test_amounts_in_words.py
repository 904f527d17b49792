"""An amount is written out on paper, in good Russian and English."""

from decimal import Decimal

import pytest
from django.utils import translation

from treasury.models import Currency
from treasury.printed.amounts import in_words

ROUBLES = [
    ("0.01", "Ноль рублей 01 копейка", "Zero roubles 01 kopeck"),
    ("1", "Один рубль 00 копеек", "One rouble 00 kopecks"),
    ("2.02", "Два рубля 02 копейки", "Two roubles 02 kopecks"),
    ("5.05", "Пять рублей 05 копеек", "Five roubles 05 kopecks"),
    ("11.11", "Одиннадцать рублей 11 копеек", "Eleven roubles 11 kopecks"),
    ("21.21", "Двадцать один рубль 21 копейка", "Twenty-one roubles 21 kopecks"),
    ("112.12", "Сто двенадцать рублей 12 копеек", "One hundred and twelve roubles 12 kopecks"),
    ("1001", "Одна тысяча один рубль 00 копеек", "One thousand and one roubles 00 kopecks"),
    ("2000", "Две тысячи рублей 00 копеек", "Two thousand roubles 00 kopecks"),
    ("1000000", "Один миллион рублей 00 копеек", "One million roubles 00 kopecks"),
    (
        "12345678901.99",
        "Двенадцать миллиардов триста сорок пять миллионов шестьсот семьдесят восемь тысяч "
        "девятьсот один рубль 99 копеек",
        "Twelve billion, three hundred and forty-five million, six hundred and seventy-eight "
        "thousand, nine hundred and one roubles 99 kopecks",
    ),
]
OTHERS = [
    ("USD", "2.01", "Два доллара США 01 цент", "Two US dollars 01 cent"),
    ("USD", "5.22", "Пять долларов США 22 цента", "Five US dollars 22 cents"),
    ("EUR", "21.05", "Двадцать один евро 05 евроцентов", "Twenty-one euros 05 euro cents"),
    ("CNY", "1.01", "Один китайский юань 01 фэнь", "One Chinese yuan 01 fen"),
    ("CNY", "22.03", "Двадцать два китайских юаня 03 фэня", "Twenty-two Chinese yuan 03 fen"),
    ("AED", "1000.50", "Одна тысяча AED 50/100", "One thousand AED 50/100"),
]
ALL = [*(("RUB", *each) for each in ROUBLES), *OTHERS]


@pytest.mark.parametrize(("currency", "amount", "russian", "english"), ALL)
def test_numbers_and_names_agree(currency: str, amount: str, russian: str, english: str) -> None:
    for language, expected in (("ru", russian), ("en", english)):
        with translation.override(language):
            assert in_words(Decimal(amount), currency) == expected


def test_the_largest_amount_of_a_request_has_words() -> None:
    with translation.override("ru"):
        assert in_words(Decimal("9999999999999999.99"), "RUB").startswith("Девять квадриллионов ")


@pytest.mark.parametrize("currency", Currency.values)
def test_each_currency_of_a_request_has_a_name(currency: str) -> None:
    with translation.override("ru"):
        assert currency not in in_words(Decimal("5.05"), currency)
