"""Fills an empty database for the demo, and catches up with a messenger that has forgotten all."""

from django.db import transaction

from demo import company, directories, stories
from telegrambot.models import (
    Bookmark,
    BulkApproval,
    Chat,
    CommentSource,
    Deputising,
    Dialog,
    SentMessage,
    TelegramFile,
    Update,
    Watermark,
)
from treasury.models import Organization, PaymentRequest
from treasury.workflow import Status


class NotEmpty(Exception):
    """The database holds organizations that are not the demo's."""


def seed(password: str) -> bool:
    """Write everything at once; False when it is there already. Raises `NotEmpty`."""
    codes = set(Organization.objects.values_list("code", flat=True))
    if codes >= {organization.code for organization in company.ORGANIZATIONS}:
        return False
    if codes:
        raise NotEmpty
    with transaction.atomic():
        stories.tell(directories.write(password))
        _announce_open_requests()
    return True


def begin_anew_in_messenger() -> None:
    """Send the open requests again: the sandbox remembers no chat, file or update."""
    with transaction.atomic():
        for model in (
            Update, SentMessage, BulkApproval, CommentSource, Dialog, Deputising, TelegramFile,
        ):  # fmt: skip
            model.objects.all().delete()
        Chat.objects.update(
            state=Chat.State.ACTIVE,
            state_reason="",
            not_before=None,
            lease_until=None,
        )
        _announce_open_requests()


def _announce_open_requests() -> None:
    """Only what still waits for approval makes messages; the rest is history."""
    for model in (Bookmark, Watermark):
        model.objects.all().delete()
    Bookmark.objects.skip(PaymentRequest.objects.exclude(status=Status.IN_APPROVAL))
