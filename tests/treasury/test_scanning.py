"""What the virus scanner finds is not kept, nor what it has not looked at."""

import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from tests.clamd import EICAR, Clamd
from tests.company import ADMIN, PDF, Company
from treasury import scanning
from treasury.errors import ScannerAway
from treasury.models import PaymentRequest, Upload
from treasury.services import requests

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def attach(company: Company, content: bytes, name: str = "Письмо.txt") -> None:
    request = company.draft(documents=0)
    file = ContentFile(content, name=name)
    requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)


def is_empty(folder: Path) -> bool:
    return not any(path.is_file() for path in folder.rglob("*")) and not Upload.objects.exists()


def test_without_a_scanner_nobody_is_asked(company: Company, settings: Any) -> None:
    assert settings.CLAMD_SOCKET == ""
    attach(company, EICAR)


def test_a_file_without_a_virus_is_kept_whole(company: Company, clamd: Clamd) -> None:
    content = PDF + bytes(200_000)
    attach(company, content, "Счёт.pdf")
    assert clamd.seen == [content]
    [document] = PaymentRequest.objects.get().documents
    with document.file.open() as kept:
        assert kept.read() == content


def test_a_virus_is_refused_and_not_kept(
    company: Company, clamd: Clamd, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ValidationError) as refused:
        attach(company, b"Dear Sirs, " + EICAR)
    [said] = refused.value.messages
    assert said == "“Письмо.txt” has a virus in it (Eicar-Test-Signature): it is not taken."
    assert is_empty(folder)
    assert "Eicar-Test-Signature" in caplog.text


def away(company: Company, folder: Path) -> str:
    with pytest.raises(ScannerAway) as refused:
        attach(company, b"Dear Sirs")
    assert is_empty(folder)
    return str(refused.value)


@pytest.mark.parametrize("address", ["/nonexistent/clamd", "127.0.0.1:1"])
def test_while_the_scanner_is_away_nothing_is_taken(
    company: Company, folder: Path, settings: Any, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CLAMD_SOCKET = address
    assert away(company, folder) == (
        "“Письмо.txt” cannot be checked for viruses: the scanner does not answer. Nothing was "
        "saved. Try again later, or tell the administrator."
    )
    assert "the virus scanner does not answer" in caplog.text


@pytest.mark.parametrize(
    "answer", [b"", b"stream: OK", b"\0", b"x" * 5000, b"stream: Broken ERROR\0", b"COMMAND\0"]
)
def test_what_is_no_verdict_is_none(
    company: Company, clamd: Clamd, folder: Path, answer: bytes
) -> None:
    clamd.answer = answer
    away(company, folder)


def test_a_file_that_is_too_large_for_the_scanner_is_not_taken(
    company: Company, clamd: Clamd, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clamd.largest = 1000
    with pytest.raises(ScannerAway):
        attach(company, PDF + bytes(5_000_000), "Счёт.pdf")
    assert is_empty(folder)
    assert caplog.records[-1].levelno == logging.ERROR


@pytest.fixture
def silent(settings: Any, tmp_path: Path) -> Iterator[None]:
    """It accepts, and never says anything."""
    settings.CLAMD_SOCKET = str(tmp_path / "silent")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(settings.CLAMD_SOCKET)
        listening.listen()
        yield


@pytest.mark.usefixtures("silent")
def test_a_silent_scanner_is_left_in_time(
    company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "SECONDS", 0.3)
    begun = time.monotonic()
    away(company, folder)
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    ("address", "is_one"),
    [("", True), ("/run/clamav/clamd.ctl", True), ("clamav:3310", True), ("clamav", False),
     (":3310", False), ("clamav:port", False)],
)  # fmt: skip
def test_an_address_that_is_none_is_said_at_the_start(
    settings: Any, address: str, is_one: bool
) -> None:
    settings.CLAMD_SOCKET = address
    problems = [problem.id for problem in run_checks()]
    assert ("treasury.E001" not in problems) is is_one
