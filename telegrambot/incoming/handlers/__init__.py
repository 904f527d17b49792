"""What the bot does about an update: (update) → Reply. Changes go through the treasury's services.

No network is used here, and whoever acts is found out anew each time.
"""

from dataclasses import replace

from django.conf import settings
from django.utils import translation

from oauth import linking
from telegrambot.content.markup import plain
from telegrambot.dialogs import engine
from telegrambot.incoming.handlers import (
    account,
    callbacks,
    commands,
    comments,
    contacts,
    dialogs,
    files,
    inline,
    membership,
    phrases,
    topics,
)
from telegrambot.incoming.handlers.answered import about_request
from telegrambot.incoming.replies import Answer, Reply, Words, send, toast, together
from telegrambot.incoming.updates import (
    CallbackQuery,
    ChatInfo,
    ChosenResult,
    EditedMessage,
    Incoming,
    InlineQuery,
    Message,
    MyChatMember,
    Person,
)
from telegrambot.kinds import answer
from telegrambot.models import Update
from treasury.models import Employee

_ASKED_SINCE = "the person was asked something else meanwhile"
_HEARD_SINCE = "something else was heard of the chat meanwhile"


def handle(incoming: Incoming) -> Answer | None:
    """Do what it asks for; the answer to its query."""
    reply = _reply_to(incoming)
    if reply is None:
        return None
    for words in reply.words:
        _say(incoming, words)
    return reply.answer


def _reply_to(incoming: Incoming) -> Reply | None:
    match incoming:
        case CallbackQuery():
            return _press(incoming)
        case Message():
            return _message(incoming)
        case EditedMessage():
            return comments.edited(incoming)
        case MyChatMember():
            membership.changed(incoming)
            return None
        case InlineQuery():
            return _inline(incoming)
        case ChosenResult():
            inline.chosen(incoming)
            return None


def overtaken_by(incoming: Incoming, update: Update) -> str:
    """What has come since, and would be disturbed or undone by it now; empty for nothing."""
    match incoming:
        case MyChatMember(chat=chat):
            since = Update.objects.since(update, payload__my_chat_member__chat__id=chat.id)
        case Message(chat=chat, new_title=title) if title:
            since = Update.objects.since(
                update,
                payload__message__chat__id=chat.id,
                payload__message__has_key="new_chat_title",
            )
        case EditedMessage(chat=chat, message_id=number):
            since = Update.objects.since(
                update,
                payload__edited_message__chat__id=chat.id,
                payload__edited_message__message_id=number,
            )
        case Message() if not incoming.chat.is_private or about_request(incoming):
            # It is said of a request, and answers no question.
            return ""
        case CallbackQuery(sender=Person() as sender) | Message(sender=Person() as sender):
            is_asked = engine.is_overtaken(sender.id, update.received_at)
            return _ASKED_SINCE if is_asked else ""
        case _:
            return ""
    return _HEARD_SINCE if since.exists() else ""


def _say(incoming: Incoming, words: Words) -> None:
    """By the lane of the chat."""
    chat = membership.open_chat(_chat_of(incoming, words.place.chat_id))
    place = words.place
    if words.message_id:
        answer.change(chat, words.message_id, words.text, words.keyboard, place.reader)
        return
    answer.tell(chat, words.text, words.keyboard, place.thread_id, words.asked, place.reader)


def _chat_of(incoming: Incoming, chat_id: int) -> ChatInfo:
    """That in which it was done, or the private one of who did it."""
    here = incoming.chat if isinstance(incoming, Message | CallbackQuery) else None
    if here is not None and here.id == chat_id:
        return here
    name = incoming.sender.name if isinstance(incoming, CallbackQuery) else ""
    return ChatInfo(chat_id, "private", name)


def apology(incoming: Incoming) -> Answer | None:
    """The answer when handling failed: a press must not wait for one until it expires."""
    if not isinstance(incoming, CallbackQuery):
        return None
    with _language_of(None, incoming.sender):
        return toast(incoming, phrases.failure()).answer


def _press(query: CallbackQuery) -> Reply:
    employee = linking.recognise(telegram_id=query.sender.id)
    with _language_of(employee, query.sender):
        if employee is None:
            return toast(query, phrases.stranger_pressed(), alert=True)
        return callbacks.pressed(query, employee)


def _inline(query: InlineQuery) -> Reply:
    employee = linking.recognise(telegram_id=query.sender.id)
    with _language_of(employee, query.sender):
        return inline.asked(query, employee)


def _message(message: Message) -> Reply | None:
    if not message.chat.is_private:
        return _group_message(message)
    return _private_message(message, message.sender) if message.sender else None


def _group_message(message: Message) -> Reply | None:
    """What is said in a group stays there: the bot hears only of the group, commands, and files
    and comments for a request."""
    if message.migrate_to is not None:
        membership.migrated(message.chat, message.migrate_to)
    if message.new_title:
        membership.renamed(message.chat, message.new_title)
    if message.topic_change is not None:
        topics.changed(message, message.topic_change)
        return None
    if message.sender is None:
        return None
    if message.unseen_by_others:
        return _unseen_command(message, message.sender)
    if topics.heard_in_group(message):
        return topics.say_in_group(message, message.sender)
    if files.heard_in_group(message):
        file = files.say_in_group(message, message.sender)
        is_said = comments.becomes_one(message)
        return together([file, comments.say_in_group(message, message.sender) if is_said else None])
    if comments.heard_in_group(message):
        return comments.say_in_group(message, message.sender)
    return commands.say_in_group(message, message.sender)


def _unseen_command(message: Message, sender: Person) -> Reply | None:
    employee = linking.recognise(telegram_id=sender.id)
    with _language_of(employee, sender):
        return commands.run_unseen(message, sender, employee)


def _private_message(message: Message, sender: Person) -> Reply | None:
    # Before anything is locked: a closed one opens.
    membership.open_chat(message.chat)
    employee = linking.recognise(telegram_id=sender.id)
    if message.topic_change is not None:
        if employee:
            topics.changed(message, message.topic_change)
        return None
    with _language_of(employee, sender):
        if message.contact and employee:
            return contacts.shared(message, employee, message.contact)
        if message.contact:
            return send(message.place, plain(phrases.no_contacts()))
        if employee is None:
            return account.stranger_said(message, sender)
        if message.file:
            file = files.said(message, employee, message.file)
            return together([file, _caption(message, employee)])
        if message.text.startswith("/"):
            return commands.run(message, employee)
        return comments.said(message, employee) or commands.say(message, employee)


def _caption(message: Message, employee: Employee) -> Reply | None:
    """What is written under a file for a request is said to the request, as words are without a
    file."""
    if not comments.becomes_one(message):
        return None
    words = replace(message, text=message.caption)
    return comments.said(words, employee) or dialogs.said(words, employee)


def _language_of(employee: Employee | None, person: Person) -> translation.override:
    if employee:
        return translation.override(employee.language)
    english = person.language.startswith("en")
    return translation.override("en" if english else settings.LANGUAGE_CODE)
