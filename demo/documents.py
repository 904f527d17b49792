"""Invoices and contracts as PDF, the way suppliers send them."""

from datetime import date
from decimal import Decimal
from html import escape
from io import BytesIO
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from reportlab.lib.colors import black
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import HRFlowable, Paragraph, SimpleDocTemplate, Spacer, Table

from demo.company import BANKS, Organization
from demo.purchases import Invoice, Supplier, SupplierAbroad
from treasury.models import VatRate
from treasury.printed.fonts import BOLD, REGULAR

TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=9, leading=11.5)
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=7, leading=9)
RIGHT = ParagraphStyle("right", parent=TEXT, alignment=2)
STRONG = ParagraphStyle("strong", parent=TEXT, fontName=BOLD)
STRONG_RIGHT = ParagraphStyle("strong right", parent=STRONG, alignment=2)
TITLE = ParagraphStyle("title", parent=STRONG, fontSize=14, leading=18, spaceBefore=14)
CLAUSE = ParagraphStyle("clause", parent=TEXT, spaceBefore=6, leading=13)
GRID: list[tuple[Any, ...]] = [
    ("GRID", (0, 0), (-1, -1), 0.5, black),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


def invoice_pdf(invoice: Invoice, payer: Organization, vat_rate: VatRate) -> bytes:
    """«Счёт на оплату»: where to pay, who to whom, the lines and the total."""
    title = f"Счёт на оплату № {invoice.number} от {long_date(invoice.date)}"
    story = [
        _bank_details(invoice.supplier),
        Paragraph(title, TITLE),
        HRFlowable(width="100%", thickness=1.5, color=black, spaceBefore=4, spaceAfter=8),
        _parties(invoice, payer),
        Spacer(0, 5 * mm),
        _lines(invoice),
        _totals(invoice, vat_rate),
        Paragraph(
            f"Всего наименований {len(invoice.lines)}, на сумму {money(invoice.total)} руб.", TEXT
        ),
        Paragraph("Оплата данного счёта означает согласие с условиями поставки.", SMALL),
        HRFlowable(width="100%", thickness=1.5, color=black, spaceBefore=6, spaceAfter=14),
        _signatures("Руководитель", "Бухгалтер"),
    ]
    return _render(story, title, invoice.supplier.name)


def invoice_abroad_pdf(supplier: SupplierAbroad, payer: Organization) -> bytes:
    """What a supplier abroad sends instead: where to pay, in English."""
    title = f"Invoice {supplier.invoice}"
    rows = {
        "Seller": f"{supplier.name}, {supplier.country}, tax number {supplier.tax_number}",
        "Buyer": f"{payer.name}, {_tax_ids(payer)}",
        "Contract": supplier.contract,
        "Goods": supplier.goods,
        "Total": f"{money(supplier.amount)} {supplier.currency}",
        "Bank": f"{supplier.bank}, {supplier.city}, SWIFT {supplier.swift}",
        "Account": supplier.number,
    }
    story = [Paragraph(title, TITLE), Spacer(0, 5 * mm), _described(rows)]
    return _render(story, title, supplier.name)


def contract_pdf(supplier: Supplier, payer: Organization) -> bytes:
    """The first page of the contract to which the invoices refer."""
    title = f"Договор {supplier.contract}"
    clauses = (
        f"{supplier.name}, именуемое в дальнейшем «Исполнитель», с одной стороны, и {payer.name}, "
        "именуемое в дальнейшем «Заказчик», с другой стороны, заключили настоящий договор.",
        f"1. Исполнитель обязуется предоставить, а Заказчик — принять и оплатить {supplier.subject}"
        " на условиях настоящего договора.",
        "2. Цена определяется счетами Исполнителя. Заказчик оплачивает счёт в течение десяти "
        "рабочих дней со дня его получения.",
        "3. За просрочку оплаты Исполнитель вправе требовать пени в размере 0,1 % от суммы долга "
        "за каждый день просрочки, но не более 10 % этой суммы.",
        "4. Договор действует один год и продлевается на тот же срок, если ни одна из сторон не "
        "заявит о его прекращении за тридцать дней.",
    )
    story = [
        Paragraph(title, TITLE),
        *(Paragraph(escape(clause), CLAUSE) for clause in clauses),
        Spacer(0, 12 * mm),
        Table(
            [
                [Paragraph("Исполнитель", STRONG), Paragraph("Заказчик", STRONG)],
                [_requisites(supplier), _requisites(payer)],
            ],
            colWidths=[90 * mm, 90 * mm],
        ),
        Spacer(0, 10 * mm),
        _signatures("Исполнитель", "Заказчик"),
    ]
    return _render(story, title, supplier.name)


def money(amount: Decimal) -> str:
    """«12 345,60», with a space that does not break."""
    return f"{amount:,.2f}".replace(",", "\u00a0").replace(".", ",")


def long_date(day: date) -> str:
    with translation.override("ru"):
        return f"{date_format(day, 'j E Y')} г."


def _bank_details(supplier: Supplier) -> Table:
    bank, city, correspondent = BANKS[supplier.account.bik]
    account = supplier.account.number
    cells = [
        [
            _labelled(f"{bank}, г. {city}", "Банк получателя"),
            _text("БИК"),
            _text(supplier.account.bik),
        ],
        ["", _text("Сч. №"), _text(correspondent)],
        [_text(_tax_ids(supplier)), _text("Сч. №"), _text(account)],
        [_labelled(supplier.name, "Получатель"), "", ""],
    ]
    spans = [("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 2), (1, 3)), ("SPAN", (2, 2), (2, 3))]
    return Table(cells, colWidths=[100 * mm, 15 * mm, 65 * mm], style=GRID + spans)


def _parties(invoice: Invoice, payer: Organization) -> Table:
    supplier = invoice.supplier
    rows = {
        "Поставщик": f"{supplier.name}, {_tax_ids(supplier)}, {supplier.address}",
        "Покупатель": f"{payer.name}, {_tax_ids(payer)}",
        "Основание": f"Договор {supplier.contract}",
    }
    return _described(rows)


def _described(rows: dict[str, str]) -> Table:
    cells = [[_text(f"{label}:"), Paragraph(escape(text), STRONG)] for label, text in rows.items()]
    return Table(cells, colWidths=[25 * mm, 155 * mm], style=[("VALIGN", (0, 0), (-1, -1), "TOP")])


def _lines(invoice: Invoice) -> Table:
    heads = ("№", "Товары (работы, услуги)", "Кол-во", "Ед.", "Цена", "Сумма")
    cells = [[Paragraph(head, STRONG) for head in heads]]
    for number, line in enumerate(invoice.lines, start=1):
        cells.append(
            [
                _text(str(number)),
                _text(line.name),
                Paragraph(str(line.quantity), RIGHT),
                _text(line.unit),
                Paragraph(money(line.price), RIGHT),
                Paragraph(money(line.quantity * line.price), RIGHT),
            ]
        )
    widths = [9 * mm, 82 * mm, 17 * mm, 17 * mm, 26 * mm, 29 * mm]
    return Table(cells, colWidths=widths, style=GRID, repeatRows=1)


def _totals(invoice: Invoice, vat_rate: VatRate) -> Table:
    vat = vat_rate.included_in(invoice.total)
    rows = {
        "Итого:": money(invoice.total),
        f"В том числе НДС {vat_rate.name}:" if vat else "Без налога (НДС):": money(vat)
        if vat
        else "—",
        "Всего к оплате:": money(invoice.total),
    }
    cells = [[Paragraph(k, STRONG_RIGHT), Paragraph(v, STRONG_RIGHT)] for k, v in rows.items()]
    return Table(cells, colWidths=[151 * mm, 29 * mm])


def _signatures(left: str, right: str) -> Table:
    blank = "_" * 26
    cells = [[_text(f"{left} {blank}"), _text(f"{right} {blank}")]]
    return Table(cells, colWidths=[90 * mm, 90 * mm])


def _requisites(party: Supplier | Organization) -> Paragraph:
    return Paragraph(f"{escape(party.name)}<br/>{_tax_ids(party)}", TEXT)


def _tax_ids(party: Supplier | Organization) -> str:
    return f"ИНН {party.inn}" + (f", КПП {party.kpp}" if party.kpp else "")


def _text(text: str) -> Paragraph:
    return Paragraph(escape(text), TEXT)


def _labelled(text: str, label: str) -> list[Paragraph]:
    return [_text(text), Paragraph(label, SMALL)]


def _render(story: list[Any], title: str, author: str) -> bytes:
    target = BytesIO()
    # Invariant: without the time of its making in it, the same document has the same hash.
    SimpleDocTemplate(
        target, pagesize=A4, title=title, author=author, invariant=1,
        leftMargin=15 * mm, rightMargin=15 * mm, topMargin=15 * mm, bottomMargin=15 * mm,
    ).build(story)  # fmt: skip
    return target.getvalue()
