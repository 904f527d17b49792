"""Files as a call carries them: each as what it is, and by Telegram's own id where it has one."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from PIL import Image, UnidentifiedImageError

from telegrambot.content.filekinds import Kind, fits_photo, go_together, kind_of
from telegrambot.delivery.upload import File
from telegrambot.kinds.base import Document
from telegrambot.models import TelegramFile, bot_id

DOCUMENTS = frozenset({Kind.DOCUMENT})
# As long as one may be that is remembered; Telegram's have 80 characters or so.
FILE_ID_LENGTH = 255
_PICTURES = ("JPEG", "PNG", "WEBP")
_ATTACH = "attach://"


@dataclass(frozen=True)
class Medium:
    """`given` is a file_id, or attach:// and the name of the part with the file."""

    document: Document
    kind: Kind
    given: str

    @property
    def part(self) -> str:
        """The name of the part; empty for what Telegram has already."""
        return self.given.removeprefix(_ATTACH) if self.given.startswith(_ATTACH) else ""


def load(documents: Sequence[Document], allowed: Set[Kind]) -> tuple[Medium, ...]:
    """Each as what it is, where that is allowed, else as a document.

    Raises OSError when the storage cannot give one.
    """
    hashes = [document.sha256 for document in documents]
    known = TelegramFile.objects.use(hashes) if hashes else {}
    media = []
    for number, document in enumerate(documents):
        kind = _kind(document, known, allowed)
        given = known.get(_key(kind, document), f"{_ATTACH}document{number}")
        media.append(Medium(document, kind, given))
    return tuple(media)


def load_album(documents: Sequence[Document], allowed: Set[Kind]) -> tuple[Medium, ...]:
    """As `load`, but all as documents when one of them is something that may not stand beside the
    others: a picture whose sides are known only here."""
    media = load(documents, allowed)
    fit = go_together({medium.kind for medium in media})
    return media if fit else load(documents, DOCUMENTS)


def _key(kind: Kind, document: Document) -> tuple[str, str, str]:
    return kind, document.sha256, _shown_name(kind, document.name)


def _shown_name(kind: Kind, name: str) -> str:
    """What is no document is shown without a name."""
    return name if kind == Kind.DOCUMENT else ""


def _kind(
    document: Document, known: Mapping[tuple[str, str, str], str], allowed: Set[Kind]
) -> Kind:
    kind = kind_of(document.name, document.size())
    if kind not in allowed:
        return Kind.DOCUMENT
    if kind == Kind.PHOTO and _key(kind, document) not in known and not _is_photo(document):
        return Kind.DOCUMENT
    return kind


def _is_photo(document: Document) -> bool:
    """What is no picture inside, or one to blow up whoever opens it, is none."""
    try:
        with document.open() as file, Image.open(file, formats=_PICTURES) as picture:
            return fits_photo(*picture.size)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return False


def parts(media: Sequence[Medium]) -> dict[str, File]:
    """What Telegram has is not uploaded again."""
    return {
        medium.part: File(medium.document.name, medium.document.size(), medium.document.open)
        for medium in media
        if medium.part
    }


def remember(media: Sequence[Medium], result: Any) -> None:
    """Keep the file_ids of what was just uploaded."""
    for medium, holder in zip(media, _holders(result), strict=False):
        # What has become something else, as a video without sound does, has no id of this kind.
        file_id = file_id_in(holder, medium.kind)
        if medium.part and file_id:
            keep(medium.kind, medium.document.sha256, file_id, medium.document.name)


def keep(kind: Kind, sha256: str, file_id: str, name: str) -> None:
    shown = _shown_name(kind, name)
    TelegramFile.objects.update_or_create(
        bot_id=bot_id(), kind=kind, sha256=sha256, name=shown,
        defaults={"file_id": file_id, "used_at": timezone.now()},
    )  # fmt: skip


def file_id_in(holder: Any, kind: Kind) -> str:
    """Of a message or a block; of a photo that of its largest size, which comes last."""
    match holder:
        case {kind.value: {"file_id": str(file_id)} | [*_, {"file_id": str(file_id)}]}:
            return file_id if len(file_id) <= FILE_ID_LENGTH else ""
        case _:
            return ""


def _holders(result: Any) -> list[Any]:
    """What of an answer has a file each: messages, or blocks of one."""
    match result:
        case list():
            return result
        case {"rich_message": {"blocks": [*blocks]}}:
            return [block for block in blocks if set(Kind.values) & set(block)]
        case _:
            return [result]


def forget(media: Sequence[Medium]) -> None:
    """The next try uploads again."""
    hashes = [medium.document.sha256 for medium in media]
    TelegramFile.objects.of_this_bot().filter(sha256__in=hashes).delete()
