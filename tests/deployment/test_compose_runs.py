"""`docker compose up -d`, each command and health check of it to the letter, without Docker."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from glob import glob
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import services
from tests.deployment import compose
from tests.deployment.compose import ROOT, Dockerfile, Json
from tests.deployment.containers import Containers, may_be_opened

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("compose")]

HOST = "treasury.example.com"
NEEDED = {
    "nginx": "nginx", "initdb": "postgresql", "redis-server": "redis-server", "curl": "curl",
    "msgfmt": "gettext",
}  # fmt: skip
NAMES = ("migrate", "web", "worker", "beat", "nginx", "postgres", "redis")
# Debian keeps the server's own programs apart.
SERVER = max(glob("/usr/lib/postgresql/*/bin"), default="")
PATH = f"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:{SERVER}"
DATA = "/var/lib/postgresql/data"
CLUSTER = (
    "initdb", f"--pgdata={DATA}", "--username=postgres", "--auth-local=trust", "--no-sync",
    "--locale=C.UTF-8", "--auth-host=scram-sha-256", "--pwfile=/run/secrets/postgres_password",
)  # fmt: skip


@dataclass
class Installation:
    compose: Json
    settings: dict[str, str]
    containers: Containers
    secrets: Path

    def environment(self, name: str) -> dict[str, str]:
        service = self.compose["services"][name]
        given: dict[str, str] = {"PATH": PATH}
        if "build" in service:
            given |= self.settings
            given |= {
                key: value.replace("$PATH", PATH) for key, value in Dockerfile().environment.items()
            }
        given |= service.get("environment", {})
        return given

    def start(self, name: str, command: str | list[str] = "") -> None:
        chosen = command or self.compose["services"][name].get("command", Dockerfile().command)
        self.containers.start(name, chosen, self.environment(name))

    def run(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        return self.containers.run(name, list(command), self.environment(name))

    def is_healthy(self, name: str) -> bool:
        test = self.compose["services"][name].get("healthcheck", {}).get("test")
        asked = ["sh", "-c", test] if test else Dockerfile().health
        return self.run(name, *asked).returncode == 0

    def wait_for(self, *names: str) -> None:
        for name in names:
            self.containers.wait_until(name, partial(self.is_healthy, name))

    def secret(self, name: str) -> str:
        return (self.secrets / name).read_text().strip()

    def ask(self, address: str, statement: str) -> str:
        """What PostgreSQL says to whom this secret lets in."""
        psql = ("psql", "--no-psqlrc", "-qAt", "-c", statement, self.secret(address))
        done = self.run("postgres", *psql)
        return (done.stdout + done.stderr).strip()


@pytest.fixture(scope="module")
def machine() -> None:
    """It has all that is needed here."""
    if not may_be_opened():
        pytest.skip("the kernel lets us have no namespaces")
    for program, package in NEEDED.items():
        services.needed(shutil.which(program, path=PATH), program, package)


@pytest.fixture(scope="module")
def image(machine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in /app after the commands of the Dockerfile."""
    app = tmp_path_factory.mktemp("image") / "app"
    compose.copy_context(app)
    [made] = [line for line in Dockerfile().all("RUN") if "manage.py" in line]
    given = {"PATH": f"{Path(sys.prefix, 'bin')}:{PATH}"}
    done = subprocess.run(
        ["sh", "-ec", made], cwd=app, env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (app / "var").mkdir()
    return app


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an administrator who has done what deploy/COMPOSE.md says."""
    host = tmp_path_factory.mktemp("host")
    shutil.copytree(ROOT / "deploy", host / "deploy")
    shutil.copy(ROOT / ".env.example", host / ".env")
    subprocess.run(["sh", host / "deploy/secrets.sh"], check=True, capture_output=True)
    (host / "secrets/telegram_bot_token").write_text("123456789:AAof-the-compose-tests-0123456789")
    # What Docker makes where it is missing.
    (host / "var/www/letsencrypt").mkdir(parents=True)
    return host


@pytest.fixture(scope="module")
def up(host: Path, image: Path) -> Iterator[Installation]:
    """In the order in which Compose starts them."""
    settings = dict(re.findall(r"^(\w+)=(.*)$", (host / ".env").read_text(), re.M))
    read = compose.load(settings)
    installation = Installation(
        read, settings, Containers(read, host, image, NAMES), host / "secrets"
    )
    try:
        installation.containers.open()
        _start(installation)
        yield installation
    finally:
        installation.containers.close()


def _start(installation: Installation) -> None:
    _succeed(installation, "postgres", *CLUSTER)
    installation.start("postgres", ["postgres", "-D", DATA, "-c", "fsync=off"])
    installation.start("redis")
    installation.wait_for("postgres", "redis")
    # As the image does with a new cluster.
    script = "/docker-entrypoint-initdb.d/roles.sql"
    psql = ("psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--username=postgres", "-f", script)
    _succeed(installation, "postgres", *psql)
    migrate = compose.words(installation.compose["services"]["migrate"]["command"])
    _succeed(installation, "migrate", *migrate)
    for name in ("web", "worker", "beat"):
        installation.start(name)
    installation.wait_for("web")
    installation.start("nginx")
    installation.wait_for("nginx", "beat", "worker")


def _succeed(installation: Installation, name: str, *command: str) -> None:
    done = installation.run(name, *command)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def fetch(up: Installation, path: str) -> str:
    """Through nginx, by its certificate: the status and the page."""
    reach = ("--cacert", "/run/tls/fullchain.pem", "--resolve", f"{HOST}:443:127.0.0.1")
    curl = ("curl", "--silent", "--show-error", "--write-out", "\n%{http_code}", *reach)
    done = up.run("nginx", *curl, f"https://{HOST}{path}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_of_it_is_healthy_and_serves_by_tls(up: Installation) -> None:
    assert fetch(up, "/healthz") == '{"status": "ok"}\n200'
    page = fetch(up, "/admin/login/")
    assert page.endswith("200")
    # Collected when the image was made, and compiled: the page is Russian.
    style = re.search(r'href="(/static/[^"]+\.css)"', page)
    assert style
    assert fetch(up, style[1]).endswith("200")
    assert "Войти" in page
    for path in ("/readyz", "/metrics"):
        assert fetch(up, path).endswith("404")
    ready = "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz')"
    _succeed(up, "web", "python", "-c", ready)


def test_the_product_owns_no_table(up: Installation) -> None:
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    assert up.ask("database_url", owners) == "treasury_owner"
    assert "permission denied" in up.ask("database_url", "DELETE FROM treasury_event")


def test_secrets_stand_in_no_log_and_in_no_list_of_processes(up: Installation) -> None:
    listed = up.run("web", "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '").stdout
    assert "gunicorn" in listed
    files = [path for path in up.secrets.iterdir() if path.is_file()]
    secrets = {path.read_text().strip() for path in files} - {""}
    secrets |= {password for each in secrets if (password := urlsplit(each).password)}
    assert len(secrets) > 10
    told = listed + up.containers.logs()
    assert [secret for secret in secrets if secret in told] == []


def test_a_backup_is_made_as_the_product_and_restored_as_the_owner(up: Installation) -> None:
    """The last one: nothing is at work afterwards."""
    _succeed(up, "web", "python", "manage.py", "backup")
    up.containers.stop("nginx", "web", "worker", "beat")
    [file] = up.run("migrate", "sh", "-c", "ls var/backups/*.tar").stdout.split()
    _succeed(up, "migrate", "python", "manage.py", "restore", file, "--replace", "--yes")
    assert up.ask("database_url", "SELECT count(*) FROM treasury_hold") == "1"
    assert "permission denied" in up.ask("database_url", "DELETE FROM treasury_event")
