"""What a worker has last seen outside, kept for /metrics, which answers without asking anybody."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from telegrambot.models import Tally

_PENDING, _EXPIRES = "webhook_pending", "certificate_expires"
# Beside each stands when it was seen. What was seen longer ago is told no more: a worker looks once
# a minute, and where it reaches nobody the last certificate is still the one that counts.
_SEEN = "_seen"
_LASTS = {_PENDING: timedelta(minutes=10), _EXPIRES: timedelta(days=1)}


def keep_pending(count: int) -> None:
    """Updates that wait at Telegram."""
    _keep(_PENDING, count)


def keep_expiry(moment: datetime) -> None:
    """Of the certificate by which Telegram knows us."""
    _keep(_EXPIRES, moment.timestamp())


def pending() -> float | None:
    """None where it was not seen lately."""
    return _kept(_PENDING)


def expiry() -> datetime | None:
    """None where it was not seen lately."""
    moment = _kept(_EXPIRES)
    return None if moment is None else datetime.fromtimestamp(moment, UTC)


def families() -> Iterator[Metric]:
    if (waiting := pending()) is not None:
        about = "Updates that wait at Telegram to be delivered"
        yield GaugeMetricFamily("treasury_webhook_pending_updates", about, value=waiting)
    if expires := expiry():
        about = "Days left of the certificate by which Telegram knows the webhook"
        days = (expires - timezone.now()) / timedelta(days=1)
        yield GaugeMetricFamily("treasury_certificate_days_left", about, value=days)


def _keep(name: str, value: float) -> None:
    for key, figure in ((name, value), (name + _SEEN, timezone.now().timestamp())):
        Tally.objects.update_or_create(name=key, labels="{}", defaults={"value": figure})


def _kept(name: str) -> float | None:
    rows = Tally.objects.filter(name__in=(name, name + _SEEN), labels="{}")
    figures = dict(rows.values_list("name", "value"))
    since = (timezone.now() - _LASTS[name]).timestamp()
    return figures.get(name) if figures.get(name + _SEEN, 0) > since else None
