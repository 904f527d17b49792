"""The application apart from its proxy in front: the files of both machines are what they say."""

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from config.limits import WITH_DOCUMENTS
from tests import services
from tests.config.test_systemd import MOST_EXPOSED, ROOT, UNITS
from tests.deployment.deployed import CERTIFICATE
from tests.ports import free_port
from tests.proxies import nginx_with

SPLIT = ROOT / "deploy" / "split"
FIREWALL = SPLIT / "firewall.sh"
WEB_CONFIG = ROOT / "deploy" / "iis" / "web.config"
TUNNEL = "treasury-tunnel.service"


def run(*command: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False,
        env=more or None,
    )  # fmt: skip


# --- WireGuard ---


@pytest.mark.parametrize("name", ["vps", "application"])
def test_wireguard_understands_the_line(tmp_path: Path, name: str) -> None:
    program = services.needed(shutil.which("wg-quick"), "wg-quick", "wireguard-tools")
    ours = tmp_path / "treasury.conf"
    ours.write_text((SPLIT / "wireguard" / f"{name}.conf").read_text())
    ours.chmod(0o600)
    done = run(program, "strip", ours)
    assert (done.returncode, done.stderr) == (0, "")
    # What is left is for `wg` itself, and has no key in it.
    assert "[Peer]" in done.stdout
    assert "PrivateKey" not in done.stdout


def test_the_ends_of_the_line_know_each_other() -> None:
    texts = [(SPLIT / "wireguard" / f"{name}.conf").read_text() for name in ("vps", "application")]
    [(one, its_peer), (other, peer_of_other)] = [
        (
            re.findall(r"^Address = (.*)$", text, re.M),
            re.findall(r"^AllowedIPs = (.*)$", text, re.M),
        )
        for text in texts
    ]
    assert (one, other) == (peer_of_other, its_peer)
    assert f"ListenPort = {re.findall(r'Endpoint = .*:(.*)', texts[1])[0]}" in texts[0]


def test_the_web_on_the_line_differs_by_its_address_alone() -> None:
    part = SPLIT / "wireguard" / "treasury-web.socket.d" / "wireguard.conf"
    # An empty one takes back that of the unit.
    assert re.findall(r"^ListenStream=(.*)$", part.read_text(), re.M) == ["", "10.66.0.2:8000"]


def test_nginx_understands_its_end_of_the_line(tmp_path: Path) -> None:
    subprocess.run(CERTIFICATE, cwd=tmp_path, check=True, capture_output=True)
    text, count = re.subn(
        r"server 127\.0\.0\.1:8000;",
        "server 10.66.0.2:8000;",
        (ROOT / "deploy" / "nginx.conf").read_text(),
    )
    assert count == 1
    assert "server 10.66.0.2:8000;" in (SPLIT / "README.md").read_text()
    for name, here in (("fullchain", "cert"), ("privkey", "key")):
        text = re.sub(rf"/etc/letsencrypt/\S+/{name}.pem", str(tmp_path / f"{here}.pem"), text)
    text = re.sub(r"/var/log/nginx/\S+(?= )", str(tmp_path / "access.log"), text)
    # A test of the settings opens the ports, too.
    text = re.sub(r"listen (\[::\]:)?\d+", lambda _listen: f"listen {free_port()}", text)
    done = run(*nginx_with(tmp_path, text), "-t")
    assert "test is successful" in done.stderr


# --- SSH ---


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of the application's: units beside each other, and their programs."""
    root = tmp_path_factory.mktemp("machine")
    system = root / "etc/systemd/system"
    shutil.copytree(UNITS, system)
    shutil.copy(SPLIT / "ssh" / TUNNEL, system)
    shutil.copytree(SPLIT / "wireguard" / "treasury-web.socket.d", system / "treasury-web.socket.d")
    for name in ("usr/bin/ssh", "opt/treasury/.venv/bin/gunicorn", "opt/treasury/.venv/bin/python"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch(mode=0o755)
    for name in ("network-online", "multi-user", "basic", "sysinit", "shutdown"):
        (system / f"{name}.target").write_text("[Unit]\n")
    return root


@pytest.mark.parametrize("name", [TUNNEL, "treasury-web.socket"])
def test_a_unit_is_understood(machine: Path, name: str) -> None:
    options = ("--man=no", "--recursive-errors=no", machine / "etc/systemd/system" / name)
    done = run(analyze(), "verify", f"--root={machine}", *options)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_tunnel_may_do_little(machine: Path) -> None:
    limit = f"--threshold={MOST_EXPOSED}"
    done = run(analyze(), "security", "--offline=true", f"--root={machine}", limit, TUNNEL)
    assert done.returncode == 0, done.stdout


def analyze() -> str:
    return services.needed(shutil.which("systemd-analyze"), "systemd-analyze", "systemd")


# --- The firewall ---


@pytest.fixture
def ufw(tmp_path: Path) -> str:
    """A folder for PATH: whatever is asked of ufw is printed."""
    program = tmp_path / "ufw"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    return f"{tmp_path}:/usr/bin:/bin"


def test_the_firewalls_script_is_sound() -> None:
    program = services.needed(shutil.which("shellcheck"), "shellcheck", "shellcheck")
    done = run(program, FIREWALL)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "opened"),
    [
        (["vps"], [
            "allow 80/tcp", "allow 443/tcp", "allow 51820/udp",
            "allow in on treasury proto tcp from 10.66.0.2 to 10.66.0.1 port 1080,3128",
        ]),
        (["wireguard"],
         ["allow in on treasury proto tcp from 10.66.0.1 to 10.66.0.2 port 8000"]),
        (["ssh"], []),
        (["port", "192.0.2.7"], ["allow proto tcp from 192.0.2.7 to any port 8000"]),
    ],
)  # fmt: skip
def test_a_machine_is_open_for_what_it_needs(
    ufw: str, arguments: list[str], opened: list[str]
) -> None:
    asked = run(FIREWALL, *arguments, PATH=ufw).stdout.splitlines()
    first = ["default deny incoming", "default allow outgoing", "limit 22/tcp"]
    assert asked == [*first, *opened, "--force enable"]


@pytest.mark.parametrize("arguments", [[], ["port"], ["ssh", "vps"], ["office"]])
def test_a_slip_of_the_pen_opens_nothing(ufw: str, arguments: list[str]) -> None:
    done = run(FIREWALL, *arguments, PATH=ufw)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: ")


# --- IIS ---


def test_iis_passes_on_what_the_product_takes_and_says_that_it_is_https() -> None:
    server = ElementTree.parse(WEB_CONFIG).getroot().find("system.webServer")  # noqa: S314  # ours
    assert server is not None
    rules = {rule.get("name"): rule for rule in server.iter("rule")}
    # In their order: each is the last for what it matches.
    assert list(rules) == ["Inside only", "To https", "Treasury"]
    assert {rule.get("stopProcessing") for rule in rules.values()} == {"true"}
    inside = rules["Inside only"].find("match")
    assert inside is not None
    for path in ("metrics", "readyz"):
        assert re.search(str(inside.get("url")), path)
    passed_on = [{**element.attrib} for element in rules["Treasury"].iter("set")]
    assert passed_on == [{"name": "HTTP_X_FORWARDED_PROTO", "value": "https"}]
    [limits] = server.iter("requestLimits")
    assert int(str(limits.get("maxAllowedContentLength"))) >= WITH_DOCUMENTS
