"""Documents go together as far as one call carries them."""

import pytest

from telegrambot.content import albums
from telegrambot.content.albums import ALBUM_BYTES, ALBUM_SIZE, cut
from telegrambot.models import Chat, SentMessage
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.bot import project
from tests.telegrambot.sandbox import TOKEN, Sandbox
from treasury.models import Attachment

MB = 1_000_000


def sizes(*given: int) -> list[list[int]]:
    """Of the albums that documents of these sizes make."""
    return [
        [document.size for document in album] for album in cut(Attachment(size=n) for n in given)
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], []),
        ([1], [[1]]),
        ([1] * 10, [[1] * 10]),
        ([1] * 11, [[1] * 10, [1]]),
        ([1] * 25, [[1] * 10, [1] * 10, [1] * 5]),
        ([20 * MB, 20 * MB], [[20 * MB, 20 * MB]]),
        ([20 * MB, 20 * MB, 1], [[20 * MB, 20 * MB], [1]]),
        ([20 * MB, 20 * MB + 1, 1], [[20 * MB], [20 * MB + 1, 1]]),
        ([1, 50 * MB, 1], [[1], [50 * MB], [1]]),
        ([50 * MB] * 3, [[50 * MB]] * 3),
    ],
)
def test_an_album_has_no_more_than_a_call_carries(
    given: list[int], expected: list[list[int]]
) -> None:
    assert sizes(*given) == expected


def test_every_document_goes_once_and_in_order() -> None:
    given = [(7 * n) % 45 * MB + 1 for n in range(100)]
    made = sizes(*given)
    assert [size for album in made for size in album] == given
    assert all(len(album) <= ALBUM_SIZE for album in made)
    assert all(sum(album) <= ALBUM_BYTES for album in made if len(album) > 1)


def test_heavy_documents_come_to_the_group_in_several_messages(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = company.submitted(documents=6)
    size = max(document.size for document in request.documents)
    monkeypatch.setattr(albums, "ALBUM_BYTES", 2 * size)
    project()
    messages = SentMessage.objects.filter(request=request).exclude(documents=[]).order_by("id")
    assert [len(message.documents) for message in messages] == [1, 2, 2, 1]


def test_they_answer_the_card_that_they_belong_to(telegram: Sandbox, company: Company) -> None:
    request = lanes.submit(company, documents=4)
    another = lanes.submit(company, documents=2)
    lanes.deliver(Chat.objects.get(telegram_id=GROUP_CHAT).pk)
    announced = {one.pk: lanes.announcement(one).message_id for one in (request, another)}
    said = telegram.messages(GROUP_CHAT)
    answers = [message for message in said if "reply_to_message" in message]
    answered = [message["reply_to_message"]["message_id"] for message in answers]
    assert answered == [announced[request.pk]] * 3 + [announced[another.pk]]


def test_what_has_no_card_any_more_comes_alone(telegram: Sandbox, company: Company) -> None:
    request = lanes.submit(company)
    boris = company.telegram_id(company.boris)
    card = lanes.delivered(lanes.card(company, request))
    telegram.post(f"/bot{TOKEN}/deleteMessage", chat_id=boris, message_id=card.message_id)
    bot.post(bot.press(boris, f"documents:{request.pk}"))
    lanes.deliver(card.chat_id)
    assert "reply_to_message" not in telegram.messages(boris)[-1]
