"""The code for payment on an invoice, as ГОСТ Р 56042-2014 has it.

`ST00012|Name=ООО «Ромашка»|PersonalAcc=40702…|BankName=…|BIC=…|CorrespAcc=…|PayeeINN=…|Sum=125000`:
six characters say what it is, and the encoding of the rest; then one that separates, by which names
and values follow. The sum is in kopecks.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError

from treasury.validators import (
    PARTY_NAME_MAX_LENGTH,
    check_account_key,
    clean_purpose,
    validate_inn,
    validate_kpp,
    validate_party_name,
    validate_purpose,
)

# Bytes; no QR code holds more.
LONGEST = 2953
_HEAD = re.compile(rb"ST[0-9]{4}([123])(.)", re.DOTALL)
_ENCODINGS = {b"1": "cp1251", b"2": "utf-8", b"3": "koi8-r"}
_KOPECKS = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """What the code tells, each as it may be stored; empty where it says nothing, or what cannot
    be. An account that does not belong to its bank is not told, and neither is the bank.

    `wrong` has the names of those facts that are there and were not taken.
    """

    name: str = ""
    inn: str = ""
    kpp: str = ""
    account: str = ""
    bik: str = ""
    amount: Decimal | None = None
    purpose: str = ""
    wrong: tuple[str, ...] = ()


def read(code: bytes) -> Invoice | None:
    """None for what is no such code. Of any bytes; never raises."""
    head = _HEAD.match(code)
    if head is None or len(code) > LONGEST:
        return None
    encoding, separator = head.groups()
    try:
        text = code[head.end() :].decode(_ENCODINGS[encoding])
    except UnicodeDecodeError:
        return None
    pairs = (part.partition("=") for part in text.split(separator.decode("latin-1")))
    told = {name.strip().lower(): value.strip() for name, _sign, value in reversed([*pairs])}
    return _checked(told)


def _checked(told: dict[str, str]) -> Invoice | None:
    said = {
        "name": " ".join(told.get("name", "").split())[:PARTY_NAME_MAX_LENGTH],
        "inn": told.get("payeeinn", ""),
        "kpp": told.get("kpp", "").upper(),
        "purpose": clean_purpose(told.get("purpose", "")),
    }
    checks = {
        "name": validate_party_name, "inn": validate_inn, "kpp": validate_kpp,
        "purpose": validate_purpose,
    }  # fmt: skip
    wrong = [name for name, value in said.items() if value and not _holds(checks[name], value)]
    account, bik = told.get("personalacc", ""), told.get("bic", "")
    if (account or bik) and not _holds(check_account_key, account, bik):
        wrong.append("account")
        account = bik = ""
    amount = _amount(told.get("sum", ""))
    if told.get("sum") and amount is None:
        wrong.append("amount")
    taken = {name: "" if name in wrong else value for name, value in said.items()}
    invoice = Invoice(**taken, account=account, bik=bik, amount=amount, wrong=tuple(wrong))
    return invoice if any(told.get(name) for name in _TOLD) else None


# In a code for payment stands at least one of them.
_TOLD = ("name", "personalacc", "bic", "payeeinn", "sum", "purpose")


def _holds(check: Callable[..., None], *values: str) -> bool:
    try:
        check(*values)
    except ValidationError:
        return False
    return True


def _amount(kopecks: str) -> Decimal | None:
    if not _KOPECKS.fullmatch(kopecks) or not int(kopecks):
        return None
    return Decimal(kopecks).scaleb(-2)
