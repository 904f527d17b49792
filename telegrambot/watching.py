"""Looks once a minute at what should not be, and has the administrators' chats tell it.

What it sees outside on the way is kept for /metrics.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from telegrambot import figures, lag, webhook
from telegrambot.delivery import client
from telegrambot.doctor import tls
from telegrambot.doctor.address import Address
from telegrambot.kinds.alert import NAME, Subject, report
from telegrambot.models import GIVEN_UP, Bookmark, SentMessage, Update
from telegrambot.redaction import without_secrets

# For so long Telegram's last failure with the webhook is news.
RECENT = timedelta(minutes=10)


class Finding(NamedTuple):
    """How many there are of it, and the newest in words."""

    subject: Subject
    number: int
    text: str


def watch() -> None:
    for finding in _findings():
        report(*finding)
    _look_at_certificate()


def _findings() -> Iterator[Finding]:
    # What cannot be said here is not said here.
    lost = SentMessage.objects.filter(state__in=GIVEN_UP).exclude(kind=NAME).order_by("-pk")
    yield Finding(Subject.MESSAGES, lost.count(), _newest(lost))
    # What is tried again in a moment is nobody's trouble yet.
    poisoned = Update.objects.poisoned().filter(attempts__gt=2).order_by("-pk")
    yield Finding(Subject.UPDATES, poisoned.count(), _newest(poisoned))
    stuck = Bookmark.objects.filter(attempts__gt=2).order_by("-pk")
    yield Finding(Subject.REQUESTS, stuck.count(), _newest(stuck))
    late = lag.seconds()
    yield Finding(Subject.LAG, int(late > settings.LAG_LIMIT), "")
    yield from _webhook()


def _newest(rows: QuerySet[Any]) -> str:
    return rows.values_list("error", flat=True).first() or ""


def _webhook() -> Iterator[Finding]:
    """Where updates are asked for, nothing is wrong with it; whether anything is while nobody can
    be asked, nobody knows."""
    try:
        info = client.call("getWebhookInfo")
    except client.TelegramError:
        return
    figures.keep_pending(info.get("pending_update_count", 0))
    failed_at = datetime.fromtimestamp(info.get("last_error_date", 0), UTC)
    fails = bool(info.get("url")) and failed_at >= timezone.now() - RECENT
    said = without_secrets(str(info.get("last_error_message", "")))
    yield Finding(Subject.WEBHOOK, int(fails), said if fails else "")


def _look_at_certificate() -> None:
    """At that which is served where Telegram calls; if that is not reached from here, at the one
    that Telegram was given."""
    address = Address.of(webhook.url())
    if address is None or not address.is_https:
        return
    if certificate := tls.certificate_at(address) or tls.uploaded():
        figures.keep_expiry(certificate.not_valid_after_utc)
