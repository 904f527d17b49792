"""Containers without Docker: what docker-compose.yml starts, started on this machine to the letter.

In namespaces of the kernel, with a root of their own: the programs are this machine's, everything
that the file mounts is where it says, what it does not let be written cannot be, and only what is
in there answers, on the very ports and names.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from demo.children import Child, stop
from tests import services
from tests.deployment.compose import Json, bound, words, written

SECONDS = 60.0
OF_THE_MACHINE = ("usr", "bin", "sbin", "lib", "lib64", "etc", "dev")
PROGRAMS = ("unshare", "nsenter", "setpriv")


class Containers:
    """All of them in one, as it were: they share the root, the network and the processes."""

    def __init__(self, compose: Json, host: Path, image: Path, names: Iterable[str]) -> None:
        """`host` is the folder with docker-compose.yml and secrets/, `image` what is in /app."""
        self._compose, self._host, self._image = compose, host, image
        self._names = tuple(names)
        self._logs = host / "logs"
        self._logs.mkdir()
        self._children: dict[str, Child] = {}
        self._enter: list[str] = []
        self._mounted: set[str] = set()
        self._holder: subprocess.Popen[str] | None = None

    def open(self) -> None:
        for program in PROGRAMS:
            services.needed(shutil.which(program), program, "util-linux")
        self._holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec",
             "\n".join(self._script())],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert self._holder.stdout
        assert self._holder.stderr
        pid = self._holder.stdout.readline().strip()
        assert pid, self._holder.stderr.read()
        self._enter = ["nsenter", f"--target={pid}", "--net", "--mount", "--pid", "--root"]

    def close(self) -> None:
        stop(list(self._children.values()), SECONDS)
        if self._holder:
            self._holder.kill()
            self._holder.communicate()

    def start(self, name: str, command: str | list[str], environment: Mapping[str, str]) -> Child:
        full = self.inside(name, words(command), environment)
        log = self._logs / f"{name}.log"
        log.touch()
        # Docker hands the outputs over to the user, who may open them by their names.
        log.chmod(0o666)
        child = Child(name, full, log, {}, self._host)
        self._children[name] = child
        return child

    def run(
        self, name: str, command: list[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        full = self.inside(name, command, environment)
        return subprocess.run(full, capture_output=True, text=True, timeout=SECONDS, check=False)

    def inside(self, name: str, command: list[str], environment: Mapping[str, str]) -> list[str]:
        """As the user of this service, with no right that he need not have."""
        user, group = self._user(name)
        given = {"HOSTNAME": socket.gethostname(), "HOME": "/tmp", **environment}  # noqa: S108
        return [
            *self._enter, "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups",
            "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all",
            "env", "--ignore-environment", "--chdir=/app",
            *(f"{key}={each}" for key, each in given.items()), *command,
        ]  # fmt: skip

    def wait_until(self, name: str, is_ready: Callable[[], bool]) -> None:
        """Raises `ChildDied` when it is not, or is no more."""
        self._children[name].wait_until(is_ready, SECONDS)

    def stop(self, *names: str) -> None:
        stop([self._children.pop(name) for name in names], SECONDS)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in self._logs.iterdir())

    def _script(self) -> list[str]:
        """What makes the root, says its own number and sleeps."""
        root = self._host / "root"
        root.mkdir()
        lines = ["ip link set lo up", "mount --make-rprivate /", f"mount -t tmpfs tmpfs {root}"]
        for top in OF_THE_MACHINE:
            if (path := Path("/", top)).is_symlink():
                lines.append(f"ln -s {path.readlink()} {root}/{top}")
            elif path.is_dir():
                lines += _bind(str(path), root, f"/{top}")
        lines.append(f"mkdir -p {root}/proc {root}/run {root}/var && ln -s ../run {root}/var/run")
        lines.append(f"mount -t proc proc {root}/proc")
        lines += self._python(root)
        lines += _bind(str(self._image), root, "/app")
        for name in self._names:
            lines += self._mounts(root, name)
        hosts = self._host / "hosts"
        hosts.write_text(f"127.0.0.1 localhost {socket.gethostname()} {' '.join(self._names)}\n")
        lines += [f"mount --bind {hosts} {root}/etc/hosts", f"mount -o remount,ro {root}"]
        # As this machine counts it, and not before others can follow.
        stay = """'echo "$0"; exec sleep infinity' "$pid\""""
        return [*lines, "read -r pid rest < /proc/self/stat", f"exec chroot {root} sh -c {stay}"]

    def _mounts(self, root: Path, name: str) -> list[str]:
        """What this service has where; those that share a path share what is there."""
        service, (user, group) = self._compose["services"][name], self._user(name)
        lines = []
        read, kept = bound(self._compose, name), written(self._compose, name)
        for target in read.keys() - self._mounted:
            # An absolute one is this machine's own, which the folder stands for.
            lines += _bind(str(self._host / read[target].lstrip("/")), root, target)
        owned = f"tmpfs -o uid={user},gid={group},mode=1777"
        for target in kept - self._mounted:
            lines.append(f"mkdir -p {root}{target} && mount -t {owned} tmpfs {root}{target}")
        self._mounted |= read.keys() | kept
        for key, value in service.get("sysctls", {}).items():
            lines.append(f"echo {value} > {root}/proc/sys/{key.replace('.', '/')}")
        return lines

    def _user(self, name: str) -> tuple[int, int]:
        """Who is unknown here has the number that the Dockerfile gives to the product's own."""
        try:
            entry = pwd.getpwnam(self._compose["services"][name].get("user", ""))
        except KeyError:
            return 10001, 10001
        return entry.pw_uid, entry.pw_gid

    def _python(self, root: Path) -> list[str]:
        """The environment that the image has in /opt/venv, and the Python that it is made of."""
        ours, venv = Path(sys.prefix), Path("/opt/venv")
        lines = [] if sys.base_prefix == "/usr" else _bind(sys.base_prefix, root, sys.base_prefix)
        lines += _bind(str(ours / "lib"), root, f"{venv}/lib")
        lines.append(f"mkdir -p {root}{venv}/bin && cp {ours}/pyvenv.cfg {root}{venv}")
        lines.append(f"ln -s {Path(sys.executable).resolve()} {root}{venv}/bin/python")
        for name in ("celery", "gunicorn"):
            script = f"{root}{venv}/bin/{name}"
            lines.append(f"sed '1s|.*|#!{venv}/bin/python|' {ours}/bin/{name} > {script}")
            lines.append(f"chmod 755 {script}")
        return lines


def _bind(source: str, root: Path, target: str) -> list[str]:
    """For reading alone."""
    assert Path(source).exists(), f"{target} would be {source}, which is not there"
    make = f"mkdir -p {root}{target}"
    if Path(source).is_file():
        make = f"mkdir -p {root}{Path(target).parent} && touch {root}{target}"
    mount = f"mount --rbind {source} {root}{target}"
    return [make, mount, f"mount -o remount,bind,ro {root}{target}"]


def may_be_opened() -> bool:
    """By root, where the kernel lets him."""
    probe = ["unshare", "--net", "--mount", "--pid", "--fork", "true"]
    return os.geteuid() == 0 and subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0
