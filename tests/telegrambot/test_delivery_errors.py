"""Trouble on the way is tried again at its time, and a lost answer costs one copy at most."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import LazySettings

from telegrambot.delivery import client, limiter
from telegrambot.models import Chat, SentMessage
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import lanes
from tests.telegrambot.bot import project
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest

State = SentMessage.State


@pytest.fixture
def boris(company: Company) -> int:
    return company.telegram_id(company.boris)


def test_a_flood_wait_is_kept_by_the_whole_chat(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    lanes.submit(company)
    telegram.fail("retry_after", chat_id=boris, seconds=17)
    assert lanes.deliver(card.chat_id) == 17
    message = lanes.fresh(card)
    assert 16 < lanes.in_seconds(message.chat.not_before) <= 17
    assert (message.state, message.attempts) == (State.PENDING, 0)

    assert lanes.deliver(card.chat_id) is None
    assert len(telegram.calls("sendMessage", chat_id=boris)) == 1
    assert lanes.delivered(lanes.due_again(card)).state == State.SENT


def test_a_flood_wait_stops_no_other_chat(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    telegram.fail("retry_after", chat_id=boris, seconds=17)
    lanes.deliver(card.chat_id)
    vera = company.telegram_id(company.vera)
    lanes.deliver(Chat.objects.get(telegram_id=vera).pk)
    assert len(telegram.messages(vera)) == 1


def test_a_flood_wait_of_the_whole_bot_is_learnt_by_few_calls(
    telegram: Sandbox, company: Company
) -> None:
    ids = [-1002000000000 - number for number in range(6)]
    for chat_id in ids:
        telegram.put_group(chat_id, company.telegram_id(company.boris))
        company.further_group(chat_id)
    lanes.submit(company)
    telegram.fail("retry_after", count=len(ids), seconds=17)
    waits = [lanes.deliver(chat.pk) for chat in Chat.objects.filter(telegram_id__in=ids)]
    assert all(wait and 15 < wait <= 17 for wait in waits)
    assert len(telegram.calls("sendDocument")) == limiter.CROWD


def test_trouble_at_telegram_is_tried_again_later_and_later(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    telegram.fail("error", chat_id=boris, count=4, error_code=500)
    waits = []
    for _ in range(4):
        message = lanes.delivered(lanes.due_again(card))
        waits.append(round(lanes.in_seconds(message.not_before)))
        assert message.state == State.PENDING
        assert "Internal Server Error" in message.error
    assert waits == [2, 4, 8, 16]

    message = lanes.delivered(lanes.due_again(card))
    assert (message.state, message.error, message.attempts) == (State.SENT, "", 0)
    assert len(telegram.messages(boris)) == 1


def test_trouble_with_one_message_does_not_stop_the_next(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    other = lanes.submit(company)
    telegram.fail("error", chat_id=boris, error_code=500)
    lanes.delivered(card)
    (text,) = lanes.texts(telegram, boris)
    assert other.number in text


def test_no_wait_is_longer_than_five_minutes_and_the_last_try_is_the_twelfth(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    telegram.fail("error", chat_id=boris, count=12, error_code=500)
    for _ in range(11):
        message = lanes.delivered(lanes.due_again(card))
    assert lanes.in_seconds(message.not_before) <= 300
    assert message.state == State.PENDING
    message = lanes.delivered(lanes.due_again(card))
    assert message.state == State.FAILED
    assert "Internal Server Error" in message.error


def test_a_dead_network_never_makes_a_message_fail(
    telegram: Sandbox, card: SentMessage, boris: int, settings: LazySettings
) -> None:
    reachable = telegram.url
    settings.TELEGRAM_API_URL = "http://127.0.0.1:1"
    for _ in range(15):
        message = lanes.delivered(lanes.due_again(card))
        assert message.state == State.PENDING
    assert "Connection refused" in message.error
    assert 60 < lanes.in_seconds(message.chat.not_before) <= 300

    settings.TELEGRAM_API_URL = reachable
    telegram.fail("error", chat_id=boris, error_code=500)
    assert lanes.delivered(lanes.due_again(card)).state == State.PENDING
    assert lanes.delivered(lanes.due_again(card)).state == State.SENT
    assert len(telegram.messages(boris)) == 1


class Proxy(ThreadingHTTPServer):
    """Answers every call with a page of its own."""

    def __init__(self, code: int) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_error(code)

            def log_message(self, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.mark.parametrize("code", [403, 404, 407, 413, 502, 503])
def test_a_page_of_a_proxy_never_makes_a_message_fail(
    telegram: Sandbox, card: SentMessage, boris: int, settings: LazySettings, code: int
) -> None:
    with Proxy(code) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        settings.TELEGRAM_API_URL = f"http://127.0.0.1:{proxy.server_port}"
        for _ in range(15):
            message = lanes.delivered(lanes.due_again(card))
            assert message.state == State.PENDING
        assert 60 < lanes.in_seconds(message.chat.not_before) <= 300
        proxy.shutdown()
    assert f"{code} " in message.error

    settings.TELEGRAM_API_URL = telegram.url
    assert lanes.delivered(lanes.due_again(card)).state == State.SENT
    assert len(telegram.messages(boris)) == 1


def test_a_wrong_token_waits_as_a_dead_network_does(
    telegram: Sandbox, card: SentMessage, settings: LazySettings
) -> None:
    settings.TELEGRAM_BOT_TOKEN = "123456:wrong"
    message = lanes.delivered(card)
    assert (message.state, message.error) == (State.PENDING, "Unauthorized")
    assert lanes.in_seconds(message.chat.not_before) > 0


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SECONDS", 0.3)


@pytest.mark.usefixtures("impatient")
def test_a_lost_answer_costs_one_copy_at_the_most(
    telegram: Sandbox, company: Company, request_: PaymentRequest, card: SentMessage, boris: int
) -> None:
    telegram.fail("hang_after", chat_id=boris, seconds=1)
    message = lanes.delivered(card)
    assert (message.state, message.lost) == (State.PENDING, 1)
    assert 29 < lanes.in_seconds(message.not_before) <= 30
    comment = lanes.change(company, request_)
    assert lanes.delivered(card).state == State.PENDING

    message = lanes.delivered(lanes.due_again(card))
    copy, lasting = telegram.messages(boris)
    assert message.state == State.SENT
    assert message.message_ids == [lasting["message_id"]]
    assert comment in lasting["text"]
    assert copy["edits"] == 0

    comment = lanes.change(company, request_)
    lanes.delivered(card)
    assert comment in lanes.texts(telegram, boris)[1]
    assert len(telegram.messages(boris)) == 2


def test_an_answer_lost_again_is_for_somebody_to_look_at(
    telegram: Sandbox, company: Company, request_: PaymentRequest, card: SentMessage, boris: int
) -> None:
    telegram.fail("drop_after", chat_id=boris, count=2)
    lanes.delivered(card)
    message = lanes.delivered(lanes.due_again(card))
    assert (message.state, message.lost, message.is_behind) == (State.UNKNOWN, 2, False)
    for _hours in range(3):
        lanes.delivered(lanes.due_again(card))
    assert len(telegram.messages(boris)) == 2

    comment = lanes.change(company, request_)
    assert lanes.delivered(card).state == State.SENT
    assert comment in lanes.texts(telegram, boris)[-1]


def test_an_album_whose_answer_was_lost_is_not_sent_again(
    telegram: Sandbox, company: Company
) -> None:
    request = company.submitted(documents=4)
    project()
    announcement = lanes.delivered(lanes.announcement(request))
    SentMessage.objects.filter(chat=announcement.chat, kind="documents").update(
        state=State.PENDING, form="", message_ids=[], shown=0, shown_hash=""
    )
    sent = len(telegram.messages(GROUP_CHAT))
    telegram.fail("drop_after", chat_id=GROUP_CHAT)
    album = lanes.delivered(SentMessage.objects.get(kind="documents"))
    assert (album.state, album.is_behind) == (State.UNKNOWN, False)
    lanes.delivered(lanes.due_again(album))
    assert len(telegram.messages(GROUP_CHAT)) == sent + len(album.documents)


def test_an_edit_without_an_answer_is_simply_repeated(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage, boris: int
) -> None:
    comment = lanes.change(company, request_)
    telegram.fail("drop_after", chat_id=boris)
    message = lanes.delivered(sent)
    assert message.state == State.SENT
    assert message.shown < message.wanted

    message = lanes.delivered(lanes.due_again(sent))
    assert message.shown == message.wanted
    (seen,) = telegram.messages(boris)
    assert comment in seen["text"]
    assert seen["edits"] == 1


def test_an_edit_taken_back_after_a_lost_answer_is_edited_back(
    telegram: Sandbox, company: Company, sent: SentMessage, boris: int
) -> None:
    before = lanes.texts(telegram, boris)
    request = PaymentRequest.objects.get(messages=sent)
    lanes.change(company, request)
    telegram.fail("drop_after", chat_id=boris)
    lanes.delivered(sent)
    assert lanes.texts(telegram, boris) != before

    lanes.change(company, request, comment="Срочная поставка")
    lanes.delivered(lanes.due_again(sent))
    assert lanes.texts(telegram, boris) == before


def test_what_the_storage_says_is_kept_without_secrets(
    telegram: Sandbox, request_: PaymentRequest, settings: LazySettings
) -> None:
    file = request_.documents.get().file
    file.storage.delete(str(file.name))
    settings.TELEGRAM_WEBHOOK_SECRET = Path(str(file.name)).name
    message = lanes.delivered(lanes.announcement(request_))
    assert message.state == State.PENDING
    assert message.error.startswith("FileNotFoundError")
    assert "<secret>" in message.error
    assert settings.TELEGRAM_WEBHOOK_SECRET not in message.error


def test_what_a_defect_says_is_kept_without_secrets(
    telegram: Sandbox, card: SentMessage, settings: LazySettings
) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = "unheard-of"
    SentMessage.objects.filter(pk=card.pk).update(kind="unheard-of")
    message = lanes.delivered(card)
    said = "LookupError: this release knows no messages of the kind '<secret>'"
    assert (message.state, message.error) == (State.FAILED, said)
