"""Chats that open, close, move and change their names."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from telegrambot import doorbell
from telegrambot.delivery import chats
from telegrambot.incoming.updates import CallbackQuery, ChatInfo, MyChatMember
from telegrambot.models import AS_MADE, GENERAL, Chat, Topic

_GONE = {"kicked", "left"}


def changed(event: MyChatMember) -> None:
    """The bot was added, removed, blocked or unblocked, or its rights are others."""
    rights = {"status": event.status, **event.rights}
    Chat.objects.filter(telegram_id=event.chat.id).update(rights=rights)
    if event.status not in _GONE:
        opened = open_chat(event.chat)
        Chat.objects.filter(pk=opened.pk).update(opened_at=timezone.now(), rights=rights)
        if chats.offer_documents(opened):
            transaction.on_commit(doorbell.ring)
        return
    chat = Chat.objects.filter(telegram_id=event.chat.id).first()
    if chat is not None:
        state = Chat.State.BLOCKED if event.chat.is_private else Chat.State.REMOVED
        # The state says all; Telegram's own word is none for a reader.
        chats.close(chat, state, "")


def migrated(group: ChatInfo, new_id: int) -> None:
    chat = Chat.objects.filter(telegram_id=group.id).first()
    if chat is not None:
        chats.migrate(chat, new_id)
        transaction.on_commit(doorbell.ring)


def renamed(group: ChatInfo, title: str) -> None:
    Chat.objects.filter(telegram_id=group.id).update(title=title[:255])


def topic_at(chat: Chat, number: int, name: str = "") -> Topic:
    """The topic with this number; of one that is met for the first time perhaps not even the name
    is known."""
    if not name:
        with translation.override(settings.LANGUAGE_CODE):
            name = _("General") if number == GENERAL else f"№ {number}"
    known = {"name": name, "told": {**AS_MADE, "name": name}}
    return Topic.objects.get_or_create(chat=chat, thread_id=number, defaults=known)[0]


def own_chat(query: CallbackQuery) -> Chat:
    """The private chat of whoever has pressed, wherever that was."""
    return open_chat(ChatInfo(query.sender.id, "private", query.sender.name))


def open_chat(info: ChatInfo) -> Chat:
    """The chat, ready to be spoken to: new, as it was, or alive again."""
    chat, created = Chat.objects.get_or_create(
        telegram_id=info.id, defaults={"kind": info.kind, "title": info.title}
    )
    if info.is_forum != chat.is_forum:
        chat.is_forum = info.is_forum
        chat.save(update_fields=["is_forum"])
        if chat.is_forum and chat.is_group:
            # Every forum has it, and nobody tells of it.
            topic_at(chat, GENERAL)
    if created:
        return chat
    chats.heard(chat)
    if chat.state != Chat.State.ACTIVE:
        chats.revive(chat)
        transaction.on_commit(doorbell.ring)
    return chat
