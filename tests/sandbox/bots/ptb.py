"""python-telegram-bot. Its webhook is fed as its documentation tells for other web servers."""

import asyncio
from collections.abc import Callable
from typing import Any

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaDocument,
    InputTextMessageContent,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
)

from . import words

Context = ContextTypes.DEFAULT_TYPE
App = Application[Any, Any, Any, Any, Any, Any]
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton(words.BUTTON, callback_data=words.DATA)]])


async def greet(update: Update, context: Context) -> None:
    assert update.effective_message
    await update.effective_message.reply_html(words.GREETING, reply_markup=KEYBOARD)


async def send_files(update: Update, context: Context) -> None:
    assert update.effective_message
    message = update.effective_message
    await message.reply_document(
        words.FILE, caption=words.CAPTION, filename=words.FILE_NAME, parse_mode=ParseMode.HTML
    )
    await message.reply_media_group(
        [InputMediaDocument(name.encode(), filename=name) for name in words.ALBUM]
    )


async def try_file(update: Update, context: Context) -> None:
    assert update.effective_message
    try:
        await update.effective_message.reply_document(words.FILE, filename=words.FILE_NAME)
    except BadRequest as error:
        await update.effective_message.reply_text(error.message)


async def pressed(update: Update, context: Context) -> None:
    assert update.callback_query
    await update.callback_query.answer(words.THANKS)
    await update.callback_query.edit_message_text(f"Pressed: {update.callback_query.data}")


async def offer(update: Update, context: Context) -> None:
    assert update.inline_query
    content = InputTextMessageContent(words.RESULT)
    result = InlineQueryResultArticle("1", words.RESULT, content, reply_markup=KEYBOARD)
    await update.inline_query.answer([result], cache_time=0, is_personal=True)


async def run(
    base: str, token: str, hook: tuple[str, Callable[[Any], None]] | None, stop: asyncio.Event
) -> None:
    builder = ApplicationBuilder().token(token).base_url(f"{base}/bot")
    application: App = builder.base_file_url(f"{base}/file/bot").build()
    application.add_handler(CommandHandler("start", greet))
    application.add_handler(CommandHandler("files", send_files))
    application.add_handler(CommandHandler("try", try_file))
    application.add_handler(CallbackQueryHandler(pressed))
    application.add_handler(InlineQueryHandler(offer))
    async with application:
        await application.start()
        if hook:
            await _serve(application, *hook)
        else:
            assert application.updater
            await application.updater.start_polling(timeout=1)
        await stop.wait()
        if application.updater and application.updater.running:
            await application.updater.stop()
        await application.stop()


async def _serve(application: App, url: str, listen: Callable[[Any], None]) -> None:
    loop = asyncio.get_running_loop()

    def feed(update: dict[str, Any]) -> None:
        read = Update.de_json(update, application.bot)
        loop.call_soon_threadsafe(application.update_queue.put_nowait, read)

    listen(feed)
    await application.bot.set_webhook(url)
