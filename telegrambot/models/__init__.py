"""The channel's own memory: the inbox, the chats, what each of them must show, open dialogs."""

from telegrambot.models.alerts import Alert
from telegrambot.models.bulk import BulkApproval
from telegrambot.models.chats import (
    GIVEN_UP,
    INLINE_ID_LENGTH,
    KEEPS_MENU,
    Chat,
    SentMessage,
    SentMessageQuerySet,
    Urgency,
    anew,
)
from telegrambot.models.comments import CommentSource
from telegrambot.models.dialogs import BegunRequest, Deputising, Dialog, ReasonTemplate
from telegrambot.models.errands import Errand
from telegrambot.models.files import IncomingFile, TelegramFile, bot_id
from telegrambot.models.inbox import Update, UpdateQuerySet
from telegrambot.models.layouts import CardLayout
from telegrambot.models.reading import Bookmark, Watermark
from telegrambot.models.sought import Sought
from telegrambot.models.tallies import Tally
from telegrambot.models.topics import AS_MADE, GENERAL, KEEPS_TOPIC, NAME_LENGTH, WISHES, Topic

__all__ = [
    "AS_MADE",
    "GENERAL",
    "GIVEN_UP",
    "INLINE_ID_LENGTH",
    "KEEPS_MENU",
    "KEEPS_TOPIC",
    "NAME_LENGTH",
    "WISHES",
    "Alert",
    "BegunRequest",
    "Bookmark",
    "BulkApproval",
    "CardLayout",
    "Chat",
    "CommentSource",
    "Deputising",
    "Dialog",
    "Errand",
    "IncomingFile",
    "ReasonTemplate",
    "SentMessage",
    "SentMessageQuerySet",
    "Sought",
    "Tally",
    "TelegramFile",
    "Topic",
    "Update",
    "UpdateQuerySet",
    "Urgency",
    "Watermark",
    "anew",
    "bot_id",
]
