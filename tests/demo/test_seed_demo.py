"""The demo's company: complete, correct, and the same however often it is written."""

from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Model
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from reportlab.pdfbase.pdfmetrics import getFont

from demo import company, purchases
from demo.seed import begin_anew_in_messenger
from oauth.models import UserToken
from telegrambot.models import Bookmark, Chat, SentMessage, Update, Watermark
from telegrambot.projection import cursor
from treasury import proving, standing
from treasury.approval import read
from treasury.models import (
    ApprovalTask,
    Attachment,
    Counterparty,
    Department,
    Employee,
    Event,
    NumberSequence,
    Organization,
    PaymentRequest,
)
from treasury.printed.fonts import BOLD, REGULAR
from treasury.services import decisions
from treasury.validators import validate_purpose
from treasury.workflow import Action, Status

# Filled once, by one process.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("seed_demo")]

PASSWORD = "password-of-the-demo"


def seed_demo(*arguments: str) -> str:
    output = StringIO()
    call_command("seed_demo", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture(scope="module")
def said(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """What the command says when it fills the database, which all tests here then share."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield seed_demo(f"--password={PASSWORD}")
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _seeded(said: str) -> None:
    """Every test here looks at the same company."""


def everything() -> dict[str, list[dict[str, Any]]]:
    models: tuple[type[Model], ...] = (
        Employee, Organization, Department, Counterparty, PaymentRequest, Event, Chat,
    )  # fmt: skip
    return {m.__name__: list(m._default_manager.order_by("pk").values()) for m in models}


def test_there_are_requests_in_every_status() -> None:
    statuses = Counter(PaymentRequest.objects.values_list("status", flat=True))
    assert set(statuses) == set(Status.values)
    assert statuses.total() > 60
    assert min(statuses.values()) >= 3


def test_some_have_waited_for_too_long_and_the_others_have_their_deadlines() -> None:
    now, waiting = timezone.now(), PaymentRequest.objects.filter(status=Status.IN_APPROVAL)
    assert waiting.overdue(now).count() == 2
    assert not waiting.filter(stage__due_at=None).exists()
    assert not Department.objects.filter(head=None).exists()


def test_what_has_waited_for_too_long_is_older_than_its_deadline() -> None:
    waiting = PaymentRequest.objects.filter(status=Status.IN_APPROVAL)
    for request in waiting.overdue(timezone.now()).select_related("stage"):
        assert request.stage
        assert request.stage.opened_at
        assert request.stage.due_at
        assert request.created_at <= request.stage.opened_at < request.stage.due_at
        for event in request.events.all():
            assert event.at < request.stage.due_at
        for decision in request.decisions.all():
            assert decision.decided_at < request.stage.due_at


def test_one_was_approved_to_an_account_that_is_closed_by_now() -> None:
    approved = PaymentRequest.objects.filter(status=Status.APPROVED)
    [outdated] = approved.filter(counterparty_account__is_active=False)
    assert standing.warnings(outdated)


def test_every_organization_has_requests_a_chat_and_an_account() -> None:
    organizations = Organization.objects.all()
    assert len(organizations) == 3
    for organization in organizations:
        assert organization.requests.count() >= 15
        assert organization.chats.get().is_group
        assert organization.accounts.filter(currency="RUB").exists()


def test_the_journal_of_every_request_verifies() -> None:
    assert not list(proving.faults())


def test_someone_waits_at_every_stage_of_the_longest_route() -> None:
    waiting = ApprovalTask.objects.filter(status=ApprovalTask.Status.OPEN)
    assert set(waiting.values_list("stage__name", flat=True)) == {
        "Держатель бюджета",
        "Финансовый менеджер",
        "Казначей",
        "Финансовый директор",
    }


def test_whoever_is_asked_could_hand_his_task_over() -> None:
    for task in ApprovalTask.objects.filter(status=ApprovalTask.Status.OPEN):
        approval = read(task.request)
        assert decisions.colleagues(approval, task, task.employee, Action.REASSIGN).exists(), task


def test_the_finance_director_is_asked_only_for_large_amounts() -> None:
    asked = PaymentRequest.objects.filter(tasks__stage__name="Финансовый директор")
    assert asked.exists()
    assert all(request.amount >= company.THRESHOLD for request in asked)


def test_only_what_is_still_open_makes_messages() -> None:
    requests = PaymentRequest.objects.filter(events__in=cursor.unread()).distinct()
    assert {request.status for request in requests} == {Status.IN_APPROVAL}
    assert requests.count() == PaymentRequest.objects.filter(status=Status.IN_APPROVAL).count()


def test_every_purpose_and_amount_is_as_a_bank_wants_it() -> None:
    for request in PaymentRequest.objects.select_related("vat_rate"):
        validate_purpose(request.purpose)
        request.full_clean(exclude=["number"])
        assert request.vat_amount == request.vat_rate.included_in(request.amount)


def test_every_purpose_tells_the_vat_of_its_amount() -> None:
    for request in PaymentRequest.objects.exclude(vat_amount=0):
        assert request.purpose.endswith(f" - {request.vat_amount} руб."), request.number


def test_a_supplier_abroad_waits_to_be_paid_in_his_currency() -> None:
    request = PaymentRequest.objects.exclude(counterparty__country="RU").get()
    assert (request.currency, request.status) == ("CNY", Status.IN_APPROVAL)
    assert request.own_account is not None
    assert request.counterparty_account.bank.is_abroad


def test_every_request_has_a_pdf_as_its_invoice() -> None:
    documents_of = Counter(Attachment.objects.values_list("request", flat=True))
    without = PaymentRequest.objects.exclude(pk__in=documents_of)
    # A copy begins without documents.
    assert {request.copied_from_id is None for request in without} == {False}
    assert max(documents_of.values()) == 2
    for attachment in Attachment.objects.all():
        assert attachment.file.read(5) == b"%PDF-"
        assert attachment.size < 100_000
        attachment.file.close()


def test_everyone_logs_in_with_the_password_that_was_said(said: str) -> None:
    assert f"Everyone's password: {PASSWORD}" in said
    for person in company.PEOPLE:
        page = RequestFactory().post("/admin/login/")
        employee = authenticate(page, username=person.email, password=PASSWORD)
        assert isinstance(employee, Employee)
        assert person.email in said
        assert UserToken.objects.employee_of(person.telegram_id) == (
            employee if person.linked else None
        )


def test_a_second_run_changes_nothing() -> None:
    before = everything()
    assert "already there" in seed_demo("--password=another-password")
    assert everything() == before


def test_a_messenger_that_forgot_gets_the_open_requests_again() -> None:
    chat = Chat.objects.filter(kind=Chat.Kind.PRIVATE).latest("pk")
    task = ApprovalTask.objects.filter(status=ApprovalTask.Status.OPEN).latest("pk")
    SentMessage.objects.create(chat=chat, request=task.request, kind="task", task=task)
    Update.objects.create(update_id=1, kind="message", payload={})
    Chat.objects.update(state=Chat.State.BLOCKED)
    waiting = set(cursor.unread().values_list("pk", flat=True))
    Bookmark.objects.skip(PaymentRequest.objects.all())
    Watermark.objects.create(event=Event.objects.latest("pk").pk)

    begin_anew_in_messenger()

    assert not SentMessage.objects.exists()
    assert not Update.objects.exists()
    assert set(Chat.objects.values_list("state", flat=True)) == {Chat.State.ACTIVE}
    assert set(cursor.unread().values_list("pk", flat=True)) == waiting


def test_a_database_in_use_is_refused() -> None:
    # Only without numbers may a code be another one.
    NumberSequence.objects.all().delete()
    Organization.objects.filter(code="СТД").update(code="ДРУГ")
    with pytest.raises(CommandError, match="a database of its own"):
        seed_demo()


def test_the_fonts_have_every_letter_of_the_documents() -> None:
    texts = f"{company.ORGANIZATIONS}{company.BANKS}{purchases.SUPPLIERS}{purchases.ABROAD}\u00a0"
    for name in (REGULAR, BOLD):
        glyphs = getFont(name).face.charToGlyph
        assert not {letter for letter in texts if ord(letter) not in glyphs}
