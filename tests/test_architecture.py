"""Imports point one way: telegrambot → treasury, oauth; oauth → treasury; treasury → nothing."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("treasury", "telegrambot", "oauth", "demo", "sandbox", "config", "tests", "benchmarks")
ALLOWED = {
    "treasury": set[str](),
    "oauth": {"treasury"},
    "telegrambot": {"treasury", "oauth"},
    "config": {"treasury", "oauth", "telegrambot"},
    "demo": {"treasury", "oauth", "telegrambot", "config"},
    # Only tests, benchmarks and the command line of the demo reach it.
    "sandbox": set[str](),
}


# The wings of the channel, on the way of an update; what stands beside them is at its door.
WINGS = {
    "models": set[str](),
    "content": {"models"},
    "dialogs": {"models", "content"},
    "kinds": {"models", "content", "dialogs"},
    "projection": {"models", "content", "dialogs", "kinds"},
    "delivery": {"models", "content", "dialogs", "kinds"},
    "incoming": {"models", "content", "dialogs", "kinds", "projection", "delivery"},
}
# What every wing may use of what stands beside them; the rest calls the wings, and none calls it.
TOOLS = {"doorbell", "held", "tallies", "outage", "places", "redaction"}


def imported(path: Path) -> set[str]:
    """The modules, and what may be one, that a file imports, at its head or inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imported_rooms(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)} & set(ROOMS)


def imported_of_the_channel(path: Path) -> set[str]:
    """Its wings, and its modules beside them."""
    ours = (name.split(".") for name in imported(path) if name.startswith("telegrambot."))
    return {parts[1] for parts in ours}


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


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_imports_only_what_stands_below_it(wing: str) -> None:
    files = list((ROOT / "telegrambot" / wing).rglob("*.py"))
    assert files
    strays = {
        f"{path.relative_to(ROOT)} → {other}"
        for path in files
        for other in imported_of_the_channel(path) - WINGS[wing] - TOOLS - {wing}
    }
    assert not strays


def test_the_channel_imports_by_whole_names() -> None:
    """A relative import would pass from wing to wing unseen."""
    strays = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "telegrambot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
    }
    assert not strays


def test_only_the_client_speaks_http_to_telegram() -> None:
    speakers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "telegrambot").rglob("*.py")
        if "import requests" in path.read_text() or "from requests" in path.read_text()
    }
    assert speakers == {"telegrambot/delivery/client.py"}
