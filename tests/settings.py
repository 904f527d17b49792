"""The project's settings, on the services that the suite has found."""

from tests import services

CHOSEN = services.prepare()

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, MIDDLEWARE, VAR_DIR  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in production: in memory, threads and processes would not meet at its locks.
    VAR_DIR.mkdir(exist_ok=True)
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    # Nothing of the tests has to outlive the machine's power.
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"

MIDDLEWARE = ["tests.leaks.witness", *MIDDLEWARE]

# Nothing is collected for the tests: WhiteNoise must not miss the folder.
WHITENOISE_AUTOREFRESH = True
