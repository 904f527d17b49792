"""docker-compose.yml and the Dockerfile say what they should, as far as can be read."""

import re
import shutil
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

from tests.config.test_settings import ROOT, read
from tests.deployment import compose
from tests.deployment.compose import Dockerfile, bound
from tests.services import needed

COMPOSE = compose.load({"PUBLIC_URL": "https://treasury.example.com"})
SERVICES = COMPOSE["services"]
SECRETS = ROOT / "deploy/secrets.sh"
# Name and version, to the last number: what is started next year is what was tried out.
PINNED = re.compile(r"[a-z0-9/]+:(\d+\.\d+\.\d+|17\.\d+)[a-z.-]*")


def test_compose_understands_it() -> None:
    validator = jsonschema.Draft7Validator(compose.SCHEMA)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
    # The schema would find what is wrong.
    assert list(validator.iter_errors({**COMPOSE, "services": {"web": {"red_only": True}}}))


def test_what_needs_another_names_one_that_is_there() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", ())) <= SERVICES.keys(), name
        assert set(service.get("networks", ())) <= COMPOSE["networks"].keys(), name
        assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys(), name


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_little_and_take_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "pid", "ipc", "network_mode"} & service.keys()
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    if "build" in service:
        [user] = Dockerfile().all("USER")
    else:
        assert PINNED.fullmatch(service["image"])
        user = service["user"]
    assert user.partition(":")[0] not in {"", "0", "root"}
    # mtproxy's image has nothing to ask with, and the web's is the image's own.
    has_check = "test" in service.get("healthcheck", {})
    assert has_check == (name not in {"migrate", "web", "mtproxy"})


def test_only_nginx_is_reached_from_outside_until_somebody_says_otherwise() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports.pop("nginx") == ["80:80", "443:443"]
    assert ports.keys() == {"proxy", "mtproxy"}
    assert all(port.startswith("127.0.0.1:") for rows in ports.values() for port in rows)
    assert {name for name, service in SERVICES.items() if "profiles" in service} == ports.keys()
    inside = {name for name, service in SERVICES.items() if service["networks"] == ["inside"]}
    assert inside == {"migrate", "beat", "postgres", "redis"}
    assert COMPOSE["networks"]["inside"]["internal"]


def test_no_secret_is_in_the_environment_and_each_file_of_one_is_handed_over() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if variable.endswith("_FILE"):
                # beat and others know no more than they were given.
                assert Path(value).name in service["secrets"], (name, variable)
            else:
                assert not re.search("TOKEN|KEY|PASSWORD|SECRET|DSN|DATABASE", variable), name


def test_the_settings_read_the_files(folder: Path) -> None:
    given = {
        name: str(folder / COMPOSE["secrets"][Path(value).name]["file"])
        for name, value in SERVICES["web"]["environment"].items()
        if name.endswith("_FILE")
    }
    answer = read("DATABASES['default']['USER'], settings.SENTRY_DSN == ''", **given)
    assert answer.stdout == "treasury True\n", answer.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the product lies, with its settings and its secrets."""
    return _folder(tmp_path_factory.mktemp("installation"), "https://treasury.example.com")


def _folder(folder: Path, public_url: str) -> Path:
    (folder / "deploy").mkdir()
    (folder / "deploy/secrets.sh").write_text(SECRETS.read_text())
    (folder / ".env").write_text(f"DEBUG=false\nPUBLIC_URL={public_url}\n")
    done = _make_secrets(folder)
    assert done.returncode == 0, done.stderr
    return folder


def _make_secrets(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "deploy/secrets.sh"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_all_that_is_mounted_is_in_the_project_or_made_by_the_script(folder: Path) -> None:
    for name in SERVICES:
        for source in bound(COMPOSE, name).values():
            there = folder if source.removeprefix("./").startswith("secrets") else ROOT
            assert source == "/var/www/letsencrypt" or (there / source).exists(), source


def test_nobody_else_gets_to_the_secrets_and_the_containers_read_them(folder: Path) -> None:
    assert stat.S_IMODE((folder / "secrets").stat().st_mode) == 0o700
    files = [path for path in (folder / "secrets").rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o644}
    assert len(files) == len(COMPOSE["secrets"]) + len(["privkey.pem"])


def test_no_two_secrets_are_alike_and_none_is_made_twice(folder: Path) -> None:
    before = {path: path.read_bytes() for path in (folder / "secrets").rglob("*.*")}
    values = [path.read_text() for path in (folder / "secrets").iterdir() if path.is_file()]
    long = [value for value in values if value]
    assert len(set(long)) == len(long) == 9
    assert min(map(len, long)) >= 64
    done = _make_secrets(folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert {path: path.read_bytes() for path in (folder / "secrets").rglob("*.*")} == before


@pytest.mark.parametrize(
    ("public_url", "name"),
    [
        ("https://pay.example.org/", "DNS:pay.example.org"),
        ("https://192.0.2.7:8443", "IP Address:192.0.2.7"),
    ],
)
def test_a_certificate_stands_in_for_the_address(
    tmp_path: Path, public_url: str, name: str
) -> None:
    certificate = _folder(tmp_path, public_url) / "secrets/tls/fullchain.pem"
    shown = subprocess.run(
        ["openssl", "x509", "-in", certificate, "-noout", "-subject", "-ext", "subjectAltName"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert name in shown
    assert f"CN = {urlsplit(public_url).hostname}" in shown


def test_without_an_address_the_scripts_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/secrets.sh").write_text(SECRETS.read_text())
    done = _make_secrets(tmp_path)
    assert done.returncode == 1
    assert "Copy .env.example to .env" in done.stderr
    (tmp_path / ".env").write_text("PUBLIC_URL=http://127.0.0.1:8000\n")
    done = _make_secrets(tmp_path)
    assert done.returncode == 1
    assert "Set PUBLIC_URL in .env" in done.stderr
    nginx = subprocess.run(
        ["sh", ROOT / "deploy/compose/nginx.sh"], env={"PUBLIC_URL": "http://127.0.0.1:8000"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert nginx.returncode == 1
    assert "Set PUBLIC_URL in .env" in nginx.stderr


def test_the_shell_scripts_are_in_order() -> None:
    shellcheck = needed(shutil.which("shellcheck"), "shellcheck", "shellcheck")
    scripts = [SECRETS, *(ROOT / "deploy").glob("*/*.sh")]
    done = subprocess.run([shellcheck, *scripts], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_made_of_what_is_there() -> None:
    dockerfile = Dockerfile()
    base, *_copies = dockerfile.all("FROM")
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-bookworm AS base", base)
    for line in dockerfile.all("COPY"):
        if not line.startswith("--from"):
            assert all((ROOT / source).exists() for source in line.split()[:-1]), line
    *_built, last = dockerfile.stages()
    installed = " ".join(line for line in last if line.startswith("RUN"))
    assert not re.search(r"gettext|gcc|build-essential|-dev\b|pip install", installed)


def test_the_proxy_lets_out_to_telegram_alone_and_after_a_login() -> None:
    lines = (ROOT / "deploy/3proxy/3proxy.cfg").read_text().splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    rules = lines[lines.index("auth strong") :]
    assert rules == [
        "auth strong",
        "allow * * api.telegram.org 443 CONNECT,HTTP_CONNECT",
        "deny *",
        "proxy -p3128",
        "socks -p1080",
    ]
