"""What the menus of commands offer: to whom nobody knows, in groups, and to each by his roles.

They follow the release and the roles by themselves.
https://core.telegram.org/bots/api#botcommandscope
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import translation

from oauth.models import UserToken
from telegrambot.delivery import client
from telegrambot.incoming.handlers import commands
from telegrambot.kinds import menu
from telegrambot.models import KEEPS_MENU, Chat
from treasury.models import Employee

logger = logging.getLogger(__name__)

Offered = list[dict[str, Any]]
# Scope → what it offers, in the language that is active.
COMMON: Mapping[str, Callable[[], Offered]] = {
    "all_private_chats": commands.menu_of_strangers,
    "all_group_chats": commands.menu_of_groups,
    "all_chat_administrators": commands.menu_of_administrators,
}
_KNOWN = "telegrambot.menus"


def each_common() -> Iterator[tuple[dict[str, Any], Offered]]:
    """The parameters that say where and in which language, and what is offered there.

    The default is for everyone whose language has none of its own.
    """
    for language in (settings.LANGUAGE_CODE, "en"):
        code = None if language == settings.LANGUAGE_CODE else language
        with translation.override(language):
            for scope, offered in COMMON.items():
                yield {"scope": {"type": scope}, "language_code": code}, offered()


def keep() -> None:
    """Once for each release, and after that was done nothing; trouble is left to the next time."""
    digest = _digest()
    if not settings.TELEGRAM_BOT_TOKEN or _known() == digest:
        return
    try:
        for where, offered in each_common():
            client.call("setMyCommands", {"commands": offered, **where})
    except client.TelegramError as error:
        logger.warning("the menus are not told: %s", error.description)
        return
    offer(Employee.objects.filter(is_active=True))
    try:
        cache.set(_KNOWN, digest, None)
    except redis.RedisError:
        logger.warning("that the menus were told is not kept")


def offer(people: QuerySet[Employee]) -> None:
    """Have the private chats of these offer what is theirs by now."""
    ties = UserToken.objects.telegram_ids(people)
    chats = {chat.telegram_id: chat for chat in _private(ties.values())}
    for person in people.filter(pk__in=ties):
        if chat := chats.get(ties[person.pk]):
            with translation.override(person.language):
                menu.show(chat, commands.menu_of(person))


def take_back(telegram_id: int) -> None:
    """Nobody who is known reads there any more."""
    for chat in _private([telegram_id]).filter(messages__kind=KEEPS_MENU):
        menu.show(chat, [])


def _private(telegram_ids: Any) -> QuerySet[Chat]:
    return Chat.objects.filter(telegram_id__in=telegram_ids, kind=Chat.Kind.PRIVATE)


def _digest() -> str:
    """Of all that is offered to anybody, and by which bot."""
    token = settings.TELEGRAM_BOT_TOKEN.partition(":")[0]
    told = [token, [offered for _where, offered in each_common()], [*_everything()]]
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


def _everything() -> Iterator[Offered]:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield commands.menu_of(None)


def _known() -> Any:
    try:
        return cache.get(_KNOWN)
    except redis.RedisError:
        return None
