"""Documents in a bucket: kept, handed out and sent as from a folder, and nobody's to see there."""

import gzip
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import time_machine
from django.conf import LazySettings
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.test import Client
from django.utils import timezone

from telegrambot.doctor.checks import installation
from telegrambot.doctor.results import Level, Result
from telegrambot.doctor.visit import Visit
from telegrambot.kinds import alert
from telegrambot.models import Alert, Chat
from tests.admin.conftest import REQUESTS, browse
from tests.backups import Elsewhere, made, run
from tests.buckets import Buckets, Held, keep_in
from tests.clamd import EICAR, Clamd
from tests.company import ADMIN, GROUP_CHAT, PDF, Company
from tests.ports import free_port
from tests.telegrambot import lanes, papers
from tests.telegrambot.bot import project
from tests.telegrambot.sandbox import Sandbox
from treasury import proving
from treasury.errors import StorageFailed
from treasury.models import Attachment, Upload
from treasury.services import uploads
from treasury.services.requests import attach, submit

pytestmark = pytest.mark.xdist_group("buckets")
MB = 1024 * 1024


@pytest.fixture(scope="module")
def buckets() -> Iterator[Buckets]:
    server = Buckets()
    yield server
    server.stop()


@pytest.fixture
def bucket(buckets: Buckets, settings: LazySettings) -> Held:
    """In which the installation has its documents."""
    held = buckets.make()
    keep_in(held.url, settings)
    return held


def attached(company: Company, content: bytes = PDF, name: str = "Счёт.pdf") -> Attachment:
    request = company.draft(documents=0)
    file = ContentFile(content, name=name)
    return attach(request=request, actor=company.anna, channel=ADMIN, file=file)


def address(document: Attachment) -> str:
    return f"{REQUESTS}{document.request_id}/documents/{document.pk}/"


def handed_out(client: Client, document: Attachment) -> bytes:
    response: Any = client.get(address(document))
    assert response.headers["Content-Length"] == str(document.size)
    return b"".join(response.streaming_content)


def looked_at() -> Result:
    """What the doctor finds."""
    [found] = installation.check_documents(Visit())
    return found


def test_a_document_is_handed_out_to_who_may_see_it_and_the_bucket_to_nobody(
    company: Company, bucket: Held
) -> None:
    document = attached(company)
    assert bucket.documents() == {str(document.file): PDF}
    assert handed_out(browse(company.anna), document) == PDF
    assert browse(company.sergey).get(address(document)).status_code == 404
    assert Client().get(address(document)).status_code == 302
    there = f"http://127.0.0.1:{bucket.server.port}/{bucket.name}/of/treasury/{document.file}"
    assert requests.get(there, timeout=10).status_code == 403


def test_files_of_one_name_are_several_and_come_back_as_they_were(
    db: None, bucket: Held, tmp_path: Path
) -> None:
    """Nobody unpacks them on the way."""
    file = tmp_path / "report.csv.gz"
    for content in (b"one", b"two"):
        file.write_bytes(gzip.compress(content))
        alert.say("The month is closed", file)
    assert len(bucket.documents()) == 2
    for number, said in enumerate(Alert.objects.order_by("pk")):
        with said.file.open("rb") as kept:
            assert gzip.decompress(kept.read()) == (b"one", b"two")[number]


def test_a_virus_does_not_reach_it(company: Company, bucket: Held, clamd: Clamd) -> None:
    with pytest.raises(ValidationError):
        attached(company, b"Dear Sirs, " + EICAR, "Письмо.txt")
    assert bucket.documents() == {}


def test_what_no_row_leads_to_is_thrown_away_after_a_day(company: Company, bucket: Held) -> None:
    document = attached(company)
    folder = Path(str(document.file)).parent
    bucket.put(f"{folder}/left.pdf", PDF)
    with time_machine.travel(_hour_of(str(folder)), tick=False):
        uploads.sweep_orphans()
    assert bucket.documents() == {str(document.file): PDF}


