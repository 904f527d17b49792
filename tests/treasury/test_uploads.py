"""Files between their choice and a request: whose they are, how long they stay, what is left."""

import resource
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from tests.company import ADMIN, PDF, Company
from treasury.errors import NoRight, NotAllowed, Outdated, StorageFailed
from treasury.models import Attachment, Employee, PaymentRequest, Upload
from treasury.services import requests, uploads
from treasury.workflow import PaymentStatus, Status

pytestmark = pytest.mark.usefixtures("english")
# A file is deleted when its row is gone for good.
committed = pytest.mark.django_db(transaction=True)
FILES = 400 * 1024


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def tiny_disk() -> Iterator[None]:
    """No file may grow beyond so many bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILES, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def stored(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def content_of(document: Attachment) -> bytes:
    with document.file.open("rb") as file:
        return bytes(file.read())


def staged(owner: Employee, name: str = "Счёт.pdf", more: bytes = b"") -> Upload:
    return uploads.stage(owner=owner, file=ContentFile(PDF + more, name=name))


def change(company: Company, request: PaymentRequest, *documents: Upload, **fields: Any) -> None:
    requests.change(
        request=request, actor=company.anna, channel=ADMIN, fields=fields, documents=documents
    )


def test_a_request_takes_what_was_chosen_without_copying_it(company: Company, folder: Path) -> None:
    chosen = [staged(company.anna, "Счёт.pdf"), staged(company.anna, "Акт.pdf", b"%2")]
    request = requests.create(
        author=company.anna, channel=ADMIN, fields=company.fields(), documents=chosen
    )
    documents = list(request.documents)
    assert [document.name for document in documents] == ["Счёт.pdf", "Акт.pdf"]
    assert [document.file.name for document in documents] == [each.file.name for each in chosen]
    assert not Upload.objects.exists()
    assert stored(folder) == 2
    assert [event.action for event in request.events.all()] == ["create"]


def test_fields_and_documents_of_one_save_are_one_entry(company: Company) -> None:
    request = company.draft(documents=0)
    change(company, request, staged(company.anna), staged(company.anna, "Акт.pdf", b"%2"),
           comment="Со счётом и актом")  # fmt: skip
    event = request.events.latest("sequence")
    assert event.data["changes"]["comment"] == ["Срочная поставка", "Со счётом и актом"]
    assert event.data["changes"]["documents"] == ["", "Счёт.pdf, Акт.pdf"]
    assert event.sequence == 2


@committed
def test_what_is_there_already_is_not_taken_twice(company: Company, folder: Path) -> None:
    request = company.draft()
    (present,) = request.documents
    again = uploads.stage(
        owner=company.anna, file=ContentFile(content_of(present), name="Копия.pdf")
    )
    before = request.events.count()
    change(company, request, again)
    assert [document.name for document in request.documents] == ["Счёт 1.pdf"]
    assert (request.events.count(), stored(folder), Upload.objects.count()) == (before, 1, 0)


def test_another_persons_file_is_not_taken(company: Company) -> None:
    foreign, request = staged(company.boris), company.draft()
    with pytest.raises(ValidationError, match="is kept no longer"):
        change(company, request, foreign, comment="Чужой")
    request.refresh_from_db()
    assert request.comment == "Срочная поставка"
    assert Upload.objects.get() == foreign


def test_a_file_is_taken_once(company: Company) -> None:
    upload, request, other = staged(company.anna), company.draft(), company.draft()
    change(company, request, upload)
    with pytest.raises(ValidationError, match="is kept no longer"):
        change(company, other, upload)
    assert request.documents.count() == 2
    assert other.documents.count() == 1


def test_a_save_that_fails_leaves_the_files_for_the_next(company: Company, folder: Path) -> None:
    upload, request = staged(company.anna), company.draft(documents=0)
    with pytest.raises(Outdated):
        requests.change(
            request=request, actor=company.anna, channel=ADMIN, fields={}, documents=[upload],
            seen=99,
        )  # fmt: skip
    with pytest.raises(ValidationError):
        change(company, request, upload, amount=-1)
    assert not request.documents.exists()
    assert (Upload.objects.get(), stored(folder)) == (upload, 1)
    change(company, request, upload)
    assert request.documents.get().name == "Счёт.pdf"


@committed
def test_what_was_thrown_away_leaves_no_file(company: Company, folder: Path) -> None:
    uploads.discard(staged(company.anna))
    assert (Upload.objects.count(), stored(folder)) == (0, 0)


def test_throwing_away_spares_what_a_request_has(company: Company, folder: Path) -> None:
    upload, request = staged(company.anna), company.draft(documents=0)
    change(company, request, upload)
    uploads.discard(upload)
    assert content_of(request.documents.get()) == PDF
    assert stored(folder) == 1


@committed
def test_after_a_day_nothing_is_left_of_a_form_that_was_not_saved(
    company: Company, folder: Path
) -> None:
    old, fresh = staged(company.anna), staged(company.anna, "Акт.pdf", b"%2")
    long_ago = timezone.now() - timedelta(days=1, minutes=1)
    Upload.objects.filter(pk=old.pk).update(uploaded_at=long_ago)
    uploads.forget_old()
    assert (Upload.objects.get(), stored(folder)) == (fresh, 1)


@committed
def test_a_person_keeps_so_many_files_at_the_most(company: Company, folder: Path) -> None:
    foreign = staged(company.boris)
    for number in range(uploads.MAX_KEPT + 2):
        staged(company.anna, f"{number}.pdf", b"%%%d" % number)
    kept = Upload.objects.filter(owner=company.anna)
    assert (kept.count(), kept.earliest("pk").name) == (uploads.MAX_KEPT, "2.pdf")
    assert Upload.objects.filter(pk=foreign.pk).exists()
    assert stored(folder) == uploads.MAX_KEPT + 1


def test_a_form_holds_so_many_files_and_bytes(company: Company) -> None:
    file = ContentFile(PDF, name="Счёт.pdf")
    many = [Upload(size=1)] * uploads.MAX_COUNT
    large = [Upload(size=uploads.MAX_TOTAL - 10)]
    for beside in (many, large):
        with pytest.raises(ValidationError, match="at most 20 files, 100 MB in all"):
            uploads.stage(owner=company.anna, file=file, beside=beside)
    assert not Upload.objects.exists()


@pytest.mark.usefixtures("tiny_disk")
def test_on_a_full_disk_nothing_stays_of_a_file_and_small_ones_are_taken(
    company: Company, folder: Path
) -> None:
    with pytest.raises(StorageFailed, match="There is no room for “Скан"):
        staged(company.anna, "Скан.pdf", bytes(1024**2))
    assert (Upload.objects.count(), stored(folder)) == (0, 0)
    staged(company.anna)
    assert stored(folder) == 1


def test_a_storage_that_is_no_folder_does_not_answer(company: Company, folder: Path) -> None:
    request = company.draft(documents=0)
    folder.write_bytes(b"")
    with pytest.raises(StorageFailed, match="the storage of documents does not answer"):
        requests.attach(
            request=request, actor=company.anna, channel=ADMIN, file=ContentFile(PDF, "Счёт.pdf")
        )
    assert not Attachment.objects.exists()
    assert request.events.count() == 1


@committed
def test_of_a_refused_document_nothing_stays(company: Company, folder: Path) -> None:
    request = company.submitted()
    with pytest.raises(NoRight):
        requests.attach(
            request=request, actor=company.sergey, channel=ADMIN, file=ContentFile(PDF, "Акт.pdf")
        )
    assert (Upload.objects.count(), stored(folder)) == (0, 1)


@pytest.mark.parametrize("name", ["virus.exe", "fake.pdf"])
def test_every_channel_refuses_what_is_no_document(
    company: Company, folder: Path, name: str
) -> None:
    request = company.draft(documents=0)
    file = ContentFile(b"MZ\x90\x00", name=name)
    with pytest.raises(ValidationError, match=name):
        requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)
    assert (request.documents.count(), stored(folder)) == (0, 0)


@pytest.mark.parametrize("status", [PaymentStatus.EXPORTED, PaymentStatus.PAID])
def test_what_the_bank_has_gets_no_more_documents(company: Company, status: str) -> None:
    request = company.approved()
    PaymentRequest.objects.filter(pk=request.pk).update(payment_status=status)
    with pytest.raises(NotAllowed, match="already with the bank"):
        requests.attach(
            request=request, actor=company.anna, channel=ADMIN, file=ContentFile(PDF, "Акт.pdf")
        )
    with pytest.raises(NotAllowed, match="already with the bank"):
        change(company, request, staged(company.anna))
    assert request.documents.count() == 1
    assert request.status == Status.APPROVED
