"""Bars of amounts, as a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from django.utils.formats import number_format
from PIL import Image, ImageDraw, ImageFont

_FONTS = Path(__file__).parent / "fonts"
_REGULAR, _BOLD = (_FONTS / f"DejaVuSansCondensed{style}.ttf" for style in ("", "-Bold"))
_PAPER, _INK, _QUIET, _RULE, _BAR = "#ffffff", "#1d2329", "#5a6570", "#c3cad1", "#1f5fa8"
# Pixels.
_WIDTH, _PANEL, _HEAD, _EDGE = 1000, 380, 70, 40
_TITLE, _TEXT = 30, 22
_ABOVE, _BELOW, _GAP = 90, 50, 24


@dataclass(frozen=True)
class Panel:
    """Each bar with what stands below it. None is negative, and one at least is more than 0."""

    title: str
    bars: Sequence[tuple[str, Decimal]]


def png(title: str, panels: Sequence[Panel]) -> bytes:
    """One panel below the other; the same bytes for the same ones. Numbers are written in the
    language that is active."""
    picture = Image.new("RGB", (_WIDTH, _HEAD + _PANEL * len(panels)), _PAPER)
    draw = ImageDraw.Draw(picture)
    _write(draw, (_EDGE, _EDGE), title, _TITLE, bold=True, anchor="lm")
    for number, panel in enumerate(panels):
        _draw(draw, panel, _HEAD + number * _PANEL)
    target = BytesIO()
    picture.save(target, "PNG", optimize=True)
    return target.getvalue()


def _draw(draw: ImageDraw.ImageDraw, panel: Panel, top: int) -> None:
    _write(draw, (_EDGE, top + _TEXT), panel.title, _TEXT, bold=True, anchor="lm")
    foot, highest = top + _PANEL - _BELOW, max(value for _label, value in panel.bars)
    room, step = _PANEL - _ABOVE - _BELOW, (_WIDTH - 2 * _EDGE) / len(panel.bars)
    for number, (label, value) in enumerate(panel.bars):
        left, middle = _EDGE + number * step, _EDGE + (number + 0.5) * step
        height = int(room * value / highest)
        if value:
            box = (left + _GAP, foot - height, left + step - _GAP, foot)
            draw.rectangle(box, fill=_BAR)
            said = number_format(value, decimal_pos=0, force_grouping=True)
            _write(draw, (middle, foot - height - _TEXT), said, _fitting(said, step), anchor="mm")
        _write(draw, (middle, foot + _TEXT), label, _TEXT, colour=_QUIET, anchor="mm")
    draw.line((_EDGE, foot, _WIDTH - _EDGE, foot), fill=_RULE, width=2)


def _fitting(text: str, width: float) -> int:
    """The size in which it does not run into its neighbour."""
    long = _font(_TEXT).getlength(text)
    return min(_TEXT, int(_TEXT * (width - 4) / long))


def _write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    *,
    anchor: str,
    bold: bool = False,
    colour: str = _INK,
) -> None:
    draw.text(at, text, fill=colour, font=_font(size, bold=bold), anchor=anchor)


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    # The other engine is not the same on every machine.
    basic = ImageFont.Layout.BASIC
    return ImageFont.truetype(_BOLD if bold else _REGULAR, size, layout_engine=basic)
