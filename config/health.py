"""For machines that watch: is it alive, is it ready, and how far is it behind."""

from collections.abc import Callable, Iterator
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from telegrambot import figures, lag, readiness, tallies
from telegrambot.models import Bookmark, Chat, SentMessage, Update
from telegrambot.projection import cursor
from treasury.models import LastBackup, PaymentRequest


@login_not_required
def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "ok"})


@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """200 when everything works, else 503; each check says how it is.

    When something was last delivered is told beside them, for a quiet night is no failure.
    """
    checks = {name: check() for name, check in _CHECKS.items()}
    working = all(state == readiness.OK for state in checks.values())
    return JsonResponse(
        {"status": "ok" if working else "failing", **checks, "delivered": _delivered()},
        status=200 if working else 503,
    )


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, computed at this moment, for whoever watches this installation."""
    if not _may_watch(request):
        return HttpResponseForbidden(content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_Backlog())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_watch(request: HttpRequest) -> bool:
    """With a token only its bearer; without one only this machine itself."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}")
    # What comes by way of a proxy on this machine is anybody's.
    forwarded = "X-Forwarded-For" in request.headers
    return not forwarded and _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(peer: str) -> bool:
    """Of the connection itself: no header is asked."""
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        # By a socket in the file system no address is known.
        return False


def _delivered() -> str:
    try:
        seconds = _since_delivery()
    except DatabaseError as error:
        return type(error).__name__
    return "never" if seconds is None else f"{seconds:.0f} s ago"


_CHECKS: dict[str, Callable[[], str]] = {
    "database": readiness.database,
    "broker": readiness.broker,
    "lag": readiness.late,
    "channel": readiness.held_back,
}


def _since_delivery() -> float | None:
    """Seconds since a message was last sent or edited; None: there was none yet."""
    last = Chat.objects.aggregate(last=Max("delivered_at"))["last"]
    return (timezone.now() - last).total_seconds() if last else None


class _Backlog(Collector):
    def collect(self) -> Iterator[Metric]:
        messages, now = SentMessage.objects, timezone.now()
        gauges = (
            (
                "events_unprojected",
                "Journal entries without their messages yet",
                cursor.unread().count(),
            ),
            ("events_oldest_seconds", "Age of the oldest of them", lag.oldest_news()),
            (
                "requests_stuck",
                "Requests that could not be projected",
                Bookmark.objects.stuck().count(),
            ),
            (
                "messages_behind",
                "Messages that do not show the newest state yet, of chats that take them",
                messages.behind().filter(chat__state=Chat.State.ACTIVE).count(),
            ),
            (
                "messages_failed",
                "Messages given up",
                messages.filter(state=SentMessage.State.FAILED).count(),
            ),
            (
                "messages_unknown",
                "Messages whose answer was lost",
                messages.filter(state=SentMessage.State.UNKNOWN).count(),
            ),
            (
                "messages_gone",
                "Messages that their readers have deleted, which is no failure",
                messages.filter(state=SentMessage.State.GONE).count(),
            ),
            (
                "chats_with_work",
                "Chats that could be worked for now",
                Chat.objects.with_work(now).count(),
            ),
            (
                "chats_closed",
                "Chats that nothing can be sent to",
                Chat.objects.exclude(state=Chat.State.ACTIVE).count(),
            ),
            (
                "overdue_requests",
                "Requests that wait beyond the deadline of their stage",
                PaymentRequest.objects.overdue(now).count(),
            ),
            (
                "updates_poisoned",
                "Updates that could not be handled",
                Update.objects.poisoned().count(),
            ),
        )
        for name, help_text, value in gauges:
            yield GaugeMetricFamily(f"treasury_{name}", help_text, value=value)
        yield from _waiting_by_urgency()
        yield from tallies.families()
        yield from figures.families()
        if (seconds := _since_delivery()) is not None:
            about = "Since a message was last sent or edited"
            yield GaugeMetricFamily("treasury_last_delivery_seconds", about, value=seconds)
        if backup := LastBackup.objects.first():
            age = (now - backup.made_at).total_seconds()
            about = "Since the state that the last backup has kept"
            yield GaugeMetricFamily("treasury_backup_age_seconds", about, value=age)
            about = "Bytes of the last backup"
            yield GaugeMetricFamily("treasury_backup_bytes", about, value=backup.size)


def _waiting_by_urgency() -> Iterator[Metric]:
    """Answers, pressed cards, new cards, notices and changes, each for itself."""
    count, oldest = (
        GaugeMetricFamily(f"treasury_messages_{name}", help_text, labels=["urgency"])
        for name, help_text in (
            ("waiting", "Messages that could be shown now: their chats are open and not paused"),
            ("oldest_seconds", "For how long the oldest of them waits"),
        )
    )
    for urgency, (number, seconds) in lag.waiting().items():
        count.add_metric([urgency.name.lower()], number)
        oldest.add_metric([urgency.name.lower()], seconds)
    yield count
    yield oldest
