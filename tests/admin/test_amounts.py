"""Amounts in the form: each mistake is said once, and nothing is rounded in silence."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import REQUESTS
from treasury.models import PaymentRequest

ADD = f"{REQUESTS}add/"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0", "The amount must be more than zero."),
        ("-5", "The amount must be more than zero."),
        ("1e5", "Write the amount in digits, for example 1234567.89."),
        ("12 345,678", "12 345,678: an amount has at most two digits after the point."),
    ],
)
def test_a_wrong_amount_is_one_mistake(
    accountant: Client, form: dict[str, Any], typed: str, said: str
) -> None:
    errors = accountant.post(ADD, form | {"amount": typed}).context["form"].errors
    assert errors == {"amount": [said]}
    assert not PaymentRequest.objects.exists()


def test_a_wrong_vat_is_one_mistake(accountant: Client, form: dict[str, Any]) -> None:
    errors = accountant.post(ADD, form | {"vat_amount": "-1"}).context["form"].errors
    assert errors == {"vat_amount": ["VAT cannot be less than zero."]}


def test_another_vat_in_the_purpose_is_said_at_the_purpose(
    accountant: Client, form: dict[str, Any]
) -> None:
    purpose = "Оплата по счёту 45. В т.ч. НДС 22% - 87 675,41 руб."
    errors = accountant.post(ADD, form | {"purpose": purpose}).context["form"].errors
    assert errors == {"purpose": ["VAT in the purpose is 87,675.41, in the request 22,541.07."]}
