"""The units for a machine without containers: systemd understands them, and they may do little."""

import json
import re
import shutil
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests import services
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("treasury-*.service"))
TIMERS = sorted(path.name for path in UNITS.glob("treasury-*.timer"))
SOCKETS = sorted(path.name for path in UNITS.glob("treasury-*.socket"))
WEB, DOOR = UNITS / "treasury-web@.service", UNITS / "treasury-web.socket"
# Of ten, as `systemd-analyze security` counts; times ten.
MOST_EXPOSED = 20
PROGRAMS = ("celery", "gunicorn", "python")


@pytest.fixture(scope="module")
def analyze() -> str:
    return services.needed(shutil.which("systemd-analyze"), "systemd-analyze", "systemd")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of one on which the product is installed as the README says."""
    root = tmp_path_factory.mktemp("machine")
    shutil.copytree(UNITS, root / "etc/systemd/system")
    programs = root / "opt/treasury/.venv/bin"
    programs.mkdir(parents=True)
    for name in PROGRAMS:
        (programs / name).touch(mode=0o755)
    targets = ("network-online", "multi-user", "basic", "sysinit", "shutdown", "timers", "sockets")
    for name in targets:
        (root / f"etc/systemd/system/{name}.target").write_text("[Unit]\n")
    return root


@pytest.mark.parametrize("name", [*SERVICES, *TIMERS, *SOCKETS])
def test_a_unit_is_understood(analyze: str, machine: Path, name: str) -> None:
    done = subprocess.run(
        [analyze, "verify", f"--root={machine}", "--man=no", "--recursive-errors=no",
         str(machine / "etc/systemd/system" / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_may_do_little(analyze: str, machine: Path, name: str) -> None:
    done = subprocess.run(
        [analyze, "security", "--offline=true", f"--root={machine}",
         f"--threshold={MOST_EXPOSED}", "--json=short", name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


def test_the_web_is_started_as_in_a_container() -> None:
    [command] = re.findall(r"^CMD (\[.*?\])", (ROOT / "Dockerfile").read_text(), re.M | re.S)
    for option in json.loads(re.sub(r"\\\n", "", command)):
        if address := option.partition("--bind=")[2]:
            # In a container others reach it by the network of its host.
            place = address.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
            assert f"ListenStream={place}\n" in DOOR.read_text()
        else:
            assert option in started(), option


def started() -> list[str]:
    """What the unit of the web starts."""
    [command] = re.findall(r"^ExecStart=(.*)$", WEB.read_text().replace("\\\n", " "), re.M)
    program, *options = str(command).split()
    return [Path(program).name, *options]


def test_the_web_serves_whoever_comes_by_the_socket() -> None:
    """Handed over as systemd does, with what has come before the web was there."""
    activate = shutil.which("systemd-socket-activate")
    port = free_port()
    given = {**services.FIXED, "DATABASE_URL": "sqlite://:memory:", "REDIS_URL": ""}
    command = [
        services.needed(activate, "systemd-socket-activate", "systemd"),
        f"--listen=127.0.0.1:{port}",
        *(f"--setenv={name}={value}" for name, value in given.items()),
        sys.executable, "-m", *started(), "--workers=1",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert str(port) in process.stderr.readline()
        client = HTTPConnection("127.0.0.1", port, timeout=60)
        client.request("GET", "/healthz")
        assert client.getresponse().status == 200
        client.close()
        process.terminate()
        process.communicate()
    assert process.returncode == 0
