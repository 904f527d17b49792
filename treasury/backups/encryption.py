"""Backups that only the holder of a key can read: age, https://age-encryption.org/v1"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pyrage import DecryptError, IdentityError, RecipientError, decrypt_io, encrypt_io
from pyrage.x25519 import Identity, Recipient

from treasury.backups.refusal import Refused

MAGIC = b"age-encryption.org/"


def recipients(keys: Sequence[str]) -> list[Recipient]:
    try:
        return [Recipient.from_str(key.strip()) for key in keys]
    except RecipientError as error:
        raise Refused(
            f"No recipient of age: {error}. Give a public key, which begins with age1, as "
            "age-keygen prints it."
        ) from error


def identities(path: Path) -> list[Identity]:
    """From a file as age-keygen writes it."""
    lines = (line.strip() for line in path.read_text().splitlines())
    try:
        found = [Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except IdentityError as error:
        raise Refused(f"{path} has no key of age in it: {error}.") from error
    if not found:
        raise Refused(f"{path} has no key of age in it.")
    return found


@contextmanager
def encrypted(target: IO[bytes], to: Sequence[Recipient]) -> Iterator[IO[bytes]]:
    """What is written goes on to the target, for these to read."""
    read_end, write_end = os.pipe()
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(_encrypt, read_end, target, to)
        try:
            with open(write_end, "wb") as writer:
                yield writer
        except BrokenPipeError:
            # The trouble is at the other end.
            work.result()
            raise
        work.result()


def _encrypt(read_end: int, target: IO[bytes], to: Sequence[Recipient]) -> None:
    with open(read_end, "rb") as reader:
        encrypt_io(reader, target, to)


@contextmanager
def decrypted(source: IO[bytes], keys: Sequence[Identity]) -> Iterator[IO[bytes]]:
    """Raises `Refused` where none of the keys fits, or what was encrypted is not whole."""
    read_end, write_end = os.pipe()
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(_decrypt, source, write_end, keys)
        try:
            with open(read_end, "rb") as reader:
                yield reader
                while reader.read(65_536):
                    """To the end, which proves that nothing was cut off."""
            work.result()
        except (Refused, DecryptError) as refusal:
            if isinstance(trouble := work.exception(), DecryptError):
                raise Refused(
                    f"It cannot be decrypted ({trouble}): this is another's key, or the file is "
                    "damaged or cut off."
                ) from refusal
            raise


def _decrypt(source: IO[bytes], write_end: int, keys: Sequence[Identity]) -> None:
    with open(write_end, "wb") as writer:
        decrypt_io(source, writer, keys)
