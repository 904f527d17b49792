"""What was measured, beside its aim: as a table and as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Aim:
    limit: float
    at_least: bool

    def met_by(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"


def at_least(limit: float) -> Aim:
    return Aim(limit, at_least=True)


def at_most(limit: float) -> Aim:
    return Aim(limit, at_least=False)


@dataclass(frozen=True)
class Row:
    """One value a round; their median is what counts. Without an aim it is there to compare."""

    name: str
    unit: str
    values: Sequence[float]
    aim: Aim | None = None

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def met(self) -> bool | None:
        return self.aim.met_by(self.median) if self.aim else None

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "median": round(self.median, 3),
            "min": round(min(self.values), 3),
            "max": round(max(self.values), 3),
            "rounds": len(self.values),
            "aim": str(self.aim) if self.aim else None,
            "met": self.met,
        }


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__trunc__() - 1)]


def table(rows: Sequence[Row]) -> str:
    lines = [("", "median", "min – max", "aim", "")]
    for row in rows:
        met = {None: "", True: "met", False: "MISSED"}[row.met]
        spread = f"{_number(min(row.values))} – {_number(max(row.values))}"
        value = f"{_number(row.median)} {row.unit}".rstrip()
        lines.append((row.name, value, spread, str(row.aim or ""), met))
    return aligned(lines)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they must be."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def save(path: Path, rows: Sequence[Row], end_state: dict[str, int]) -> None:
    machine = {
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    measured = [row.as_json() for row in rows]
    text = json.dumps(
        {"machine": machine, "rows": measured, "end_state": end_state}, indent=2, ensure_ascii=False
    )
    path.write_text(text + "\n")
