"""One installation on several machines: each has a network, a name and a disk of its own, and web
and worker of it share nothing but what the others reach too."""

import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from demo.children import Child
from tests import services
from tests.buckets import Buckets

from .harness import ROOT, Installation, answers, python, until

PORT = 8000
NAMES = ("one", "two")
EXAMPLE = ROOT / "deploy" / "nginx.conf"
# Nobody else sees what a process writes there: not even the other processes of its machine.
ALONE = 'hostname "$0" && mount -t tmpfs tmpfs var && mkdir var/tmp && exec "$@"'


@dataclass(frozen=True)
class Machine:
    name: str
    namespace: str
    address: str

    def command(self, *command: str) -> tuple[str, ...]:
        inside = ("ip", "netns", "exec", self.namespace, "unshare", "--uts", "--mount")
        return (*inside, "sh", "-c", ALONE, self.name, *command)


class Network:
    """A bridge, to which each machine has its only line. What listens on the loopback of this
    machine is handed on there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = f"tr{secrets.token_hex(3)}"
        self._prefix = f"10.{64 + secrets.randbelow(128)}.{secrets.randbelow(256)}"
        self.here = f"{self._prefix}.1"
        services.needed(shutil.which("ip"), "ip", "iproute2")
        self._socat = services.needed(shutil.which("socat"), "socat", "socat")
        self._handing_on: list[Child] = []
        _ip("link", "add", self._name, "type", "bridge")
        _ip("addr", "add", f"{self.here}/24", "dev", self._name)
        _ip("link", "set", self._name, "up")
        self.machines = [self._add(number, name) for number, name in enumerate(NAMES)]

    def hand_on(self, url: str) -> str:
        """The address by which the machines reach what is here."""
        parts = urlsplit(url)
        log = self._folder / f"{parts.port}-socat.log"
        listening = f"TCP-LISTEN:{parts.port},bind={self.here},fork,reuseaddr"
        command = (self._socat, listening, f"TCP:{parts.hostname}:{parts.port}")
        self._handing_on.append(Child("socat", command, log, {}, ROOT))
        return url.replace(f"{parts.hostname}:{parts.port}", f"{self.here}:{parts.port}")

    def close(self) -> None:
        for child in self._handing_on:
            child.kill()
        for machine in self.machines:
            _ip("netns", "del", machine.namespace)
        _ip("link", "del", self._name)

    def _add(self, number: int, name: str) -> Machine:
        machine = Machine(name, f"{self._name}-{name}", f"{self._prefix}.{11 + number}")
        line = f"{self._name}{number}"
        _ip("netns", "add", machine.namespace)
        inside = ("type", "veth", "peer", "name", "eth0", "netns", machine.namespace)
        _ip("link", "add", line, *inside)
        _ip("link", "set", line, "master", self._name, "up")
        _ip("-n", machine.namespace, "addr", "add", f"{machine.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", machine.namespace, "link", "set", device, "up")
        return machine


class Machines(Installation):
    """Behind nginx, with the documents in a bucket. Each worker has a beat beside it."""

    def __init__(self, folder: Path, database: str, network: Network, bucket: str) -> None:
        self.network = network
        self._bucket = bucket
        super().__init__(folder, database, small=False)

    def start_worker(self) -> None:
        for machine in self.network.machines:
            self._begin_worker(machine)
        for machine in self.network.machines:
            self._wait_for_worker(machine)

    def kill(self, machine: Machine) -> None:
        """All that runs on it, as when its power is lost."""
        for kind in ("web", "worker"):
            self._children[f"{kind}-{machine.name}"].kill()
        until(lambda: not _ip("netns", "pids", machine.namespace), f"the end of {machine.name}")

    def revive(self, machine: Machine) -> None:
        self._begin_web(machine)
        self._begin_worker(machine)
        self._wait_for_web(machine)
        self._wait_for_worker(machine)

    @contextmanager
    def alone(self, machine: Machine) -> Iterator[None]:
        """Meanwhile the workers of all others stand still."""
        others = [other for other in self.network.machines if other != machine]
        workers = [self._children[f"worker-{other.name}"] for other in others]
        for worker in workers:
            worker.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for worker in workers:
                worker.signal(signal.SIGCONT)

    def _complete(self, database: str) -> dict[str, str]:
        given = super()._complete(database)
        handed_on = {
            "DATABASE_URL": database,
            "REDIS_URL": given["REDIS_URL"],
            "TELEGRAM_API_URL": self.sandbox_url,
            "STORAGE_URL": self._bucket,
        }
        reached = {name: self.network.hand_on(url) for name, url in handed_on.items()}
        hosts = [given["ALLOWED_HOSTS"], *(machine.address for machine in self.network.machines)]
        own = {"ALLOWED_HOSTS": ",".join(hosts), "TMPDIR": str(ROOT / "var" / "tmp")}
        return {**given, **reached, "MEDIA_ROOT": str(ROOT / "var" / "media"), **own}

    def start_web(self) -> None:
        # The proxy in front listens there.
        self._door.close()
        for machine in self.network.machines:
            self._begin_web(machine)
        for machine in self.network.machines:
            self._wait_for_web(machine)
        self._start("front", *self._nginx())
        self._wait_for("front", lambda: answers(f"{self.web_url}/healthz"))

    def _begin_web(self, machine: Machine) -> None:
        options = ("--worker-class=gthread", "--workers=1", "--threads=4", "--keep-alive=75")
        bind = f"--bind={machine.address}:{PORT}"
        web = python("gunicorn", "config.wsgi", bind, "--access-logfile=-", *options)
        self._start(f"web-{machine.name}", *machine.command(*web))

    def _wait_for_web(self, machine: Machine) -> None:
        address = f"http://{machine.address}:{PORT}/healthz"
        self._wait_for(f"web-{machine.name}", lambda: answers(address))

    def _begin_worker(self, machine: Machine) -> None:
        options = ("--pool=threads", "--concurrency=8", "--loglevel=INFO")
        worker = python("celery", "--app=config", "worker", "--beat", *options)
        self._start(f"worker-{machine.name}", *machine.command(*worker))

    def _wait_for_worker(self, machine: Machine) -> None:
        name = f"worker-{machine.name}"
        self._wait_for(name, lambda: self._children[name].has_said(" ready."))

    def _nginx(self) -> Sequence[str]:
        """With the example's machines, of which there are several."""
        found = re.search(r"^upstream treasury \{.*?^\}", EXAMPLE.read_text(), re.M | re.S)
        assert found
        lines = "".join(f"server {each.address}:{PORT};" for each in self.network.machines)
        upstream, count = re.subn(r"server 127\.0\.0\.1:8000;", lines, found[0])
        assert count == 1
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"{kind}_temp_path {self.folder / kind};" for kind in kinds)
        passed = (
            'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host'
        )
        (self.folder / "nginx.conf").write_text(
            f"user root; daemon off; pid {self.folder / 'pid'}; error_log stderr; events {{}}\n"
            f"http {{ access_log off; {places}\n{upstream}\n"
            f"server {{ listen {urlsplit(self.web_url).netloc}; client_max_body_size 110m; "
            f"location / {{ {passed}:$server_port; proxy_pass http://treasury; }} }} }}"
        )
        path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
        nginx = services.needed(path, "nginx", "nginx")
        return (nginx, "-e", "stderr", "-c", str(self.folder / "nginx.conf"))


@contextmanager
def on_machines(folder: Path, database: str) -> Iterator[Machines]:
    """Skips where the kernel gives us no networks of our own."""
    if subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode:
        pytest.skip("The kernel lets only root have machines with networks of their own.")
    network, buckets = Network(folder), Buckets()
    machines = Machines(folder, database, network, buckets.make().url)
    try:
        machines.start()
        yield machines
    finally:
        machines.stop()
        buckets.stop()
        network.close()


def _ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
    return done.stdout
