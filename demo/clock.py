"""The clock of Django put back: the demo's past is lived by the services that people use, which
write down when that was, and its journal cannot be changed afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from typing import Any
from unittest import mock

from django.utils import timezone


@contextmanager
def put_back(by: timedelta) -> Iterator[None]:
    """What is made meanwhile is older by so much. For a process that does nothing else."""

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) - by

    with mock.patch.object(timezone, "datetime", Earlier):
        yield
