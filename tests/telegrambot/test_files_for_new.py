"""What is sent while a request is prepared in the chat, the photo of an invoice above all."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from telegrambot import tasks
from telegrambot.dialogs import known, new_request
from telegrambot.incoming import enclosed, fetching, polling
from telegrambot.incoming.handlers import files
from telegrambot.models import Chat, Dialog, IncomingFile
from tests.company import Company
from tests.telegrambot import bot
from tests.telegrambot.papers import pdf, picture
from tests.telegrambot.phone import Line, Phone
from tests.telegrambot.preparing import (
    DAY,
    NEW_ACCOUNT,
    NEW_INN,
    RATE,
    SBERBANK,
    answers,
    at_unknown_bank,
    up_to_papers,
    up_to_summary,
)
from tests.telegrambot.sandbox import Sandbox
from tests.treasury.test_invoice_qr import CODE, code, drawn, on_page
from treasury.models import (
    Counterparty,
    CounterpartyAccount,
    PaymentRequest,
    Upload,
)
from treasury.services import uploads
from treasury.services.uploads import MAX_COUNT


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ALBUM_PAUSE", timedelta(0))


def test_it_is_taken_at_any_step(company: Company, anna: Phone) -> None:
    anna.says("/new")
    anna.answers_with(("document", "Договор.pdf", pdf()), to=0)
    said = anna.reads()[-1]
    assert said.startswith("✅ Taken:\nДоговор.pdf, 69 bytes\n\nWho is paid?")
    anna.says("3528000597")
    # Going back takes no file away.
    anna.presses("← Back")
    assert [file["name"] for file in Dialog.objects.get().files] == ["Договор.pdf"]
    assert Upload.objects.get().owner == company.anna


def test_an_album_is_told_of_once(anna: Phone) -> None:
    up_to_papers(anna)
    anna.answers_with(
        ("document", "1.pdf", pdf(1)),
        ("document", "2.exe", b"MZ\0\0"),
        ("document", "3.pdf", pdf(3)),
        to=0,
    )
    [said] = [text for text in anna.reads() if "Taken:" in text]
    assert said.startswith("✅ Taken:\n1.pdf, 70")
    assert "❌ Not taken:\n“2.exe”: such files are not taken." in said
    assert "📎 1.pdf, 70 bytes\n📎 3.pdf, 72 bytes" in said
    assert len(Dialog.objects.get().files) == 2


def looked_at(caplog: pytest.LogCaptureFixture) -> int:
    """How many files were looked at for codes in vain."""
    return caplog.messages.count("nothing to read codes from")


def test_as_many_as_there_may_be_are_told_of(
    company: Company, anna: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "treasury.qr_codes")
    up_to_papers(anna)
    name = "Очень длинное имя документа " * 7
    good = [("document", f"{number:02} {name}.pdf", pdf(number)) for number in range(20)]
    bad = [("document", f"{number} {name}.exe", b"MZ\0\0") for number in range(5)]
    for album in (good[:10], good[10:15], [*good[15:], *bad]):
        anna.answers_with(*album, to=0)
    # Together they would be more than a message holds.
    taken, question = anna.reads()[-2:]
    assert taken.startswith("✅ Taken:\n15 Очень")
    assert "❌ Not taken:\n“0 Очень" in taken
    assert question.startswith("📎 00 Очень")
    assert question.count("📎") == 20
    assert looked_at(caplog) == 20
    anna.answers_with(("document", "21.pdf", pdf(21)), to=0)
    assert any("“21.pdf” is too much: at most 20 files" in text for text in anna.reads())
    # To draw it would have been for nothing.
    assert looked_at(caplog) == 20
    anna.presses("Go on")
    anna.presses("✅ Submit")
    assert PaymentRequest.objects.get().documents.count() == 20


@pytest.mark.django_db(transaction=True)
def test_of_those_that_come_in_at_once_none_is_too_many(
    telegram: Sandbox, company: Company
) -> None:
    """Each is stored before its turn comes, when the others have been taken."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    anna = company.telegram_id(company.anna)
    before = [
        uploads.stage(owner=company.anna, file=ContentFile(pdf(100 + number), f"{number}.pdf"))
        for number in range(MAX_COUNT - 2)
    ]
    sent = [{"upload": one.pk, "name": one.name, "sha256": one.sha256} for one in before]
    Dialog.objects.create(telegram_id=anna, subject="new", answers=new_request.fresh(), files=sent)
    path = f"/client/people/{anna}/chats/{anna}/messages"
    for number in range(3):
        telegram.upload(path, {"file": (f"Акт {number}.pdf", pdf(number))})
    polling.poll_once(0, hold=0)
    assert IncomingFile.objects.waiting().count() == 3

    is_held = threading.Event()

    def work(number: int) -> None:
        if number:
            is_held.wait(timeout=30)
            fetching.fetch_next()
            return
        with transaction.atomic():
            list(Chat.objects.filter(telegram_id=anna).select_for_update(no_key=True))
            is_held.set()
            held_until = timezone.now() + timedelta(seconds=20)
            while Upload.objects.count() < MAX_COUNT + 1 and timezone.now() < held_until:
                pass

    bot.in_threads(4, work)
    assert len(Dialog.objects.get().files) == Upload.objects.count() == MAX_COUNT
    states = sorted(IncomingFile.objects.values_list("state", flat=True))
    assert states == ["attached", "attached", "refused"]


