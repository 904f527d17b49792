"""What several tests of the rules share."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from tests.company import TELEGRAM, Company
from treasury.models import CounterpartyAccount, Delegation, Employee, RouteStage
from treasury.services import delegations


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def appoint(principal: Employee, deputy: Employee, **fields: Any) -> Delegation:
    """By the principal himself and for a day, unless said otherwise."""
    fields = {"until": timezone.now() + timedelta(days=1), "actor": principal, **fields}
    return delegations.begin(principal=principal, deputy=deputy, channel=TELEGRAM, **fields)


def stage(company: Company, position: int) -> RouteStage:
    return company.route.stages.get(position=position)


@pytest.fixture
def other_account(company: Company) -> CounterpartyAccount:
    """Its number has the right key; whose it is in life nobody has asked."""
    return CounterpartyAccount.objects.create(
        counterparty=company.counterparty, bank=company.account.bank,
        number="40702810500000000002",
    )  # fmt: skip
