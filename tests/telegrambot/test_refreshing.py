"""Many messages that are to be shown anew, while others want some of them."""

import threading

import pytest
from django.db import connection, transaction

from telegrambot.models import SentMessage
from tests.company import Company
from tests.telegrambot import bot


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_one_message_holds_none_with_a_higher_key(company: Company) -> None:
    """Or two who refresh the same ones would wait for each other."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no locks of rows")
    first = company.submitted()
    company.submitted()
    bot.project()
    lowest = SentMessage.objects.filter(request=first).earliest("pk")
    # Rows that were changed stand behind the others in the table.
    SentMessage.objects.filter(pk=lowest.pk).refresh()
    with transaction.atomic():
        SentMessage.objects.select_for_update().get(pk=lowest.pk)
        other = threading.Thread(target=refresh_all)
        other.start()
        bot.until_somebody_waits_for_us()
        free = SentMessage.objects.select_for_update(skip_locked=True).exclude(pk=lowest.pk)
        assert len(free) == SentMessage.objects.count() - 1
    other.join(timeout=30)
    assert not SentMessage.objects.filter(wanted=1).exists()


def refresh_all() -> None:
    try:
        SentMessage.objects.all().refresh()
    finally:
        connection.close()
