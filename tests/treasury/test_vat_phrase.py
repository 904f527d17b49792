"""The VAT in the purpose of payment: read however it is written, and never another than paid."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from tests.company import ADMIN, Company
from treasury import vat
from treasury.errors import NotReady
from treasury.models import PaymentRequest, VatRate
from treasury.services import requests

TEXT = "Оплата по счёту 45 за металлопрокат"
OURS = "В т.ч. НДС 22% - 22541.07 руб."


def refused(company: Company, **fields: Any) -> dict[str, list[str]]:
    """What is said at the fields of a new request, in English."""
    with translation.override("en"), pytest.raises(ValidationError) as refusal:
        company.draft(documents=0, **fields)
    return refusal.value.message_dict


@pytest.mark.parametrize(
    ("purpose", "percent", "amount"),
    [
        (f"{TEXT}. {OURS}", 22, "22541.07"),
        (f"{TEXT}, в том числе НДС (20%) - 22541-07", 20, "22541.07"),
        (f"{TEXT} в т.ч.НДС 22 % 22 541,07 руб. по договору 5", 22, "22541.07"),
        (f"{TEXT}. НДС 22%: 22,541.07.", 22, "22541.07"),
        (f"{TEXT}. В т. ч. НДС 5 рублей 07 копеек", None, "5.07"),
        (f"{TEXT}. В т.ч. НДС 22%. Срок 5 дней", 22, None),
    ],
)
def test_a_phrase_is_read_however_people_write_it(
    purpose: str, percent: int | None, amount: str | None
) -> None:
    [said] = vat.read(purpose)
    assert not said.free
    assert said.percent == percent
    assert said.amount == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize("words", ["Без НДС", "НДС не облагается.", "без налога (НДС)"])
def test_no_vat_is_read_too(words: str) -> None:
    [said] = vat.read(f"{TEXT}. {words}")
    assert said.free


@pytest.mark.parametrize("purpose", [TEXT, "Уплата НДС за 3 квартал 2026 года", ""])
def test_what_says_nothing_of_the_vat_has_no_phrase(purpose: str) -> None:
    assert list(vat.read(purpose)) == []


@pytest.mark.parametrize("before", [TEXT, f"{TEXT}.", f"{TEXT}. Без НДС", f"{TEXT}. {OURS}"])
def test_a_phrase_is_added_or_renewed_without_double_dots(before: str) -> None:
    written = vat.with_phrase(before, vat.phrase(Decimal("22.00"), Decimal("1234.5")))
    assert written == f"{TEXT}. В т.ч. НДС 22% - 1234.50 руб."
    written.encode("windows-1251")
    assert vat.with_phrase(TEXT, vat.phrase(None, Decimal(0))) == f"{TEXT}. НДС не облагается."


def test_another_vat_than_in_the_field_is_refused_at_the_purpose(company: Company) -> None:
    said = refused(company, purpose=f"{TEXT}. {OURS}", vat_amount=Decimal("268003.28"),
                   amount=Decimal("1486200"))  # fmt: skip
    assert said == {"purpose": ["VAT in the purpose is 22,541.07, in the request 268,003.28."]}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("Без НДС", "VAT in the purpose is 0.00, in the request 22,541.07."),
        ("В т.ч. НДС 20%", "The VAT rate in the purpose is 20 %, in the request 22 %."),
    ],
)
def test_another_rate_is_refused_too(company: Company, words: str, message: str) -> None:
    assert refused(company, purpose=f"{TEXT}. {words}") == {"purpose": [message]}


def test_what_agrees_is_saved(company: Company) -> None:
    free = VatRate.objects.get(percent=None)
    company.draft(purpose=f"{TEXT}. {OURS}")
    company.draft(purpose=f"{TEXT}. Без НДС", vat_rate=free, vat_amount=Decimal(0))
    company.draft(purpose=f"{TEXT}. В т.ч. НДС 22% - 22000.00 руб., НДС 10% - 541.07 руб.")
    company.draft(purpose=TEXT)
    assert PaymentRequest.objects.count() == 4


def test_a_change_of_the_amounts_alone_may_not_leave_the_purpose_behind(company: Company) -> None:
    request = company.draft(purpose=f"{TEXT}. {OURS}")
    fields = {"amount": Decimal(1220), "vat_amount": Decimal(220)}
    with pytest.raises(ValidationError, match="purpose"):
        requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)


def test_an_old_contradiction_hinders_only_the_submit(company: Company) -> None:
    request = company.draft()
    PaymentRequest.objects.filter(pk=request.pk).update(purpose=f"{TEXT}. Без НДС")
    fields = {"comment": "Позвоните поставщику"}
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)
    with pytest.raises(NotReady) as refusal:
        requests.submit(request=request, actor=company.anna, channel=ADMIN)
    assert list(refusal.value.by_field) == ["purpose"]
