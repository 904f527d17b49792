"""The settings as a fresh process reads them from its environment."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def read(expression: str, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", f"from config import settings; print(settings.{expression})"]
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    return subprocess.run(
        command, cwd=ROOT, env=clean | env, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_secret_may_come_from_a_file_that_ends_with_a_newline(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-a-file\n")
    result = read("SECRET_KEY", SECRET_KEY_FILE=str(secret), SECRET_KEY="from-the-environment")
    assert result.stdout == "from-a-file\n"


def test_a_database_address_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("postgres://u:p%40ss@db:5433/treasury\n")
    result = read("DATABASES['default']", SECRET_KEY="x", DATABASE_URL_FILE=str(secret))
    assert "'NAME': 'treasury'" in result.stdout
    assert "'PASSWORD': 'p@ss'" in result.stdout


def test_no_database_address_is_a_file_beside_the_program() -> None:
    result = read("DATABASES['default']['NAME']", SECRET_KEY="x", DATABASE_URL="")
    assert result.stdout.strip().endswith("var/db.sqlite3")


def test_without_a_key_the_settings_say_what_to_do() -> None:
    result = read("SECRET_KEY", SECRET_KEY="")
    assert "Set SECRET_KEY (or SECRET_KEY_FILE): see .env.example." in result.stderr


def test_the_webhook_may_have_a_host_of_its_own_by_an_address_in_a_file(tmp_path: Path) -> None:
    address = tmp_path / "address"
    address.write_text("https://user:password@bots.example.com:8443/first/telegram/webhook/\n")
    env = {"SECRET_KEY": "x", "PUBLIC_URL": "https://treasury.example.com"}
    result = read("ALLOWED_HOSTS", **env, TELEGRAM_WEBHOOK_URL_FILE=str(address))
    assert result.stdout == "['treasury.example.com', 'bots.example.com']\n"
    assert read("ALLOWED_HOSTS", **env).stdout == "['treasury.example.com']\n"


def test_a_subnet_that_is_none_is_named() -> None:
    result = read(
        "TELEGRAM_SUBNETS", SECRET_KEY="x", TELEGRAM_SUBNETS="91.108.4.0/22,91.108.4.1/22"
    )
    assert "TELEGRAM_SUBNETS: 91.108.4.1/22 has host bits set." in result.stderr


def test_the_example_explains_every_variable_of_the_settings_and_no_other() -> None:
    source = (ROOT / "config" / "settings.py").read_text()
    read = set(re.findall(r'\benv\.\w+\(\s*"(\w+)"', source))
    assert len(read) > 10
    # Those are for docker-compose.yml alone.
    explained = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(explained) - {"PROXY_ADDRESS", "MTPROXY_ADDRESS"} == read


def test_a_whole_domain_is_bound_to_https_only_when_that_is_asked_for() -> None:
    https = {"SECRET_KEY": "x", "PUBLIC_URL": "https://treasury.example.com"}
    wanted = "SECURE_HSTS_PRELOAD, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS"
    assert read(wanted, **https).stdout == "False False\n"
    assert read(wanted, **https, HSTS_PRELOAD="true").stdout == "True True\n"
