"""Where the demo's parts are found, and the environment in which they run."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from demo import company

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
BOT_USERNAME = "treasury_demo_bot"


@dataclass(frozen=True)
class Options:
    """`data` is the folder of everything that the demo writes."""

    data: Path
    web_port: int
    sandbox_port: int
    google_port: int
    redis_port: int

    @property
    def database(self) -> Path:
        return self.data / "db.sqlite3"

    @property
    def web(self) -> str:
        return f"http://{HOST}:{self.web_port}"

    @property
    def sandbox(self) -> str:
        return f"http://{HOST}:{self.sandbox_port}"

    @property
    def google(self) -> str:
        return f"http://{HOST}:{self.google_port}"

    @property
    def redis(self) -> str:
        return f"redis://{HOST}:{self.redis_port}/0"


def load_secrets(path: Path) -> dict[str, str]:
    """Made up once, so that sessions survive a restart, and those that an older demo lacked."""
    path.touch(mode=0o600)
    kept = json.loads(path.read_text() or "{}")
    made = {**_new_secrets(), **kept}
    if made != kept:
        path.write_text(json.dumps(made))
    return made


def _new_secrets() -> dict[str, str]:
    bot_id = secrets.randbelow(9 * 10**8) + 10**8
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "TELEGRAM_BOT_TOKEN": f"{bot_id}:AA{secrets.token_urlsafe(24)}",
        "TELEGRAM_WEBHOOK_SECRET": secrets.token_urlsafe(32),
        "GOOGLE_CLIENT_ID": f"{secrets.randbelow(10**12)}.apps.googleusercontent.com",
        "GOOGLE_CLIENT_SECRET": secrets.token_urlsafe(24),
    }


def environment(options: Options, made_secrets: dict[str, str]) -> dict[str, str]:
    """Every variable is given, so that nothing of a real installation's .env gets in."""
    given = {
        **made_secrets,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "false",
        "PUBLIC_URL": options.web,
        "ALLOWED_HOSTS": f"{HOST},localhost",
        "TRUSTED_PROXIES": "0",
        "TIME_ZONE": "Europe/Moscow",
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "text",
        "MEDIA_ROOT": str(options.data / "media"),
        "DATABASE_URL": f"sqlite:///{options.database}",
        "REDIS_URL": options.redis,
        "TELEGRAM_API_URL": options.sandbox,
        "TELEGRAM_WEBHOOK_URL": "",
        "TELEGRAM_SUBNETS": "",
        "TELEGRAM_PROXY_URL": "",
        "TELEGRAM_CERTIFICATE": "",
        "TELEGRAM_BOT_USERNAME": BOT_USERNAME,
        # The sandbox opens its bot's links itself, as t.me does.
        "TELEGRAM_LINK_URL": options.sandbox,
        "GOOGLE_OIDC_ENDPOINT": options.google,
        "GOOGLE_HOSTED_DOMAIN": company.DOMAIN,
        "GOOGLE_SITE_VERIFICATION": "",
        # Letters stand in the log of the web server.
        "EMAIL_URL": "consolemail://",
        "EMAIL_FROM": "",
        "SENTRY_DSN": "",
    }
    return {**os.environ, **given, **{f"{name}_FILE": "" for name in given}}
