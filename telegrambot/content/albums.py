"""Which documents go together in one message."""

from collections.abc import Iterable, Iterator

from treasury.models import Attachment

# sendMediaGroup takes from two to ten. https://core.telegram.org/bots/api#sendmediagroup
ALBUM_SIZE = 10
# Bytes in one call. Telegram takes 50 MB of a file, and its front about as much of a request:
# https://core.telegram.org/bots/api#sending-files
ALBUM_BYTES = 40_000_000


def cut(documents: Iterable[Attachment]) -> Iterator[list[Attachment]]:
    """In their order, as many at a time as one call carries; what is larger alone goes alone."""
    album: list[Attachment] = []
    for document in documents:
        size = sum(other.size for other in album) + document.size
        if album and (len(album) == ALBUM_SIZE or size > ALBUM_BYTES):
            yield album
            album = []
        album.append(document)
    if album:
        yield album
