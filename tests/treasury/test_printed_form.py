"""The printed form: what it says, that nothing breaks it, and that equal states are equal bytes."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone, translation
from PIL import ImageOps
from pypdf import PdfReader
from pypdfium2 import PdfDocument
from reportlab.lib.units import mm

from tests.company import ADMIN, PDF, TELEGRAM, Company
from tests.treasury.conftest import appoint
from treasury.models import Bank, Counterparty, PaymentRequest
from treasury.printed import content, paper
from treasury.services import comments, decisions, requests

REASON = "Цена выше рыночной на четверть"
PICTURES = Path(__file__).parents[2] / "artifacts" / "printed"
# Points from the edge of the paper that stay white, and pixels to a point of a picture.
EDGE, SCALE = 9 * mm, 1.5


def printed(request: PaymentRequest, language: str) -> bytes:
    with translation.override(language):
        return paper.pdf(content.form(request.pk))


def pages(request: PaymentRequest, language: str = "ru") -> list[str]:
    """The words of each page; where a line ends says nothing."""
    sheets = PdfReader(BytesIO(printed(request, language))).pages
    return [" ".join(sheet.extract_text().split()) for sheet in sheets]


def text(request: PaymentRequest, language: str = "ru") -> str:
    return " ".join(pages(request, language))


def declined(company: Company) -> PaymentRequest:
    request = company.submitted()
    company.approve(request, company.boris)
    task = company.task(request, company.fedor)
    decisions.decline(task=task, actor=company.fedor, channel=ADMIN, reason=REASON)
    return request


def returned(company: Company) -> PaymentRequest:
    request = company.submitted()
    task = company.task(request, company.vera)
    decisions.return_for_rework(task=task, actor=company.vera, channel=TELEGRAM, reason=REASON)
    return request


def cancelled(company: Company) -> PaymentRequest:
    request = company.approved()
    requests.cancel(request=request, actor=company.anna, channel=ADMIN, reason=REASON)
    return request


def test_it_says_what_is_paid_to_whom_and_why(company: Company) -> None:
    request = company.submitted(contract="Договор 12 от 01.02.2026")
    said = text(request)
    for fact in (
        "ООО «Ромашка» ИНН 7707083893, КПП 773601001",
        f"Заявка на оплату № {request.number} от {timezone.localdate():%d.%m.%Y} версия 1",
        "125 000,50 ₽ · АО «Северсталь»",
        "Сумма прописью Сто двадцать пять тысяч рублей 50 копеек",
        "НДС 22 %, 22 541,07 ₽",
        "Назначение Оплата по счёту 45 за металлопрокат",
        "ИНН, КПП 3528000597, 997550001",
        "Счёт получателя 40702810200000000001",
        "Банк ПАО Сбербанк, БИК 044525225",
        "Корр. счёт 30101810400000000225",
        "Платим со счёта 40702810900000000013, ПАО Сбербанк, БИК 044525225",
        "Статья ДДС 01.1 Оплата поставщикам",
        "Счёт на оплату 45 от 10.11.2026",
        "Договор 12 от 01.02.2026",
        "Инициатор Смирнова Анна",
        "Комментарий Срочная поставка",
        f"/admin/treasury/paymentrequest/{request.pk}/change/",
    ):
        assert fact in said


def test_it_speaks_the_language_of_whoever_has_asked(company: Company) -> None:
    said = text(company.submitted(), "en")
    assert "In words One hundred and twenty-five thousand roubles 50 kopecks" in said
    assert "IN APPROVAL" in said
    assert "Approval sheet Stage Who Decision When Channel Rev. Comment" in said
    assert "Сумма" not in said


def test_the_sheet_tells_who_decided_when_and_where(company: Company) -> None:
    company.submitted()
    request = company.submitted()
    with time_machine.travel("2036-03-01T09:30:00Z", tick=False):
        appoint(company.boris, company.sergey)
        task = company.task(request, company.boris)
        decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)
    company.approve(request, company.fedor)
    said = text(request)
    assert "Подача Смирнова Анна Подано" in said
    assert "Бэк-офис 1 Вторая часть поставки" in said
    assert "Держатель бюджета Посторонних Сергей за Б. Орлова Согласовано" in said
    assert "01.03.2036 12:30 MSK Telegram 1" in said
    assert "Казначей Т. Белова Ожидается" in said


def test_what_counts_no_more_stands_apart(company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    fields = company.sums(190_000)
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)
    sheet, _heading, earlier = text(request).partition("Прежние решения")
    assert "Орлов Борис Согласовано" not in sheet
    assert "Держатель бюджета Орлов Борис Согласовано" in earlier


def test_a_draft_cannot_be_taken_for_anything_else(company: Company) -> None:
    said = text(company.draft(documents=0))
    assert said.count("ЧЕРНОВИК") == 2
    assert "ещё не подана" in said
    assert "Документы не приложены." in said
    assert "SHA-256" not in said
    assert "DRAFT" in text(company.draft(), "en")


@pytest.mark.parametrize(
    ("ended", "stamp"),
    [
        (declined, "ОТКЛОНЕНА Отклонено: Климов Фёдор, "),
        (returned, "НА ДОРАБОТКЕ Возвращено на доработку: Лебедева Вера, "),
        (cancelled, "ОТМЕНЕНА Отменено: Смирнова Анна, "),
    ],
)
def test_what_is_not_to_be_paid_says_so_and_why(
    company: Company, ended: Callable[[Company], PaymentRequest], stamp: str
) -> None:
    said = text(ended(company))
    assert stamp in said
    assert f"Причина: {REASON}" in said


def test_after_a_refusal_nobody_is_waited_for(company: Company) -> None:
    said = text(declined(company))
    assert "Казначей Не запрашивался" in said
    assert "Ожидается" not in said


def test_each_page_says_of_what_it_is_and_how_many_there_are(company: Company) -> None:
    request = company.approved(documents=40)
    assert request.snapshot
    sheets = pages(request)
    assert len(sheets) > 1
    for number, page in enumerate(sheets, start=1):
        assert f"{request.number} · версия 1 · Согласована" in page
        assert f"{number} / {len(sheets)}" in page
        assert f"SHA-256 версии: {request.snapshot.digest}" in page
        assert "По состоянию на запись журнала № " in page
    assert "№ Название Размер SHA-256" in sheets[1]


def test_the_documents_are_listed_with_their_hashes(company: Company) -> None:
    request = company.submitted(documents=2)
    company.approve(request, company.boris)
    file = ContentFile(PDF + b"late", name="Акт.pdf")
    requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)
    said = text(request)
    for document in request.documents:
        assert document.name in said
        assert document.sha256[:16] in said
    assert "Акт.pdf добавлен позже, согласовали без него: Б. Орлов" in said


def test_nothing_that_people_type_is_markup(company: Company) -> None:
    Counterparty.objects.filter(pk=company.counterparty.pk).update(name="<b>&amp;</para><img src=x")
    typed = '<font size=99>&lt; "O\'Neil" \x01' + "ъ" * 400 + "\n\n</para><br/>"
    request = company.submitted(comment=typed, invoice_number="45<i>", contract="&nbsp;")
    said = text(request)
    assert "<b>&amp;</para><img src=x" in said
    assert '<font size=99>&lt; "O\'Neil"' in said
    assert "45<i> от 10.11.2026" in said
    assert said.replace(" ", "").count("ъ") == 400


@pytest.mark.parametrize("language", ["ru", "en"])
def test_nothing_is_cut_off_at_the_edge_of_the_paper(company: Company, language: str) -> None:
    """As a printer draws it; the picture is kept to be looked at."""
    with PdfDocument(printed(declined(company), language)) as form:
        picture = form[0].render(scale=SCALE).to_pil()
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture.save(PICTURES / f"{language}.png")
    drawn = ImageOps.invert(picture).getbbox()
    assert drawn
    left, top, right, bottom = drawn
    white = (left, top, picture.width - right, picture.height - bottom)
    assert min(white) > EDGE * SCALE


@pytest.mark.parametrize("reason", ["ы" * 1000, "слово " * 166, "😀 中文 \u202e\u0301 " * 60])
def test_no_reason_is_too_long_for_its_cell(company: Company, reason: str) -> None:
    request = company.submitted()
    task = company.task(request, company.boris)
    decisions.decline(task=task, actor=company.boris, channel=ADMIN, reason=reason)
    assert pages(request)


def test_a_payee_abroad_is_printed_with_its_letters(company: Company) -> None:
    said = text(company.submitted(**company.abroad(company.payee_abroad())), "en")
    assert "Müller Werkzeuge GmbH" in said
    assert "Country Germany Tax number DE136695976" in said
    assert "Bank Commerzbank, SWIFT COBADEFF" in said
    assert "One thousand, five hundred euros 00 euro cents" in said
    assert "Correspondent account" not in said


def test_it_says_what_was_approved_and_not_what_the_directories_say_now(company: Company) -> None:
    request = company.approved()
    Counterparty.objects.filter(pk=company.counterparty.pk).update(name="АО «Другое»")
    Bank.objects.filter(bik="044525225").update(name="ПАО Иной")
    said = text(request)
    assert "АО «Северсталь»" in said
    assert "Другое" not in said
    assert "Иной" not in said


def test_the_same_state_is_the_same_form_whenever_it_is_read(company: Company) -> None:
    request = company.submitted()
    before = content.form(request.pk)
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        assert content.form(request.pk) == before
    comments.add(request=request, author=company.boris, channel=ADMIN, text="Где договор?")
    assert content.form(request.pk) == before
    company.approve(request, company.boris)
    assert content.form(request.pk) != before


PRINT = """
import django, pickle, sys
django.setup()
from treasury.printed import paper
sys.stdout.buffer.write(paper.pdf(pickle.load(sys.stdin.buffer)))
"""


def test_equal_forms_are_the_same_bytes_in_every_process(company: Company) -> None:
    with translation.override("ru"):
        form = content.form(company.approved(documents=3).pk)
    made = {
        subprocess.run(
            [sys.executable, "-c", PRINT],
            input=pickle.dumps(form),
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert made == {paper.pdf(form)}
    with translation.override("en"):
        assert paper.pdf(content.form(PaymentRequest.objects.get().pk)) not in made


def test_a_decision_in_between_leaves_no_mixture(company: Company) -> None:
    request = company.submitted()
    happened: list[str] = []

    def meanwhile(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not happened and 'FROM "treasury_approvalstage"' in sql:
            happened.append(sql)
            company.approve(request, company.boris)
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        form = content.form(request.pk)
    assert happened
    assert form.under_stamp == ["Финансовый менеджер"]
    assert form == content.form(request.pk)


@pytest.mark.parametrize("number", ["А/Б-2026-00001", "А\\Б-2026-00001"])
def test_its_file_has_a_name_that_every_disk_takes(number: str) -> None:
    with translation.override("ru"):
        assert content.file_name(number) == "Заявка на оплату А-Б-2026-00001.pdf"
