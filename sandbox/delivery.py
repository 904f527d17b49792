"""Delivery of updates to the webhook, in the order and with the patience of the official server.

Rules: WebhookActor.cpp of tdlib/telegram-bot-api. One lane a key, strictly in order; lanes in
parallel over the connections; a failing update blocks its lane until it expires. Who answers
nothing but 410 for 23 hours loses the webhook.
"""

import asyncio
import base64
import json
import os
import random
import ssl
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp

from .connections import Connections
from .params import Params, read_reply
from .trust import ssl_error
from .updates import Key, Update, UpdateQueue

MAX_RETRY_AFTER = 3600
MAX_PAUSE = 60  # seconds; the cap is random between this and twice this
GONE = 410
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
_FORBIDDEN_REPLIES = ("deletewebhook", "setwebhook", "close", "logout")

Reply = Callable[[str, Params], Coroutine[Any, Any, None]]


@dataclass(slots=True, frozen=True)
class WebhookConfig:
    url: str
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str = "127.0.0.1"
    has_certificate: bool = False
    trust: ssl.SSLContext | None = None


class Outcome(NamedTuple):
    """``status`` is 0 and ``error`` set when there was no HTTP answer; ``call`` is what it asks,
    ``request_id`` how the product names the request in its own logs."""

    status: int
    error: str
    body: str = ""
    retry_after: int = 0
    call: Params | None = None
    request_id: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status <= 299


