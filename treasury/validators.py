"""Checks of Russian and international bank details, as the banks themselves make them.

Each `validate_…` takes one value and fits a model field; each raises `ValidationError` with a
`code`. Values are stored compact: digits and capitals without spaces.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.ru import inn

from treasury import countries

PURPOSE_MAX_LENGTH = 210
PARTY_NAME_MAX_LENGTH = 160
# How many digits their ИНН has.
COMPANY_INN, PERSON_INN = 10, 12

# The numeric codes of ISO 4217 that stand in digits 6-8 of an account. 810 is the rouble before
# 1998, which accounts still carry.
ACCOUNT_CURRENCIES = {
    "810": "RUB",
    "643": "RUB",
    "840": "USD",
    "978": "EUR",
    "156": "CNY",
    "826": "GBP",
    "756": "CHF",
    "392": "JPY",
    "344": "HKD",
    "784": "AED",
    "949": "TRY",
    "356": "INR",
    "398": "KZT",
    "933": "BYN",
    "051": "AMD",
    "417": "KGS",
    "860": "UZS",
    "972": "TJS",
    "944": "AZN",
    "981": "GEL",
}

# Bank of Russia order 515 of 8 September 1997: the weights repeat over 3 + 20 digits.
_KEY_WEIGHTS = (7, 1, 3) * 7 + (7, 1)
_CORRESPONDENT_PREFIXES = ("301", "40102")
_BANK_OF_RUSSIA_UNITS = ("000", "001", "002")
_TREASURY_PREFIX = "0"

# A payment order carries printable ASCII, Cyrillic and the numero sign, all of them in
# Windows-1251. Typographic signs have a plain twin, invisible ones are dropped; whatever else is
# left is refused, for a bank would drop it and so change what is said.
_PLAIN_TWINS = str.maketrans(
    dict.fromkeys("«»“”„‟″", '"')
    | dict.fromkeys("‘’‚‛′`", "'")
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"…": "..."}
)
# IBANs of the country to which they belong are used there too, as the registry of ISO 13616 says.
_IBAN_COUNTRIES = dict.fromkeys(("GG", "IM", "JE"), "GB") | {"AX": "FI"} | dict.fromkeys(
    ("BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"), "FR"
)  # fmt: skip
# Control and format characters.
_UNSEEN = ("Cc", "Cf")
_NOT_IN_PURPOSE = re.compile(r"[^ -~А-Яа-яЁё№]")


def validate_inn(value: str) -> None:
    """ИНН: 10 digits of a company or 12 of a person, with its check digits."""
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", value):
        raise ValidationError(
            _("An INN has 10 digits for a company or 12 for a person: check how it is typed."),
            code="inn_format",
        )
    # Region 00 does not exist, though its check digits may agree.
    if value.startswith("00") or not inn.is_valid(value):
        raise ValidationError(
            _("The check digits of this INN do not agree: compare it with the invoice."),
            code="inn_checksum",
        )


def validate_kpp(value: str) -> None:
    """КПП: tax office (4 digits), reason (2 digits or capitals), number (3 digits)."""
    if not re.fullmatch(r"(?!00)[0-9]{4}[0-9A-Z]{2}[0-9]{3}", value):
        raise ValidationError(
            _("A KPP has 9 characters and does not start with 00, for example 770801001."),
            code="kpp_format",
        )


def check_kpp_of_person(inn: str, kpp: str) -> None:
    if len(inn) == PERSON_INN and kpp:
        text = _("An entrepreneur, whose INN has 12 digits, has no KPP: leave it empty.")
        raise ValidationError({"kpp": text})


def validate_kio(value: str) -> None:
    """КИО: 5 digits that the Federal Tax Service has given to a foreign organization."""
    if not re.fullmatch(r"[0-9]{5}", value):
        raise ValidationError(
            _("A KIO has 5 digits. If there is none, leave it empty and give the tax number."),
            code="kio_format",
        )


def validate_tax_number(value: str) -> None:
    """By what another country knows a company: each has its own format."""
    if not re.fullmatch(r"[0-9A-Z]{3,20}", value):
        raise ValidationError(
            _("A tax number has 3 to 20 Latin letters and digits, for example DE136695976."),
            code="tax_number_format",
        )


def validate_bik(value: str) -> None:
    """БИК: 9 digits; it has no check digit, and treasury bodies start it with 00 or 01."""
    if not re.fullmatch(r"[0-9]{9}", value):
        raise ValidationError(_("A BIK has 9 digits, for example 044525225."), code="bik_format")


def validate_account_number(value: str) -> None:
    """A Russian account: 20 digits. Its key needs the БИК too: see `check_account_key`."""
    if not re.fullmatch(r"[0-9]{20}", value):
        wrong = (
            _("At a bank in Russia an account has 20 digits: for an IBAN choose its bank.")
            if any(char.isalpha() for char in value)
            else _("An account has 20 digits, this one has %(count)d: check how it is typed.")
        )
        count = sum(char.isdecimal() for char in value)
        raise ValidationError(wrong, code="account_format", params={"count": count})


def validate_payee_account(value: str) -> None:
    """An account at whatever bank: what it has to look like at this one, the bank tells."""
    if not re.fullmatch(r"[0-9A-Z]{4,34}", value):
        raise ValidationError(
            _("An account has 4 to 34 Latin letters and digits: check how it is typed."),
            code="account_format",
        )


def is_iban(account: str) -> bool:
    """Whether it is meant to be one: it begins with a country and check digits."""
    return account[:2] in countries.CODES and account[2:4].isdecimal()


def check_account_abroad(account: str, swift: str) -> None:
    """Raise unless an IBAN is valid, and of the country of the bank with this BIC.

    Where there are no IBANs, banks number their accounts as they like.
    """
    validate_payee_account(account)
    validate_bic(swift)
    if not is_iban(account):
        return
    validate_iban(account)
    country = bic_country(swift)
    if account[:2] not in (country, _IBAN_COUNTRIES.get(country)):
        raise ValidationError(
            _("This IBAN is of %(there)s, and the bank is in %(here)s: compare both."),
            code="iban_country",
            params={"there": account[:2], "here": country},
        )


def check_account_key(account: str, bik: str) -> None:
    """Raise unless digit 9 of the account is the key that its bank's БИК gives.

    The accounts of the Treasury start with 0 and follow another rule, so they are let through.
    """
    validate_account_number(account)
    validate_bik(bik)
    if account.startswith(_TREASURY_PREFIX):
        return
    digits = map(int, _key_prefix(account, bik) + account)
    total = sum(digit * weight for digit, weight in zip(digits, _KEY_WEIGHTS, strict=True))
    if total % 10:
        raise ValidationError(
            _("This account does not belong to a bank with BIK %(bik)s: compare both numbers."),
            code="account_key",
            params={"bik": bik},
        )


def _key_prefix(account: str, bik: str) -> str:
    at_bank_of_russia = bik.endswith(_BANK_OF_RUSSIA_UNITS)
    if at_bank_of_russia or account.startswith(_CORRESPONDENT_PREFIXES):
        return "0" + bik[4:6]
    return bik[-3:]


def account_currency(account: str) -> str:
    """The ISO 4217 letters of a 20-digit account's currency, from its digits 6-8."""
    validate_account_number(account)
    code = account[5:8]
    if code not in ACCOUNT_CURRENCIES:
        raise ValidationError(
            _("Digits 6-8 of the account, %(code)s, are not a currency we know: check them."),
            code="account_currency",
            params={"code": code},
        )
    return ACCOUNT_CURRENCIES[code]


