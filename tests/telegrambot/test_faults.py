"""What is wrong with the webhook's address: served by a real nginx, called by Telegram's stand-in,
and named by the doctor."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from telegrambot.delivery import client
from telegrambot.doctor import tls
from tests import nginx
from tests.sandbox.harness import until
from tests.telegrambot.faults import FAULTS, Fault, Street, street
from tests.telegrambot.sandbox import TOKEN, Sandbox

pytestmark = pytest.mark.xdist_group("faults")
# It gives up by then, so that nobody waits for a minute.
PATIENCE = 0.5
# What the product itself stands on.
INSIDE = ("database", "migrations", "broker", "worker", "lag", "channel", "documents", "updates")
NOT_ASKED = (*INSIDE, "requests", "messages", "bot", "commands", "profile", "buttons", "clock")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("town")
    with street(folder) as built:
        start = nginx.command(built.servers, folder)
        with nginx.running(start, built.ports["expired"]):
            yield built


@pytest.fixture(scope="module")
def trusting(town: Street) -> dict[str, str]:
    """The environment of a system that trusts the root."""
    return {"SSL_CERT_FILE": str(town.root), "SSL_CERT_DIR": str(town.folder / "none")}


@pytest.fixture(scope="module")
def sandbox_process(trusting: dict[str, str]) -> Iterator[Sandbox]:
    command = [sys.executable, "-m", "sandbox", "--local", "--quiet", "--port", "0"]
    with subprocess.Popen(
        [*command, "--token", TOKEN], stdout=subprocess.PIPE, text=True, env=os.environ | trusting
    ) as process:
        assert process.stdout
        sandbox = Sandbox(process.stdout.readline().split()[-1])
        times = {"set_interval": 0, "read_timeout": PATIENCE}
        sandbox.post("/control/settings", webhook=times)
        yield sandbox
        sandbox.close()
        process.terminate()


def doctor() -> dict[str, list[str]]:
    """What is not as it should be, by its check."""
    out = io.StringIO()
    with suppress(CommandError):
        call_command(
            "telegram", "doctor", "--json", "--language", "en", "--skip", *NOT_ASKED, stdout=out
        )
    worse: dict[str, list[str]] = {}
    for found in json.loads(out.getvalue())["findings"]:
        if found["level"] != "ok":
            assert found["remedy"]
            worse.setdefault(found["check"], []).append(f"{found['level']}: {found['said']}")
    return worse


def delivered_or_not() -> dict[str, Any] | None:
    """What Telegram knows, once it has tried."""
    info: dict[str, Any] = client.call("getWebhookInfo")
    tried = "last_error_message" in info or not info["pending_update_count"]
    return info if tried else None


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_telegram_and_the_doctor_name_it(
    fault: Fault,
    town: Street,
    trusting: dict[str, str],
    sandbox: Sandbox,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in trusting.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tls, "SECONDS", PATIENCE)
    settings.PUBLIC_URL = f"https://{fault.host}:{town.ports[fault.name]}"
    settings.TELEGRAM_CERTIFICATE = town.uploaded(fault)
    sandbox.put_people(101)
    call_command("telegram", "setwebhook", "--wait", "0", stdout=io.StringIO())
    info = until(delivered_or_not, "a delivery")
    assert info.get("last_error_message", "") == fault.complaint
    found = doctor()
    client.call("deleteWebhook", {"drop_pending_updates": True})
    for check, said in fault.found.items():
        assert [text for text in found[check] if text.startswith(said)], found
    assert ("deliveries" in found) == bool(fault.complaint)
