"""A world kept in a file, so that it goes on where it stopped, however it stopped.

A row a thing, in SQLite. What has changed is written before its answer leaves, so that nobody is
told of what a kill could take back. Not kept: presses and inline queries that wait (they expire
within minutes), the webhook (the bot sets it whenever it starts), what only tests look at.
"""

import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from .things import READERS, Thing, things
from .world import World

_TABLE = """
    CREATE TABLE IF NOT EXISTS thing (
        kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, content BLOB,
        PRIMARY KEY (kind, key)
    )
"""
_PUT = """
    INSERT INTO thing (kind, key, value, content) VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value
"""
_UNREADABLE = (sqlite3.DatabaseError, ValueError, LookupError, TypeError, AttributeError)


class Kept(NamedTuple):
    store: "Store"
    world: World


class Store:
    """The open file, and the state in which each thing was written last."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)
        self._written: dict[tuple[str, str], Any] = {}

    def load(self, world: World) -> None:
        """Fill an empty world. Raises one of `_UNREADABLE`: the world is of no use then."""
        # A kill loses nothing of this; a power cut may lose the last moments.
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(_TABLE)
        # In the order in which they came: a chat before what was said there.
        select = "SELECT kind, key, value, content FROM thing ORDER BY rowid"
        for kind, key, value, content in self._database.execute(select):
            READERS[kind](world, key, json.loads(value), content)
        self._written = {thing.id: thing.state for thing in things(world)}

    def save(self, world: World) -> None:
        current = {thing.id: thing for thing in things(world)}
        gone = self._written.keys() - current.keys()
        changed = [thing for thing in current.values() if self._has_changed(thing)]
        if not gone and not changed:
            return
        with self._database:
            self._database.executemany("DELETE FROM thing WHERE kind = ? AND key = ?", gone)
            self._database.executemany(_PUT, (thing.row() for thing in changed))
        self._written = {key: thing.state for key, thing in current.items()}

    def close(self) -> None:
        self._database.close()

    def _has_changed(self, thing: Thing) -> bool:
        return thing.id not in self._written or self._written[thing.id] != thing.state


def open_world(path: Path, new_world: Callable[[], World]) -> Kept:
    """The world in the file; a new one if there is none, or none that can be read."""
    try:
        return _read(path, new_world())
    except _UNREADABLE as error:
        aside = path.with_name(f"{path.name}.damaged")
        path.replace(aside)
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        text = f"{path} cannot be read ({error!r}): all begins anew, the old file is {aside}"
        print(text, file=sys.stderr, flush=True)
        return _read(path, new_world())


def _read(path: Path, world: World) -> Kept:
    store = Store(path)
    try:
        store.load(world)
    except _UNREADABLE:
        store.close()
        raise
    return Kept(store, world)
