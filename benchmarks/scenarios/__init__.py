"""What is measured, in this order: what needs the machine to itself comes before the worker."""

from collections.abc import Callable, Iterable

from benchmarks.bench import Bench
from benchmarks.results import Row
from benchmarks.scenarios import (
    digest,
    edits,
    fanout,
    latency,
    memory,
    queries,
    restart,
    throughput,
    uploads,
    urgency,
)

SCENARIOS: dict[str, Callable[[Bench], Iterable[Row]]] = {
    "queries": queries.run,
    "throughput": throughput.run,
    "latency": latency.run,
    "edits": edits.run,
    "fanout": fanout.run,
    "urgency": urgency.run,
    "digest": digest.run,
    "memory": memory.run,
    "uploads": uploads.run,
    "restart": restart.run,
}
