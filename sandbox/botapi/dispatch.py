"""From the name of a method to its result, written to the journal."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sandbox.errors import ApiError, not_modelled
from sandbox.journal import Call
from sandbox.params import Params
from sandbox.world import World

from . import (
    callbacks,
    chats,
    contents,
    edits,
    ephemeral_edits,
    media,
    members,
    messages,
    profile,
    rich_messages,
    topics,
)
from .names import exists
from .understanding import understood
from .webhook import WebhookMethods

Method = Callable[[World, Params], Awaitable[Any]]


class Dispatcher:
    def __init__(self, world: World, webhook: WebhookMethods) -> None:
        self._world = world
        tables: list[Mapping[str, Method]] = [
            callbacks.METHODS,
            chats.METHODS,
            contents.METHODS,
            edits.METHODS,
            ephemeral_edits.METHODS,
            media.METHODS,
            members.METHODS,
            messages.METHODS,
            profile.METHODS,
            rich_messages.METHODS,
            topics.METHODS,
            webhook.table(),
        ]
        self._methods = {name.lower(): run for table in tables for name, run in table.items()}

    async def run(self, call: Call, params: Params) -> Any:
        """Execute a recorded call.

        :raises ApiError: what the bot is to be told; the call holds it too.
        """
        try:
            result = await self._execute(call.method.lower(), params)
        except ApiError as error:
            call.fail(error)
            raise
        call.ok, call.result = True, result
        return result

    async def reply(self, method: str, params: Params) -> None:
        """Execute a method that the webhook answered with. Nobody is told the result."""
        try:
            await self.run(self._world.journal.record(method, params, "webhook"), params)
        except ApiError:
            return

    async def _execute(self, method: str, params: Params) -> Any:
        version = self._world.settings.bot_api
        if not exists(method, version):
            raise ApiError(404, "Not Found: method not found")
        run = self._methods.get(method)
        if run is None:
            raise not_modelled(method)
        if params.uploads and not self._world.local:
            await self._pace(sum(len(upload.content) for upload in params.uploads.values()))
        return await run(self._world, understood(method, params, version))

    async def _pace(self, size: int) -> None:
        try:
            delay = self._world.uploads.delay(size)
        except ApiError:
            await asyncio.sleep(self._world.settings.limits.refusal_hold)
            raise
        await asyncio.sleep(delay)
