"""InputRichMessage as a whole."""

from dataclasses import dataclass
from typing import Any

from sandbox import assumed
from sandbox.errors import bad_request, not_modelled
from sandbox.versions import BotApi

from .blocks import check_maps, read_blocks
from .walk import Body, Walk, read_truth

_SOURCES = {"html": BotApi.V10_1, "markdown": BotApi.V10_1, "blocks": BotApi.V10_2}
_FIELDS = _SOURCES | {
    "media": BotApi.V10_2,
    "is_rtl": BotApi.V10_1,
    "skip_entity_detection": BotApi.V10_1,
}


@dataclass(slots=True, frozen=True)
class RichMessage:
    """What a bot wants to show: ``media`` are the InputMedia in its blocks."""

    blocks: list[Body]
    media: list[Body]
    buttons: list[Body]
    is_rtl: bool = False


def parse_rich(value: Any, version: BotApi, *, is_draft: bool = False) -> RichMessage:
    """:raises ApiError: 400; 501 for ``html`` and ``markdown``."""
    given = _understood(value, version)
    _check_source(given)
    walk = Walk(version, is_draft)
    flags = {
        name: read_truth(walk, name, given.get(name, False))
        for name in ("is_rtl", "skip_entity_detection")
    }
    walk.detects = not flags["skip_entity_detection"]
    blocks = read_blocks(walk, "blocks", given["blocks"])
    check_maps(blocks)
    walk.check_limits()
    return RichMessage(blocks, walk.media, walk.buttons, flags["is_rtl"])


def _check_source(given: Body) -> None:
    sources = [name for name in _SOURCES if given.get(name) is not None]
    if not sources:
        raise bad_request("RICH_MESSAGE_CONTENT_REQUIRED")
    if len(sources) > 1:
        names = ", ".join(sources)
        raise bad_request(f"can't parse InputRichMessage: exactly one of {names} may be given")
    if sources != ["blocks"]:
        raise not_modelled(f"{sources[0]} of rich messages")
    if "media" in given:
        raise bad_request(assumed.MEDIA_OF_BLOCKS)


def _understood(value: Any, version: BotApi) -> Body:
    """The fields that a server of that version knows."""
    if not isinstance(value, dict):
        raise bad_request(assumed.RICH_OBJECT)
    if unknown := [name for name in value if name not in _FIELDS]:
        raise bad_request(f"can't parse InputRichMessage: unknown field {', '.join(unknown)}")
    return {name: field for name, field in value.items() if version >= _FIELDS[name]}
