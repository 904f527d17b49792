"""The typeface of everything that is printed: ReportLab's own fonts have no Cyrillic letters, and
those of a machine are not the same on the next one."""

from pathlib import Path

from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"

for _name in (REGULAR, BOLD):
    registerFont(TTFont(_name, Path(__file__).parent / f"{_name}.ttf"))
