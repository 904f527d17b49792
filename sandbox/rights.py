"""Who may do what in a chat: one table of rights, and of the words in which Telegram refuses.

Names and order: ``json_store_permissions`` and ``json_store_administrator_rights`` of Client.cpp.
Which right counts: ``DialogParticipantStatus::apply_restrictions`` of TDLib. Texts:
``can_send_message_content`` of MessageContent.cpp, DialogManager.cpp, ForumTopicManager.cpp.
"""

from typing import NamedTuple

from .errors import bad_request
from .state import PERMISSIONS, SENDING, SHARED, Chat, ChatType, Member, Rights, Status

MEDIA = SENDING[1:7]
_EVERYWHERE = (
    "can_manage_chat", "can_change_info", "can_delete_messages", "can_invite_users",
    "can_restrict_members", "can_promote_members", "can_manage_video_chats", "can_post_stories",
    "can_edit_stories", "can_delete_stories",
)  # fmt: skip
_IN_GROUPS = (*_EVERYWHERE, "can_pin_messages", "can_manage_tags")
ADMINISTRATION: dict[ChatType, tuple[str, ...]] = {
    ChatType.PRIVATE: (),
    ChatType.GROUP: _IN_GROUPS,
    ChatType.SUPERGROUP: (*_IN_GROUPS, "can_manage_topics"),
    ChatType.CHANNEL: (
        *_EVERYWHERE, "can_post_messages", "can_edit_messages", "can_manage_direct_messages",
    ),
}  # fmt: skip
ANONYMOUS = "is_anonymous"
# What every administrator of a basic group has: to give single rights takes a supergroup.
GROUP_ADMINISTRATOR = frozenset(
    {
        "can_manage_chat", "can_change_info", "can_delete_messages", "can_invite_users",
        "can_restrict_members", "can_pin_messages", "can_manage_video_chats",
    }
)  # fmt: skip


class Need(NamedTuple):
    """A right, and what Telegram says when it is missing."""

    right: str
    refusal: str


def _to_send(right: str, things: str) -> Need:
    return Need(right, f"not enough rights to send {things} to the chat")


RICH_REFUSAL = "not enough rights to send the rich message to the chat"
TO_SEND = {
    "text": _to_send("can_send_messages", "text messages"),
    "rich_message": Need("can_send_messages", RICH_REFUSAL),
    "contact": _to_send("can_send_messages", "contacts"),
    "location": _to_send("can_send_messages", "locations"),
    "venue": _to_send("can_send_messages", "venues"),
    "audio": _to_send("can_send_audios", "music"),
    "document": _to_send("can_send_documents", "documents"),
    "photo": _to_send("can_send_photos", "photos"),
    "video": _to_send("can_send_videos", "videos"),
    "video_note": _to_send("can_send_video_notes", "video notes"),
    "voice": _to_send("can_send_voice_notes", "voice notes"),
    "poll": _to_send("can_send_polls", "polls"),
    "animation": _to_send("can_send_other_messages", "animations"),
    "dice": _to_send("can_send_other_messages", "dice"),
    "sticker": _to_send("can_send_other_messages", "stickers"),
}
PIN = Need("can_pin_messages", "not enough rights to manage pinned messages in the chat")
PIN_POSTS = Need("can_edit_messages", PIN.refusal)
EDIT_POSTS = Need("can_edit_messages", "message can't be edited")
POST = Need("can_post_messages", "need administrator rights in the channel chat")
CREATE_TOPIC = Need("can_manage_topics", "not enough rights to create a topic")
EDIT_TOPIC = Need("can_manage_topics", "not enough rights to edit the topic")
CLOSE_TOPIC = Need("can_manage_topics", "not enough rights to close or open the topic")
DELETE_TOPIC = Need("can_delete_messages", "not enough rights to delete the topic")
DELETE = Need("can_delete_messages", "message can't be deleted")
SET_PERMISSIONS = Need("can_restrict_members", "not enough rights to change chat permissions")
RESTRICT = Need("can_restrict_members", "not enough rights to restrict/unrestrict chat member")
PROMOTE = Need("can_promote_members", "not enough rights")
SET_TITLE = Need("can_change_info", "not enough rights to change chat title")
SET_PHOTO = Need("can_change_info", "not enough rights to change chat photo")
SET_DESCRIPTION = Need("can_change_info", "not enough rights to set chat description")
INVITE = Need("can_invite_users", "not enough rights to manage chat invite link")


def rights_of(chat: Chat, member: Member, *, is_bot: bool) -> Rights:
    """All that somebody may do in a chat now; in a private one there is nothing to ask for."""
    match member.status:
        case Status.CREATOR:
            return Rights(PERMISSIONS) | frozenset(ADMINISTRATION[chat.type])
        case Status.ADMINISTRATOR:
            shared = frozenset() if is_bot else chat.permissions & frozenset(SHARED)
            return member.rights | frozenset(SENDING) | shared
        case Status.MEMBER:
            own = frozenset(PERMISSIONS)
        case Status.RESTRICTED:
            own = member.rights
        case _:
            return frozenset()
    own &= chat.permissions
    return own - frozenset(SHARED) if is_bot else own


def manages_topics(member: Member) -> bool:
    """By the right itself: what everybody may is to create topics, and to change his own."""
    named = CREATE_TOPIC.right in member.rights
    return member.status is Status.CREATOR or (member.is_administrator and named)


def bot_may(chat: Chat, need: Need) -> bool:
    return chat.is_private or need.right in rights_of(chat, chat.bot.now(), is_bot=True)


def require(chat: Chat, need: Need) -> None:
    """:raises ApiError: 400 when the bot has no such right in the chat."""
    if not bot_may(chat, need):
        raise bad_request(need.refusal)


def require_sending(chat: Chat, kind: str) -> None:
    """:raises ApiError: 400 when the bot may not send such content there."""
    require(chat, POST if chat.type is ChatType.CHANNEL else TO_SEND[kind])


def as_permissions(rights: Rights) -> dict[str, bool]:
    """The Bot API's ChatPermissions."""
    shown = {name: name in rights for name in PERMISSIONS}
    return shown | {"can_send_media_messages": any(shown[name] for name in MEDIA)}


def as_administration(chat: Chat, rights: Rights) -> dict[str, bool]:
    """The fields of the Bot API's ChatAdministratorRights."""
    names = (*ADMINISTRATION[chat.type], ANONYMOUS)
    return {name: name in rights for name in names}
