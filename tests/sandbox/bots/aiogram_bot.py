"""aiogram, with the web server of its own; its greeting goes in the answer to the webhook."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.methods import SendMessage
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InputMediaDocument,
    InputTextMessageContent,
    Message,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from . import words

SECRET = "from-telegram-only"

KEYBOARD = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text=words.BUTTON, callback_data=words.DATA)]]
)


async def greet(message: Message) -> SendMessage:
    return message.answer(words.GREETING, parse_mode=ParseMode.HTML, reply_markup=KEYBOARD)


async def send_files(message: Message) -> None:
    file = BufferedInputFile(words.FILE, words.FILE_NAME)
    await message.answer_document(file, caption=words.CAPTION, parse_mode=ParseMode.HTML)
    await message.answer_media_group(
        [InputMediaDocument(media=BufferedInputFile(name.encode(), name)) for name in words.ALBUM]
    )


async def try_file(message: Message) -> None:
    try:
        await message.answer_document(BufferedInputFile(words.FILE, words.FILE_NAME))
    except TelegramBadRequest as error:
        await message.answer(error.message)


async def pressed(query: CallbackQuery, bot: Bot) -> None:
    await query.answer(words.THANKS)
    text = f"Pressed: {query.data}"
    if query.inline_message_id:
        await bot.edit_message_text(text, inline_message_id=query.inline_message_id)
    elif isinstance(query.message, Message):
        await query.message.edit_text(text)


async def offer(query: InlineQuery) -> None:
    result = InlineQueryResultArticle(
        id="1",
        title=words.RESULT,
        input_message_content=InputTextMessageContent(message_text=words.RESULT),
        reply_markup=KEYBOARD,
    )
    await query.answer([result], cache_time=0, is_personal=True)


async def run(
    base: str, token: str, hook: tuple[str, Callable[[Any], None]] | None, stop: asyncio.Event
) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(base))
    router = Router()
    router.message.register(greet, Command("start"))
    router.message.register(send_files, Command("files"))
    router.message.register(try_file, Command("try"))
    router.callback_query.register(pressed)
    router.inline_query.register(offer)
    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    async with Bot(token, session=session) as bot:
        if hook:
            await _serve(dispatcher, bot, stop)
            return
        polling = asyncio.create_task(
            dispatcher.start_polling(bot, polling_timeout=1, handle_signals=False)
        )
        await stop.wait()
        await dispatcher.stop_polling()
        await polling


async def _serve(dispatcher: Dispatcher, bot: Bot, stop: asyncio.Event) -> None:
    handler = SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=SECRET)
    app = web.Application()
    handler.register(app, "/hook")
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", secret_token=SECRET)
    await stop.wait()
    await runner.cleanup()
