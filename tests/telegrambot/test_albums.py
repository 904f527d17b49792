"""Documents go together as far as one call carries them."""

import pytest

from telegrambot.content import albums
from telegrambot.content.albums import ALBUM_BYTES, ALBUM_SIZE, cut
from telegrambot.models import SentMessage
from tests.company import Company
from tests.telegrambot.bot import project
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