def validate_iban(value: str) -> None:
    """IBAN (ISO 13616), compact: its country's length and structure, and the check digits."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}", value):
        raise ValidationError(
            _("An IBAN is capitals and digits without spaces, starting with a country code."),
            code="iban_format",
        )
    try:
        iban.validate(value)
    except StdnumError as exc:
        raise ValidationError(
            _("This IBAN is not valid: compare it with the invoice."), code="iban_checksum"
        ) from exc


def validate_bic(value: str) -> None:
    """BIC (ISO 9362, also called SWIFT): bank, country, place and an optional branch."""
    is_bic = re.fullmatch(r"[A-Z0-9]+", value) and bic.is_valid(value)
    if not is_bic or bic_country(value) not in countries.CODES:
        raise ValidationError(
            _("A SWIFT has 8 or 11 Latin letters and digits, for example COBADEFF."),
            code="bic_format",
        )


def bic_country(value: str) -> str:
    """The two letters of ISO 3166 of where the bank is."""
    return value[4:6]


def compact_bic(value: str) -> str:
    """Without the XXX that may stand for the head office: with and without it is one bank."""
    return value[:8] if value[8:] == "XXX" else value


def clean_purpose(text: str) -> str:
    """The purpose of payment as a bank will accept it: plain signs, single spaces."""
    visible = (sign for sign in text if sign.isspace() or unicodedata.category(sign) not in _UNSEEN)
    # Some systems paste «й» as two characters.
    composed = unicodedata.normalize("NFC", "".join(visible))
    return " ".join(composed.translate(_PLAIN_TWINS).split())


def validate_purpose(text: str) -> None:
    """1 to 210 characters after `clean_purpose`, such as a payment order holds."""
    purpose = clean_purpose(text)
    length = len(purpose)
    if not length:
        raise ValidationError(
            _("Say what is paid for: the invoice, the contract, the VAT."), code="purpose_empty"
        )
    foreign = list(dict.fromkeys(_NOT_IN_PURPOSE.findall(purpose)))
    if foreign:
        raise ValidationError(
            _("The bank does not take %(signs)s in a purpose: write it in another way."),
            code="purpose_signs",
            params={"signs": " ".join(foreign[:10])},
        )
    if length > PURPOSE_MAX_LENGTH:
        raise ValidationError(
            _("The bank takes %(limit)d characters, there are %(length)d: shorten the purpose."),
            code="purpose_length",
            params={"limit": PURPOSE_MAX_LENGTH, "length": length},
        )


def validate_party_name(value: str) -> None:
    """A payer's or recipient's name: up to 160 characters, and no account number among them."""
    if not 1 <= len(value.strip()) <= PARTY_NAME_MAX_LENGTH:
        raise ValidationError(
            _("The bank takes a name of 1 to %(limit)d characters: shorten it."),
            code="party_name_length",
            params={"limit": PARTY_NAME_MAX_LENGTH},
        )
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in value):
        raise ValidationError(
            _("The name has characters that cannot be seen: type it anew."),
            code="party_name_invisible",
        )
    if re.search(r"(?<![0-9])[0-9]{20}(?![0-9])", value):
        raise ValidationError(
            _("Take the account number out of the name: it has its own field."),
            code="party_name_account",
        )
