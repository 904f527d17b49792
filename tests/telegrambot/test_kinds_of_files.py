"""Each file stands in the chat as what it is: pictures are seen, the rest is a document."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from telegrambot.models import Chat, SentMessage, TelegramFile
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import lanes, papers
from tests.telegrambot.papers import MP4, VOICE, pdf, picture
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest

State, Form = SentMessage.State, SentMessage.Form
SHOWN = ("photo", "video", "voice", "document")


def in_group(telegram: Sandbox, request: PaymentRequest) -> list[dict[str, Any]]:
    """What the group sees, when all of it was sent."""
    lanes.deliver(lanes.announcement(request).chat_id)
    states = request.messages.filter(chat__telegram_id=GROUP_CHAT).values_list("state", flat=True)
    assert set(states) == {State.SENT}
    return telegram.messages(GROUP_CHAT)


def kinds(seen: list[dict[str, Any]]) -> list[str]:
    return [next(kind for kind in SHOWN if kind in message) for message in seen]


def albums(seen: list[dict[str, Any]]) -> list[int]:
    """How many stand together, one after the other."""
    groups = [message.get("media_group_id", message["message_id"]) for message in seen]
    return [groups.count(group) for group in dict.fromkeys(groups)]


def test_a_picture_of_an_invoice_is_seen_with_the_card_under_it(
    telegram: Sandbox, company: Company
) -> None:
    request = papers.submit(company, ("Счёт.jpg", picture()))
    [seen] = in_group(telegram, request)
    assert kinds([seen]) == ["photo"]
    assert request.number in seen["caption"]
    assert [call["method"] for call in telegram.calls(chat_id=GROUP_CHAT)] == ["sendPhoto"]

    comment = lanes.change(company, request)
    [seen] = in_group(telegram, request)
    assert comment in seen["caption"]
    assert kinds([seen]) == ["photo"]
    assert TelegramFile.objects.get().kind == "photo"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("Счёт.pdf", pdf(), "document"),
        ("Скан.jpeg", picture(), "photo"),
        ("Скан.PNG", picture(kind="PNG"), "photo"),
        ("Приёмка.mp4", MP4, "video"),
        ("Голос.ogg", VOICE, "voice"),
        # A photo has ten megabytes at the most.
        ("Скан.jpg", picture(fill=10 * 1024**2), "document"),
        ("Скан.jpg", picture(fill=10 * 1024**2 - 1000), "photo"),
        # Its sides are no longer than 10 000 together, and one no more than twenty times the other.
        ("Лента.jpg", picture(5_000, 5_000), "photo"),
        ("Лента.jpg", picture(5_000, 5_001), "document"),
        ("Лента.png", picture(10, 200, "PNG"), "photo"),
        ("Лента.png", picture(10, 201, "PNG"), "document"),
        ("Битый.jpg", b"\xff\xd8\xff\xe0" + bytes(500), "document"),
        # Whoever opened it would have nothing left for anything else.
        ("Бомба.png", picture(30_000, 30_000, "PNG"), "document"),
        ("Большой.png", picture(10_000, 10_000, "PNG"), "document"),
    ],
    ids=[
        "pdf",
        "jpeg",
        "png",
        "mp4",
        "ogg",
        "heavy",
        "light",
        "large",
        "wide",
        "tall",
        "narrow",
        "broken",
        "bomb",
        "big",
    ],
)
def test_a_file_goes_as_what_it_is(
    telegram: Sandbox, company: Company, name: str, content: bytes, kind: str
) -> None:
    request = papers.submit(company, (name, content))
    [seen] = in_group(telegram, request)
    assert kinds([seen]) == [kind]
    assert request.number in seen["caption"]
    assert TelegramFile.objects.get().kind == kind
    if kind == "document":
        assert seen["document"]["file_name"] == name


def test_what_may_not_stand_together_stands_one_after_the_other_in_order(
    telegram: Sandbox, company: Company
) -> None:
    given = ("1.pdf", "2.jpg", "3.png", "4.mp4", "5.pdf", "6.pdf", "7.ogg", "8.ogg", "9.jpg")
    contents = {"pdf": pdf(), "jpg": picture(), "png": picture(kind="PNG"), "mp4": MP4,
                "ogg": VOICE}  # fmt: skip
    request = papers.submit(company, *((name, contents[name[-3:]]) for name in given))
    seen = in_group(telegram, request)
    assert kinds(seen) == [
        "document", "photo", "photo", "video", "document", "document", "voice", "voice", "photo",
    ]  # fmt: skip
    # The first has the card under it.
    assert albums(seen) == [1, 3, 2, 1, 1, 1]
    assert telegram.calls("sendMediaGroup", chat_id=GROUP_CHAT)


def test_pictures_have_their_words_under_the_first_and_documents_under_the_last(
    telegram: Sandbox, company: Company
) -> None:
    pictures = [(f"{number}.jpg", picture()) for number in range(3)]
    documents = [(f"{number}.pdf", pdf()) for number in range(3)]
    request = papers.submit(company, ("0.pdf", pdf()), *pictures, *documents)
    seen = in_group(telegram, request)
    assert ["caption" in message for message in seen] == [
        True, True, False, False, False, False, True,
    ]  # fmt: skip


def test_a_picture_that_cannot_be_a_photo_makes_documents_of_its_album(
    telegram: Sandbox, company: Company
) -> None:
    wide = picture(10, 300, "PNG")
    request = papers.submit(
        company, ("0.pdf", pdf()), ("1.jpg", picture()), ("2.png", wide), ("3.jpg", picture())
    )
    seen = in_group(telegram, request)
    assert kinds(seen) == ["document"] * 4
    assert albums(seen) == [1, 3]
    assert len(telegram.calls("sendMediaGroup")) == 1


def test_an_album_of_an_earlier_release_mixes_nothing(telegram: Sandbox, company: Company) -> None:
    request = papers.submit(company, ("0.pdf", pdf()), ("1.pdf", pdf()), ("2.jpg", picture()))
    of_two, of_one = request.messages.filter(kind="documents").order_by("id")
    of_two.documents += of_one.documents
    of_one.delete()
    of_two.save()
    seen = in_group(telegram, request)
    assert kinds(seen) == ["document"] * 3
    assert albums(seen) == [1, 2]
    assert len(telegram.calls("sendMediaGroup")) == 1


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: IMAGE_PROCESS_FAILED",
        "Bad Request: can't use the media of the specified type in the album",
        "Bad Request: file of size 10485761 bytes is too big for a photo; "
        "the maximum size is 10485760 bytes",
    ],
)
def test_what_telegram_takes_for_no_photo_comes_as_a_document(
    telegram: Sandbox, company: Company, description: str
) -> None:
    request = papers.submit(company, ("1.jpg", picture()))
    telegram.fail("error", method="sendPhoto", error_code=400, description=description)
    [seen] = in_group(telegram, request)
    assert kinds([seen]) == ["document"]
    assert request.number in seen["caption"]


Forbid = Callable[..., None]


@pytest.fixture
def forbid(telegram: Sandbox) -> Iterator[Forbid]:
    """In the group, until the test is over."""
    path = f"/control/chats/{GROUP_CHAT}/permissions"
    yield lambda *rights: telegram.post(path, without=rights)
    telegram.post(path, without=[])


def test_a_group_without_photos_gets_documents(
    telegram: Sandbox, company: Company, forbid: Forbid
) -> None:
    forbid("can_send_photos")
    request = papers.submit(company, ("1.jpg", picture()), ("2.jpg", picture()))
    assert kinds(in_group(telegram, request)) == ["document"] * 2


def test_a_group_without_any_files_gets_the_card_alone(
    telegram: Sandbox, company: Company, forbid: Forbid
) -> None:
    forbid("can_send_photos", "can_send_documents")
    request = papers.submit(company, ("1.jpg", picture()))
    [seen] = in_group(telegram, request)
    assert request.number in seen["text"]


def test_a_photo_goes_up_once_and_is_a_photo_in_a_rich_message_too(
    telegram: Sandbox, company: Company
) -> None:
    request = papers.submit(company, ("1.jpg", picture()), ("2.pdf", pdf()))
    in_group(telegram, request)
    Chat.objects.update(dress=Chat.Dress.RICH)
    announcement = lanes.announcement(request)
    SentMessage.objects.filter(pk=announcement.pk).update(form="", shown=0, shown_hash="")
    lanes.delivered(announcement)
    *_before, seen = telegram.messages(GROUP_CHAT)
    block = seen["rich_message"]["blocks"][-1]
    assert block["type"] == "photo"
    [call] = telegram.calls("sendRichMessage", chat_id=GROUP_CHAT)
    assert not call["params"].get("document0")


def test_a_photo_that_goes_up_in_a_rich_message_is_known_from_then_on(
    telegram: Sandbox, company: Company
) -> None:
    Chat.objects.update(dress=Chat.Dress.RICH)
    request = papers.submit(company, ("1.jpg", picture()))
    in_group(telegram, request)
    assert TelegramFile.objects.get().kind == "photo"
    lanes.change(company, request)
    in_group(telegram, request)
    [edit] = telegram.calls("editMessageText", chat_id=GROUP_CHAT)
    assert not edit["params"].get("document0")
