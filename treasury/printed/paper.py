"""The printed form laid out on pages of A4."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from io import BytesIO
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.graphics.barcode.qr import QrCode
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import (
    CondPageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from treasury.printed.content import Form, Group, Paper
from treasury.printed.fonts import BOLD, REGULAR
from treasury.printed.sheet import Line
from treasury.workflow import Status

INK, QUIET, RULE, SHADE, FAINT = map(
    HexColor, ("#1d2329", "#5a6570", "#c3cad1", "#eef1f4", "#ececec")
)
TONES = {
    Status.DRAFT: HexColor("#5a6570"),
    Status.IN_APPROVAL: HexColor("#1f5fa8"),
    Status.APPROVED: HexColor("#1a7a3c"),
    Status.RETURNED: HexColor("#a85f00"),
    Status.DECLINED: HexColor("#b3261e"),
    Status.CANCELLED: HexColor("#b3261e"),
}
NOT_TO_BE_PAID = frozenset(TONES) - {Status.IN_APPROVAL, Status.APPROVED}
LEFT, RIGHT, TOP, BOTTOM = 18 * mm, 12 * mm, 12 * mm, 23 * mm
# Around what stands in a frame, and in a cell beside its text; in points.
FRAME, CELL = 6, 3
WIDTH = A4[0] - LEFT - RIGHT
# Scanners want as much white around the code as four of its squares: ISO/IEC 18004.
QR_SIDE, QUIET_ZONE = 27 * mm, 4 * mm
LABEL_WIDTH = 42 * mm
DOCUMENT_WIDTHS = [8 * mm, WIDTH - 63 * mm, 20 * mm, 35 * mm]
APPROVAL_WIDTHS = [width * mm for width in (27, 36, 22, 30, 19, 9, 37)]
FOOT, FOOT_SIZE, FOOT_LEADING = BOTTOM - 3 * mm, 6.8, 9.2
WATERMARK_WIDTH = 230 * mm

TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=9, leading=11.5, textColor=INK)
STRONG = ParagraphStyle("strong", parent=TEXT, fontName=BOLD)
LABEL = ParagraphStyle("label", parent=TEXT, textColor=QUIET)
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=7.5, leading=9.5)
SMALL_STRONG = ParagraphStyle("small strong", parent=SMALL, fontName=BOLD)
TITLE = ParagraphStyle("title", parent=STRONG, fontSize=15, leading=19)
SUBJECT = ParagraphStyle("subject", parent=STRONG, fontSize=11, leading=14)
HEADING = ParagraphStyle(
    "heading", parent=STRONG, spaceBefore=4 * mm, spaceAfter=1 * mm, leftIndent=CELL
)
BESIDE_CELLS = ParagraphStyle("beside cells", parent=LABEL, leftIndent=CELL)
GRID: list[tuple[Any, ...]] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
    ("LEFTPADDING", (0, 0), (-1, -1), CELL),
    ("RIGHTPADDING", (0, 0), (-1, -1), CELL),
    ("TOPPADDING", (0, 0), (-1, -1), 1.8),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.2),
]
HEAD: list[tuple[Any, ...]] = [("BACKGROUND", (0, 0), (-1, 0), SHADE)]
# Of a table: thousands would take a minute, and nobody reads them on paper.
MOST_ROWS = 200


def pdf(form: Form) -> bytes:
    """The same bytes for an equal form, whenever and wherever they are made."""
    with translation.override(form.language):
        _content, pages = _built(form, pages=0)
        content, _pages = _built(form, pages)
    return content


def _built(form: Form, pages: int) -> tuple[bytes, int]:
    """With this number of pages at the foot of each; and how many they are."""
    target = BytesIO()
    document = SimpleDocTemplate(
        target, pagesize=A4, title=form.title, author=form.organization, lang=form.language,
        invariant=1, leftMargin=LEFT - FRAME, rightMargin=RIGHT - FRAME, topMargin=TOP - FRAME,
        bottomMargin=BOTTOM - FRAME,
    )  # fmt: skip

    def furnish(canvas: Any, page: Any) -> None:
        _furnish(canvas, form, page.page, pages)

    document.build(list(_story(form)), onFirstPage=furnish, onLaterPages=furnish)
    return target.getvalue(), document.page


def _story(form: Form) -> Iterator[Any]:
    yield _head(form)
    yield Spacer(0, QUIET_ZONE)
    yield _stamp(form)
    for group in form.groups:
        yield from _section(group.title, _facts(group))
    yield from _section(_("Documents"), _documents(form.documents))
    if form.sheet.lines:
        yield from _section(_("Approval sheet"), _approvals(form.sheet.lines))
    if form.sheet.earlier:
        earlier = _("Earlier decisions, which count no more")
        yield from _section(earlier, _approvals(form.sheet.earlier))


def _section(title: str, content: Any) -> Iterator[Any]:
    # No heading stands at the foot of a page alone.
    yield CondPageBreak(30 * mm)
    yield Paragraph(escape(title), HEADING)
    yield content


def _head(form: Form) -> Table:
    words = [
        Paragraph(escape(form.organization), STRONG),
        Paragraph(escape(form.payer_numbers), LABEL),
        Spacer(0, 3 * mm),
        Paragraph(escape(form.title), TITLE),
        Paragraph(escape(form.version), LABEL),
        Spacer(0, 1.5 * mm),
        Paragraph(escape(form.subject), SUBJECT),
    ]
    code = QrCode(form.address, qrLevel="M", qrBorder=0, width=QR_SIDE, height=QR_SIDE)
    flush = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    top = ("VALIGN", (0, 0), (-1, -1), "TOP")
    widths = [WIDTH - QR_SIDE - QUIET_ZONE, QR_SIDE + QUIET_ZONE]
    beside = ("LEFTPADDING", (1, 0), (1, 0), QUIET_ZONE)
    return Table([[words, code]], colWidths=widths, style=[top, *flush, beside])


def _stamp(form: Form) -> Table:
    tone = TONES[form.status]
    word = ParagraphStyle("stamp", parent=STRONG, fontSize=13, leading=17, textColor=tone)
    lines = [Paragraph(escape(line), TEXT) for line in form.under_stamp]
    room = [(f"{side}PADDING", (0, 0), (-1, -1), 6) for side in ("LEFT", "RIGHT", "BOTTOM")]
    box = ("BOX", (0, 0), (-1, -1), 1.2, tone)
    cell = [Paragraph(escape(form.stamp.upper()), word), *lines]
    return Table([[cell]], colWidths=[WIDTH], style=[box, *room])


def _facts(group: Group) -> Table:
    rows = [
        [Paragraph(escape(label), LABEL), Paragraph(escape(value), TEXT)]
        for label, value in group.facts
    ]
    return Table(rows, [LABEL_WIDTH, WIDTH - LABEL_WIDTH], style=GRID, splitInRow=1)


def _documents(documents: Sequence[Paper]) -> Any:
    if not documents:
        return Paragraph(escape(_("No documents are attached.")), BESIDE_CELLS)
    heads = ("№", _("Name"), _("Size"), "SHA-256")
    rows = [
        (str(number), f"{document.name}\n{document.note}", document.size, f"{document.sha256}…")
        for number, document in enumerate(documents[:MOST_ROWS], start=1)
    ]
    if more := len(documents) - len(rows):
        rows.append(("…", _("and %(count)d more") % {"count": more}, "", ""))
    return _listed(heads, rows, DOCUMENT_WIDTHS)


def _approvals(lines: Sequence[Line]) -> Table:
    heads = (
        _("Stage"), _("Who"), _("Decision"), _("When"), _("Channel"), _("Rev."), _("Comment"),
    )  # fmt: skip
    rows = [
        (line.stage, line.who, line.decision, line.when, line.channel, line.revision, line.comment)
        for line in lines[-MOST_ROWS:]
    ]
    if more := len(lines) - len(rows):
        earlier = _("and %(count)d before") % {"count": more}
        rows.insert(0, ("…", earlier, "", "", "", "", ""))
    return _listed(heads, rows, APPROVAL_WIDTHS)


def _listed(heads: Iterable[str], rows: Iterable[Iterable[str]], widths: Sequence[float]) -> Table:
    """Its heads stand on each page that it goes on to, and a row that is too high is split."""
    cells = [[Paragraph(escape(head), SMALL_STRONG) for head in heads]]
    cells += [[Paragraph(_in_lines(text), SMALL) for text in row] for row in rows]
    return Table(cells, widths, style=[*GRID, *HEAD], repeatRows=1, splitInRow=1)


def _in_lines(text: str) -> str:
    return "<br/>".join(escape(line) for line in text.splitlines())


def _furnish(canvas: Any, form: Form, page: int, pages: int) -> None:
    """What stands on every page: one alone says what it is of, and passes for nothing else."""
    if form.status in NOT_TO_BE_PAID:
        _watermark(canvas, form.stamp.upper())
    canvas.setStrokeColor(RULE)
    canvas.line(LEFT, FOOT, A4[0] - RIGHT, FOOT)
    canvas.setFont(REGULAR, FOOT_SIZE)
    canvas.setFillColor(QUIET)
    for number, line in enumerate(_foot(form), start=1):
        canvas.drawString(LEFT, FOOT - number * FOOT_LEADING, line)
    canvas.drawRightString(A4[0] - RIGHT, FOOT - FOOT_LEADING, f"{page} / {pages}")


def _foot(form: Form) -> Iterator[str]:
    yield " · ".join([form.number, form.version, form.stamp])
    yield " · ".join(filter(None, [form.state, form.address]))
    if form.digest:
        yield _("SHA-256 of the revision: %(digest)s") % {"digest": form.digest}


def _watermark(canvas: Any, word: str) -> None:
    canvas.saveState()
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(55)
    canvas.setFillColor(FAINT)
    size = min(90.0, 90.0 * WATERMARK_WIDTH / stringWidth(word, BOLD, 90))
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(0, -size / 3, word)
    canvas.restoreState()
