"""A bot written with a library that knows nothing of the sandbox."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
)

from .harness import TOKEN, Person, Sandbox, until


async def greet(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_message
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Press me", callback_data="go")]])
    await update.effective_message.reply_html("<b>Hello</b>", reply_markup=keyboard)


async def pressed(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.callback_query
    await update.callback_query.answer("Thank you")
    await update.callback_query.edit_message_text(f"Pressed: {update.callback_query.data}")


class LibraryBot:
    """An application that polls in a thread."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._base = sandbox.base
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(20)
        self._loop.close()

    async def _run(self) -> None:
        application: Application[Any, Any, Any, Any, Any, Any] = (
            ApplicationBuilder()
            .token(TOKEN)
            .base_url(f"{self._base}/bot")
            .base_file_url(f"{self._base}/file/bot")
            .build()
        )
        application.add_handler(CommandHandler("start", greet))
        application.add_handler(CallbackQueryHandler(pressed))
        async with application:
            assert application.updater
            await application.start()
            await application.updater.start_polling(timeout=1)
            await self._stopped.wait()
            await application.updater.stop()
            await application.stop()


@pytest.fixture
def library_bot(sandbox: Sandbox) -> Iterator[LibraryBot]:
    bot = LibraryBot(sandbox)
    yield bot
    bot.stop()


def test_it_greets_and_reacts_to_a_press(
    sandbox: Sandbox, alice: Person, library_bot: LibraryBot
) -> None:
    alice.start()
    until(lambda: len(alice.messages()) == 3, "the greeting")
    greeting = alice.messages()[-1]
    assert greeting["html"] == "<b>Hello</b>"
    data = greeting["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert alice.press(greeting["message_id"], data)["text"] == "Thank you"
    until(lambda: alice.messages()[-1]["text"] == "Pressed: go", "the edit")
    assert "reply_markup" not in alice.messages()[-1]