def test_what_comes_after_all_makes_the_reason_for_none_needless(anna: Phone) -> None:
    up_to_papers(anna)
    anna.presses("There are none: say why")
    assert "Comment: Аванс" in anna.says("Аванс")
    anna.answers_with(("document", "1.pdf", pdf()), to=0)
    assert "📎 1.pdf" in anna.reads()[-1]
    assert "Аванс" not in anna.reads()[-1]
    anna.presses("✅ Submit")
    assert PaymentRequest.objects.get().comment == ""


def test_the_same_file_twice_is_one(anna: Phone, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "treasury.qr_codes")
    up_to_papers(anna)
    for _time in range(2):
        anna.answers_with(("document", "1.pdf", pdf()), to=0)
    assert Upload.objects.count() == looked_at(caplog) == 1
    anna.presses("Go on")
    anna.presses("✅ Submit")
    assert PaymentRequest.objects.get().documents.count() == 1


def test_what_is_too_large_is_refused_in_the_known_words(anna: Phone) -> None:
    anna.says("/new")
    anna.answers_with(("document", "Проект.pdf", pdf(enclosed.LARGEST)), to=0)
    assert "“Проект.pdf” is too large" in anna.reads()[-1]
    assert not IncomingFile.objects.exists()


def test_while_the_storage_is_away_a_file_waits_and_the_request_with_it(
    anna: Phone, settings: Any, line: Line
) -> None:
    up_to_summary(anna)
    settings.CLAMD_SOCKET = "/nonexistent/clamd"
    anna.answers_with(("document", "2.pdf", pdf(2)), to=0)
    anna.presses("✅ Submit")
    assert "is still on its way" in anna.reads()[-1]
    assert not PaymentRequest.objects.exists()
    settings.CLAMD_SOCKET = ""
    IncomingFile.objects.update(not_before=timezone.now())
    line.deliver()
    anna.presses("✅ Submit")
    assert PaymentRequest.objects.get().documents.count() == 2


def test_what_comes_when_all_is_over_is_named_and_not_kept(
    anna: Phone, monkeypatch: pytest.MonkeyPatch, line: Line
) -> None:
    up_to_papers(anna)
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "FETCHERS", 0)
        anna.answers_with(("document", "1.pdf", pdf()), to=0)
    anna.says("/cancel")
    assert "❌ Not taken:\n“1.pdf”: it came when nothing was asked" in anna.reads()[-1]
    assert not Upload.objects.exists()


