"""JSON answers, shared by the three interfaces."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from .errors import ApiError


def respond(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        body=json.dumps(body).encode(),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def failure(error: ApiError) -> web.Response:
    parameters = error.parameters or {}
    retry_after = parameters.get("retry_after")
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return respond(error.envelope(), error.code, headers)