def _hour_of(folder: str) -> Any:
    """The first after a day in which this folder is looked at."""
    moment = timezone.now() + timedelta(days=1, hours=1)
    while True:
        with time_machine.travel(moment, tick=False):
            if uploads.folder_of_the_hour() == folder:
                return moment
        moment += timedelta(hours=1)


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("traced")
def test_memory_is_flat_while_a_large_one_goes_in_and_on_to_telegram(
    telegram: Sandbox, company: Company, bucket: Held, tmp_path: Path
) -> None:
    group = Chat.objects.get(telegram_id=GROUP_CHAT).pk
    papers.submit(company, ("0.pdf", papers.pdf()))
    lanes.deliver(group)
    large = tmp_path / "1.pdf"
    large.write_bytes(papers.pdf(24 * MB))
    request = company.draft(documents=0)
    before, _peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    with large.open("rb") as content:
        attach(request=request, actor=company.anna, channel=ADMIN, file=File(content, "1.pdf"))
    submit(request=request, actor=company.anna, channel=ADMIN, reason="Ещё раз")
    project()
    lanes.deliver(group)
    _after, peak = tracemalloc.get_traced_memory()
    assert len(telegram.messages(GROUP_CHAT)) == 2
    assert bucket.documents()[str(request.documents.get().file)] == large.read_bytes()
    assert peak - before < 4 * MB


@pytest.mark.django_db(transaction=True)
def test_a_backup_has_its_documents_and_brings_them_back(
    company: Company,
    bucket: Held,
    buckets: Buckets,
    backups: Path,
    elsewhere: Elsewhere,
    settings: LazySettings,
) -> None:
    company.approved(documents=2)
    archive = made(backups)
    there = buckets.make()
    keep_in(there.url, settings)
    with elsewhere.at_work():
        run("restore", archive)
        assert there.documents() == bucket.documents()
        assert len(there.documents()) == 2
        assert list(proving.faults()) == []
        path = next(iter(there.documents()))
        there.put(path, b"of another history")
        run("restore", archive, replace=True, yes=True)
    assert there.documents() == bucket.documents()


def test_without_it_nothing_is_taken_and_the_doctor_names_it(
    company: Company, bucket: Held, settings: LazySettings
) -> None:
    document = attached(company)
    assert looked_at().level == Level.OK
    assert bucket.documents().keys() == {str(document.file)}
    keep_in(bucket.url_with(bucket.server.secret, port=free_port()), settings)
    document.refresh_from_db()
    with pytest.raises(StorageFailed):
        attached(company, PDF + b"%")
    assert not Upload.objects.exists()
    assert browse(company.anna).get(address(document)).status_code == 404
    assert looked_at().level == Level.FAILURE


def test_a_wrong_secret_is_refused_and_said_without_it(
    company: Company, bucket: Held, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "wrong-secret/of+the-bucket"
    keep_in(bucket.url_with(wrong), settings)
    with pytest.raises(StorageFailed):
        attached(company)
    found = looked_at()
    assert found.level == Level.FAILURE
    assert "403" in found.said or "SignatureDoesNotMatch" in found.said
    assert wrong not in caplog.text + found.said


@pytest.mark.parametrize(
    "url",
    ["https://host/bucket", "s3://host", "s3://host/", "s3:///bucket", "s3://key@host/bucket",
     "s3://key:secret/with-a-slash@host/bucket", "s3://host:port/bucket"],
)  # fmt: skip
def test_what_is_no_address_is_said_at_the_start(url: str, settings: LazySettings) -> None:
    settings.STORAGE_URL = url
    [found] = [each for each in run_checks() if each.id == "treasury.E004"]
    assert "secret" not in found.msg
    settings.STORAGE_URL = "s3://key:secret@storage.example.com/bucket"
    assert not [each for each in run_checks() if each.id == "treasury.E004"]
