"""The project's settings, on the services that the suite has found."""

from tests import services

CHOSEN = services.prepare()

from config.settings import *  # noqa: E402, F403
from config.settings import MIDDLEWARE  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

MIDDLEWARE = ["tests.leaks.witness", *MIDDLEWARE]

# Nothing is collected for the tests: WhiteNoise must not miss the folder.
WHITENOISE_AUTOREFRESH = True
