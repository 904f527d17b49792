"""How the bot presents itself: identity, commands, descriptions, menu button."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.commands import Scope, scope_of
from sandbox.errors import bad_request
from sandbox.params import Params, as_text
from sandbox.state import Body
from sandbox.versions import BotApi
from sandbox.world import World

MAX_COMMANDS = 100
MAX_COMMAND_DESCRIPTION = 256
# Characters: core.telegram.org/bots/api#setmyname, #setmydescription, #setmyshortdescription
MAX_TEXTS = {"name": 64, "description": 512, "short_description": 120}
_LANGUAGE = re.compile(r"[a-z]{2}")
Method = Callable[[World, Params], Awaitable[Any]]
_COMMAND = re.compile(r"/?([a-z0-9_]{1,32})")
_SCOPES = frozenset(
    {
        "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat",
        "chat_administrators", "chat_member",
    }
)  # fmt: skip


async def get_me(world: World, params: Params) -> Body:
    """No field names the version: a flag that is missing tells of an older server."""
    flags = {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": world.settings.has_topics_enabled,
        "allows_users_to_create_topics": world.settings.allows_users_to_create_topics,
        "can_manage_bots": False,
        "supports_guest_queries": False,
    }
    if params.version >= BotApi.V10_1:
        flags["supports_join_request_queries"] = False
    return world.bot.user() | flags


async def set_commands(world: World, params: Params) -> bool:
    commands = params.json("commands", "can't parse commands JSON object") or []
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    read = [_command(item, params.version) for item in commands]
    scope = _scope(params)
    if len(read) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    world.bot.commands[scope] = read
    return True


async def get_commands(world: World, params: Params) -> list[Body]:
    return world.bot.commands.get(_scope(params), [])


async def delete_commands(world: World, params: Params) -> bool:
    world.bot.commands.pop(_scope(params), None)
    return True


def _command(item: Any, version: BotApi) -> Body:
    if not isinstance(item, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if name not in item:
            raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
    match = _COMMAND.fullmatch(as_text(item["command"]))
    if match is None:
        raise bad_request("BOT_COMMAND_INVALID")
    description = as_text(item["description"]).strip()
    if not 0 < len(description) <= MAX_COMMAND_DESCRIPTION:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    ephemeral = version >= BotApi.V10_2 and item.get("is_ephemeral") is True
    shown = {"is_ephemeral": True} if ephemeral else {}
    return {"command": match[1], "description": description} | shown


def _scope(params: Params) -> Scope:
    scope = params.json("scope", "can't parse BotCommandScope JSON object") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    ids = (as_text(scope.get(name)) for name in ("type", "chat_id", "user_id"))
    return scope_of(*ids, language=_language(params))


def _language(params: Params) -> str:
    """Two letters or nothing; see ``validate_bot_language_code`` of TDLib."""
    language = params.text("language_code")
    if language and not _LANGUAGE.fullmatch(language):
        raise bad_request("Invalid language code specified")
    return language


def _setter(kind: str) -> Method:
    async def set_text(world: World, params: Params) -> bool:
        text = params.text(kind).strip()
        language = _language(params)
        if len(text) > MAX_TEXTS[kind]:
            raise bad_request(f"the bot's {kind} is too long")
        world.bot.texts[kind, language] = text
        return True

    return set_text


def _getter(kind: str) -> Method:
    async def get_text(world: World, params: Params) -> Body:
        return {kind: world.bot.text(kind, _language(params))}

    return get_text


async def set_menu_button(world: World, params: Params) -> bool:
    button = params.json("menu_button", "can't parse menu button JSON object")
    button = button or {"type": "default"}
    if not isinstance(button, dict) or "type" not in button:
        raise bad_request("menuButton must be an Object")
    if button["type"] not in ("default", "commands", "web_app"):
        raise bad_request("menuButton has unsupported type")
    world.bot.menu_buttons[params.integer("chat_id")] = button
    return True


async def get_menu_button(world: World, params: Params) -> Body:
    buttons = world.bot.menu_buttons
    return buttons.get(params.integer("chat_id")) or buttons.get(0) or {"type": "commands"}


async def end_session(world: World, params: Params) -> bool:
    """logOut and close: there is no other server to go to, so nothing changes."""
    return True


METHODS = {
    "getMe": get_me,
    "setMyCommands": set_commands,
    "getMyCommands": get_commands,
    "deleteMyCommands": delete_commands,
    "setMyName": _setter("name"),
    "getMyName": _getter("name"),
    "setMyDescription": _setter("description"),
    "getMyDescription": _getter("description"),
    "setMyShortDescription": _setter("short_description"),
    "getMyShortDescription": _getter("short_description"),
    "setChatMenuButton": set_menu_button,
    "getChatMenuButton": get_menu_button,
    "logOut": end_session,
    "close": end_session,
}
