"""After all that has gone wrong, no secret stands anywhere that it could be read."""

import re
import subprocess

import pytest

from .deployed import Deployed
from .troubles import Troubles


@pytest.fixture(autouse=True)
def _after_all(troubles: Troubles) -> None:
    """Each test looks at what is left of them."""


def found(deployed: Deployed, text: str) -> list[str]:
    return [line for line in text.splitlines() if any(word in line for word in deployed.secrets)]


def test_everything_has_gone_wrong(troubles: Troubles) -> None:
    without_table = troubles.statuses["no table"]
    # SQLite says of a missing table what it says when it is overrun.
    assert without_table in {500, 503}
    assert troubles.statuses == {
        "its message": 200, "a wrong secret": 403, "no JSON": 200, "a foreign host": 400,
        "a foreign page": 404, "a link": 404, "a sign-in": 403, "metrics": 404,
        "telegrambot/update": 200, "telegrambot/chat": 200, "nowhere": 404,
        "no table": without_table, "no web": 502, "a link without web": 502,
    }  # fmt: skip


def test_none_is_in_a_log_or_an_error(deployed: Deployed) -> None:
    for name in ("web", "worker", "beat", "nginx", "redis", "tinyproxy"):
        assert deployed.log(name), name
    assert "POST /telegram/webhook/" in (deployed.folder / "nginx-access.log").read_text()
    assert deployed.leaks() == []


def test_none_is_on_a_page(deployed: Deployed, troubles: Troubles) -> None:
    assert "Tunnel connection failed" in troubles.pages["its message"]
    for name, page in troubles.pages.items():
        # Ada's password and the one-time links are asked for there.
        assert found(deployed, page) == [], name


def test_none_is_said_by_the_doctor(deployed: Deployed, troubles: Troubles) -> None:
    assert found(deployed, troubles.by_doctor) == []


def test_none_is_in_the_list_of_processes(deployed: Deployed) -> None:
    listed = subprocess.run(
        ["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True
    )
    # But for that of Telegram's stand-in.
    ours = [line for line in found(deployed, listed.stdout) if "-m sandbox" not in line]
    assert ours == []
    for program in ("gunicorn", "celery", "nginx", "tinyproxy"):
        assert program in listed.stdout


def test_what_comes_from_a_file_is_in_no_environment(deployed: Deployed) -> None:
    processes = deployed.product()
    # Master and two workers, worker, beat.
    assert len(processes) >= 5
    for process in processes:
        environment = (process / "environ").read_text(errors="replace")
        assert "TELEGRAM_BOT_TOKEN_FILE" in environment
        assert [word for word in deployed.kept_in_files if word in environment] == []


def test_none_can_be_in_a_core(deployed: Deployed) -> None:
    for process in deployed.product():
        limits = (process / "limits").read_text()
        assert re.search(r"^Max core file size +0 ", limits, re.M), limits
