"""Files of every kind, albums and downloads."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.entities import MAX_CAPTION, FormattedText, parse_text
from sandbox.errors import ApiError, bad_request, not_modelled
from sandbox.files import MAX_DOWNLOAD_BYTES, StoredFile
from sandbox.params import Params, as_integer, as_text
from sandbox.rights import require_sending
from sandbox.state import CAPTIONED, Body
from sandbox.world import World

from .access import admit, check_effect, read_text, require_length
from .messages import post, put
from .targets import read_target

MIN_ALBUM = 2
MAX_ALBUM = 10
ATTACH = "attach://"
CAPTION_TOO_LONG = "message caption is too long"

# The methods that send one file, its parameter, and which numbers and words about it they take.
_SENT = {
    "sendDocument": "document",
    "sendPhoto": "photo",
    "sendVideo": "video",
    "sendAnimation": "animation",
    "sendAudio": "audio",
    "sendVoice": "voice",
    "sendVideoNote": "video_note",
}
_NUMBERS: dict[str, tuple[str, ...]] = {
    "video": ("duration", "width", "height"),
    "animation": ("duration", "width", "height"),
    "audio": ("duration",),
    "voice": ("duration",),
    "video_note": ("duration", "length"),
}
_WORDS: dict[str, tuple[str, ...]] = {"audio": ("performer", "title")}
_EDITABLE = frozenset({"document", "photo", "video", "animation", "audio"})
# Documents and audio keep to themselves in an album, photos and videos may be mixed.
_ALBUMS = ({"photo", "video"}, {"document"}, {"audio"})
Method = Callable[[World, Params], Awaitable[Body]]


def _sender(kind: str) -> Method:
    what = kind.replace("_", " ")

    async def send_file(world: World, params: Params) -> Body:
        reference = params.text(kind)
        if not reference and kind not in params.uploads:
            raise bad_request(f"there is no {what} in the request")
        caption = read_text(params, "caption") if kind in CAPTIONED else FormattedText()
        target = read_target(world, params)
        details = _details(kind, params.args)
        stored = _file(world, params, kind, reference or f"{ATTACH}{kind}", details)
        require_length(caption, MAX_CAPTION, CAPTION_TOO_LONG)
        content = stored.media() | caption.fields("caption")
        return (await post(world, params, target, content, kind=kind)).body

    return send_file


def _details(kind: str, given: Body) -> Body:
    numbers = {name: max(0, as_integer(given.get(name))) for name in _NUMBERS.get(kind, ())}
    words = {name: as_text(given[name]) for name in _WORDS.get(kind, ()) if given.get(name)}
    return numbers | words


async def send_media_group(world: World, params: Params) -> list[Body]:
    items = _album(params)
    captions = [media_caption(item) for item in items]
    # Albums cannot carry a keyboard: the parameter does not exist and is ignored.
    target = read_target(world, params.without("reply_markup"))
    files = [sent_file(world, params, item) for item in items]
    for caption in captions:
        require_length(caption, MAX_CAPTION, CAPTION_TOO_LONG)
    kinds = {stored.kind for stored in files}
    if not any(kinds <= together for together in _ALBUMS):
        raise bad_request("can't use the media of the specified type in the album")
    for stored in files:
        require_sending(target.chat, stored.kind)
    check_effect(params)
    await admit(world, target.chat, None, cost=len(items))
    group = {"media_group_id": str(secrets.randbits(53) + (1 << 53))}
    contents = [
        group | stored.media() | caption.fields("caption")
        for stored, caption in zip(files, captions, strict=True)
    ]
    return [put(world, target, content).body for content in contents]


def _album(params: Params) -> list[Body]:
    items: Any = params.json("media", "can't parse media JSON object")
    if items is None:
        raise bad_request('parameter "media" is required')
    if not isinstance(items, list):
        raise bad_request("expected an Array of InputMedia")
    if not items:
        raise bad_request("there are no messages to send")
    if len(items) > MAX_ALBUM:
        raise bad_request("too many messages to send as an album")
    if len(items) < MIN_ALBUM:
        raise bad_request("too few messages to send as an album")
    for item in items:
        check_media(params, item)
    return items


def _media_error(text: str) -> ApiError:
    return bad_request(f"can't parse InputMedia: {text}")


def check_media(params: Params, item: Any) -> None:
    """:raises ApiError: 400 when ``item`` is no InputMedia, 501 for kinds not modelled."""
    if not isinstance(item, dict):
        raise _media_error("expected an Object")
    if "type" not in item:
        raise _media_error('Can\'t find field "type"')
    check_attached(params, item)
    if item["type"] not in _EDITABLE:
        raise not_modelled(f"InputMedia of type {item['type']}")


def check_attached(params: Params, item: Body) -> None:
    """:raises ApiError: 400 when there is no such upload in the request."""
    reference = as_text(item.get("media"))
    attached = reference.removeprefix(ATTACH)
    if not reference or (reference != attached and attached not in params.uploads):
        raise _media_error("media not found")


def media_caption(item: Body) -> FormattedText:
    return parse_text(
        as_text(item.get("caption")), as_text(item.get("parse_mode")), item.get("caption_entities")
    )


def sent_file(world: World, params: Params, item: Body) -> StoredFile:
    kind = item["type"]
    return _file(world, params, kind, item["media"], _details(kind, item))


def _file(world: World, params: Params, kind: str, reference: str, details: Body) -> StoredFile:
    """An upload (``attach://name``) or a file sent before (``file_id``)."""
    if not reference.startswith(ATTACH):
        return world.files.sendable(kind, reference)
    upload = params.uploads.get(reference.removeprefix(ATTACH))
    if upload is None:
        raise bad_request(f"there is no {kind} in the request")
    return world.files.add(kind, upload, details)


async def get_file(world: World, params: Params) -> Body:
    file_id = params.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    stored = world.files.known(file_id, "invalid file_id")
    if len(stored.content) > MAX_DOWNLOAD_BYTES and not world.local:
        raise bad_request("file is too big")
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
        "file_path": stored.path,
    }


METHODS = {
    **{method: _sender(kind) for method, kind in _SENT.items()},
    "sendMediaGroup": send_media_group,
    "getFile": get_file,
}
