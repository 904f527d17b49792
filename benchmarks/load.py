"""The load client: posts bodies over kept connections and measures the answers.

A process of its own (`python -m benchmarks.load`), so that it does not share an interpreter with
what it measures or with what prepares it: a job comes as JSON on stdin, a result leaves on stdout.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Job:
    """`rate` bodies a second whatever the answers do (open loop); None: each connection posts the
    next body as soon as its last is answered (closed loop)."""

    port: int
    path: str
    headers: dict[str, str]
    bodies: list[Any]
    connections: int = 50
    rate: float | None = None


@dataclass
class Result:
    """By body, in the order in which they were given: `posted_at` in epoch seconds, `latencies` in
    seconds. In the open loop both count from the moment at which the body was due."""

    posted_at: list[float]
    latencies: list[float]
    statuses: list[int]
    seconds: float = 0.0

    @property
    def refused(self) -> list[int]:
        return [status for status in self.statuses if status != 200]

    @property
    def rate(self) -> float:
        return len(self.statuses) / self.seconds


@dataclass
class Client:
    job: Job
    result: Result
    _idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)

    async def run(self) -> None:
        begun = time.perf_counter()
        if self.job.rate is None:
            bodies = iter(enumerate(self.job.bodies))
            await asyncio.gather(*(self._closed(bodies) for _ in range(self.job.connections)))
        else:
            await asyncio.gather(*(self._due(i, begun) for i in range(len(self.job.bodies))))
        self.result.seconds = time.perf_counter() - begun

    async def _closed(self, bodies: Iterator[tuple[int, Any]]) -> None:
        for index, body in bodies:
            await self._post(index, body, time.perf_counter())

    async def _due(self, index: int, begun: float) -> None:
        due = begun + index / (self.job.rate or 1)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await self._post(index, self.job.bodies[index], due)

    async def _post(self, index: int, body: Any, since: float) -> None:
        self.result.posted_at[index] = time.time() - (time.perf_counter() - since)
        reader, writer = await self._connection()
        writer.write(self._message(json.dumps(body).encode()))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_content_length(head))
        self.result.latencies[index] = time.perf_counter() - since
        self.result.statuses[index] = int(head[9:12])
        self._idle.append((reader, writer))

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            # The server closes what has been idle for a while.
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self.job.port)

    def _message(self, body: bytes) -> bytes:
        headers = {
            "Host": f"127.0.0.1:{self.job.port}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **self.job.headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {self.job.path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise ValueError(f"an answer without Content-Length: {head!r}")


def main() -> None:
    job = Job(**json.load(sys.stdin))
    count = len(job.bodies)
    client = Client(job, Result([0.0] * count, [0.0] * count, [0] * count))
    asyncio.run(client.run())
    json.dump(asdict(client.result), sys.stdout)


if __name__ == "__main__":
    main()
