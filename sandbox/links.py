"""Which addresses Telegram accepts in texts and buttons (``LinkManager::check_link`` of TDLib)."""

from urllib.parse import SplitResult, urlsplit

_APP_SCHEMES = ("tg", "ton", "tonsite")


def check_link(url: str) -> str:
    """The address, with ``http://`` put before a bare host.

    :raises ValueError: with Telegram's reason. A host without a dot, such as ``localhost``, is
        refused.
    """
    scheme, separator, rest = url.strip().partition(":")
    if separator and scheme.lower() in _APP_SCHEMES:
        return f"{scheme.lower()}://{rest.removeprefix('//')}"
    parts = _split(url.strip())
    if parts.scheme not in ("http", "https"):
        raise ValueError("Unsupported URL protocol")
    host = parts.hostname or ""
    if not host:
        raise ValueError("URL host is empty")
    if "." not in host and ":" not in host:
        raise ValueError("Wrong HTTP URL")
    return parts.geturl() if parts.path else parts._replace(path="/").geturl()


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        _ = parts.port  # parsed lazily: raises for a port that is no number
    except ValueError:
        raise ValueError("Wrong HTTP URL") from None
    return parts