def test_one_that_is_kept_no_longer_is_named_and_nothing_else_lost(anna: Phone) -> None:
    up_to_papers(anna)
    for name, fill in (("Старый.pdf", 1), ("Новый.pdf", 2)):
        anna.answers_with(("document", name, pdf(fill)), to=0)
    Upload.objects.filter(name="Старый.pdf").update(uploaded_at=timezone.now() - timedelta(days=2))
    uploads.forget_old()
    anna.presses("Go on")
    assert "“Старый.pdf” is kept no longer: send it again." in anna.reads()[-1]
    anna.presses("✅ Submit")
    assert [one.name for one in PaymentRequest.objects.get().documents.all()] == ["Новый.pdf"]


def test_when_all_are_gone_they_are_asked_for_again(anna: Phone) -> None:
    up_to_papers(anna)
    anna.answers_with(("document", "Старый.pdf", pdf()), to=0)
    Upload.objects.update(uploaded_at=timezone.now() - timedelta(days=2))
    uploads.forget_old()
    anna.presses("Go on")
    assert "“Старый.pdf” is kept no longer" in anna.reads()[-1]
    assert "There are none: say why" in anna.offers()


def test_without_a_dialog_nothing_has_changed(anna: Phone) -> None:
    anna.answers_with(("document", "1.pdf", pdf()), to=0)
    assert anna.reads()[-1].startswith("To attach a file, send it in answer to")


def test_it_answers_what_is_not_answered_yet(company: Company, anna: Phone) -> None:
    anna.says("/new")
    anna.answers_with(("photo", "a.jpg", drawn(CODE, "JPEG")), to=0)
    said = anna.reads()[-1]
    assert "Read from its QR code, compare it with the invoice:" in said
    for fact in (
        "payee АО «Северсталь»",
        "amount 125,000.50",
        "purpose “Оплата по счёту № 45”",
    ):
        assert fact in said
    assert "Which VAT is in it?" in said
    assert (answers()[known.PAYEE], answers()[known.ACCOUNT]) == (
        company.counterparty.pk, company.account.pk,
    )  # fmt: skip
    anna.presses(RATE)
    anna.presses("Производство")
    anna.presses("Without an invoice")
    anna.says(DAY)
    anna.presses("Go on")
    summary = anna.reads()[-1]
    for label in ("Payee", "Account", "Amount", "Purpose"):
        [line] = [line for line in summary.splitlines() if line.startswith(f"{label}:")]
        assert line.endswith("(read from the QR code: compare it)")
    assert "Department: Производство\n" in summary
    anna.presses("✏️ Change …")
    anna.presses("Amount")
    assert "Amount: 100.00\u202f₽\n" in anna.says("100")


def test_what_was_read_is_not_taken_back_by_going_back(company: Company, anna: Phone) -> None:
    anna.says("/new")
    anna.says("3528000597")
    anna.answers_with(("photo", "a.jpg", drawn(CODE, "JPEG")), to=0)
    assert "Which VAT" in anna.reads()[-1]
    anna.presses("← Back")
    assert "Who is paid?" in anna.reads()[-1]
    anna.says("3528000597")
    assert "Which VAT" in anna.reads()[-1]
    assert answers()[known.AMOUNT] == "125000.50"
    assert answers()["amount by picture"]


def test_an_invoice_that_is_a_pdf_is_read_too(company: Company, anna: Phone) -> None:
    anna.says("/new")
    anna.answers_with(("document", "Счёт.pdf", on_page(CODE)), to=0)
    assert "Read from its QR code" in anna.reads()[-1]
    assert answers()[known.AMOUNT] == "125000.50"


def test_a_branch_that_its_code_names_is_said(company: Company, anna: Phone) -> None:
    anna.says("/new")
    anna.answers_with(("photo", "a.jpg", drawn(code(KPP="770145001"), "JPEG")), to=0)
    assert "❗ Its QR code names another KPP: 770145001." in anna.reads()[-1]


def test_a_document_that_is_a_picture_is_looked_at_too(anna: Phone) -> None:
    anna.says("/new")
    anna.answers_with(("document", "Счёт.png", drawn(CODE)), to=0)
    assert answers()[known.AMOUNT] == "125000.50"


