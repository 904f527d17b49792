"""The inbox: an update is stored, handled and committed as one, and a repeat changes nothing."""

import logging
import math
import time
import traceback
from collections.abc import Mapping
from typing import Any

import redis
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from telegrambot import held, tallies
from telegrambot.incoming import handlers, privacy
from telegrambot.incoming.replies import Answer
from telegrambot.incoming.updates import ALLOWED_UPDATES, kind_of, parse
from telegrambot.models import Update
from telegrambot.outage import UNAVAILABLE
from telegrambot.redaction import redacted
from treasury.models import Hold
from treasury.prepared import insert

logger = logging.getLogger(__name__)

# Telegram sends again for a day at the most. What the database has refused so many times it will
# always refuse: it is kept with its error, or it would hold up all that comes from its chat.
TELEGRAM_REPEATS = 24 * 60 * 60
REFUSALS = 5


class NotAnUpdate(Exception):
    """It has no usable number: nothing can be stored, and sending it again would not help."""


class NotNow(Exception):
    """This is a restored copy, which takes nothing from people yet."""


class _Repeated(Exception):
    """This update is in the inbox, or another process is just putting it there."""


def receive(payload: Any) -> Answer | None:
    """Take one update in, and give the answer to it.

    Raises `NotAnUpdate`, `NotNow`, or one of `outage.UNAVAILABLE`.
    """
    try:
        payload = _storable(payload)
    except RecursionError as exc:
        raise NotAnUpdate from exc
    if not isinstance(payload, dict) or not _is_number(payload.get("update_id")):
        raise NotAnUpdate
    with bound_contextvars(update_id=payload["update_id"]):
        begun, result = time.perf_counter(), "refused"
        try:
            answer, result = _received(payload)
            return answer
        finally:
            _count(kind_of(payload), result, time.perf_counter() - begun)


def _count(kind: str, result: str, seconds: float) -> None:
    if kind not in ALLOWED_UPDATES:
        kind = "other"
    tallies.UPDATES.labels(kind, result).inc()
    tallies.UPDATE_SECONDS.observe(seconds)
    logger.info("update", extra={"kind": kind, "result": result, "seconds": round(seconds, 4)})


def _received(payload: dict[str, Any]) -> tuple[Answer | None, str]:
    """The answer, and what became of the update, in a word."""
    try:
        with transaction.atomic():
            _store(payload)
            return _handle(payload), "handled"
    except _Repeated:
        return None, "repeated"
    except NotNow:
        raise
    except UNAVAILABLE as exc:
        if _refused_again(payload["update_id"]) < REFUSALS:
            raise
        # A database that is away takes this neither, and the update comes again.
        return _keep(payload, exc), "failed"
    except Exception as exc:
        # The outer edge: a poisonous update must not block its chat, so it is kept and answered.
        return _keep(payload, exc), "failed"


def retry(pk: int) -> Answer | None:
    """Handle a stored update that failed once more; the one that was handled meanwhile is left.

    Raises one of `outage.UNAVAILABLE` when nothing can be written down about it.
    """
    failed = Update.objects.filter(pk=pk, handled_at=None)
    try:
        with transaction.atomic():
            update = failed.select_for_update().first()
            if update is None:
                return None
            incoming = parse(update.payload)
            overtaken = handlers.overtaken_by(incoming, update) if incoming else ""
            update.attempts += 1
            update.handled_at = timezone.now()
            update.error = f"not repeated: {overtaken}" if overtaken else ""
            update.save(update_fields=["attempts", "handled_at", "error"])
            with bound_contextvars(update_id=update.update_id):
                return handlers.handle(incoming) if incoming and not overtaken else None
    except Exception as exc:
        logger.exception("update with id %s failed again", pk)
        failed.update(attempts=F("attempts") + 1, error=_reason(exc))
        return None


def _store(payload: Mapping[str, Any], **failure: Any) -> None:
    """Insert the update, as handled unless `failure` says otherwise.

    A simultaneous repeat waits here for the commit of the first, and then raises `_Repeated`.
    Raises `NotNow` in a restored copy.
    """
    outcome = {"handled_at": timezone.now(), **failure}
    kept = privacy.kept(payload)
    update = Update(
        update_id=payload["update_id"],
        kind=kind_of(payload)[:40],
        payload=kept.payload,
        removed=kept.removed,
        attempts=1,
        **outcome,
    )
    try:
        is_held = insert([update], beside=Hold)
    except IntegrityError as exc:
        raise _Repeated from exc
    if is_held:
        raise NotNow(held.problem())


def _handle(payload: Mapping[str, Any]) -> Answer | None:
    incoming = parse(payload)
    return handlers.handle(incoming) if incoming else None


def _keep(payload: Mapping[str, Any], exc: Exception) -> Answer | None:
    """Whatever its handler did is rolled back; the update itself waits for another try."""
    error = _reason(exc)
    if not privacy.is_kept_whole(payload):
        # An error may quote what must not be kept; where it happened says enough.
        error = type(exc).__name__
        frames = "".join(traceback.format_tb(exc.__traceback__))
        logger.error("update %s failed: %s\n%s", payload["update_id"], error, frames)
    else:
        logger.error("update %s failed", payload["update_id"], exc_info=exc)
    try:
        with transaction.atomic():
            _store(payload, handled_at=None, error=error)
    except _Repeated:
        return None
    incoming = parse(payload)
    return handlers.apology(incoming) if incoming else None


def _refused_again(update_id: int) -> int:
    """How many times the database has not taken this update; without an answer of the cache, 0."""
    key = f"refused-update:{update_id}"
    try:
        cache.add(key, 0, TELEGRAM_REPEATS)
        return cache.incr(key)
    except (redis.RedisError, ValueError):
        return 0


def _reason(exc: Exception) -> str:
    return f"{type(exc).__name__}: {redacted(exc)}"


def _storable(value: Any) -> Any:
    """What JSON allows and PostgreSQL refuses is left out: NUL, halves of surrogate pairs, NaN."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode(errors="ignore").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
