"""Bank details: the vectors are published numbers of real banks and of the Bank of Russia."""

import re
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from treasury.validators import (
    account_currency,
    check_account_key,
    clean_purpose,
    validate_account_number,
    validate_bic,
    validate_bik,
    validate_iban,
    validate_inn,
    validate_kpp,
    validate_party_name,
    validate_purpose,
)

Validator = Callable[[str], None]

digits = st.characters(min_codepoint=ord("0"), max_codepoint=ord("9"))


def refusal(validator: Callable[..., None], *values: str) -> str | None:
    """The code of the error, after its message has been rendered with its parameters."""
    try:
        validator(*values)
    except ValidationError as error:
        return str(error.code) if all(error.messages) else "silent"
    return None


def key_agrees(account: str, bik: str) -> bool:
    code = refusal(check_account_key, account, bik)
    assert code in {None, "account_key"}
    return code is None


@pytest.mark.parametrize(
    ("validator", "value"),
    [
        (validate_inn, "7707083893"),
        (validate_inn, "500100732259"),
        (validate_kpp, "770801001"),
        (validate_kpp, "7708AZ001"),
        (validate_bik, "044525225"),
        (validate_bik, "015402901"),
        (validate_bik, "004525988"),
        (validate_account_number, "40702810938000000001"),
        (validate_iban, "GB82WEST12345698765432"),
        (validate_bic, "SABRRUMM"),
        (validate_bic, "SABRRUMM012"),
        (validate_purpose, "Оплата по счёту № 5. Без НДС"),
        (validate_party_name, "Общество с ограниченной ответственностью «Вектор»"),
    ],
)
def test_a_correct_value_passes(validator: Validator, value: str) -> None:
    assert refusal(validator, value) is None


@pytest.mark.parametrize(
    ("validator", "value", "code"),
    [
        (validate_inn, "7707083890", "inn_checksum"),
        (validate_inn, "7743013902", "inn_checksum"),
        (validate_inn, "500100732258", "inn_checksum"),
        (validate_inn, "500100732249", "inn_checksum"),
        (validate_inn, "0000000000", "inn_checksum"),
        (validate_inn, "000000000000", "inn_checksum"),
        (validate_inn, "770708389", "inn_format"),
        (validate_inn, "7707 083893", "inn_format"),
        (validate_inn, "7707083893\n", "inn_format"),
        (validate_inn, "٧٧٠٧٠٨٣٨٩٣", "inn_format"),
        (validate_inn, "", "inn_format"),
        (validate_kpp, "007801001", "kpp_format"),
        (validate_kpp, "77080100", "kpp_format"),
        (validate_kpp, "7708az001", "kpp_format"),
        (validate_kpp, "77080100A", "kpp_format"),
        (validate_bik, "04452522", "bik_format"),
        (validate_bik, "04452522A", "bik_format"),
        (validate_account_number, "4070281093800000000", "account_format"),
        (validate_account_number, "4070281093800000000A", "account_format"),
        (validate_account_number, "40702 81093 80000 00001", "account_format"),
        (validate_iban, "GB82WEST12345698765433", "iban_checksum"),
        (validate_iban, "GB82WEST1234569876543", "iban_checksum"),
        (validate_iban, "GB82 WEST 1234 5698 7654 32", "iban_format"),
        (validate_iban, "40702810938000000001", "iban_format"),
        (validate_bic, "SABRRUM", "bic_format"),
        (validate_bic, "sabrrumm", "bic_format"),
        (validate_bic, "SABR RUMM", "bic_format"),
        (validate_purpose, "", "purpose_empty"),
        (validate_purpose, "\t\u200b ", "purpose_empty"),
        (validate_purpose, "Оплата → 100 €", "purpose_signs"),
        (validate_purpose, "Оплата 😀", "purpose_signs"),
        (validate_purpose, "а" * 211, "purpose_length"),
        (validate_party_name, "  ", "party_name_length"),
        (validate_party_name, "а" * 161, "party_name_length"),
        (validate_party_name, "ООО Вектор р/с 40702810938000000001", "party_name_account"),
    ],
)
def test_a_wrong_value_is_refused(validator: Validator, value: str, code: str) -> None:
    assert refusal(validator, value) == code


