"""Rich messages of the bot: sent, shown as a draft, or put into an edit or an inline result."""

from sandbox import assumed
from sandbox.errors import bad_request
from sandbox.files import StoredFile
from sandbox.keyboards import check_deed
from sandbox.params import Params, as_text
from sandbox.rich.blocks import MEDIA
from sandbox.rich.message import RichMessage, parse_rich
from sandbox.rights import RICH_REFUSAL, TO_SEND, Need, require
from sandbox.state import Body, Chat, ChatType
from sandbox.world import World

from .access import Access, find_chat
from .media import ATTACH, check_attached, sent_file
from .messages import post
from .targets import read_target
from .whispers import refuse_logins

# Where a file has another name in messages than in InputMedia.
_KINDS = {"voice_note": "voice"}


def read_rich(params: Params, *, is_draft: bool = False) -> RichMessage:
    """``rich_message``, checked before anybody asks which chat it is for.

    :raises ApiError: 400.
    """
    value = params.json("rich_message", "can't parse rich message JSON object")
    if value is None:
        raise bad_request("rich message must be non-empty")
    rich = parse_rich(value, params.version, is_draft=is_draft)
    for media in rich.media:
        check_attached(params, media)
    return rich


def require_old_files(rich: RichMessage) -> None:
    """:raises ApiError: 400 for an upload or an address where only a file_id can be."""
    for media in rich.media:
        if as_text(media["media"]).startswith((ATTACH, "http://", "https://")):
            raise bad_request(assumed.NEW_FILES)


def check_place(rich: RichMessage, chat: Chat) -> None:
    """What of a rich message depends on the chat.

    :raises ApiError: 400 when the bot may not send one of its files there, or a button has no
        place there.
    """
    for media in rich.media:
        kind = _kind(media["type"])
        if chat.type is not ChatType.CHANNEL:
            require(chat, Need(TO_SEND[kind].right, RICH_REFUSAL))
    for button in rich.buttons:
        check_deed(button, private=chat.is_private)


def rich_content(world: World, params: Params, rich: RichMessage) -> Body:
    """The field of a Message: its files are those that people will see."""
    files = {id(media): sent_file(world, params, _item(media)) for media in rich.media}
    shown: Body = {"blocks": _with_files(rich.blocks, files)}
    return {"rich_message": shown | ({"is_rtl": True} if rich.is_rtl else {})}


def _item(media: Body) -> Body:
    return media | {"type": _kind(media["type"])}


def _kind(media_type: str) -> str:
    return _KINDS.get(media_type, media_type)


def _with_files(blocks: list[Body], files: dict[int, StoredFile]) -> list[Body]:
    return [_with_file(block, files) for block in blocks]


def _with_file(block: Body, files: dict[int, StoredFile]) -> Body:
    kind = block["type"]
    if kind in MEDIA:
        return block | {kind: files[id(block[kind])].media()[_kind(kind)]}
    changed: Body = {}
    if "blocks" in block:
        changed["blocks"] = _with_files(block["blocks"], files)
    if "items" in block:
        changed["items"] = [
            item | {"blocks": _with_files(item["blocks"], files)} for item in block["items"]
        ]
    return block | changed


async def send_rich_message(world: World, params: Params) -> Body:
    rich = read_rich(params)
    target = read_target(world, params)
    check_place(rich, target.chat)
    if target.whisper:
        refuse_logins(rich.buttons)
    content = rich_content(world, params, rich)
    return (await post(world, params, target, content, kind="rich_message")).body


async def send_rich_message_draft(world: World, params: Params) -> bool:
    """A draft is shown for half a minute and kept nowhere: here it is checked, and that is all."""
    rich = read_rich(params, is_draft=True)
    require_old_files(rich)
    if not params.integer("draft_id"):
        raise bad_request(assumed.NO_DRAFT_ID)
    chat = find_chat(world, params, Access.WRITE)
    if not chat.is_private:
        raise bad_request(assumed.DRAFT_IN_GROUP)
    check_place(rich, chat)
    rich_content(world, params, rich)
    return True


METHODS = {
    "sendRichMessage": send_rich_message,
    "sendRichMessageDraft": send_rich_message_draft,
}
