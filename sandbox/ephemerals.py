"""Ephemeral messages: one person and the bot see them, nobody else in the chat.

They stand beside the public messages of a chat, with numbers of their own that are used again.
"""

from itertools import count

from .groups import tell_message
from .keyboards import Markup
from .people import check_may_say, thread_for
from .state import Body, Chat, Message, Person
from .world import World, in_chat


def post(
    world: World,
    chat: Chat,
    sender_id: int,
    receiver_id: int,
    content: Body,
    *,
    markup: Markup | None = None,
    reply_to: Message | None = None,
    thread_id: int = 0,
    replaced_id: int = 0,
) -> Message:
    """Put an ephemeral message into a chat and tell the page of its receiver.

    A planned loss lets it be shown to nobody, of which the bot is not told.
    """
    number: Body = {
        "message_id": 0,
        "ephemeral_message_id": next(key for key in count(1) if key not in chat.ephemerals),
        "receiver_user": world.user(receiver_id),
    }
    message = world.compose(
        chat, sender_id, number, content, markup=markup, reply_to=reply_to, thread_id=thread_id
    )
    message.receiver, message.replaced_id = receiver_id, replaced_id
    message.after = replaced_id or max(chat.messages, default=0)
    message.is_lost = message.out and world.faults.lose(str(chat.id))
    chat.ephemerals[number["ephemeral_message_id"]] = message
    world.tell_message("message", chat, message)
    return message


def say(world: World, person: Person, chat: Chat, content: Body, thread_id: int = 0) -> Message:
    """A command of a person that only the bot hears.

    :raises ApiError: 403 when the person may not write there.
    """
    check_may_say(chat, person, content)
    thread_id = thread_for(world, person, chat, thread_id)
    message = post(world, chat, person.id, world.bot.id, content, thread_id=thread_id)
    if in_chat(chat):
        tell_message(world, chat, message)
    return message


def find(chat: Chat, receiver_id: int, ephemeral_id: int) -> Message | None:
    """The message that the bot sent to somebody."""
    message = chat.ephemerals.get(ephemeral_id)
    return message if message and message.out and message.receiver == receiver_id else None


def delete(world: World, chat: Chat, message: Message) -> None:
    """Its number is free again; what it stood in place of is back."""
    ephemeral_id = message.body["ephemeral_message_id"]
    del chat.ephemerals[ephemeral_id]
    place = {"chat_id": chat.id, "person_id": message.receiver}
    event = place | {"message_id": 0, "ephemeral_message_id": ephemeral_id}
    world.hub.publish("deleted", message.audience(chat), lambda people: event)
    if message.replaced_id:
        world.hub.publish("chat", message.audience(chat), lambda people: place)


def shown_to(chat: Chat, person_id: int) -> list[Message]:
    """All that a person sees in a chat, in the order in which it stands there."""
    own = [m for m in chat.ephemerals.values() if person_id in m.audience(chat)]
    replaced = {message.replaced_id for message in own}
    public = [message for message in chat.messages.values() if message.id not in replaced]
    return sorted([*public, *own], key=lambda message: message.after or message.id)