def test_what_was_answered_stays_and_a_difference_is_said(company: Company, anna: Phone) -> None:
    other = Counterparty.objects.create(name="ООО «Лютик»", inn=NEW_INN, kpp="770701001")
    CounterpartyAccount.objects.create(
        counterparty=other, bank=company.account.bank, number=NEW_ACCOUNT
    )
    anna.says("/new")
    anna.says(NEW_INN)
    anna.says("100")
    anna.answers_with(("photo", "a.jpg", drawn(CODE, "JPEG")), to=0)
    assert "❗ Its QR code names another payee: INN 3528000597." in anna.reads()[-1]
    assert "❗ Its QR code names another amount:" in anna.reads()[-1]
    assert (answers()[known.PAYEE], answers()[known.AMOUNT]) == (other.pk, "100.00")


def test_another_account_of_the_payee_is_said(company: Company, anna: Phone) -> None:
    anna.says("/new")
    anna.says("3528000597")
    anna.answers_with(("photo", "a.jpg", drawn(code(PersonalAcc=NEW_ACCOUNT), "JPEG")), to=0)
    assert f"❗ Its QR code names another account: {NEW_ACCOUNT}." in anna.reads()[-1]
    assert answers()[known.ACCOUNT] == company.account.pk


def test_a_payee_who_is_unknown_is_only_taken_for_who_may_add_him(
    company: Company, anna: Phone
) -> None:
    invoice = drawn(code(PayeeINN=NEW_INN, Name="ООО «Лютик»", KPP="770701001"), "JPEG")
    anna.says("/new")
    anna.answers_with(("photo", "a.jpg", invoice), to=0)
    assert "The payee with the INN 7707049388 is not in the directory" in anna.reads()[-1]
    assert known.PAYEE not in answers()
    company.allow(company.anna, "add_counterparty", "add_counterpartyaccount")
    anna.says("/new")
    anna.answers_with(("photo", "a.jpg", invoice), to=0)
    assert "new payee ООО «Лютик», INN 7707049388" in anna.reads()[-1]
    assert answers()[known.PAYEE_NAME] == "ООО «Лютик»"
    assert answers()[known.ACCOUNT] == f"{SBERBANK} {company.account.number}"


def test_what_cannot_be_seen_in_a_code_holds_up_nothing(
    company: Company, anna: Phone, line: Line
) -> None:
    company.allow(company.anna, "add_counterparty", "add_counterpartyaccount")
    anna.says("/new")
    hostile = drawn(code(Name="ООО\x00Зло", PayeeINN=NEW_INN, KPP="770701001"))
    anna.answers_with(("document", "Счёт.png", hostile), to=0)
    line.deliver()
    assert not IncomingFile.objects.waiting().exists()
    assert Upload.objects.count() == 1
    assert "Зло" not in str(answers())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"PersonalAcc": "40702810300000000001"}, "they do not belong together"),
        ({"PersonalAcc": at_unknown_bank(), "BIC": "044525974"}, "none with the BIK"),
        ({"Sum": "12,5"}, "not taken: amount"),
    ],
)
def test_a_wrong_fact_is_said_and_not_taken(
    company: Company, anna: Phone, changes: dict[str, str], why: str
) -> None:
    company.allow(company.anna, "add_counterparty", "add_counterpartyaccount")
    company.account.delete()
    anna.says("/new")
    anna.answers_with(("photo", "a.jpg", drawn(code(**changes), "JPEG")), to=0)
    assert why in anna.reads()[-1]
    assert answers().get(known.ACCOUNT) is None or "Sum" in changes


@pytest.mark.parametrize(
    "content",
    [picture(), drawn(b"https://example.com", "JPEG"), drawn(b"ST00012|", "JPEG")],
    ids=["none", "address", "empty"],
)
def test_of_another_picture_nothing_is_said(anna: Phone, content: bytes) -> None:
    anna.says("/new")
    anna.answers_with(("photo", "a.jpg", content), to=0)
    assert "QR" not in anna.reads()[-1]
    assert anna.reads()[-1].startswith("✅ Taken:\nPhoto")
