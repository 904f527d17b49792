"""setWebhook, deleteWebhook, getWebhookInfo and getUpdates."""

import asyncio
import ipaddress
import re
import socket
import time
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sandbox.delivery import Webhook, WebhookConfig
from sandbox.errors import ApiError, bad_request, conflict, too_many_requests
from sandbox.params import Params, Upload
from sandbox.state import Body
from sandbox.trust import in_certificate
from sandbox.world import World

MAX_CERTIFICATE_BYTES = 3 << 20
MAX_SECRET = 256
MAX_LOCAL_CONNECTIONS = 100_000
PORTS = (443, 80, 88, 8443)
_SECRET = re.compile(r"[A-Za-z0-9_-]*")


class WebhookMethods:
    """The methods that choose between the two ways of getting updates."""

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook
        self._last_set = float("-inf")

    async def set_webhook(self, world: World, params: Params) -> bool:
        url = params.text("url")
        if not url:
            return await self.delete_webhook(world, params)
        now = time.monotonic()
        if now < self._last_set + world.settings.webhook.set_interval:
            raise too_many_requests(1)
        self._last_set = now
        config = await _read_config(world, params, url)
        world.poller.abort("terminated by setWebhook request")
        self._drop(world, params)
        world.updates.allow(_allowed(params), params.version)
        self._webhook.start(config)
        return True

    async def delete_webhook(self, world: World, params: Params) -> bool:
        self._drop(world, params)
        self._webhook.stop()
        return True

    async def get_webhook_info(self, world: World, params: Params) -> Body:
        world.updates.purge()
        webhook, config = self._webhook, self._webhook.config
        info: Body = {
            "url": config.url if config else "",
            "has_custom_certificate": bool(config and config.has_certificate),
            "pending_update_count": len(world.updates.pending),
        }
        if webhook.last_error_date:
            info["last_error_date"] = webhook.last_error_date
            info["last_error_message"] = webhook.last_error_message
        if config:
            info["max_connections"] = config.max_connections
            info["ip_address"] = config.ip_address
        if names := world.updates.allowed_names():
            info["allowed_updates"] = names
        return info

    async def get_updates(self, world: World, params: Params) -> list[Body]:
        if self._webhook.config:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        offset = params.integer("offset")
        limit = params.integer("limit", 100, 1, 100)
        timeout = params.integer("timeout", 0, 0, 50)
        world.updates.allow(_allowed(params), params.version)
        return await world.poller.get(offset, limit, timeout)

    def table(self) -> dict[str, Any]:
        return {
            "setWebhook": self.set_webhook,
            "deleteWebhook": self.delete_webhook,
            "getWebhookInfo": self.get_webhook_info,
            "getUpdates": self.get_updates,
        }

    def _drop(self, world: World, params: Params) -> None:
        if params.boolean("drop_pending_updates"):
            world.updates.pending.clear()


def _allowed(params: Params) -> Any:
    try:
        return params.json("allowed_updates", "")
    except ApiError:  # text that is not JSON is ignored, like the absence of it
        return None


async def _read_config(world: World, params: Params, url: str) -> WebhookConfig:
    parts = _split(url)
    secret = params.text("secret_token")
    if len(secret) > MAX_SECRET:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    certificate = _certificate(params)
    address = params.text("ip_address")
    if not world.local:
        _check_public(parts)
    return WebhookConfig(
        url=parts.geturl(),
        secret_token=secret,
        max_connections=params.integer(
            "max_connections", 40, 1, MAX_LOCAL_CONNECTIONS if world.local else 100
        ),
        ip_address=await _checked_address(world, parts, address),
        has_certificate=certificate is not None,
        trust=in_certificate(certificate.content) if certificate else None,
    )


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        _ = parts.port  # parsed lazily: raises for a port that is no number
    except ValueError:
        raise bad_request("invalid webhook URL specified") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad_request("invalid webhook URL specified")
    return parts


def _certificate(params: Params) -> Upload | None:
    """The uploaded certificate; one given as text is ignored."""
    name = params.text("certificate").removeprefix("attach://") or "certificate"
    upload = params.uploads.get("certificate") or params.uploads.get(name)
    if upload and len(upload.content) > MAX_CERTIFICATE_BYTES:
        size = len(upload.content)
        raise bad_request(f"certificate size is too big ({size} bytes)")
    return upload


def _check_public(parts: SplitResult) -> None:
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


async def _checked_address(world: World, parts: SplitResult, given: str) -> str:
    """The IP address to show in getWebhookInfo; reserved ones only with ``--local``."""
    address = given or await _resolve(parts.hostname or "")
    if world.local:
        return address or "127.0.0.1"
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        if given:
            raise bad_request("bad webhook: Invalid IP address specified") from None
        raise bad_request(
            "bad webhook: Failed to resolve host: Name or service not known"
        ) from None
    if parsed.version != 4:
        raise bad_request("bad webhook: IPv6-only addresses are not allowed")
    if not parsed.is_global:
        raise bad_request(f"bad webhook: IP address {address} is reserved")
    return address


async def _resolve(host: str) -> str:
    """An address of ``host``, IPv4 if it has one; empty when there is none."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return ""
    found.sort(key=lambda entry: entry[0] is not socket.AF_INET)
    return str(found[0][4][0])