@dataclass(slots=True)
class Webhook:
    queue: UpdateQueue
    reply: Reply | None = None  # executes a method found in an answer
    log: bool = False
    config: WebhookConfig | None = None
    last_error_date: int = 0
    last_error_message: str = ""
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    _session: aiohttp.ClientSession | None = None
    _lanes: dict[Key, deque[Update]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _gone_since: float = 0.0  # when 410 began to be all that the webhook answers
    _connections: Connections = field(init=False)
    _loaded: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    def start(self, config: WebhookConfig) -> None:
        """Begin anew with ``config``; what is pending is delivered to the new address."""
        self.stop()
        self.config = config
        self._connections = Connections(config.max_connections, self.queue.times)
        self._gone_since = 0.0
        # The official server loads updates of so many lanes only: the rest waits for them.
        self._loaded = asyncio.Semaphore(2 * config.max_connections)
        for update in list(self.queue.pending.values()):
            self.enqueue(update)

    def restart(self) -> None:
        """Forget the pauses of failing lanes."""
        if self.config:
            self.start(self.config)

    def stop(self) -> None:
        self.config = None
        self.last_error_date, self.last_error_message = 0, ""
        self._lanes.clear()
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        self.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    def enqueue(self, update: Update) -> None:
        lane = self._lanes.get(update.key)
        if lane is not None:
            lane.append(update)
            return
        self._lanes[update.key] = lane = deque([update])
        self._spawn(self._run(update.key, lane))

    async def post(self, body: dict[str, Any], attempt: int = 1) -> Outcome:
        """One delivery of ``body``; a method in the answer is executed, its result thrown away."""
        if self.config is None:
            return Outcome(0, "No webhook is set")
        started = time.time()
        outcome = await self._send(self.config, json.dumps(body).encode())
        self._record(body["update_id"], attempt, started, outcome)
        if outcome.ok:
            self._execute(outcome.call)
        else:
            self.last_error_date, self.last_error_message = int(time.time()), outcome.error
        return outcome

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, key: Key, lane: deque[Update]) -> None:
        async with self._loaded:
            while lane:
                await self._deliver(lane[0])
                lane.popleft()
            if self._lanes.get(key) is lane:
                del self._lanes[key]

    async def _deliver(self, update: Update) -> None:
        """Attempt until success or expiry: at once, at once again, then after 2, 4, 8 … seconds."""
        pause, failures = self.queue.times.retry_base, 0
        while update.id in self.queue.pending and time.time() <= update.expires_at:
            update.attempts += 1
            outcome = await self._post_connected(update)
            if self._is_gone(outcome):
                return self.stop()
            if outcome.ok:
                break
            wait: float = outcome.retry_after
            if not wait and failures:
                cap = random.uniform(MAX_PAUSE, 2 * MAX_PAUSE)  # noqa: S311 - jitter
                wait = pause = min(cap, 2 * pause)
            failures += 1
            if time.time() + wait > update.expires_at:
                break
            await asyncio.sleep(wait)
        self.queue.drop(update.id)

    async def _post_connected(self, update: Update) -> Outcome:
        connections = self._connections
        await connections.take()
        outcome = Outcome(0, "Webhook connection closed")
        try:
            outcome = await self.post(update.body, update.attempts)
        finally:
            connections.give(ok=outcome.ok, alive=outcome.status > 0)
        return outcome

    def _is_gone(self, outcome: Outcome) -> bool:
        """Whether the webhook has said 410 Gone for so long, and nothing else, that it ends."""
        if outcome.status != GONE:
            self._gone_since = 0.0 if outcome.status else self._gone_since
            return False
        now = time.monotonic()
        self._gone_since = self._gone_since or now
        return now > self._gone_since + self.queue.times.gone_after

    async def _send(self, config: WebhookConfig, body: bytes) -> Outcome:
        headers = {"Content-Type": "application/json"}
        if config.secret_token:
            headers[SECRET_HEADER] = config.secret_token
        address = urlsplit(config.url)
        login, _at, host = address.netloc.rpartition("@")
        if login:
            # As it stands there, %40 and the like too.
            headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=10, sock_read=self.queue.times.read_timeout
        )
        try:
            async with self._client().post(
                address._replace(netloc=host).geturl(),
                data=body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                ssl=config.trust or True,
            ) as answer:
                return await _read(answer)
        except (aiohttp.ClientError, OSError) as error:
            return Outcome(0, _transport_error(error))

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session

    def _record(self, update_id: int, attempt: int, started: float, outcome: Outcome) -> None:
        result = {"status": outcome.status} if outcome.status else {"error": outcome.error}
        entry = {
            "seq": len(self.deliveries) + 1,
            "at": started,
            "update_id": update_id,
            "attempt": attempt,
            "seconds": time.time() - started,
            "request_id": outcome.request_id,
            **result,
        }
        self.deliveries.append(entry)
        if self.log:
            print("webhook", *(f"{name}={value}" for name, value in entry.items()), flush=True)

    def _execute(self, call: Params | None) -> None:
        method = call.text("method") if call else ""
        if not call or not method or method.lower().startswith("get"):
            return
        if self.reply and method.lower() not in _FORBIDDEN_REPLIES:
            self._spawn(self.reply(method, call.without("method")))


async def _read(answer: aiohttp.ClientResponse) -> Outcome:
    # Parts are read one after another, and only once.
    in_parts = answer.content_type == "multipart/form-data"
    body = "" if in_parts else await answer.text(errors="replace")
    request_id = answer.headers.get("X-Request-ID", "")
    if 200 <= answer.status <= 299:
        call = await read_reply(answer)
        return Outcome(answer.status, "", body, call=call, request_id=request_id)
    after = answer.headers.get("Retry-After", "")
    seconds = min(int(after), MAX_RETRY_AFTER) if after.isdigit() else 0
    error = f"Wrong response from the webhook: {answer.status} {answer.reason}"
    return Outcome(answer.status, error, body, seconds, request_id=request_id)


def _transport_error(error: Exception) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "Connection timed out"
    if isinstance(error, TimeoutError):
        return "Read timeout expired"
    if isinstance(error, aiohttp.ClientSSLError):
        return ssl_error(error.os_error)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "Failed to resolve host: Name or service not known"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        return os.strerror(number) if number else "Can't connect to the webhook"
    return "Connection closed"
