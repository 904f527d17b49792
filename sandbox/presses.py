"""Presses of inline buttons, and what the bot gets to know of them."""

import zlib

from .errors import ApiError
from .queries import Query
from .state import Body, Chat, Message, Person
from .world import World


def press(world: World, person: Person, chat: Chat, message_id: int, data: str) -> Query:
    """Press an inline button, possibly one that an old client still shows.

    :raises ApiError: 404 when the chat never had such a message.
    """
    message = chat.messages.get(message_id)
    if message is None and message_id not in chat.deleted:
        raise ApiError(404, "message not found")
    if message is not None and not message.out and not message.inline_message_id:
        raise ApiError(400, "not a message of the bot")
    if message is None:
        gone = {"chat": world.chat_body(chat), "message_id": message_id, "date": 0}
        return _ask(world, person, chat, data, {"message": gone})
    if message.inline_message_id:
        place = {"inline_message_id": message.inline_message_id}
        return _ask(world, person, chat, data, place)
    return _ask(world, person, chat, data, {"message": message.body}, message)


def press_ephemeral(
    world: World, person: Person, chat: Chat, ephemeral_id: int, data: str
) -> Query:
    """Press a button that nobody else sees.

    :raises ApiError: 404 when this person sees no such message.
    """
    message = chat.ephemerals.get(ephemeral_id)
    if message is None or message.is_lost or message.receiver != person.id:
        raise ApiError(404, "message not found")
    return _ask(world, person, chat, data, {"message": message.body}, message)


def _ask(
    world: World, person: Person, chat: Chat, data: str, place: Body, message: Message | None = None
) -> Query:
    lifetime = world.settings.webhook.lifetime("callback_query")
    query = world.queries.press(person.id, lifetime, chat.id, message.id if message else 0)
    payload: Body = {
        "id": query.id,
        "from": person.user(),
        "chat_instance": str(zlib.crc32(str(chat.id).encode()) + (1 << 60)),
        "data": data,
    }
    world.updates.add("callback_query", payload | place, ("callback_query", person.id))
    return query
