"""What each engine does for a backup."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from django.db import connection

from treasury.backups import in_sqlite, on_postgresql


class Engine(Protocol):
    def check_tools_of_backup(self) -> None: ...

    def check_tools_of_restore(self) -> None: ...

    def one_moment(self) -> AbstractContextManager[str]: ...

    def dump(self, snapshot: str) -> AbstractContextManager[IO[bytes]]: ...

    def check_dump(self, path: Path) -> None: ...

    def load(self, path: Path, *, replace: bool, moment: datetime) -> None: ...


_ENGINES: Mapping[str, Engine] = {"postgresql": on_postgresql, "sqlite": in_sqlite}


def ours() -> Engine:
    return _ENGINES[connection.vendor]
