"""Telegram's id of a file: of one bot and of one kind, and kept while it is used."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from telegrambot.models import SentMessage, TelegramFile, bot_id
from tests.company import Company
from tests.telegrambot import lanes
from tests.telegrambot.known import known
from tests.telegrambot.sandbox import TOKEN, Sandbox
from treasury.models import PaymentRequest

ANOTHER_BOT = 200


def sha256_of(request: PaymentRequest) -> str:
    return request.documents.get().sha256


@pytest.mark.parametrize(
    ("token", "number"), [(TOKEN, 110201543), ("", 0), ("no number:abc", 0), ("5", 5)]
)
def test_a_bot_is_known_by_the_number_in_its_token(
    settings: LazySettings, token: str, number: int
) -> None:
    settings.TELEGRAM_BOT_TOKEN = token
    assert bot_id() == number


def test_what_another_bot_has_uploaded_goes_up_anew(
    telegram: Sandbox, request_: PaymentRequest
) -> None:
    known(sha256_of(request_), bot_id=ANOTHER_BOT, file_id="BQACAgIAAxkBAAIBY2")
    assert lanes.delivered(lanes.announcement(request_)).state == SentMessage.State.SENT
    [call] = telegram.calls("sendDocument")
    assert "document0" in call["params"]
    assert set(TelegramFile.objects.values_list("bot_id", flat=True)) == {ANOTHER_BOT, bot_id()}


def test_an_id_of_another_kind_is_of_no_use(telegram: Sandbox, request_: PaymentRequest) -> None:
    known(sha256_of(request_), kind="photo", file_id="AgACAgIAAxkBAAIC2")
    assert lanes.delivered(lanes.announcement(request_)).state == SentMessage.State.SENT
    assert len(telegram.calls("sendDocument")) == 1


@pytest.mark.parametrize(("days", "is_noted"), [(0, False), (30, True)])
def test_it_is_noted_to_the_day_when_it_was_used(
    telegram: Sandbox, company: Company, request_: PaymentRequest, days: int, is_noted: bool
) -> None:
    lanes.delivered(lanes.announcement(request_))
    then = timezone.now() - timedelta(days=days)
    TelegramFile.objects.update(used_at=then)
    again = lanes.announcement(request_)
    SentMessage.objects.filter(pk=again.pk).update(form="", shown=0, shown_hash="")
    lanes.delivered(again)
    assert len(telegram.calls("sendDocument")) == 2
    assert (TelegramFile.objects.get().used_at != then) is is_noted
