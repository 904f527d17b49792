"""Documents in a bucket, for machines that share no disk.

Whoever uses a storage knows OSError alone, so that is what each trouble with it becomes. The bucket
is nobody's to see: people are handed documents by the back office, which asks for their right.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from treasury.bucket_address import BucketAddress
from treasury.files import MAX_BYTES

# Bytes of a document that are in memory at once, on its way either way.
_IN_MEMORY = 1024**2
# More than the largest document has.
_IN_ONE = 2 * MAX_BYTES
# Seconds; of two tries the second is the last.
_CONNECT, _READ, _TRIES = 5, 30, 2
_CONFIG = Config(
    # What a bucket of one's own server has no name for.
    s3={"addressing_style": "path"},
    signature_version="s3v4",
    connect_timeout=_CONNECT,
    read_timeout=_READ,
    retries={"mode": "standard", "total_max_attempts": _TRIES},
    # Many servers that speak the protocol know no other checksums than the signature.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class Bucket(S3Storage):  # type: ignore[misc]  # untyped library
    def __init__(self, url: str) -> None:
        address = BucketAddress.read(url)
        super().__init__(
            endpoint_url=address.endpoint,
            bucket_name=address.bucket,
            location=address.folder,
            region_name=address.region,
            access_key=address.key,
            secret_key=address.secret,
            client_config=_CONFIG,
            # In parts each would be whole in memory, and with threads several at once.
            transfer_config=TransferConfig(multipart_threshold=_IN_ONE, use_threads=False),
            max_memory_size=_IN_MEMORY,
            file_overwrite=False,
            # No kind and no encoding is guessed by the name: nobody but us reads it.
            object_parameters={"ContentType": "application/octet-stream"},
        )

    def exists(self, name: str) -> bool:
        with _as_os_errors():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with _as_os_errors():
            return int(super().size(name))

    def delete(self, name: str) -> None:
        with _as_os_errors():
            super().delete(name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _as_os_errors():
            folders, files = super().listdir(name)
        return folders, files

    def get_modified_time(self, name: str) -> datetime:
        with _as_os_errors():
            moment: datetime = super().get_modified_time(name)
        return moment

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _as_os_errors():
            opened = super()._open(name, mode)
            # Now and whole, into a file without a name: later it could break off half-way.
            return opened.open()

    def _save(self, name: str, content: "File[Any]") -> str:
        with _as_os_errors():
            return str(super()._save(name, content))


@contextmanager
def _as_os_errors() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError, Boto3Error) as error:
        raise OSError(errno.EIO, str(error)) from error
