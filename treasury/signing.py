"""The keys by which journals are signed: who has only the database cannot write another past.

HMAC-SHA256 under `JOURNAL_KEY`, which is never in the database. Each entry names its key, so that a
new one can take its place: the former ones go to `JOURNAL_KEY_FALLBACKS`. Without any the keys are
derived from `SECRET_KEY` and its fallbacks.
"""

import hashlib
import hmac

from django.conf import settings

_PURPOSE = b"treasury.journal"
_ID_LENGTH = 16


class UnknownKey(Exception):
    """Signed with a key that is not in the settings."""


def current() -> str:
    """The name of the key by which is signed now."""
    return next(iter(_keys()))


def sign(text: str, key: str) -> str:
    """In hex. Raises `UnknownKey`."""
    keys = _keys()
    if key not in keys:
        raise UnknownKey(key)
    return hmac.new(keys[key], text.encode(), hashlib.sha256).hexdigest()


def _keys() -> dict[str, bytes]:
    """Name → key, the current one first."""
    own = [settings.JOURNAL_KEY, *settings.JOURNAL_KEY_FALLBACKS]
    derived = (
        hmac.new(key.encode(), _PURPOSE, hashlib.sha256).digest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )
    keys = [*(key.encode() for key in own if key), *derived]
    return {_name(key): key for key in keys}


def _name(key: bytes) -> str:
    return hmac.new(key, b"name", hashlib.sha256).hexdigest()[:_ID_LENGTH]