@pytest.mark.parametrize(
    ("account", "bik"),
    [
        ("40602810700000000025", "049805746"),
        ("30101810800000000746", "049805000"),
        ("40702810900000000025", "044514512"),
        ("30101810400000000225", "044525225"),
        ("30101810145250000411", "044525411"),
        ("40102810545370000003", "004525988"),
        ("03100643000000015400", "015402901"),
    ],
)
def test_a_published_account_agrees_with_its_bank(account: str, bik: str) -> None:
    assert key_agrees(account, bik)


def test_an_account_of_another_bank_is_refused() -> None:
    assert not key_agrees("40602810700000000025", "044514512")


def test_an_account_opened_in_a_bank_of_russia_unit_takes_the_prefix_of_the_unit() -> None:
    assert key_agrees("40503810300000000001", "044501002")
    assert not key_agrees("40503810600000000001", "044501002")


def test_an_iban_is_told_to_be_of_no_bank_in_russia() -> None:
    with translation.override("en"):
        for foreign in ("GB82WEST12345698765432", "DE89370400440532013000"):
            with pytest.raises(ValidationError, match="for an IBAN choose its bank"):
                validate_account_number(foreign)


def test_the_key_is_not_asked_before_both_numbers_are_whole() -> None:
    assert refusal(check_account_key, "40602810700000000025", "04980574") == "bik_format"
    assert refusal(check_account_key, "406028107", "049805746") == "account_format"


@given(st.text(digits, min_size=19, max_size=19), st.text(digits, min_size=9, max_size=9))
def test_exactly_one_key_fits_an_account(rest: str, bik: str) -> None:
    account = "4" + rest
    variants = [account[:8] + str(key) + account[9:] for key in range(10)]
    assert sum(key_agrees(variant, bik) for variant in variants) == 1


@given(st.integers(0, 19), st.integers(1, 9))
def test_any_mistyped_digit_of_an_account_is_caught(position: int, shift: int) -> None:
    account = "40702810900000000025"
    digit = (int(account[position]) + shift) % 10
    mistyped = account[:position] + str(digit) + account[position + 1 :]
    # An account that starts with 0 is the Treasury's and has no key of this kind.
    assert mistyped.startswith("0") or not key_agrees(mistyped, "044514512")


@given(st.sampled_from(["7707083893", "500100732259"]), st.data())
def test_no_two_check_digits_fit_one_inn(value: str, data: st.DataObject) -> None:
    wrong = data.draw(st.sampled_from([str(d) for d in range(10) if str(d) != value[-1]]))
    assert refusal(validate_inn, value[:-1] + wrong) == "inn_checksum"


@pytest.mark.parametrize(
    ("account", "currency"),
    [
        ("40702810900000000025", "RUB"),
        ("03100643000000015400", "RUB"),
        ("40702840900000000025", "USD"),
        ("40702978900000000025", "EUR"),
        ("40702156900000000025", "CNY"),
    ],
)
def test_an_account_names_its_currency(account: str, currency: str) -> None:
    assert account_currency(account) == currency


def test_an_account_in_no_known_currency_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        account_currency("40702000900000000025")
    assert refused.value.code == "account_currency"
    assert "000" in refused.value.messages[0]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Оплата «Вектор» — аренда…", 'Оплата "Вектор" - аренда...'),
        ("“A” ‘b’ – 1−2", "\"A\" 'b' - 1-2"),
        ("  строка\n\tи\u00a0ещё\u2009строка \r\n", "строка и ещё строка"),
        ("сче\u0308т\u200b № 5 с\u00adтали", "счёт № 5 стали"),
        ("ёЁ №", "ёЁ №"),
    ],
)
def test_a_purpose_is_rewritten_with_signs_that_a_bank_takes(typed: str, sent: str) -> None:
    assert clean_purpose(typed) == sent


def test_the_length_of_a_purpose_is_counted_after_cleaning() -> None:
    assert refusal(validate_purpose, " \n" * 300 + "а" * 210) is None
    assert refusal(validate_purpose, "а" * 209 + "…") == "purpose_length"


@given(st.text())
def test_a_cleaned_purpose_is_clean(text: str) -> None:
    cleaned = clean_purpose(text)
    assert clean_purpose(cleaned) == cleaned
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned


@given(st.text(min_size=1, max_size=200))
def test_what_passes_as_a_purpose_has_only_signs_of_the_bank(text: str) -> None:
    if refusal(validate_purpose, text) is None:
        assert re.fullmatch(r"[ -~А-Яа-яЁё№]+", clean_purpose(text))
        clean_purpose(text).encode("windows-1251")
