"""The tunnel of `deploy/split/ssh`, through a real sshd that has its part of the settings."""

import getpass
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from demo.children import Child, ChildDied, stop
from tests import services
from tests.config.test_systemd import ROOT
from tests.ports import free_port
from tests.proxies import listens
from tests.telegrambot.front import BotApi, bot_api

SSH = ROOT / "deploy" / "split" / "ssh"
SECONDS = 20.0
pytestmark = pytest.mark.xdist_group("tunnel")
# Of one's own, in the shortest form that a server accepts.
KEY = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f")


@dataclass
class Tunnel:
    """`inward` is the port of the VPS, `outward` the proxy here, and `telegram` what may be reached
    by it."""

    folder: Path
    command: list[str]
    inward: int
    outward: int
    telegram: str
    sshd: Child
    ssh: Child

    def by_proxy(self, url: str) -> requests.Response:
        proxies = {"http": f"socks5h://127.0.0.1:{self.outward}"}
        return requests.get(f"{url}/getMe", proxies=proxies, timeout=SECONDS)


def told(text: str, *replacements: tuple[str, str]) -> str:
    """The text with each of these in it replaced."""
    for pattern, here in replacements:
        text, count = re.subn(pattern, here, text)
        assert count, pattern
    return text


def start(folder: Path, name: str, command: list[str], port: int) -> Child:
    child = Child(name, command, folder / f"{name}.log", os.environ, folder)
    child.wait_until(lambda: listens(port), SECONDS)
    return child


@pytest.fixture(scope="module")
def tunnel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tunnel]:
    server = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
    server = services.needed(server, "sshd", "openssh-server")
    folder = tmp_path_factory.mktemp("tunnel")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    for name in ("key", "host"):
        subprocess.run([*KEY, folder / name], check=True)
    port, inward, outward, me = free_port(), free_port(), free_port(), getpass.getuser()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    with bot_api(BotApi()) as application, bot_api(BotApi()) as telegram:
        # A name, which is looked up at the other end.
        telegram = telegram.replace("127.0.0.1", "localhost")
        (folder / "sshd_config").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
            f"AuthorizedKeysFile {folder}/key.pub\nStrictModes no\nUsePAM no\n"
            + told(
                (SSH / "sshd.conf").read_text(),
                ("User treasury-tunnel", f"User {me}"),
                ("PermitListen 127.0.0.1:8000", f"PermitListen 127.0.0.1:{inward}"),
                ("api.telegram.org:443", telegram.removeprefix("http://")),
            )
        )
        (folder / "ssh_config").write_text(
            told(
                (SSH / "ssh_config").read_text(),
                ("HostName vps.example.com", f"HostName 127.0.0.1\n    Port {port}"),
                ("User treasury-tunnel", f"User {me}"),
                ("/etc/treasury-tunnel(?=/k)", str(folder)),
                (
                    "RemoteForward .*",
                    f"RemoteForward 127.0.0.1:{inward} {application.removeprefix('http://')}",
                ),
                ("DynamicForward 127.0.0.1:1080", f"DynamicForward 127.0.0.1:{outward}"),
            )
        )
        [line] = re.findall(
            r"^ExecStart=(.*)$", (SSH / "treasury-tunnel.service").read_text(), re.M
        )
        command = shlex.split(line.replace("/etc/treasury-tunnel", str(folder)))
        sshd = start(folder, "sshd", [server, "-D", "-e", "-f", str(folder / "sshd_config")], port)
        ssh = start(folder, "ssh", command, inward)
        yield Tunnel(folder, command, inward, outward, telegram, sshd, ssh)
        stop([sshd, ssh], SECONDS)


def test_what_comes_to_the_vps_reaches_the_application(tunnel: Tunnel) -> None:
    assert requests.get(f"http://127.0.0.1:{tunnel.inward}/healthz", timeout=SECONDS).ok


def test_telegram_is_reached_from_there_and_nothing_else(tunnel: Tunnel) -> None:
    assert tunnel.by_proxy(tunnel.telegram).ok
    with bot_api(BotApi()) as other, pytest.raises(requests.ConnectionError):
        tunnel.by_proxy(other)


def test_whoever_has_the_key_has_no_shell_there(tunnel: Tunnel) -> None:
    command = [*tunnel.command[:3], "-o", "ClearAllForwardings=yes", "vps", "echo", "in"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode != 0
    assert "in\n" not in done.stdout


def test_no_other_port_is_opened_there(tunnel: Tunnel) -> None:
    settings = (tunnel.folder / "ssh_config").read_text()
    other = told(settings, (f"127.0.0.1:{tunnel.inward}", f"127.0.0.1:{free_port()}"))
    (tunnel.folder / "other").write_text(told(other, ("DynamicForward .*", "")))
    command = [word.replace("ssh_config", "other") for word in tunnel.command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode != 0
    assert "remote port forwarding failed" in done.stderr


def test_a_tunnel_without_its_other_end_is_over(tunnel: Tunnel) -> None:
    """So that systemd builds another."""
    # Of the server itself only who listens is in its group.
    subprocess.run(["pkill", "-KILL", "-P", str(tunnel.sshd.pid)], check=True)
    tunnel.sshd.kill()
    with pytest.raises(ChildDied, match="ended with code"):
        tunnel.ssh.wait_until(lambda: False, SECONDS)
