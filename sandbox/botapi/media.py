"""Documents, photos, albums and downloads."""

import secrets
from typing import Any

from sandbox.entities import MAX_CAPTION, FormattedText, parse_text
from sandbox.errors import ApiError, bad_request, not_modelled
from sandbox.files import MAX_DOWNLOAD_BYTES, StoredFile
from sandbox.params import Params, as_text
from sandbox.state import Body
from sandbox.world import World

from .access import admit, read_target, read_text, require_length
from .messages import post

MIN_ALBUM = 2
MAX_ALBUM = 10
_KINDS = ("document", "photo")
_ATTACH = "attach://"
CAPTION_TOO_LONG = "message caption is too long"


async def send_document(world: World, params: Params) -> Body:
    return await _send_file(world, params, "document")


async def send_photo(world: World, params: Params) -> Body:
    return await _send_file(world, params, "photo")


async def _send_file(world: World, params: Params, kind: str) -> Body:
    reference = params.text(kind)
    if not reference and kind not in params.uploads:
        raise bad_request(f"there is no {kind} in the request")
    caption = read_text(params, "caption")
    target = read_target(world, params)
    stored = _file(world, params, kind, reference or f"{_ATTACH}{kind}")
    require_length(caption, MAX_CAPTION, CAPTION_TOO_LONG)
    admit(world, target.chat, target.markup)
    return post(world, target, stored.media() | caption.fields("caption")).body


async def send_media_group(world: World, params: Params) -> list[Body]:
    items = _album(params)
    captions = [media_caption(item) for item in items]
    # Albums cannot carry a keyboard: the parameter does not exist and is ignored.
    target = read_target(world, Params({**params.args, "reply_markup": ""}))
    files = [media_file(world, params, item) for item in items]
    for caption in captions:
        require_length(caption, MAX_CAPTION, CAPTION_TOO_LONG)
    if len({stored.kind for stored in files}) > 1:
        raise bad_request("can't use the media of the specified type in the album")
    admit(world, target.chat, None, cost=len(items))
    group = {"media_group_id": str(secrets.randbits(53) + (1 << 53))}
    contents = [
        group | stored.media() | caption.fields("caption")
        for stored, caption in zip(files, captions, strict=True)
    ]
    return [post(world, target, content).body for content in contents]


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
    reference = as_text(item.get("media"))
    attached = reference.removeprefix(_ATTACH)
    if not reference or (reference != attached and attached not in params.uploads):
        raise _media_error("media not found")
    if item["type"] not in _KINDS:
        raise not_modelled(f"InputMedia of type {item['type']}")


def media_caption(item: Body) -> FormattedText:
    return parse_text(
        as_text(item.get("caption")), as_text(item.get("parse_mode")), item.get("caption_entities")
    )


def media_file(world: World, params: Params, item: Body) -> StoredFile:
    return _file(world, params, item["type"], item["media"])


def _file(world: World, params: Params, kind: str, reference: str) -> StoredFile:
    """An upload (``attach://name``) or a file sent before (``file_id``)."""
    if not reference.startswith(_ATTACH):
        return world.files.sendable(kind, reference)
    upload = params.uploads.get(reference.removeprefix(_ATTACH))
    if upload is None:
        raise bad_request(f"there is no {kind} in the request")
    return world.files.add(kind, upload)


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
    "sendDocument": send_document,
    "sendPhoto": send_photo,
    "sendMediaGroup": send_media_group,
    "getFile": get_file,
}
