"""Handing the load client its job."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks import environment
from benchmarks.load import Job, Result
from benchmarks.services import Running

WEBHOOK = "/telegram/webhook/"
CONNECTIONS = 50


def flood(service: Running, updates: Sequence[Any]) -> Result:
    """Closed loop: as fast as it goes over 50 connections."""
    return _accepted(offered(service, updates, None))


def trickle(service: Running, updates: Sequence[Any], rate: float) -> Result:
    """Open loop: so many a second, whatever the answers do."""
    return _accepted(offered(service, updates, rate))


def offered(service: Running, updates: Sequence[Any], rate: float | None) -> Result:
    """Whatever they are answered with."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": environment.SECRET}
    job = Job(service.port, WEBHOOK, headers, list(updates), CONNECTIONS, rate)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(job)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=environment.ROOT,
    )
    return Result(**json.loads(done.stdout))


def _accepted(result: Result) -> Result:
    count = len(result.statuses)
    if refused := result.refused:
        raise RuntimeError(f"{len(refused)} of {count} answers were not 200: {refused[0]}")
    return result
