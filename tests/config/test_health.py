"""What machines are told: alive, ready, how far behind."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery import current_app
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.utils import timezone

from telegrambot.models import Chat, SentMessage, Update
from telegrambot.projection import cursor
from tests.company import Company
from tests.silence import silent_redis
from tests.telegrambot import bot
from treasury.models import Event, LastBackup


def readiness() -> tuple[int, dict[str, str]]:
    response = Client().get("/readyz")
    return response.status_code, json.loads(response.content)


def metrics() -> dict[str, float]:
    response = Client().get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain")
    lines = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in map(str.split, lines)}


def test_alive_needs_nothing_else() -> None:
    assert Client().get("/healthz").status_code == 200


@pytest.mark.django_db
def test_ready_when_everything_answers() -> None:
    checks = {"status": "ok", "database": "ok", "broker": "ok", "lag": "ok", "channel": "ok"}
    assert readiness() == (200, {**checks, "delivered": "never"})


def test_not_ready_while_news_wait_too_long(company: Company) -> None:
    request = company.draft()
    assert readiness()[0] == 200
    old = timezone.now() - timedelta(minutes=6)
    bot.project()
    # The journal's guard refuses changed entries, and a new one may be of any date.
    last = request.events.latest("sequence")
    Event.objects.create(
        request=request,
        sequence=last.sequence + 1,
        action="change",
        actor=company.anna,
        channel="admin",
        revision=0,
        status="draft",
        at=old,
        previous_hash=last.hash,
        hash="0" * 64,
    )
    status, checks = readiness()
    assert status == 503
    assert checks["lag"].endswith("s behind")


def ago(minutes: int) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


@pytest.fixture
def card(company: Company) -> SentMessage:
    """Not sent for six minutes; there is nothing else to send."""
    company.submitted()
    bot.project()
    card = SentMessage.objects.filter(kind="task").latest("id")
    SentMessage.objects.exclude(pk=card.pk).delete()
    SentMessage.objects.update(behind_since=ago(6))
    return card


def test_not_ready_while_a_message_waits_too_long(card: SentMessage) -> None:
    status, checks = readiness()
    assert status == 503
    assert checks["lag"].endswith("s behind")


def test_a_message_to_a_closed_chat_is_nobodys_lag(card: SentMessage) -> None:
    assert metrics()["treasury_messages_behind"] == 1
    Chat.objects.filter(pk=card.chat_id).update(state=Chat.State.BLOCKED)
    assert metrics()["treasury_messages_behind"] == 0
    assert readiness()[0] == 200


@pytest.mark.django_db(transaction=True)
def test_not_ready_while_the_database_is_away() -> None:
    if connection.vendor == "sqlite":
        # A file is always there: what can go away is its process, and that is ours.
        assert readiness()[0] == 200
        return
    rival = connection.copy()
    with connection.cursor() as ours, rival.cursor() as theirs:
        ours.execute("SELECT pg_backend_pid()")
        theirs.execute("SELECT pg_terminate_backend(%s)", ours.fetchone())
    status, checks = readiness()
    assert status == 503
    assert checks["database"] != "ok"
    rival.close()
    connection.close()


@pytest.mark.django_db
def test_a_silent_broker_is_waited_for_no_longer_than_its_time_out(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent_redis() as url:
        monkeypatch.setitem(current_app.conf, "broker_write_url", url)
        began = time.monotonic()
        status, checks = readiness()
        assert time.monotonic() - began < settings.BROKER_TIMEOUT + 1
    assert (status, checks["broker"]) == (503, "OperationalError")


def test_metrics_count_what_is_left_to_do(company: Company) -> None:
    company.submitted()
    before = metrics()
    assert before["treasury_events_unprojected"] == Event.objects.count()
    assert before["treasury_events_oldest_seconds"] > 0

    bot.project()
    Update.objects.create(update_id=1, kind="x", payload={}, error="LookupError")
    troubled = list(SentMessage.objects.order_by("-id")[:3])
    for message, state in zip(troubled, ("failed", "unknown", "gone"), strict=True):
        SentMessage.objects.filter(pk=message.pk).update(state=state)
    after = metrics()
    assert after["treasury_events_unprojected"] == 0
    assert after["treasury_events_oldest_seconds"] == 0
    assert after["treasury_requests_stuck"] == 0
    assert after["treasury_messages_behind"] == SentMessage.objects.count() - 3
    for name in ("failed", "unknown", "gone"):
        assert after[f"treasury_messages_{name}"] == 1
    assert after["treasury_updates_poisoned"] == 1


def test_metrics_count_the_requests_that_could_not_be_projected(company: Company) -> None:
    cursor.stumble(company.submitted().pk, ValueError("odd"))
    assert metrics()["treasury_requests_stuck"] == 1
    assert metrics()["treasury_events_unprojected"] == 0


def asked(peer: str = "127.0.0.1", **headers: str) -> int:
    return Client(REMOTE_ADDR=peer, headers=headers).get("/metrics").status_code


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("peer", "status"),
    [("127.0.0.1", 200), ("127.0.0.9", 200), ("::1", 200), ("10.0.0.7", 403), ("", 403)],
)
def test_without_a_token_the_metrics_are_for_this_machine(peer: str, status: int) -> None:
    assert asked(peer) == status


@pytest.mark.django_db
@pytest.mark.parametrize("proxies", [0, 1])
def test_no_forged_header_opens_the_metrics(settings: LazySettings, proxies: int) -> None:
    settings.TRUSTED_PROXIES = proxies
    for header in ("x-forwarded-for", "forwarded", "x-real-ip", "x-client-ip"):
        assert asked("10.0.0.7", **{header: "127.0.0.1"}) == 403
    # A proxy beside the application speaks for strangers.
    assert asked("127.0.0.1", **{"x-forwarded-for": "127.0.0.1"}) == 403


@pytest.mark.django_db
def test_the_bearer_of_the_token_reads_the_metrics_from_anywhere(settings: LazySettings) -> None:
    settings.METRICS_TOKEN = "a-token"
    right = {"authorization": "Bearer a-token"}
    assert asked("10.0.0.7", **right) == 200
    assert asked("127.0.0.1", **right, **{"x-forwarded-for": "10.0.0.7"}) == 200
    for wrong in ("", "Bearer", "Bearer a-toke", "Bearer a-token1", "a-token", "Bearer ä"):
        assert asked("127.0.0.1", authorization=wrong) == 403


def test_metrics_count_what_is_overdue(company: Company) -> None:
    """Half past eight of a Monday in Moscow, and the next day."""
    company.route.stages.filter(position=1).update(deadline_hours=8)
    with time_machine.travel(datetime(2026, 12, 7, 5, 30, tzinfo=UTC)) as clock:
        request = company.submitted()
        assert metrics()["treasury_overdue_requests"] == 0
        clock.move_to(datetime(2026, 12, 8, 5, 30, tzinfo=UTC))
        assert metrics()["treasury_overdue_requests"] == 1
        company.approve(request, company.boris)
        assert metrics()["treasury_overdue_requests"] == 0


@pytest.mark.django_db
def test_how_old_the_last_backup_is() -> None:
    assert "treasury_backup_age_seconds" not in metrics()
    LastBackup.objects.create(made_at=timezone.now() - timedelta(hours=30), name="a.tar", size=1024)
    told = metrics()
    assert 30 * 3600 <= told["treasury_backup_age_seconds"] < 31 * 3600
    assert told["treasury_backup_bytes"] == 1024
