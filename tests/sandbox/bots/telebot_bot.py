"""pyTelegramBotAPI, the one of the three that works in threads."""

import asyncio
from collections.abc import Callable
from io import BytesIO
from typing import Any

from telebot import TeleBot, apihelper
from telebot.apihelper import ApiTelegramException
from telebot.types import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InputFile,
    InputMediaDocument,
    InputTextMessageContent,
    Message,
    Update,
)

from . import words

KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton(words.BUTTON, callback_data=words.DATA)]])


class Handlers:
    def __init__(self, bot: TeleBot) -> None:
        self.bot = bot
        bot.register_message_handler(self.greet, commands=["start"])
        bot.register_message_handler(self.send_files, commands=["files"])
        bot.register_message_handler(self.try_file, commands=["try"])
        bot.register_callback_query_handler(self.pressed, func=lambda query: True)
        bot.register_inline_handler(self.offer, func=lambda query: True)

    def greet(self, message: Message) -> None:
        chat = message.chat.id
        self.bot.send_message(chat, words.GREETING, parse_mode="HTML", reply_markup=KEYBOARD)

    def send_files(self, message: Message) -> None:
        # A name of letters that are not ASCII goes unquoted over the wire.
        file = InputFile(BytesIO(words.FILE), words.FILE_NAME)
        chat = message.chat.id
        self.bot.send_document(chat, file, caption=words.CAPTION, parse_mode="HTML")
        self.bot.send_media_group(
            chat, [InputMediaDocument(InputFile(BytesIO(n.encode()), n)) for n in words.ALBUM]
        )

    def try_file(self, message: Message) -> None:
        try:
            self.bot.send_document(message.chat.id, InputFile(BytesIO(words.FILE), words.FILE_NAME))
        except ApiTelegramException as error:
            self.bot.send_message(message.chat.id, error.description)

    def pressed(self, query: CallbackQuery) -> None:
        self.bot.answer_callback_query(query.id, words.THANKS)
        text = f"Pressed: {query.data}"
        if query.inline_message_id:
            self.bot.edit_message_text(text, inline_message_id=query.inline_message_id)
        elif query.message:
            self.bot.edit_message_text(text, query.message.chat.id, query.message.message_id)

    def offer(self, query: InlineQuery) -> None:
        content = InputTextMessageContent(words.RESULT)
        result = InlineQueryResultArticle("1", words.RESULT, content, reply_markup=KEYBOARD)
        self.bot.answer_inline_query(query.id, [result], cache_time=0, is_personal=True)


async def run(
    base: str, token: str, hook: tuple[str, Callable[[Any], None]] | None, stop: asyncio.Event
) -> None:
    apihelper.API_URL = base + "/bot{0}/{1}"  # type: ignore[assignment]
    bot = TeleBot(token, num_threads=1)
    Handlers(bot)
    if hook:
        url, listen = hook
        listen(lambda update: bot.process_new_updates([Update.de_json(update)]))
        await asyncio.to_thread(bot.set_webhook, url)
        await stop.wait()
    else:
        polling = asyncio.create_task(
            asyncio.to_thread(bot.infinity_polling, timeout=5, long_polling_timeout=1)
        )
        await stop.wait()
        bot.stop_polling()
        await polling
    bot.worker_pool.close()
