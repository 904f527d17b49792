"""Imports point one way: telegrambot → treasury, oauth; oauth → treasury; treasury → nothing."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("treasury", "telegrambot", "oauth", "sandbox", "config", "tests", "benchmarks")
ALLOWED = {
    "treasury": set[str](),
    "oauth": {"treasury"},
    "telegrambot": {"treasury", "oauth"},
    "config": {"treasury", "oauth", "telegrambot"},
    # Only tests, benchmarks and the command line of the demo reach it.
    "sandbox": set[str](),
}


def imported_rooms(path: Path) -> set[str]:
    """Our own top-level packages that a file imports, at its head or inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names} & set(ROOMS)


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_stands_below_it(room: str) -> None:
    files = list((ROOT / room).rglob("*.py"))
    assert files
    strays = {
        f"{path.relative_to(ROOT)} → {other}"
        for path in files
        for other in imported_rooms(path) - ALLOWED[room] - {room}
    }
    assert not strays


def test_only_the_client_speaks_http_to_telegram() -> None:
    speakers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "telegrambot").rglob("*.py")
        if "import requests" in path.read_text() or "from requests" in path.read_text()
    }
    assert speakers == {"telegrambot/client.py"}
