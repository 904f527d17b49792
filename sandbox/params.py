"""Parameters of a request, whichever of the encodings of the Bot API carried them."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, ClientResponse, MultipartReader, web
from aiohttp.multipart import MultipartResponseWrapper

from .errors import ApiError, bad_request, too_large
from .multipart import read_disposition
from .versions import NEWEST, BotApi

MAX_TEXT_BYTES = 1 << 20  # all parameters that are not files; td/net/HttpReader.h
MAX_FILE_PARTS = 50
MAX_UPLOAD_BYTES = 50 << 20

Source = web.Request | ClientResponse
_INTEGER = re.compile(r"\s*([+-]?\d+)")


@dataclass(slots=True, frozen=True)
class Upload:
    filename: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Params:
    """Named arguments and file parts. Readers convert leniently, as the official server does.

    ``version`` is that of the server which reads them.
    """

    args: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    version: BotApi = NEWEST

    def has(self, name: str) -> bool:
        return name in self.args

    def text(self, name: str) -> str:
        return as_text(self.args.get(name))

    def integer(
        self, name: str, default: int = 0, low: int | None = None, high: int | None = None
    ) -> int:
        """The integer prefix of the value, clamped; ``default`` when absent."""
        value = self.text(name)
        if not value:
            return default
        number = as_integer(value)
        if low is not None:
            number = max(low, number)
        return number if high is None else min(high, number)

    def boolean(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "yes", "1")

    def json(self, name: str, error: str) -> Any:
        """A nested value, given as JSON or as text holding JSON. ``None`` when absent.

        :raises ApiError: 400 with ``error`` when the text is not JSON.
        """
        value = self.args.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(error) from None

    def without(self, *names: str) -> "Params":
        """The same request as if it had not these arguments."""
        kept = {name: value for name, value in self.args.items() if name not in names}
        return Params(kept, self.uploads, self.version)

    def recorded(self) -> dict[str, Any]:
        """The arguments for the journal: nested ones decoded, files by name and size."""
        files = {
            name: {"filename": upload.filename, "size": len(upload.content)}
            for name, upload in self.uploads.items()
        }
        return {name: _decoded(value) for name, value in self.args.items()} | files


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def as_integer(value: Any) -> int:
    match = _INTEGER.match(as_text(value))
    return int(match[1]) if match else 0


def _decoded(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


async def read_params(request: web.Request) -> Params:
    """Merge the query string and the body.

    :raises ApiError: 413 beyond the official server's limits, 400 for a body that is not JSON.
    """
    params = Params(dict(request.query))
    if request.body_exists:
        await _read_body(request, params)
    return params


async def read_reply(answer: ClientResponse) -> Params:
    """What a webhook answers with, in any of the encodings; nothing for what cannot be read."""
    params = Params()
    try:
        await _read_body(answer, params)
    except ApiError:
        return Params()
    return params


async def _read_body(source: Source, params: Params) -> None:
    if source.content_type == "application/json":
        params.args |= await _read_json(source)
    elif source.content_type == "multipart/form-data":
        await _read_multipart(source, params)
    elif source.content_type == "application/x-www-form-urlencoded":
        params.args |= dict(parse_qsl((await _read_text(source)).decode(), keep_blank_values=True))


async def _read_text(source: Source) -> bytes:
    body = await source.read()
    if len(body) > MAX_TEXT_BYTES:
        raise too_large()
    return body


async def _read_json(source: Source) -> dict[str, Any]:
    body = await _read_text(source)
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad_request("can't parse JSON object")
    return {name: item for name, item in value.items() if item is not None}


async def _read_multipart(source: Source, params: Params) -> None:
    text_bytes = 0
    try:
        reader = await _parts(source)
        while part := await reader.next():
            if not isinstance(part, BodyPartReader):
                raise bad_request("can't parse multipart body")
            name, filename = read_disposition(part.headers.get("Content-Disposition", ""))
            if filename is not None:
                params.uploads[name] = await _read_file(part, filename)
            else:
                content = bytes(await part.read())
                text_bytes += len(content)
                params.args[name] = content.decode("utf-8", "replace")
            if text_bytes > MAX_TEXT_BYTES or len(params.uploads) > MAX_FILE_PARTS:
                raise too_large()
    except (ValueError, AssertionError):
        raise bad_request("can't parse multipart body") from None


async def _parts(source: Source) -> MultipartReader | MultipartResponseWrapper:
    if isinstance(source, web.Request):
        return await source.multipart()
    return MultipartReader.from_response(source)


async def _read_file(part: BodyPartReader, filename: str) -> Upload:
    content = bytearray()
    while chunk := await part.read_chunk(1 << 18):
        content += chunk
        if len(content) > MAX_UPLOAD_BYTES:
            raise too_large()
    mime = part.headers.get("Content-Type", "application/octet-stream")
    return Upload(filename, mime.partition(";")[0], bytes(content))
