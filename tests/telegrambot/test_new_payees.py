"""Whom the directory does not know, in a request that is prepared in the chat."""

import pytest
from django.contrib.admin.models import LogEntry

from telegrambot.dialogs import known
from telegrambot.models import Dialog
from tests.company import Company
from tests.telegrambot.papers import pdf
from tests.telegrambot.phone import Phone, PhoneOf
from tests.telegrambot.preparing import (
    DAY,
    NEW_ACCOUNT,
    NEW_INN,
    RATE,
    SBERBANK,
    answers,
    at_unknown_bank,
    rest,
    up_to_amount,
)
from treasury.models import (
    Bank,
    Counterparty,
    PaymentRequest,
)
from treasury.workflow import Status


@pytest.fixture
def anna(company: Company, phone: PhoneOf) -> Phone:
    company.allow(company.anna, "add_counterparty", "add_counterpartyaccount")
    return phone(company.anna)


def begin_with_new(anna: Phone) -> None:
    anna.says("/new")
    assert "There is no payee with the INN 7707049388." in anna.says(f"ИНН {NEW_INN}")
    anna.presses("➕ Add a payee with this INN")
    assert "What is the new payee called?" in anna.reads()[-1]


def test_one_is_added_with_the_request(company: Company, anna: Phone) -> None:
    begin_with_new(anna)
    assert "Which KPP" in anna.says("  ООО   «Лютик» ")
    assert "9 characters" in anna.says("123")
    assert "To which account?" in anna.says("КПП 770701001")
    anna.says("р/с 40702 810 4 0000 0000021, БИК 044525225")
    anna.says("100")
    anna.presses(RATE)
    anna.presses("Производство")
    anna.says("Счёт 45")
    anna.presses("Without an invoice")
    anna.says(DAY)
    anna.answers_with(("document", "1.pdf", pdf()), to=0)
    anna.presses("Go on")
    assert "The payee and the account will be added." in anna.reads()[-1]
    assert not Counterparty.objects.filter(inn=NEW_INN).exists()

    anna.presses("✅ Submit")

    payee = Counterparty.objects.get(inn=NEW_INN)
    assert (payee.name, payee.kpp) == ("ООО «Лютик»", "770701001")
    account = payee.accounts.get()
    assert (account.number, account.bank.bik, account.currency) == (
        NEW_ACCOUNT, SBERBANK, "RUB",
    )  # fmt: skip
    assert PaymentRequest.objects.get().counterparty_account == account
    assert PaymentRequest.objects.get().status == Status.IN_APPROVAL
    assert LogEntry.objects.filter(user=company.anna).count() == 2


def test_an_account_that_is_another_payees_is_doubted(company: Company, anna: Phone) -> None:
    begin_with_new(anna)
    anna.says("ООО «Лютик»")
    anna.says("770701001")
    anna.says(f"{SBERBANK} {company.account.number}")
    Dialog.objects.update(
        answers={**answers(), **rest(company)},
    )
    assert "is also that of АО «Северсталь»: whose is it really?" in anna.says("100")


def test_another_payee_does_not_get_the_account_of_the_first(company: Company, anna: Phone) -> None:
    begin_with_new(anna)
    anna.says("ООО «Лютик»")
    anna.says("770701001")
    anna.says(f"{SBERBANK} {NEW_ACCOUNT}")
    Dialog.objects.update(answers={**answers(), **rest(company)})
    anna.says("100")
    anna.presses("✏️ Change …")
    anna.presses("Payee")
    anna.says("3528000597")
    assert answers()[known.ACCOUNT] == company.account.pk
    assert known.PAYEE_NAME not in answers()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("7707049389", "check digits of this INN"),
        ("ООО «Никто»", "I find no payee called"),
    ],
)
def test_who_cannot_be_is_none(anna: Phone, said: str, why: str) -> None:
    anna.says("/new")
    assert why in anna.says(said)
    assert known.PAYEE not in answers()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (f"{SBERBANK} 40702810500000000021", "does not belong to a bank"),
        (f"044525974 {at_unknown_bank()}", "none with the BIK 044525974"),
        (NEW_ACCOUNT, "here are 20 digits"),
        ("нет", "here are 0 digits"),
    ],
)
def test_an_account_that_cannot_be_is_none(
    company: Company, anna: Phone, said: str, why: str
) -> None:
    begin_with_new(anna)
    anna.says("ООО «Лютик»")
    anna.says("770701001")
    assert why in anna.says(said)
    assert known.ACCOUNT not in answers()


