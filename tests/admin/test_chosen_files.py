"""Files chosen in the form: nothing that goes wrong in it loses them."""

import re
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client

from tests.admin.conftest import REQUESTS, page, text_of
from tests.clamd import EICAR, Clamd
from tests.company import ADMIN, PDF, Company
from treasury.files import MAX_BYTES
from treasury.models import PaymentRequest, Upload
from treasury.services import requests, uploads

ADD = f"{REQUESTS}add/"
Form = dict[str, Any]
FAKE = b"sixteen bytes .."


def a_file(name: str = "Счёт 45.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF + name.encode() if content is None else content)


def kept(response: Any) -> list[str]:
    """What the page holds for the next save."""
    return re.findall(r'name="uploads" value="(\d+)"', text_of(response))


def names() -> list[str]:
    return [document.name for document in PaymentRequest.objects.get().documents]


def test_a_refused_file_loses_no_other(accountant: Client, form: Form) -> None:
    wrong = [a_file("virus.exe", b"MZ\x90\x00"), a_file("fake.pdf", FAKE)]
    files = [a_file(), *wrong, a_file("Акт.pdf")]
    response = accountant.post(ADD, form | {"documents": files})
    errors = response.context["form"].errors
    assert set(errors) == {"documents"}
    assert len(errors["documents"]) == 2
    assert "“virus.exe”: such files are not taken. Attach PDF" in errors["documents"][0]
    assert errors["documents"][1] == "“fake.pdf” is not PDF inside, but TXT."
    assert not PaymentRequest.objects.exists()
    assert len(kept(response)) == 2
    accountant.post(ADD, form | {"uploads": kept(response)})
    assert names() == ["Счёт 45.pdf", "Акт.pdf"]
    assert not Upload.objects.exists()


def test_a_wrong_field_loses_no_file(accountant: Client, form: Form) -> None:
    response = accountant.post(ADD, form | {"amount": "много", "documents": a_file()})
    assert set(response.context["form"].errors) == {"amount"}
    assert "Счёт 45.pdf" in text_of(response)
    assert "will be attached when you save" in text_of(response)
    again = accountant.post(ADD, form | {"amount": "0", "uploads": kept(response)})
    assert kept(again) == kept(response)
    more = form | {"uploads": kept(again), "documents": a_file("Акт.pdf"), "_submit": ""}
    accountant.post(ADD, more)
    assert names() == ["Счёт 45.pdf", "Акт.pdf"]
    assert PaymentRequest.objects.get().status == "in_approval"


def test_who_saw_an_older_state_loses_no_file(
    accountant: Client, form: Form, company: Company
) -> None:
    request = company.draft(documents=0)
    sent = form | {"version": "99", "documents": a_file()}
    response = accountant.post(page(request), sent)
    assert "someone has changed this request" in text_of(response)
    assert not request.documents.exists()
    accountant.post(page(request), form | {"version": "", "uploads": kept(response)})
    assert names() == ["Счёт 45.pdf"]


def test_a_kept_file_is_taken_off_and_nothing_typed_is_lost(accountant: Client, form: Form) -> None:
    files = [a_file(), a_file("Акт.pdf")]
    response = accountant.post(ADD, form | {"amount": "много", "documents": files})
    first, second = kept(response)
    sent = form | {"uploads": [first, second], "comment": "Не потерять", "_remove_upload": first}
    response = accountant.post(ADD, sent)
    assert response.status_code == 200
    assert kept(response) == [second]
    assert "Не потерять" in text_of(response)
    assert response.context["form"].errors == {}
    assert not PaymentRequest.objects.exists()
    assert [str(upload) for upload in Upload.objects.all()] == ["Акт.pdf"]


def test_the_same_file_chosen_again_is_kept_once(accountant: Client, form: Form) -> None:
    response = accountant.post(ADD, form | {"amount": "много", "documents": a_file()})
    again = form | {"amount": "0", "uploads": kept(response), "documents": a_file()}
    assert kept(accountant.post(ADD, again)) == kept(response)


def test_another_persons_file_is_neither_attached_nor_removed(
    accountant: Client, form: Form, company: Company
) -> None:
    foreign = uploads.stage(owner=company.boris, file=a_file("Тайна.pdf"))
    for button in ({}, {"_remove_upload": foreign.pk}):
        response = accountant.post(ADD, form | {"uploads": foreign.pk} | button)
        assert "Тайна" not in text_of(response)
    response = accountant.post(ADD, form | {"uploads": foreign.pk})
    (error,) = response.context["form"].errors["documents"]
    assert error == "A file that you chose earlier is kept no longer: choose it again."
    assert not PaymentRequest.objects.exists()
    assert Upload.objects.get() == foreign


@pytest.mark.parametrize("nonsense", ["x", "-1", "9" * 30, "1' OR '1'='1"])
def test_nonsense_instead_of_a_kept_file_is_refused(
    accountant: Client, form: Form, nonsense: str
) -> None:
    response = accountant.post(ADD, form | {"uploads": nonsense, "_remove_upload": "x"})
    assert response.status_code == 200
    assert "documents" in accountant.post(ADD, form | {"uploads": nonsense}).context["form"].errors


def test_who_may_not_write_leaves_no_file(
    budget_holder: Client, form: Form, company: Company
) -> None:
    request = company.submitted()
    for url in (ADD, page(request)):
        response = budget_holder.post(url, form | {"documents": a_file()})
        assert response.status_code == 403
    assert not Upload.objects.exists()


def test_an_empty_file_is_refused_by_name(accountant: Client, form: Form) -> None:
    response = accountant.post(ADD, form | {"documents": [a_file(), a_file("пусто.pdf", b"")]})
    assert "“пусто.pdf” is empty." in text_of(response)
    assert len(kept(response)) == 1
    assert not PaymentRequest.objects.exists()


def test_a_file_of_60_mb_is_refused_with_its_size(accountant: Client, form: Form) -> None:
    big = TemporaryUploadedFile("скан.pdf", "application/pdf", 0, None)
    big.truncate(60 * 1024**2)
    assert MAX_BYTES < 60 * 1024**2
    response = accountant.post(ADD, form | {"documents": big})
    assert "“скан.pdf” is 60 MB; at most 50 MB can be attached." in text_of(response)
    assert not PaymentRequest.objects.exists()


def test_the_page_says_what_is_taken(accountant: Client) -> None:
    text = text_of(accountant.get(ADD))
    assert "PDF, pictures, office documents, XML, text, archives, e-mail" in text
    assert "Up to 50 MB each; 20 files and 100 MB at once." in text
    assert 'accept=".pdf,' in text


@pytest.fixture
def tiny_disk() -> Iterator[None]:
    """No file may grow beyond a megabyte, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024**2, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# A larger one passes through the temporary folder, which is full as well.
@pytest.mark.usefixtures("tiny_disk")
@pytest.mark.parametrize("size", [2 * 1024**2, 5 * 1024**2])
def test_a_full_disk_is_said_at_the_field_and_saves_nothing(
    accountant: Client, form: Form, tmp_path: Path, size: int
) -> None:
    big = a_file("Скан.pdf", PDF + bytes(size))
    response = accountant.post(ADD, form | {"documents": [a_file(), big]})
    assert response.status_code == 200
    (error,) = response.context["form"].errors["documents"]
    assert error.startswith("There is no room for “Скан.pdf” in the storage of documents.")
    assert "Nothing was saved." in error
    assert not PaymentRequest.objects.exists()
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 1
    accountant.post(ADD, form | {"uploads": kept(response)})
    assert names() == ["Счёт 45.pdf"]


def test_a_storage_that_is_away_is_said_at_the_field(
    accountant: Client, form: Form, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "a-file"
    settings.MEDIA_ROOT.write_bytes(b"")
    response = accountant.post(ADD, form | {"documents": a_file()})
    (error,) = response.context["form"].errors["documents"]
    assert "the storage of documents does not answer" in error
    assert not PaymentRequest.objects.exists()


def test_a_virus_is_said_at_the_field_and_the_rest_is_kept(
    accountant: Client, form: Form, clamd: Clamd
) -> None:
    bad = a_file("Письмо.txt", EICAR)
    response = accountant.post(ADD, form | {"documents": [a_file(), bad]})
    (error,) = response.context["form"].errors["documents"]
    assert "“Письмо.txt” has a virus in it" in error
    accountant.post(ADD, form | {"uploads": kept(response)})
    assert names() == ["Счёт 45.pdf"]


def test_a_scanner_that_is_away_is_said_at_the_field(
    accountant: Client, form: Form, settings: Any
) -> None:
    settings.CLAMD_SOCKET = "/nonexistent/clamd"
    response = accountant.post(ADD, form | {"documents": a_file()})
    (error,) = response.context["form"].errors["documents"]
    assert "cannot be checked for viruses" in error
    assert not PaymentRequest.objects.exists()


def test_documents_stand_in_one_block(accountant: Client, company: Company) -> None:
    request = company.draft()
    text = text_of(accountant.get(page(request)))
    assert text.count("Счёт 1.pdf</a>") == 1
    assert 'id="documents"' not in text
    assert "No documents are attached" not in text
    submitted = requests.submit(request=request, actor=company.anna, channel=ADMIN)
    text = text_of(accountant.get(page(submitted)))
    assert text.count("Счёт 1.pdf</a>") == 1
    assert 'id="documents"' in text
    bare = company.submitted(documents=0)
    assert "No documents are attached" in text_of(accountant.get(page(bare)))


def test_a_document_that_came_after_an_approval_says_so_on_the_page(
    accountant: Client, company: Company
) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    requests.attach(request=request, actor=company.anna, channel=ADMIN, file=a_file("Акт.pdf"))
    text = text_of(accountant.get(page(request)))
    assert text.count("Added after approval by Б. Орлов") == 1
