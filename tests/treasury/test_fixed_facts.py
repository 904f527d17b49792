"""What requests were submitted with is not rewritten: by no form, and by nobody in the database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from tests.company import ADMIN, Company
from treasury.models import (
    Bank,
    Counterparty,
    CounterpartyAccount,
    Organization,
    OwnAccount,
)
from treasury.services import requests
from treasury.workflow import Status

Row = Callable[[Company], Any]


def bank(company: Company) -> Bank:
    return company.account.bank


def other_bank() -> Bank:
    return Bank.objects.get_or_create(bik="044525593", name="АО «Альфа-Банк»")[0]


def other_organization() -> Organization:
    found, _created = Organization.objects.get_or_create(
        name="ООО «Лютик»", code="ЛЮТ", inn="5047043838"
    )
    return found


def other_payee() -> Counterparty:
    found, _created = Counterparty.objects.get_or_create(
        name="ООО «Вектор»", inn="7707083893", kpp="773601001"
    )
    return found


# Row, its fact, another value that is right by itself.
FACTS: list[tuple[Row, str, Any]] = [
    (lambda company: company.account, "number", "40702810500000000002"),
    (lambda company: company.account, "currency", "USD"),
    (lambda company: company.account, "bank", other_bank),
    (lambda company: company.account, "counterparty", other_payee),
    (lambda company: company.own_account, "number", "40702810500000000002"),
    (lambda company: company.own_account, "currency", "USD"),
    (lambda company: company.own_account, "bank", other_bank),
    (lambda company: company.own_account, "organization", other_organization),
    (lambda company: company.counterparty, "inn", "7707083893"),
    (lambda company: company.counterparty, "kpp", "352801001"),
    (lambda company: company.department, "organization", other_organization),
    (bank, "bik", "044525593"),
    (bank, "correspondent_account", "30101810200000000593"),
    (lambda company: company.organization, "code", "РМШ"),
]
NAMES = [f"{number}-{fact}" for number, (_row, fact, _value) in enumerate(FACTS)]


def value_of(value: Any) -> Any:
    return value() if callable(value) else value


def update(row: models.Model, **values: Any) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize(("row_of", "fact", "value"), FACTS, ids=NAMES)
def test_the_database_refuses_to_rewrite_what_was_submitted(
    company: Company, row_of: Row, fact: str, value: Any
) -> None:
    company.submitted(own_account=company.own_account)
    row = row_of(company)
    with pytest.raises(IntegrityError), transaction.atomic():
        update(row, **{fact: value_of(value)})
    before = getattr(row, fact)
    row.refresh_from_db()
    assert getattr(row, fact) == before


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(("row_of", "fact", "value"), FACTS, ids=NAMES)
def test_a_form_says_at_the_field_what_to_do_instead(
    company: Company, row_of: Row, fact: str, value: Any
) -> None:
    company.submitted(own_account=company.own_account)
    row = row_of(company)
    setattr(row, fact, value_of(value))
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()
    [said] = refusal.value.message_dict[fact]
    is_code = fact == "code"
    assert ("begin with this code" if is_code else "add a new row, and take this one out") in said


@pytest.mark.parametrize(("row_of", "fact", "value"), FACTS[:-1], ids=NAMES[:-1])
def test_what_only_drafts_name_may_be_corrected(
    company: Company, row_of: Row, fact: str, value: Any
) -> None:
    company.draft(own_account=company.own_account)
    row, corrected = row_of(company), value_of(value)
    update(row, **{fact: corrected})
    row.refresh_from_db()
    assert getattr(row, fact) == corrected


def test_a_request_that_was_once_submitted_holds_its_rows_in_any_status(company: Company) -> None:
    request = requests.withdraw(request=company.submitted(), actor=company.anna, channel=ADMIN)
    assert request.status == Status.DRAFT
    with pytest.raises(IntegrityError), transaction.atomic():
        update(company.account, number="40702810500000000002")
    requests.cancel(request=request, actor=company.anna, channel=ADMIN)
    with pytest.raises(IntegrityError), transaction.atomic():
        update(company.account, number="40702810500000000002")


def test_the_code_of_an_organization_stays_from_its_first_number_on(company: Company) -> None:
    update(company.organization, code="РМШ")
    company.organization.refresh_from_db()
    assert company.draft().number.startswith("РМШ-")
    with pytest.raises(IntegrityError), transaction.atomic():
        update(company.organization, code="РОМ")


def test_names_cities_and_use_may_change(company: Company) -> None:
    company.submitted(own_account=company.own_account)
    for row in (company.organization, company.counterparty, company.department, bank(company)):
        row.name = "ООО «Новое имя»"
        row.full_clean()
        row.save()
    for retired in (company.account, company.own_account, bank(company)):
        retired.is_active, retired.out_of_use_reason = False, "Счёт закрыт"
        retired.full_clean()
        retired.save()
    update(bank(company), city="Тула", name="Банк")
    assert Bank.objects.filter(city="Тула", name="Банк", is_active=False).exists()
    assert Counterparty.objects.get().name == "ООО «Новое имя»"


def test_what_was_left_empty_is_filled_in_once(company: Company) -> None:
    Bank.objects.update(correspondent_account="")
    Counterparty.objects.update(kpp="")
    company.submitted()
    place, payee = Bank.objects.get(), Counterparty.objects.get()
    place.correspondent_account, payee.kpp = "30101810400000000225", "997550001"
    for row in (place, payee):
        row.full_clean()
        row.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        update(place, correspondent_account="")


def test_a_row_that_is_wrong_since_long_can_still_go_out_of_use(company: Company) -> None:
    update(company.account, number="40702810000000000009")
    company.submitted()
    account = CounterpartyAccount.objects.get()
    account.is_active = False
    account.full_clean()
    account.save()
    assert not CounterpartyAccount.objects.get().is_active


def test_the_reason_goes_when_the_row_is_in_use_again(company: Company) -> None:
    payee = company.counterparty
    payee.is_active, payee.out_of_use_reason = True, "Ликвидирован"
    payee.full_clean()
    assert payee.out_of_use_reason == ""


def test_a_wrong_owner_of_our_account_is_corrected_by_a_new_row(company: Company) -> None:
    company.submitted(own_account=company.own_account)
    ours = company.own_account
    right = OwnAccount(organization=other_organization(), bank=ours.bank, number=ours.number)
    right.full_clean()
    right.save()
    assert OwnAccount.objects.filter(number=ours.number).count() == 2
