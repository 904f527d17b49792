"""What people do to one request at the same moment comes one after the other."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection

from tests.company import ADMIN, PDF, Company
from treasury import late, proving
from treasury.errors import TreasuryError
from treasury.models import Attachment, PaymentRequest, Upload
from treasury.services import decisions, requests, uploads
from treasury.workflow import Action, Status

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def at_once(*acts: Callable[[], object]) -> None:
    """Each in a thread with a connection of its own; refusals are expected, errors are not."""
    barrier, errors = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            with suppress(TreasuryError, ValidationError):
                act()
        except Exception as error:  # told by the main thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def chosen(company: Company, content: bytes = PDF) -> Upload:
    return uploads.stage(owner=company.anna, file=ContentFile(content, "Акт.pdf"))


def attach(company: Company, request: PaymentRequest, upload: Upload) -> PaymentRequest:
    return requests.change(
        request=request, actor=company.anna, channel=ADMIN, fields={}, documents=[upload]
    )


def test_a_file_chosen_once_becomes_one_document(company: Company) -> None:
    for number in range(ROUNDS):
        one, other = (company.draft(invoice_number=f"{number}-{each}") for each in range(2))
        upload = chosen(company, PDF + b"%d" % number)
        at_once(
            lambda: attach(company, one, upload),  # noqa: B023
            lambda: attach(company, other, upload),  # noqa: B023
            lambda: uploads.discard(upload),  # noqa: B023
        )
        found = list(Attachment.objects.filter(file=upload.file.name))
        assert len(found) <= 1
        assert upload.file.storage.exists(str(upload.file.name)) == bool(found)
        assert not Upload.objects.filter(pk=upload.pk).exists()


def test_a_draft_is_given_up_or_submitted(company: Company) -> None:
    for number in range(ROUNDS):
        request = company.draft(invoice_number=f"A-{number}")
        at_once(
            lambda: requests.cancel(request=request, actor=company.anna, channel=ADMIN),  # noqa: B023
            lambda: requests.submit(request=request, actor=company.anna, channel=ADMIN),  # noqa: B023
        )
        actions = {event.action for event in request.events.all()}
        assert len(actions & {Action.CANCEL, Action.SUBMIT}) == 1
        request.refresh_from_db()
        assert (request.status == Status.CANCELLED) == (Action.CANCEL in actions)


def test_a_document_that_came_after_an_approval_is_told_from_one_that_came_before(
    company: Company,
) -> None:
    for number in range(ROUNDS):
        request = company.submitted(invoice_number=f"B-{number}")
        task = company.task(request, company.boris)
        upload = chosen(company, PDF + b"%d" % number)
        at_once(
            lambda: attach(company, request, upload),  # noqa: B023
            lambda: decisions.approve(task=task, actor=company.boris, channel=ADMIN),  # noqa: B023
        )
        request.refresh_from_db()
        after = request.events.latest("sequence").action == Action.CHANGE
        [note] = late.notes(request).values()
        assert ("Орлов" in note) == after
    assert list(proving.faults()) == []
