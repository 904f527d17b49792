"""The units for a machine without containers: systemd understands them, and they may do little."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import services

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("treasury-*.service"))
TIMERS = sorted(path.name for path in UNITS.glob("treasury-*.timer"))
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
    for name in ("network-online", "multi-user", "basic", "sysinit", "shutdown", "timers"):
        (root / f"etc/systemd/system/{name}.target").write_text("[Unit]\n")
    return root


@pytest.mark.parametrize("name", [*SERVICES, *TIMERS])
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
    here = " ".join((UNITS / "treasury-web.service").read_text().replace("\\\n", " ").split())
    for option in json.loads(re.sub(r"\\\n", "", command)):
        # In a container others reach it by the network of its host.
        assert option.replace("0.0.0.0", "127.0.0.1") in here, option  # noqa: S104
