"""Large uploads on their way through the temporary folder, which may be full."""

import contextlib
import errno
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from treasury.errors import StorageFailed


class Unspooled(InMemoryUploadedFile):
    """Stands for a file that could not be received, and says why."""

    def __init__(self, field: str, name: str, failure: OSError) -> None:
        super().__init__(BytesIO(), field, name, None, 0, None)
        self.failure = failure


class Spool(TemporaryFileUploadHandler):
    """Receives the rest of a form whose file finds no room; the form then says so by name."""

    failure: OSError | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.failure = None
        try:
            super().new_file(*args, **kwargs)
        except OSError as failure:
            self.failure = failure

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.failure is None:
            try:
                super().receive_data_chunk(raw_data, start)
            except OSError as failure:
                self._give_up(failure)

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        if self.failure is None:
            try:
                # What is still in the buffer is written now.
                return super().file_complete(file_size)  # type: ignore[return-value]
            except OSError as failure:
                self._give_up(failure)
        cause = self.failure or OSError(errno.EIO, "not received")
        return Unspooled(str(self.field_name), str(self.file_name), cause)

    def _give_up(self, failure: OSError) -> None:
        self.failure = failure
        # It is deleted even when its buffer finds no room once more.
        with contextlib.suppress(OSError):
            self.file.close()


def check_spooled(file: "UploadedFile[Any]") -> None:
    """Raises `StorageFailed` for a file that never arrived in full."""
    if isinstance(file, Unspooled):
        raise StorageFailed(file.name or "", file.failure)
