"""/drafts, and what is done with them: submitted, gone on with, copied; by way of the sandbox."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from telegrambot import pruning
from telegrambot.dialogs import known, new_request
from telegrambot.models import BegunRequest, Chat, Dialog
from tests.company import ADMIN, Company
from tests.telegrambot.papers import pdf
from tests.telegrambot.phone import Line, Phone, PhoneOf
from tests.telegrambot.preparing import (
    DAY,
    NEW_ACCOUNT,
    answers,
    starts,
    up_to_amount,
    up_to_papers,
    up_to_purpose,
    up_to_summary,
)
from treasury.models import (
    CashFlowItem,
    Counterparty,
    CounterpartyAccount,
    Event,
    PaymentRequest,
    RequesterConsent,
    VatRate,
)
from treasury.services import decisions, requests
from treasury.workflow import Action, Status

HOUR = timedelta(minutes=61)


def expires(line: Line) -> None:
    Dialog.objects.update(started_at=timezone.now() - HOUR)
    line.deliver()


def test_without_any_it_says_how_to_begin(anna: Phone) -> None:
    assert anna.says("/drafts") == "You have no drafts. /new begins a request."


def test_many_drafts_are_turned_page_by_page(company: Company, anna: Phone, line: Line) -> None:
    with line.committed():
        drafts = [company.draft(documents=0) for _number in range(12)]
    assert drafts[0].number not in anna.says("/drafts")
    assert {"1", "10"} <= set(anna.offers())
    messages = len(anna.reads())
    anna.presses("→")
    shown = anna.reads()[-1]
    assert len(anna.reads()) == messages
    assert f"\n{drafts[0].number}" in shown
    assert "12. " in shown
    assert "→" not in anna.offers()
    anna.presses("12")
    assert drafts[0].number in anna.reads()[-1]
    assert drafts[1].number not in anna.reads()[-1]


def test_his_own_drafts_and_returned_ones_are_listed_and_open(
    company: Company, anna: Phone
) -> None:
    draft = company.draft()
    returned = company.submitted(invoice_number="46")
    decisions.return_for_rework(
        task=company.task(returned, company.boris),
        actor=company.boris,
        channel=ADMIN,
        reason="Приложите договор",
    )
    company.submitted(invoice_number="47")
    anna.says("/drafts")
    [text] = [text for text in anna.reads() if text.startswith("Your drafts")]
    assert f"{returned.number} · pay by 28.11.2036 · Returned for rework" in text
    assert f"{draft.number} · pay by 28.11.2036 · Draft" in text
    assert text.count("РОМ-") == 2
    anna.presses("2")
    assert draft.number in anna.reads()[-1]
    assert "📤 Submit" in anna.offers()


def test_a_draft_is_submitted_from_its_details(company: Company, anna: Phone) -> None:
    draft = company.draft()
    anna.says(f"/request {draft.number}")
    number, label = anna.newest(), "📤 Submit"
    data = f"submit:{draft.pk}"
    assert anna.presses(label) == f"{draft.number} is submitted."
    draft.refresh_from_db()
    assert draft.status == Status.IN_APPROVAL
    assert label not in anna.offers()
    # Tapped twice, or on a device that has not caught up.
    assert "out of date" in anna.presses_data(number, data)
    assert Event.objects.filter(action=Action.SUBMIT).count() == 1


def returned(company: Company) -> PaymentRequest:
    request = company.submitted()
    decisions.return_for_rework(
        task=company.task(request, company.boris), actor=company.boris, channel=ADMIN,
        reason="Приложите договор",
    )  # fmt: skip
    request.refresh_from_db()
    return request


def test_before_an_unchanged_one_is_submitted_again_it_is_asked(
    company: Company, anna: Phone
) -> None:
    request = returned(company)
    anna.says(f"/request {request.number}")
    for answer, status in (("No", Status.RETURNED), ("📤 Yes, submit", Status.IN_APPROVAL)):
        number, data = anna.newest(), f"submit:{request.pk}"
        anna.presses_data(number, data)
        said = f"{request.number}: nothing has been changed since it was returned"
        assert anna.reads()[-1] == f"{said}: Приложите договор\nSubmit it anyway?"
        request.refresh_from_db()
        assert request.status == Status.RETURNED
        anna.presses(answer)
        request.refresh_from_db()
        assert request.status == status
    assert f"{request.number} is submitted." in anna.reads()


def test_one_that_was_changed_is_submitted_at_once(company: Company, anna: Phone) -> None:
    request = returned(company)
    requests.change(
        request=request, actor=company.anna, channel=ADMIN, fields={"comment": "Договор № 7"}
    )
    anna.says(f"/request {request.number}")
    assert anna.presses("📤 Submit") == f"{request.number} is submitted."


def test_nobody_else_submits_it(company: Company, anna: Phone, phone: PhoneOf) -> None:
    draft = company.draft()
    company.allow(company.tamara, "view_paymentrequest", "add_paymentrequest")
    tamara, gleb = phone(company.tamara), phone(company.gleb)
    tamara.says(f"/request {draft.number}")
    assert "📤 Submit" not in tamara.offers()
    said = tamara.presses_data(tamara.newest(), f"submit:{draft.pk}")
    assert said == ""
    assert "Only the author of the request can do this." in tamara.reads()[-1]
    gleb.says("/help")
    assert "not yours to see" in gleb.presses_data(gleb.newest(), f"submit:{draft.pk}")
    company.anna.user_permissions.clear()
    anna.says("/help")
    anna.presses_data(anna.newest(), f"submit:{draft.pk}")
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_what_is_not_ready_is_told_field_by_field(company: Company, anna: Phone) -> None:
    draft = company.draft(documents=0, comment="")
    PaymentRequest.objects.update(desired_date="2020-01-01")
    anna.says(f"/request {draft.number}")
    anna.presses("📤 Submit")
    said = anna.reads()[-1]
    assert said.startswith(f"{draft.number} is not submitted.\n• ")
    assert "\n• Desired date: This day has passed: choose another one." in said
    assert "\n• Attach a document, or explain in the comment why there is none." in said


def test_for_an_invoice_that_others_have_the_reason_is_asked(company: Company, anna: Phone) -> None:
    twin, draft = company.submitted(), company.draft()
    anna.says(f"/request {draft.number}")
    anna.presses("📤 Submit")
    asked = anna.reads()[-1]
    assert f"{draft.number}: The same invoice is also in {twin.number}" in asked
    assert "Why is the invoice to be paid once more?" in asked
    assert "at least 5 characters" in anna.says("да")
    anna.says("Вторая часть поставки")
    draft.refresh_from_db()
    assert draft.status == Status.IN_APPROVAL
    assert draft.events.get(action=Action.SUBMIT).reason == "Вторая часть поставки"


def test_who_lost_the_right_before_the_reason_submits_nothing(
    company: Company, anna: Phone
) -> None:
    company.submitted()
    draft = company.draft()
    anna.says(f"/request {draft.number}")
    anna.presses("📤 Submit")
    company.anna.user_permissions.clear()
    assert "Only the author" in anna.says("Вторая часть поставки")
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_after_an_hour_a_new_request_is_put_aside_and_can_be_gone_on_with(
    company: Company, anna: Phone, line: Line
) -> None:
    up_to_purpose(anna)
    anna.answers_with(("document", "1.pdf", pdf()), to=0)
    expires(line)
    assert not Dialog.objects.exists()
    assert anna.reads()[-1] == "The new request is put aside. /drafts goes on with it."

    assert "Begun and not finished" in anna.says("/drafts")
    button = starts(anna, "▶️ ")
    assert button.endswith("125,000.00\u202f₽ · АО «Северсталь»")
    anna.presses(button)
    assert "What is it paid for?" in anna.reads()[-1]
    # One begun request is one, however often it is pressed.
    assert "out of date" in anna.presses(button)
    anna.says("Оплата по счёту 45")
    anna.presses("Without an invoice")
    anna.says(DAY)
    anna.presses("Go on")
    anna.presses("✅ Submit")
    assert PaymentRequest.objects.get().documents.count() == 1
    assert not BegunRequest.objects.exists()


def test_the_hour_begins_with_each_question(anna: Phone, line: Line) -> None:
    anna.says("/new")
    Dialog.objects.update(started_at=timezone.now() - timedelta(minutes=59))
    anna.says("3528000597")
    Dialog.objects.update(started_at=Dialog.objects.get().started_at - timedelta(minutes=59))
    line.deliver()
    assert Dialog.objects.exists()


def test_what_was_not_begun_is_not_kept(anna: Phone, line: Line) -> None:
    anna.says("/new")
    expires(line)
    assert anna.reads()[-1] == "Nothing was changed."
    assert not BegunRequest.objects.exists()


def test_another_question_puts_it_aside_too(anna: Phone) -> None:
    up_to_amount(anna)
    assert "Until which day" in anna.says("/away")
    assert "The new request is put aside. /drafts goes on with it." in anna.reads()
    assert BegunRequest.objects.get().answers[known.PAYEE]


def test_cancel_puts_it_aside_too(anna: Phone) -> None:
    """It stands beside “back” under each question."""
    up_to_purpose(anna)
    anna.presses("✖ Cancel")
    assert "is put aside. /drafts goes on with it" in anna.reads()[-1]
    assert BegunRequest.objects.count() == 1
    assert not Dialog.objects.exists()


def test_what_was_gone_on_with_is_put_aside_again(anna: Phone) -> None:
    up_to_purpose(anna)
    anna.says("/cancel")
    before = BegunRequest.objects.get().answers
    anna.says("/drafts")
    anna.presses(starts(anna, "▶️ "))
    assert not BegunRequest.objects.exists()
    # Nothing was answered since.
    anna.says("/new")
    [kept] = BegunRequest.objects.all()
    assert before.items() <= kept.answers.items()


def test_what_is_submitted_is_what_the_summary_shows(company: Company, anna: Phone) -> None:
    other = CounterpartyAccount.objects.create(
        counterparty=company.counterparty, bank=company.account.bank, number=NEW_ACCOUNT,
        is_active=False,
    )  # fmt: skip
    up_to_summary(anna)
    retired = CounterpartyAccount.objects.filter(pk=company.account.pk)
    retired.update(is_active=False, out_of_use_reason="Закрыт")
    CounterpartyAccount.objects.filter(pk=other.pk).update(is_active=True)
    anna.presses("✅ Submit")
    assert not PaymentRequest.objects.exists()
    assert NEW_ACCOUNT in anna.reads()[-1]
    anna.presses("✅ Submit")
    assert PaymentRequest.objects.get().counterparty_account == other


def test_a_confirmation_holds_for_what_it_was_given_for(company: Company, anna: Phone) -> None:
    up_to_summary(anna)
    for code in ("07", "08"):
        CashFlowItem.objects.create(code=code, name=f"Статья {code}")
    CashFlowItem.objects.filter(pk=company.item.pk).update(is_active=False)
    anna.presses("✅ Submit")
    assert "Which cash-flow item?" in anna.reads()[-1]
    anna.presses("07 Статья 07")
    assert not PaymentRequest.objects.exists()
    assert "07 Статья 07" in anna.reads()[-1]
    anna.presses("✅ Submit")
    assert PaymentRequest.objects.get().cash_flow_item.code == "07"


def test_who_prepares_nothing_is_not_sent_round(sergey: Phone) -> None:
    assert "/new" not in sergey.says("/drafts")
    assert "/drafts" not in sergey.says("/help")


def test_what_is_gone_meanwhile_is_asked_again(company: Company, anna: Phone, line: Line) -> None:
    up_to_papers(anna)
    expires(line)
    CounterpartyAccount.objects.update(is_active=False)
    Counterparty.objects.update(is_active=False)
    BegunRequest.objects.update(
        answers={**BegunRequest.objects.get().answers, known.DAY: "2020-01-01"}
    )
    anna.says("/drafts")
    anna.presses(starts(anna, "▶️ "))
    assert "Who is paid?" in anna.reads()[-1]
    kept = answers()
    assert not {known.PAYEE, known.ACCOUNT, known.DAY} & set(kept)
    assert kept[known.AMOUNT] == "125000.00"


def test_the_ten_newest_are_kept_for_a_month(company: Company, anna: Phone) -> None:
    for count in range(12):
        BegunRequest.objects.create(
            employee=company.anna, updated_at=timezone.now() - timedelta(days=count + 1)
        )
    up_to_amount(anna)
    anna.says("/new")
    assert BegunRequest.objects.count() == new_request.MOST_BEGUN
    BegunRequest.objects.filter(answers={}).update(updated_at=timezone.now() - timedelta(days=31))
    assert pruning.prune()["begun"] == new_request.MOST_BEGUN - 1
    assert BegunRequest.objects.count() == 1


def test_one_of_which_only_the_organization_is_known_is_told_by_it(
    company: Company, anna: Phone
) -> None:
    begun = {known.ORGANIZATION: company.organization.pk}
    BegunRequest.objects.create(employee=company.anna, answers=begun)
    anna.says("/drafts")
    assert any(label.endswith(" · ООО «Ромашка»") for label in anna.offers())


def test_in_the_back_office_it_has_the_time_of_the_company(company: Company) -> None:
    at = datetime(2026, 11, 24, 22, tzinfo=UTC)
    begun = BegunRequest.objects.create(employee=company.anna, updated_at=at)
    assert str(begun).endswith(" 25.11.2026 01:00")


def test_its_day_is_that_of_his_own_clock(company: Company, anna: Phone) -> None:
    begun = datetime(2026, 11, 24, 13, tzinfo=UTC)
    for zone, day in (("", "24.11"), ("Asia/Kamchatka", "25.11")):
        BegunRequest.objects.all().delete()
        BegunRequest.objects.create(employee=company.anna, updated_at=begun)
        anna.says("/help")
        Chat.objects.filter(telegram_id=anna.telegram_id).update(zone=zone)
        anna.says("/drafts")
        assert any(label.startswith(f"▶️ {day} · ") for label in anna.offers())


def test_anothers_begun_request_is_nobodys(company: Company, anna: Phone, phone: PhoneOf) -> None:
    up_to_amount(anna)
    anna.says("/new")
    begun = BegunRequest.objects.get()
    boris = phone(company.boris)
    boris.says("/help")
    assert "out of date" in boris.presses_data(boris.newest(), f"go_on:{begun.pk}")
    assert BegunRequest.objects.exists()


def test_a_copy_asks_for_the_amount_and_the_day(company: Company, anna: Phone) -> None:
    source = company.approved(purpose="Аренда. В т.ч. НДС 22% - 22541.07 руб.")
    anna.says(f"/request {source.number}")
    anna.presses("🔁 Once more")
    assert "How much?" in anna.reads()[-1]
    anna.says("61")
    assert "By which invoice?" in anna.reads()[-1]
    anna.presses("Without an invoice")
    anna.says(DAY)
    anna.presses("There are none: say why")
    anna.says("По договору")
    anna.presses("✅ Submit")
    request = PaymentRequest.objects.get(copied_from=source)
    assert request.status == Status.IN_APPROVAL
    assert request.amount == Decimal(61)
    assert request.purpose == "Аренда. В т.ч. НДС 22% - 11.00 руб."
    assert request.events.get(action=Action.CREATE).data["copied_from"] == source.number


def test_a_copy_does_not_name_the_invoice_that_was_paid(company: Company, anna: Phone) -> None:
    source = company.approved()
    assert "45" in source.purpose
    anna.says(f"/request {source.number}")
    anna.presses("🔁 Once more")
    anna.says("61")
    assert "What is it paid for?" in anna.reads()[-1]
    assert not any("счёту 45" in label for label in anna.offers())


def test_of_a_copy_payee_and_former_amount_are_shown_and_offered(
    company: Company, anna: Phone
) -> None:
    source = company.approved()
    anna.says(f"/request {source.number}")
    anna.presses("🔁 Once more")
    former = "125,000.50\N{NARROW NO-BREAK SPACE}₽"
    payee = source.counterparty.name
    assert f"Payee: {payee}. In {source.number} it was {former}." in anna.reads()[-1]
    anna.presses(former)
    assert answers()[known.AMOUNT] == f"{source.amount:.2f}"


@pytest.mark.parametrize("has_consent", [True, False])
def test_a_copy_is_in_the_name_of_the_same_requester_if_he_agrees(
    company: Company, anna: Phone, has_consent: bool
) -> None:
    source = company.approved(requester=company.vera)
    consents = RequesterConsent.objects.filter(requester=company.vera, author=company.anna)
    if not has_consent:
        consents.delete()
    assert consents.given().exists() == has_consent
    anna.says(f"/request {source.number}")
    anna.presses("🔁 Once more")
    anna.says("61")
    anna.says("Аренда")
    anna.presses("Without an invoice")
    anna.says(DAY)
    anna.presses("There are none: say why")
    summary = anna.says("По договору")
    named = str(company.vera) if has_consent else f"you, {company.anna.get_short_name()}"
    assert f"Requester: {named}" in summary
    anna.presses("💾 Keep as a draft")
    request = PaymentRequest.objects.get(copied_from=source)
    assert request.requester == (company.vera if has_consent else company.anna)


def test_a_vat_that_holds_no_more_is_asked_for(company: Company, anna: Phone) -> None:
    source = company.approved()
    VatRate.objects.filter(pk=company.vat_rate.pk).update(until="2026-01-01")
    anna.says(f"/request {source.number}")
    anna.presses("🔁 Once more")
    assert "Which VAT is in it?" in anna.says("61")


def test_only_his_own_ended_request_is_offered_once_more(
    company: Company, anna: Phone, phone: PhoneOf
) -> None:
    waiting, ended = company.submitted(), company.approved(invoice_number="46")
    anna.says(f"/request {waiting.number}")
    assert "🔁 Once more" not in anna.offers()
    boris = phone(company.boris)
    boris.says(f"/request {ended.number}")
    assert "🔁 Once more" not in boris.offers()
    assert "no right" in boris.presses_data(boris.newest(), f"copy:{ended.pk}")
    assert "no right" in anna.presses_data(anna.newest(), f"copy:{waiting.pk}")
    assert not Dialog.objects.exists()
