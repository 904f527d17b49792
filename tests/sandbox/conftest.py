from collections.abc import Iterator

import pytest

from .harness import GENEROUS, Person, Receiver, Sandbox

DEFAULTS = {
    "latency_ms": 0,
    "bot_api": "10.4",
    "has_topics_enabled": False,
    "allows_users_to_create_topics": False,
    "limits": GENEROUS
    | {"private_per_second": 10000, "hidden_wait": 0, "refusal_hold": 0, "flood_growth": 2}
    | {"ephemeral_window": 15, "ephemeral_text": 1024},
    "webhook": {
        "read_timeout": 60,
        "retry_base": 1,
        "set_interval": 0,
        "stale_after": 10,
        "new_connection": 2,
        "gone_after": 82800,
        "expiry": {"default": 86400, "callback_query": 150, "inline_query": 30},
    },
}


@pytest.fixture(scope="session")
def process() -> Iterator[Sandbox]:
    running = Sandbox.start("--local")
    yield running
    running.stop()


@pytest.fixture
def sandbox(process: Sandbox) -> Sandbox:
    """A sandbox as new, but for people and groups of earlier tests, with generous limits."""
    process.bot("deleteWebhook", drop_pending_updates=True)
    process.bot("getUpdates", allowed_updates=[])
    process.bot("deleteMyCommands")
    process.post("/control/settings", DEFAULTS)
    process.post("/control/reset")
    return process


@pytest.fixture
def alice(sandbox: Sandbox) -> Person:
    """She has started the bot; her /start is no longer in the queue."""
    person = sandbox.person("Alice", username="alice", language_code="ru")
    sandbox.updates("message")
    return person


@pytest.fixture
def bob(sandbox: Sandbox) -> Person:
    person = sandbox.person("Bob")
    sandbox.updates("message")
    return person


@pytest.fixture(scope="session")
def server() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def listener(server: Receiver) -> Receiver:
    server.answer = lambda update: (200, None, {})
    server.deliveries.clear()
    return server


@pytest.fixture
def receiver(sandbox: Sandbox, listener: Receiver, alice: Person, bob: Person) -> Receiver:
    """A webhook that is set, empty and answers 200."""
    sandbox.bot("setWebhook", url=listener.url)
    listener.deliveries.clear()
    return listener


@pytest.fixture(scope="session")
def public() -> Iterator[Sandbox]:
    """A sandbox without ``--local``: strict about webhook addresses and uploads."""
    running = Sandbox.start()
    running.post("/control/settings", DEFAULTS)
    yield running
    running.stop()
