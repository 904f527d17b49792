"""Which documents go together in one message."""

from collections.abc import Iterable, Iterator, Sequence

from telegrambot.content.filekinds import go_together, is_too_large, kind_of
from treasury.models import Attachment

# sendMediaGroup takes from two to ten. https://core.telegram.org/bots/api#sendmediagroup
ALBUM_SIZE = 10
# Bytes in one call. Telegram takes 50 MB of a file, and its front about as much of a request:
# https://core.telegram.org/bots/api#sending-files
ALBUM_BYTES = 40_000_000


def cut(documents: Iterable[Attachment]) -> Iterator[list[Attachment]]:
    """In their order, as many at a time as one call carries and one album shows; what is larger
    alone goes alone."""
    album: list[Attachment] = []
    for document in documents:
        if album and not _takes(album, document):
            yield album
            album = []
        album.append(document)
    if album:
        yield album


def _takes(album: Sequence[Attachment], document: Attachment) -> bool:
    more = [*album, document]
    # Of these comes a line each, and lines stand together.
    spoken_of = {is_too_large(each.size) for each in more}
    if len(more) > ALBUM_SIZE or len(spoken_of) > 1:
        return False
    kinds = {kind_of(each.name, each.size) for each in more}
    return True in spoken_of or (
        sum(each.size for each in more) <= ALBUM_BYTES and go_together(kinds)
    )
