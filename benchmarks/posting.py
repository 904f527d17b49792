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
    return _post(service, updates, None)


def trickle(service: Running, updates: Sequence[Any], rate: float) -> Result:
    """Open loop: so many a second, whatever the answers do."""
    return _post(service, updates, rate)


def _post(service: Running, updates: Sequence[Any], rate: float | None) -> Result:
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
    result = Result(**json.loads(done.stdout))
    refused = [status for status in result.statuses if status != 200]
    if refused:
        raise RuntimeError(f"{len(refused)} of {len(updates)} answers were not 200: {refused[0]}")
    return result
