"""How far the channel is behind: what people wait for."""

from django.db.models import Count, Min
from django.utils import timezone

from telegrambot.models import SentMessage, Urgency
from telegrambot.projection import cursor


def seconds() -> float:
    """For how long the oldest news has no messages yet, or the oldest message was not shown."""
    return max(oldest_news(), *(age for _count, age in waiting().values()))


def oldest_news() -> float:
    """Seconds for which the oldest entry of the journal waits for its messages."""
    oldest = cursor.unread().values_list("at", flat=True).first()
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


def waiting() -> dict[Urgency, tuple[int, float]]:
    """How many messages wait in open lanes, and the seconds for which the oldest of them does."""
    now = timezone.now()
    waiting = SentMessage.objects.waiting(now).order_by()
    found = {
        Urgency(urgency): (count, (now - since).total_seconds())
        for urgency, count, since in waiting.values_list("urgency").annotate(
            Count("pk"), Min("waits_since")
        )
    }
    return {urgency: found.get(urgency, (0, 0.0)) for urgency in Urgency}
