"""Everything the sandbox knows, and the primitive changes of it that the page is told about."""

import secrets
import time
from dataclasses import dataclass, field

from .errors import not_modified
from .faults import Faults
from .files import FileStore
from .hub import Hub
from .journal import Journal
from .keyboards import Markup
from .limits import FloodControl, UploadPacer
from .queries import Queries
from .rights import ANONYMOUS
from .settings import Settings
from .state import CONTENT, MEMBER, Body, Bot, Chat, ChatType, Member, Message, Person
from .updates import Poller, UpdateQueue
from .views import message_view


@dataclass(slots=True)
class World:
    bot: Bot
    settings: Settings = field(default_factory=Settings)
    local: bool = False  # as the official server's --local: any webhook address is accepted
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    files: FileStore = field(default_factory=FileStore)
    hub: Hub = field(default_factory=Hub)
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)
    queries: Queries = field(default_factory=Queries)
    uploads: UploadPacer = field(default_factory=UploadPacer)
    inline_messages: dict[str, tuple[Chat, Message]] = field(default_factory=dict)
    last_message_id: int = 0
    updates: UpdateQueue = field(init=False)
    poller: Poller = field(init=False)
    flood: FloodControl = field(init=False)

    def __post_init__(self) -> None:
        self.updates = UpdateQueue(self.settings.webhook)
        self.poller = Poller(self.updates)
        self.flood = FloodControl(self.settings.limits)

    def add_person(self, person: Person) -> Chat:
        """A person, with the private chat that the bot may use once it is started."""
        self.people[person.id] = person
        chat = self.chats.get(person.id)
        if chat is None:
            chat = Chat(person.id, ChatType.PRIVATE, members={person.id: MEMBER})
            self.chats[person.id] = chat
        return chat

    def has_met(self, person: Person) -> bool:
        """Whether the bot may know of somebody: from a private chat, or a group of both."""
        if person.bot_started:
            return True
        groups = (chat for chat in self.chats.values() if not chat.is_private)
        return any(person.id in chat.members for chat in groups)

    def chat_body(self, chat: Chat) -> Body:
        """The Bot API's Chat."""
        if not chat.is_private:
            body: Body = {"id": chat.id, "title": chat.title, "type": str(chat.type)}
            return body | {"is_forum": True} if chat.is_forum else body
        user = self.people[chat.id].user()
        names = {name: user[name] for name in _CHAT_NAMES if name in user}
        return {"id": chat.id, **names, "type": "private"}

    def user(self, user_id: int) -> Body:
        """The Bot API's User of a person or of the bot itself."""
        return self.bot.user() if user_id == self.bot.id else self.people[user_id].user()

    def member(self, chat: Chat, user_id: int) -> Member:
        """The place of a person or of the bot itself in a chat, now."""
        return chat.bot.now() if user_id == self.bot.id else chat.member(user_id)

    def quoted(self, message: Message) -> Body:
        """A message as another one quotes it: replies do not nest."""
        return {name: value for name, value in message.body.items() if name != "reply_to_message"}

    def forwarded(self, source: Message) -> Body:
        """The content of a message passed on, with its first origin."""
        content = {name: source.body[name] for name in CONTENT if name in source.body}
        body = source.body
        if body["chat"]["type"] == ChatType.CHANNEL:
            origin = {"type": "channel", "chat": body["chat"], "message_id": source.id}
        elif "sender_chat" in body:
            origin = {"type": "chat", "sender_chat": body["sender_chat"]}
        else:
            origin = {"type": "user", "sender_user": body["from"]}
        origin["date"] = body["date"]
        return content | {"forward_origin": body.get("forward_origin", origin)}

    def post(
        self,
        chat: Chat,
        sender_id: int,
        content: Body,
        *,
        markup: Markup | None = None,
        reply_to: Message | None = None,
        thread_id: int = 0,
    ) -> Message:
        """Put a message into a chat and tell the page. Updates for the bot are the caller's."""
        number: Body = {"message_id": self._next_message_id(chat)}
        message = self.compose(
            chat, sender_id, number, content, markup=markup, reply_to=reply_to, thread_id=thread_id
        )
        chat.messages[message.id] = message
        if self.user(sender_id)["is_bot"]:
            chat.last_bot = sender_id
        self.tell_message("message", chat, message)
        return message

    def compose(
        self,
        chat: Chat,
        sender_id: int,
        number: Body,
        content: Body,
        *,
        markup: Markup | None,
        reply_to: Message | None,
        thread_id: int,
    ) -> Message:
        """A message that stands nowhere yet; ``number`` are the fields that identify it."""
        body: Body = {
            **number,
            **self._voice(chat, sender_id),
            "chat": self.chat_body(chat),
            "date": int(time.time()),
        }
        if "forum_topic_created" in content:
            thread_id = number["message_id"]  # which begins the topic
        if thread_id:
            body |= {"message_thread_id": thread_id, "is_topic_message": True}
        if reply_to := reply_to or self._beginning(chat, thread_id, content):
            body["reply_to_message"] = self.quoted(reply_to)
        body |= content
        if markup and "inline_keyboard" in markup:
            body["reply_markup"] = markup
        return Message(body, sender_id == self.bot.id, sender_id, markup)

    def edit(self, chat: Chat, message: Message, content: Body, markup: Markup | None) -> None:
        """Replace parts of a message; ``None`` in ``content`` removes one, as no markup does.

        :raises ApiError: 400 when nothing would change.
        """
        merged = message.body | content
        changed = {name: value for name, value in merged.items() if value is not None}
        changed.pop("reply_markup", None)
        if markup:
            changed["reply_markup"] = markup
        if changed == message.body:
            raise not_modified()
        message.history.append(snapshot(message))
        message.body = changed | {"edit_date": int(time.time())}
        message.markup = markup
        self.tell_message("edited", chat, message)

    def delete(self, chat: Chat, message: Message) -> None:
        del chat.messages[message.id]
        chat.deleted.append(message.id)
        chat.pinned = [pinned for pinned in chat.pinned if pinned != message.id]
        self.inline_messages.pop(message.inline_message_id, None)
        event = {"chat_id": chat.id, "message_id": message.id}
        self.hub.publish("deleted", chat.audience(), lambda people: event)

    def make_inline(self, chat: Chat, message: Message) -> str:
        """Give a message the identifier under which inline results are edited."""
        message.inline_message_id = secrets.token_urlsafe(20)
        self.inline_messages[message.inline_message_id] = (chat, message)
        return message.inline_message_id

    def tell_message(self, event: str, chat: Chat, message: Message) -> None:
        """An ephemeral message is of one person, although a page may look for several."""
        audience = message.audience(chat)
        owner = {"person_id": min(audience)} if message.receiver and audience else {}

        def render(people: frozenset[int]) -> Body:
            view = message_view(self.files, message, people)
            return {"chat_id": chat.id, "message": view} | owner

        self.hub.publish(event, audience, render)

    def tell_chat(self, chat: Chat) -> None:
        self.hub.publish("chat", chat.audience(), lambda people: {"chat_id": chat.id})

    def tell_toast(self, person_id: int, text: str, show_alert: bool) -> None:
        toast = {"person_id": person_id, "text": text, "show_alert": show_alert}
        self.hub.publish("toast", {person_id}, lambda people: toast)

    def forget(self) -> None:
        """Drop messages, calls, faults, queries and pending updates; keep people and groups."""
        for chat in self.chats.values():
            chat.forget()
            self.tell_chat(chat)
        self.inline_messages.clear()
        self.journal.calls.clear()
        self.faults.planned.clear()
        self.queries.clear()
        self.updates.pending.clear()
        self.flood = FloodControl(self.settings.limits)
        self.uploads = UploadPacer()

    def _beginning(self, chat: Chat, thread_id: int, content: Body) -> Message | None:
        """What a message of a group's topic answers, for bots, when it answers nothing else."""
        if chat.is_private or "pinned_message" in content:
            return None
        return chat.messages.get(thread_id)

    def _voice(self, chat: Chat, sender_id: int) -> Body:
        """In whose name a message appears: in a channel, and of who is anonymous, the chat's."""
        if chat.type is ChatType.CHANNEL:
            return {"sender_chat": self.chat_body(chat)}
        member = chat.member(sender_id)
        if ANONYMOUS not in member.rights or not member.is_administrator:
            return {"from": self.user(sender_id)}
        title = {"author_signature": member.title} if member.title else {}
        return {"from": GROUP_ANONYMOUS_BOT, "sender_chat": self.chat_body(chat), **title}

    def _next_message_id(self, chat: Chat) -> int:
        # Supergroups and channels number their own messages; all other chats share one numbering.
        if chat.type in (ChatType.SUPERGROUP, ChatType.CHANNEL):
            chat.last_id += 1
            return chat.last_id
        self.last_message_id += 1
        return self.last_message_id


# Telegram's own account, in whose name anonymous administrators speak.
GROUP_ANONYMOUS_BOT: Body = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
_CHAT_NAMES = ("first_name", "last_name", "username")


def snapshot(message: Message) -> Body:
    """One state in the history of a message."""
    names = ("text", "rich_message", "caption", "reply_markup")
    at = message.body.get("edit_date", message.body["date"])
    return {"at": at} | {name: message.body[name] for name in names if name in message.body}


def in_chat(chat: Chat) -> bool:
    """Whether the bot takes part in a group and gets its updates."""
    return not chat.migrated_to and chat.bot.now().is_in
