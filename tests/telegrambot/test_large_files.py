"""Large files: how a chat learns of them, what is too large for Telegram, and memory."""

import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from telegrambot.content.markup import CAPTION_LIMIT
from telegrambot.delivery import client, uploading
from telegrambot.delivery.upload import File
from telegrambot.models import Chat, SentMessage
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot, lanes, papers
from tests.telegrambot.papers import pdf, picture
from tests.telegrambot.sandbox import Sandbox
from treasury import files
from treasury.models import PaymentRequest

State, Form = SentMessage.State, SentMessage.Form
MB = 1_000_000


@pytest.fixture
def larger(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one's own Bot API server would take, and Telegram's does not."""
    monkeypatch.setattr(files, "MAX_BYTES", 100 * MB)


def delivered(telegram: Sandbox, request: PaymentRequest) -> list[dict[str, Any]]:
    lanes.deliver(lanes.announcement(request).chat_id)
    return telegram.messages(GROUP_CHAT)


def methods(telegram: Sandbox) -> list[str]:
    return [call["method"] for call in telegram.calls(chat_id=GROUP_CHAT)]


@pytest.mark.usefixtures("larger")
def test_of_a_file_of_sixty_megabytes_the_group_has_a_link(
    telegram: Sandbox, company: Company
) -> None:
    request = papers.submit(company, ("Проект.pdf", pdf(60 * MB)), ("Счёт.pdf", pdf()))
    card, document = delivered(telegram, request)
    assert request.number in card["text"]
    *_card, heading, line, link = card["text"].splitlines()
    assert heading == "Слишком велико для Telegram, лежит в бэк-офисе:"
    assert line == "Проект.pdf, 57,2\N{NO-BREAK SPACE}МБ"
    assert link == bot.address(request)
    assert document["document"]["file_name"] == "Счёт.pdf"
    assert methods(telegram) == ["sendMessage", "sendDocument"]
    # As long as the card is edited.
    comment = lanes.change(company, request)
    card = delivered(telegram, request)[0]
    assert comment in card["text"]
    assert bot.address(request) in card["text"]


@pytest.mark.usefixtures("larger")
def test_a_rich_card_has_the_link_too(telegram: Sandbox, company: Company) -> None:
    Chat.objects.update(dress=Chat.Dress.RICH)
    request = papers.submit(company, ("Проект.pdf", pdf(51 * MB)))
    [seen] = delivered(telegram, request)
    *_card, line, link = seen["rich_message"]["blocks"]
    assert line["text"].startswith("Проект.pdf, 48,6")
    assert link["text"] == bot.address(request)


@pytest.mark.usefixtures("larger")
def test_who_asks_for_the_documents_gets_those_that_go_and_links_to_the_others(
    telegram: Sandbox, company: Company
) -> None:
    large = [(f"Проект {n} {'Ж' * 150}.pdf", pdf(51 * MB)) for n in (1, 2)]
    request = papers.submit(company, ("Счёт.pdf", pdf()), *large, ("Акт.pdf", pdf()))
    boris = company.telegram_id(company.boris)
    bot.post(bot.press(boris, f"documents:{request.pk}"))
    lanes.deliver(bot.chat_of(company, company.boris)[0].chat_id)
    first, links, last, _card = telegram.messages(boris)
    assert first["document"]["file_name"] == "Счёт.pdf"
    assert last["document"]["file_name"] == "Акт.pdf"
    assert links["text"].startswith(f"Документы заявки {request.number}\n")
    assert links["text"].endswith(f"\n{bot.address(request)}")
    assert [links["text"].count(f"Проект {n}") for n in (1, 2)] == [1, 1]


@pytest.mark.usefixtures("larger")
def test_ones_own_server_takes_more(telegram: Sandbox, company: Company, settings: Any) -> None:
    settings.TELEGRAM_UPLOAD_BYTES = 2000 * MB
    request = papers.submit(company, ("Проект.pdf", pdf(51 * MB)))
    [seen] = delivered(telegram, request)
    assert seen["document"]["file_size"] > 51 * MB


def test_the_strict_server_takes_no_caption_of_1025_and_no_60_megabytes(
    telegram: Sandbox, company: Company
) -> None:
    to = {"chat_id": GROUP_CHAT}
    photo = File.of("a.jpg", picture())
    with pytest.raises(client.TelegramError, match="message caption is too long"):
        client.call("sendPhoto", {**to, "caption": "Ж" * 1025}, {"photo": photo})
    with pytest.raises(client.MediaRefused):
        client.call("sendDocument", to, {"document": File("a.pdf", 60 * MB, zeros)})
    assert telegram.messages(GROUP_CHAT) == []


def zeros() -> Any:
    return Path("/dev/zero").open("rb")


def test_a_wordy_request_fits_under_its_picture(telegram: Sandbox, company: Company) -> None:
    wordy = {"purpose": "Оплата по счёту 45 " + "за металлопрокат " * 10, "comment": "Ж<&" * 600}
    request = papers.submit(company, ("Счёт.jpg", picture()), **wordy)
    [seen] = delivered(telegram, request)
    assert "photo" in seen
    assert CAPTION_LIMIT - 100 < len(seen["caption"]) <= CAPTION_LIMIT


def test_an_album_of_which_one_cannot_be_read_waits_and_then_comes_whole(
    telegram: Sandbox, company: Company
) -> None:
    request = papers.submit(company, *((f"{n}.pdf", pdf()) for n in range(4)))
    path = Path(request.documents[2].file.path)
    content = path.read_bytes()
    path.unlink()
    [_announced] = delivered(telegram, request)
    album = request.messages.get(kind="documents")
    assert (album.state, album.attempts) == (State.PENDING, 1)
    assert "FileNotFoundError" in album.error

    path.write_bytes(content)
    assert lanes.delivered(lanes.due_again(album)).state == State.SENT
    names = [seen["document"]["file_name"] for seen in telegram.messages(GROUP_CHAT)]
    assert names == ["0.pdf", "1.pdf", "2.pdf", "3.pdf"]


def test_a_picture_that_cannot_be_read_waits(telegram: Sandbox, company: Company) -> None:
    request = papers.submit(company, ("1.jpg", picture()))
    path = Path(request.documents.get().file.path)
    path.rename(hidden := path.with_suffix(".away"))
    assert delivered(telegram, request) == []
    hidden.rename(path)
    message = lanes.delivered(lanes.due_again(lanes.announcement(request)))
    assert message.state == State.SENT
    assert "photo" in telegram.messages(GROUP_CHAT)[0]


@pytest.mark.parametrize(
    ("name", "content", "action"),
    [
        ("Счёт.pdf", pdf(2 * MB), "upload_document"),
        ("Счёт.jpg", picture(fill=2 * MB), "upload_photo"),
        ("Счёт.pdf", pdf(), None),
    ],
    ids=["document", "photo", "small"],
)
def test_the_chat_sees_that_something_large_is_on_its_way(
    telegram: Sandbox, company: Company, name: str, content: bytes, action: str | None
) -> None:
    request = papers.submit(company, (name, content))
    delivered(telegram, request)
    actions = [call["params"]["action"] for call in telegram.calls("sendChatAction")]
    assert actions == ([action] if action else [])
    assert methods(telegram)[-1] in ("sendDocument", "sendPhoto")


def test_what_telegram_has_already_is_not_announced(telegram: Sandbox, company: Company) -> None:
    request = papers.submit(company, ("Счёт.pdf", pdf(2 * MB)))
    delivered(telegram, request)
    announcement = lanes.announcement(request)
    SentMessage.objects.filter(pk=announcement.pk).update(form="", shown=0, shown_hash="")
    lanes.delivered(announcement)
    assert methods(telegram) == ["sendChatAction", "sendDocument", "sendDocument"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "error_code": 400, "description": "Bad Request: CHAT_ACTION_INVALID"},
        {"kind": "retry_after", "seconds": 30},
        {"kind": "drop_before"},
        {"kind": "hang_before", "seconds": 20},
    ],
    ids=["refused", "flood", "dropped", "silent"],
)
def test_that_it_cannot_be_told_delays_nothing(
    telegram: Sandbox, company: Company, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "SECONDS", 0.3)
    request = papers.submit(company, ("Счёт.pdf", pdf(2 * MB)))
    telegram.fail(method="sendChatAction", **fault)
    begun = time.monotonic()
    [seen] = delivered(telegram, request)
    assert "document" in seen
    assert time.monotonic() - begun < 10
    assert lanes.announcement(request).state == State.SENT


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("traced")
def test_memory_is_flat_while_ten_albums_go_up(telegram: Sandbox, company: Company) -> None:
    """Eighty megabytes; none is ever whole in memory, and what one takes is given back."""
    for number in range(10):
        sizes = [MB * 4 + 1000 * (2 * number + n) for n in (0, 1)]
        papers.submit(company, ("0.pdf", pdf()), *((f"{n}.pdf", pdf(n)) for n in sizes))
    chat_pk = Chat.objects.get(telegram_id=GROUP_CHAT).pk
    before, _peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    lanes.deliver(chat_pk)
    after, peak = tracemalloc.get_traced_memory()
    assert len(telegram.messages(GROUP_CHAT)) == 30
    assert peak - before < 3 * MB
    assert after - before < 2 * MB
