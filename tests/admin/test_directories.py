"""Directories under requests: facts are only read, a new row corrects, the old one says why."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.admin.conftest import browse, save, text_of
from tests.company import Company
from treasury.models import (
    Bank,
    Counterparty,
    CounterpartyAccount,
    Department,
    Employee,
    Organization,
    OwnAccount,
)

DIRECTORIES = "/admin/treasury"
STAYS = "Requests were submitted with these facts, so they stay"
OTHER_NUMBER = "40702810500000000002"
Form = dict[str, Any]


@pytest.fixture
def superuser(company: Company) -> Client:
    Employee.objects.filter(pk=company.sergey.pk).update(is_superuser=True)
    return browse(company.sergey)


def page(row: Any) -> str:
    return f"{DIRECTORIES}/{row._meta.model_name}/{row.pk}/change/"


def correcting(row: Any) -> str:
    return f"{DIRECTORIES}/{row._meta.model_name}/add/?corrects={row.pk}"


def account_form(account: CounterpartyAccount, **changes: Any) -> Form:
    return {
        "counterparty": account.counterparty_id, "bank": account.bank_id,
        "number": account.number, "currency": account.currency, "is_active": "on", **changes,
    }  # fmt: skip


def payee_form(payee: Counterparty, **changes: Any) -> Form:
    return {
        "name": payee.name, "country": payee.country, "inn": payee.inn, "kpp": payee.kpp,
        "is_active": "on",
        "accounts-TOTAL_FORMS": 0, "accounts-INITIAL_FORMS": 0, **changes,
    }  # fmt: skip


def with_account(account: CounterpartyAccount, **changes: Any) -> Form:
    fields = {
        "id": account.pk, "counterparty": account.counterparty_id, "bank": account.bank_id,
        "number": account.number, "currency": account.currency, "is_active": "on",
    }  # fmt: skip
    row = {f"accounts-0-{name}": value for name, value in (fields | changes).items()}
    counts = {"accounts-TOTAL_FORMS": 1, "accounts-INITIAL_FORMS": 1}
    return payee_form(account.counterparty, **counts, **row)


def test_the_number_under_a_request_cannot_be_replaced(
    accountant: Client, company: Company
) -> None:
    request = company.approved()
    sent = account_form(company.account, number=OTHER_NUMBER)
    save(accountant, page(company.account), sent)
    accountant.post(page(company.counterparty), with_account(company.account, number=OTHER_NUMBER))
    sent = payee_form(company.counterparty, inn="7707083893")
    accountant.post(page(company.counterparty), sent)
    request.refresh_from_db()
    assert request.counterparty_account.number == "40702810200000000001"
    assert request.counterparty.inn == "3528000597"


def test_all_facts_are_only_read_and_the_page_says_why(superuser: Client, company: Company) -> None:
    company.submitted(own_account=company.own_account)
    for row in (
        company.account, company.own_account, company.counterparty, company.account.bank,
        company.department,
    ):  # fmt: skip
        response = superuser.get(page(row))
        fields = response.context["adminform"].form.fields
        assert {name for name, field in fields.items() if field.disabled} == {
            name for name in row.FIXED if getattr(row, name)
        }
        assert STAYS in text_of(response)
        assert f'href="{correcting(row)}"' in text_of(response)


def test_nothing_is_held_before_a_submit(superuser: Client, company: Company) -> None:
    company.draft(own_account=company.own_account)
    for row in (company.account, company.own_account, company.counterparty, company.department):
        response = superuser.get(page(row))
        assert not any(f.disabled for f in response.context["adminform"].form.fields.values())
        assert STAYS not in text_of(response)
        assert "Correct by a new row" not in text_of(response)
    accountant = browse(company.anna, "Бухгалтер")
    save(accountant, page(company.account), account_form(company.account, number=OTHER_NUMBER))
    company.account.refresh_from_db()
    assert company.account.number == OTHER_NUMBER


def test_whoever_only_reads_is_offered_no_correction(company: Company) -> None:
    company.submitted()
    auditor = browse(company.sergey, "Аудитор")
    assert "Correct by a new row" not in text_of(auditor.get(page(company.account)))
    assert auditor.get(correcting(company.account)).status_code == 403


def test_the_code_of_an_organization_is_only_read(superuser: Client, company: Company) -> None:
    ours = company.organization
    assert "begin with this code already" not in text_of(superuser.get(page(ours)))
    company.draft()
    sent = {"name": "ООО «Роза»", "code": "РОЗ", "inn": ours.inn, "kpp": ours.kpp}
    assert "begin with this code already" in text_of(superuser.get(page(ours)))
    assert save(superuser, page(ours), sent | {"is_active": "on"}).status_code == 302
    ours.refresh_from_db()
    assert (ours.name, ours.code) == ("ООО «Роза»", "РОМ")


def test_an_entrepreneur_who_pays_has_no_kpp_either(superuser: Client) -> None:
    sent = {"name": "ИП Иванов", "code": "ИВА", "inn": "500100732259", "kpp": "773601001"}
    response = superuser.post(f"{DIRECTORIES}/organization/add/", sent)
    assert "has no KPP" in text_of(response)
    assert not Organization.objects.filter(code="ИВА").exists()


def test_the_form_of_a_correction_is_filled_and_changes_nothing_when_opened(
    accountant: Client, company: Company
) -> None:
    company.submitted()
    response = accountant.get(correcting(company.account))
    form = response.context["adminform"].form
    assert form["number"].value() == company.account.number
    assert form["bank"].value() == company.account.bank_id
    assert "This row corrects" in text_of(response)
    company.account.refresh_from_db()
    assert company.account.is_active
    assert CounterpartyAccount.objects.count() == 1


def test_a_correction_takes_the_old_row_out_of_use_in_the_same_step(
    accountant: Client, company: Company
) -> None:
    request = company.submitted()
    sent = account_form(company.account, number=OTHER_NUMBER, former_reason="Счёт закрыт 01.11")
    response = accountant.post(correcting(company.account), sent, follow=True)
    assert "is out of use now" in text_of(response)
    old, new = CounterpartyAccount.objects.order_by("pk")
    assert (old.number, old.is_active, old.out_of_use_reason) == (
        "40702810200000000001", False, "Счёт закрыт 01.11",
    )  # fmt: skip
    assert (new.number, new.is_active) == (OTHER_NUMBER, True)
    request.refresh_from_db()
    assert request.counterparty_account == old
    told = text_of(accountant.get(page(old).replace("/change/", "/history/")))
    assert "In use: yes → no" in told
    assert "Why out of use: — → Счёт закрыт 01.11" in told


def test_without_a_reason_the_old_row_stays_in_use(accountant: Client, company: Company) -> None:
    company.submitted()
    accountant.post(correcting(company.account), account_form(company.account, number=OTHER_NUMBER))
    assert CounterpartyAccount.objects.filter(is_active=True).count() == 2


@pytest.mark.parametrize("key", ["999999", "abc", ""])
def test_a_correction_of_nothing_is_not_found(accountant: Client, key: str) -> None:
    address = f"{DIRECTORIES}/counterpartyaccount/add/?corrects={key}"
    assert accountant.get(address).status_code == 404


def test_a_corrected_payee_begins_with_his_accounts(accountant: Client, company: Company) -> None:
    company.submitted()
    payee = company.counterparty
    [formset] = accountant.get(correcting(payee)).context["inline_admin_formsets"]
    [row] = formset.formset.forms
    assert row["number"].value() == company.account.number
    sent = payee_form(
        payee, kpp="352801001", branch="on", former_reason="КПП головной компании",
    ) | {
        "accounts-TOTAL_FORMS": 1, "accounts-0-bank": company.account.bank_id,
        "accounts-0-number": company.account.number, "accounts-0-currency": "RUB",
        "accounts-0-is_active": "on",
    }  # fmt: skip
    response = accountant.post(correcting(payee), sent, follow=True)
    payee.refresh_from_db()
    assert (payee.is_active, payee.out_of_use_reason) == (False, "КПП головной компании")
    new = Counterparty.objects.get(kpp="352801001")
    assert new.accounts.get().number == company.account.number
    # The former payee is paid no more.
    assert "whose is it really" not in text_of(response)


def test_other_directories_are_corrected_too(superuser: Client, company: Company) -> None:
    company.submitted(own_account=company.own_account)
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="5047043838")
    ours, department = company.own_account, company.department
    reason = {"former_reason": "Не та организация", "is_active": "on"}
    sent = {"organization": other.pk, "bank": ours.bank_id, "number": ours.number}
    superuser.post(correcting(ours), reason | sent | {"currency": "RUB"})
    form = superuser.get(correcting(department)).context["adminform"].form
    assert set(form.initial["budget_holders"]) == {company.boris, company.vera}
    superuser.post(correcting(department), reason | {"organization": other.pk, "name": "Цех"})
    superuser.post(correcting(ours.bank), reason | {"bik": "044525593", "name": "Альфа"})
    assert OwnAccount.objects.get(is_active=True).organization == other
    assert Department.objects.get(name="Цех").organization == other
    assert Bank.objects.get(is_active=True).bik == "044525593"
    for old in (ours, department, ours.bank):
        old.refresh_from_db()
        assert old.out_of_use_reason == "Не та организация"


def test_out_of_use_wants_a_reason_once_requests_name_the_row(
    accountant: Client, company: Company
) -> None:
    company.submitted()
    account = company.account
    silent = {key: value for key, value in account_form(account).items() if key != "is_active"}
    for reason in ("", " . "):
        response = save(accountant, page(account), silent | {"out_of_use_reason": reason})
        assert "Give the reason" in text_of(response)
    payee = with_account(account)
    del payee["accounts-0-is_active"]
    assert "Give the reason" in text_of(save(accountant, page(company.counterparty), payee))
    account.refresh_from_db()
    assert account.is_active
    response = save(accountant, page(account), silent | {"out_of_use_reason": "Арестован"})
    assert response.status_code == 302
    account.refresh_from_db()
    assert (account.is_active, account.out_of_use_reason) == (False, "Арестован")
    listed = text_of(accountant.get(f"{DIRECTORIES}/counterpartyaccount/"))
    assert "Арестован" in listed


def test_what_no_request_names_goes_out_of_use_without_a_word(
    accountant: Client, company: Company
) -> None:
    sent = account_form(company.account)
    del sent["is_active"]
    assert save(accountant, page(company.account), sent).status_code == 302
    company.account.refresh_from_db()
    assert not company.account.is_active


def test_the_same_account_of_another_payee_is_warned_of_and_saved(
    accountant: Client, company: Company
) -> None:
    other = Counterparty.objects.create(name="ООО «Вектор»", inn="7707083893", kpp="773601001")
    warning = "is also that of АО «Северсталь» · 3528000597 / 997550001: whose is it really?"
    sent = account_form(company.account, counterparty=other.pk)
    address = f"{DIRECTORIES}/counterpartyaccount/add/"
    assert warning in text_of(accountant.post(address, sent, follow=True))
    row = {f"accounts-0-{name}": value for name, value in sent.items() if name != "counterparty"}
    sent = payee_form(other, name="ООО «Луч»", inn="5003052454", kpp="500301001") | row
    response = accountant.post(
        f"{DIRECTORIES}/counterparty/add/", sent | {"accounts-TOTAL_FORMS": 1}, follow=True
    )
    assert "ООО «Вектор»" in text_of(response)
    assert "whose is it really?" in text_of(response)
    assert CounterpartyAccount.objects.filter(number=company.account.number).count() == 3


def test_an_account_of_its_own_is_not_warned_of(accountant: Client, company: Company) -> None:
    sent = account_form(company.account, number=OTHER_NUMBER)
    response = accountant.post(f"{DIRECTORIES}/counterpartyaccount/add/", sent, follow=True)
    assert "whose is it really?" not in text_of(response)


def test_whether_accounts_stay_is_asked_once_for_all_of_them(
    accountant: Client, company: Company
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            accountant.get(page(company.counterparty))
        return sum("treasury_paymentrequest" in query["sql"] for query in queries)

    company.submitted()
    one = asked()
    CounterpartyAccount.objects.bulk_create(
        CounterpartyAccount(
            counterparty=company.counterparty, bank=company.account.bank,
            number=f"{40702810300000000000 + n}",
        )
        for n in range(5)
    )  # fmt: skip
    assert asked() == one
