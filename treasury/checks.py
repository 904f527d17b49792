"""Settings that cannot be what was meant, and those by which the journals would prove less than
they could."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from treasury import scanning, working_time
from treasury.backups import encryption
from treasury.backups.refusal import Refused
from treasury.bucket_address import BucketAddress

SHORTEST = 32


def check_journal_key(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return list(_problems())


def check_scanner(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.CLAMD_SOCKET or scanning.is_address(settings.CLAMD_SOCKET):
        return []
    hint = "Set the path of its socket, such as /run/clamav/clamd.ctl, or host:port."
    return [Error("CLAMD_SOCKET is no address of a scanner.", hint=hint, id="treasury.E001")]


def check_storage(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.STORAGE_URL:
        try:
            BucketAddress.read(settings.STORAGE_URL)
        except ValueError:
            hint = (
                "Set s3://KEY:SECRET@host/bucket?region=REGION; characters such as / in the secret "
                "are written as %2F."
            )
            return [Error("STORAGE_URL is no address of a bucket.", hint=hint, id="treasury.E004")]
    return []


def check_working_hours(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        working_time.hours(tuple(settings.WORKING_HOURS))
    except ValueError:
        hint = "Set the hours of a day in their order, such as 09:00-13:00,14:00-18:00."
        return [Error("WORKING_HOURS are no hours of work.", hint=hint, id="treasury.E002")]
    return []


def check_backup_recipient(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        encryption.recipients(settings.BACKUP_AGE_RECIPIENT)
    except Refused as refusal:
        hint = "age-keygen -o KEY.txt makes one, and prints its public key."
        return [Error(f"BACKUP_AGE_RECIPIENT: {refusal}", hint=hint, id="treasury.E003")]
    return []


def _problems() -> Iterator[CheckMessage]:
    if not settings.JOURNAL_KEY:
        yield Warning(
            "JOURNAL_KEY is not set: the journals are signed with a key derived from SECRET_KEY.",
            hint="Set a secret of its own, and keep a copy where neither the database nor its "
            "backups are; what was signed before stays valid as long as SECRET_KEY is known.",
            id="treasury.W001",
        )
    elif len(settings.JOURNAL_KEY) < SHORTEST:
        yield Warning(
            f"JOURNAL_KEY has less than {SHORTEST} characters: it could be guessed.",
            hint="Set a random one, and put the former into JOURNAL_KEY_FALLBACKS.",
            id="treasury.W002",
        )
