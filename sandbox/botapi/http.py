"""The HTTP side of the Bot API."""

import asyncio
import re
import time

from aiohttp import web

from sandbox.errors import ApiError, bad_request, too_large, too_many_requests
from sandbox.faults import Fault
from sandbox.journal import Call
from sandbox.params import Params, read_params
from sandbox.web import failure, respond
from sandbox.world import World

from .dispatch import Dispatcher

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")


class BotApi:
    def __init__(self, world: World, dispatcher: Dispatcher, *, log: bool) -> None:
        self._world = world
        self._dispatcher = dispatcher
        self._log = log

    async def handle(self, request: web.Request) -> web.StreamResponse:
        started = time.perf_counter()
        method = request.match_info["method"]
        try:
            self._check_token(request)
            params = await _read(request)
            response = await self._call(request, method, params)
        except ApiError as error:
            response = failure(error)
        if self._log:
            spent = 1000 * (time.perf_counter() - started)
            print(f"{method} {response.status} {spent:.1f} ms", flush=True)
        return response

    async def download(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_token(request)
        except ApiError as error:
            return failure(error)
        stored = self._world.files.by_path.get(request.match_info["path"])
        if stored is None:
            return failure(ApiError(404, "Not Found"))
        return web.Response(body=stored.content, content_type="application/octet-stream")

    def _check_token(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            raise ApiError(404, "Not Found")
        if token != self._world.bot.token:
            raise ApiError(401, "Unauthorized")

    async def _call(self, request: web.Request, method: str, params: Params) -> web.Response:
        call = self._world.journal.record(method, params, "http")
        fault = self._world.faults.take(method, str(call.chat_id or ""))
        if fault and fault.kind in ("error", "retry_after"):
            response = _planned_failure(call, fault)
        elif fault and fault.kind.endswith("_before"):
            call.ok, call.description = False, f"fault: {fault.kind}"
            return await _vanish(request, fault)
        else:
            response = await self._answer(call, params)
        if fault and fault.kind in ("drop_after", "hang_after"):
            return await _vanish(request, fault)
        if self._world.settings.latency_ms:
            await asyncio.sleep(self._world.settings.latency_ms / 1000)
        return response

    async def _answer(self, call: Call, params: Params) -> web.Response:
        try:
            return respond({"ok": True, "result": await self._dispatcher.run(call, params)})
        except ApiError as error:
            return failure(error)


async def _read(request: web.Request) -> Params:
    try:
        return await read_params(request)
    except web.HTTPRequestEntityTooLarge:
        raise too_large() from None
    except (UnicodeError, web.HTTPBadRequest, web.RequestPayloadError):
        raise bad_request("can't parse the request") from None


def _planned_failure(call: Call, fault: Fault) -> web.Response:
    error = ApiError(fault.error_code, fault.description, fault.parameters)
    if fault.kind == "retry_after":
        error = too_many_requests(round(fault.seconds))
    call.fail(error)
    return failure(error)


async def _vanish(request: web.Request, fault: Fault) -> web.Response:
    """Close the connection without an answer, after silence if the fault says so."""
    if fault.kind.startswith("hang"):
        await asyncio.sleep(fault.seconds)
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)  # written to nobody
