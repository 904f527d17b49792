"""Which of the bot's commands a person is offered (core.telegram.org/bots/api#botcommandscope)."""

from .state import Body, Bot, Chat, Person

Scope = tuple[str, str]
_OF_A_GROUP = ("chat_member", "chat_administrators", "chat", "all_chat_administrators")
_FOR_ADMINISTRATORS = ("chat_administrators", "all_chat_administrators")


def scope_of(kind: str, chat_id: str = "", user_id: str = "", *, language: str = "") -> Scope:
    """The key under which a list of commands is kept."""
    return f"{kind}:{chat_id}:{user_id}", language


def shown_to(bot: Bot, person: Person, chat: Chat) -> list[Body]:
    """The narrowest list that was set: of a scope the one in the person's language comes first."""
    for kind, chat_id, user_id in _scopes(person, chat):
        for language in (person.language_code, ""):
            if found := bot.commands.get(scope_of(kind, chat_id, user_id, language=language)):
                return found
    return []


def is_ephemeral(bot: Bot, person: Person, chat: Chat, text: str) -> bool:
    """Whether only the bot hears a command of its menu; in a private chat nobody else is there."""
    name = text.split()[0].removeprefix("/").partition("@")[0] if text.strip() else ""
    known = (each for each in shown_to(bot, person, chat) if each["command"] == name)
    return not chat.is_private and any("is_ephemeral" in each for each in known)


def _scopes(person: Person, chat: Chat) -> list[tuple[str, str, str]]:
    if chat.is_private:
        names = ["chat", "all_private_chats", "default"]
    else:
        names = [*_OF_A_GROUP, "all_group_chats", "default"]
    if not chat.member(person.id).is_administrator:
        names = [name for name in names if name not in _FOR_ADMINISTRATORS]
    return [(name, *_ids(name, person, chat)) for name in names]


def _ids(kind: str, person: Person, chat: Chat) -> tuple[str, str]:
    chat_id = str(chat.id) if kind in ("chat", "chat_administrators", "chat_member") else ""
    return chat_id, str(person.id) if kind == "chat_member" else ""