def test_a_bank_that_is_gone_takes_nothing(company: Company, anna: Phone) -> None:
    begin_with_new(anna)
    anna.says("ООО «Лютик»")
    anna.says("770701001")
    Bank.objects.update(is_active=False, out_of_use_reason="Лицензия отозвана")
    assert "Лицензия отозвана" in anna.says(f"{SBERBANK} {NEW_ACCOUNT}")


def test_a_further_account_of_a_known_payee_is_added(company: Company, anna: Phone) -> None:
    up_to_amount(anna)
    Dialog.objects.update(answers={**answers(), **rest(company), known.AMOUNT: "1.00"})
    anna.says("/drafts")
    dialog = Dialog.objects.get().pk
    anna.presses_data(anna.newest(), f"turn:{dialog}:2")
    anna.presses_data(anna.newest(), f"send:{dialog}:14")
    anna.says(f"{SBERBANK}{NEW_ACCOUNT}")
    assert "The account will be added." in anna.reads()[-1]
    anna.presses("💾 Keep as a draft")
    assert company.counterparty.accounts.count() == 2


@pytest.mark.parametrize(
    "said", ["3528000597/770145001", "ИНН 3528000597 КПП 770145001", "3528000597 770145001"]
)
def test_a_branch_of_a_known_payee_is_added(company: Company, anna: Phone, said: str) -> None:
    anna.says("/new")
    assert "What is the new payee called?" in anna.says(said)
    anna.presses("АО «Северсталь»")
    # Its КПП was told, and needs no question.
    assert "To which account?" in anna.reads()[-1]
    anna.says(f"{SBERBANK} {NEW_ACCOUNT}")
    Dialog.objects.update(answers={**answers(), **rest(company)})
    summary = anna.says("100")
    assert "KPP: 770145001" in summary
    assert "The payee and the account will be added." in summary
    anna.presses("💾 Keep as a draft")
    branch = Counterparty.objects.get(inn="3528000597", kpp="770145001")
    assert branch.name == "АО «Северсталь»"
    request = PaymentRequest.objects.get()
    assert (request.counterparty, request.counterparty_account.number) == (branch, NEW_ACCOUNT)
    assert company.counterparty.accounts.count() == 1


def test_told_by_inn_and_kpp_a_payee_is_that_one(company: Company, anna: Phone) -> None:
    branch = Counterparty.objects.create(name="Филиал", inn="3528000597", kpp="770145001")
    anna.says("/new")
    anna.says("3528000597/770145001")
    assert answers()[known.PAYEE] == branch.pk
    Counterparty.objects.filter(pk=branch.pk).update(is_active=False, out_of_use_reason="Закрыт")
    anna.says("/new")
    assert "“Филиал” is no longer in use. Закрыт" in anna.says("3528000597/770145001")


def test_a_branch_that_was_added_meanwhile_is_not_added_twice(
    company: Company, anna: Phone
) -> None:
    anna.says("/new")
    anna.says("3528000597/770145001")
    branch = Counterparty.objects.create(name="Филиал", inn="3528000597", kpp="770145001")
    anna.says("Как угодно")
    assert answers()[known.PAYEE] == branch.pk


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("3528000598/770145001", "check digits of this INN"),
        ("3528000597/007145001", "A KPP has 9 characters"),
    ],
)
def test_a_branch_that_cannot_be_is_none(anna: Phone, said: str, why: str) -> None:
    anna.says("/new")
    assert why in anna.says(said)
    assert known.PAYEE not in answers()


def test_a_branch_is_added_by_who_may(company: Company, phone: PhoneOf) -> None:
    anna = phone(company.anna)
    anna.says("/new")
    said = anna.says("3528000597/770145001")
    assert "There is no payee with the INN 3528000597 and the KPP 770145001." in said
    assert "are added" in said
    assert known.PAYEE not in answers()


def test_who_was_added_meanwhile_is_not_added_twice(company: Company, anna: Phone) -> None:
    begin_with_new(anna)
    payee = Counterparty.objects.create(name="ООО «Лютик»", inn=NEW_INN, kpp="770701001")
    anna.says("Как угодно")
    assert answers()[known.PAYEE] == payee.pk
    assert known.PAYEE_NAME not in answers()


def test_the_right_is_asked_for_when_it_is_used(company: Company, anna: Phone) -> None:
    begin_with_new(anna)
    anna.says("ООО «Лютик»")
    anna.says("770701001")
    anna.says(f"{SBERBANK} {NEW_ACCOUNT}")
    Dialog.objects.update(answers={**answers(), **rest(company)})
    anna.says("100")
    company.anna.user_permissions.clear()
    company.allow(company.anna, "add_paymentrequest")
    anna.presses("✅ Submit")
    assert "You have no right to do this." in anna.reads()[-1]
    assert not Counterparty.objects.filter(inn=NEW_INN).exists()
    assert not PaymentRequest.objects.exists()
