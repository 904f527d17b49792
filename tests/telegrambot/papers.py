"""Files as accountants have them, made for the tests, and requests that have them."""

from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from tests.company import ADMIN, PDF, Company
from tests.telegrambot.bot import project
from treasury.models import PaymentRequest
from treasury.services import requests

MP4 = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(100)
VOICE = b"OggS\0\2" + bytes(22) + b"\1\x13OpusHead" + bytes(100)


def picture(width: int = 60, height: int = 40, kind: str = "JPEG", *, fill: int = 0) -> bytes:
    """With so many bytes of anything behind it, which no reader minds."""
    buffer = BytesIO()
    Image.new("1" if kind == "PNG" else "L", (width, height)).save(buffer, kind)
    return buffer.getvalue() + bytes(fill)


def pdf(fill: int = 0) -> bytes:
    return PDF + b"%" * fill


def draft(company: Company, *papers: tuple[str, bytes], **changes: Any) -> PaymentRequest:
    request = company.draft(documents=0, **changes)
    for number, (name, content) in enumerate(papers):
        # No two are the same: the same file twice is one.
        file = ContentFile(content + b"%d" % number, name=name)
        requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)
    return request


def submit(company: Company, *papers: tuple[str, bytes], **changes: Any) -> PaymentRequest:
    """In approval, and its messages wanted."""
    request = draft(company, *papers, **changes)
    requests.submit(request=request, actor=company.anna, channel=ADMIN, reason="Ещё раз")
    project()
    return request
