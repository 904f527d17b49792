"""The way back: whoever returns to the last release goes on with what it knows, and comes here
again with nothing lost.

What was before it is not walked any more: it has landed, and no migration changes after that.
"""

from datetime import time
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from telegrambot.dialogs import engine
from telegrambot.models import BegunRequest, Chat, IncomingFile, SentMessage
from tests.company import ADMIN, TELEGRAM, Company
from tests.release import LAST_RELEASE
from tests.telegrambot import bot
from treasury import journal
from treasury.models import Comment, Decision, Employee, Event, PaymentRequest
from treasury.services import approvals, comments, decisions
from treasury.workflow import Action

# What it can show, and where.
ITS_KINDS = {
    "task", "announcement", "documents", "outcome", "details", "printed", "privately", "notice",
    "answer", "alert", "ticket", "topic",
}  # fmt: skip
ITS_PLACES = {"private", "group", "supergroup", "channel"}
NEWER_KINDS = ("passed_on", "menu", "comment", "reminder", "escalation", "digest", "weekly")
KEPT = (PaymentRequest, Decision, Event, Comment)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_last_release_goes_on_with_what_it_knows_and_nothing_is_lost(company: Company) -> None:
    _fill(company)
    before = {model: _rows(model) for model in KEPT}
    shown = set(SentMessage.objects.filter(kind__in=ITS_KINDS).values_list("pk", "kind"))
    for room, name in LAST_RELEASE:
        call_command("migrate", room, name, verbosity=0)
    earlier = MigrationExecutor(connection).loader.project_state(list(LAST_RELEASE)).apps
    messages = earlier.get_model("telegrambot", "SentMessage").objects
    assert set(messages.values_list("pk", "kind")) == shown
    chats = earlier.get_model("telegrambot", "Chat").objects
    assert set(chats.values_list("kind", flat=True)) <= ITS_PLACES
    files = earlier.get_model("telegrambot", "IncomingFile").objects
    assert not files.filter(request=None).exists()
    call_command("migrate", verbosity=0)
    assert {model: _rows(model) for model in KEPT} == before
    call_command("verify_journal")
    # And it works.
    request = company.submitted()
    decisions.approve(
        task=company.task(request, company.boris), actor=company.boris, channel=TELEGRAM
    )
    bot.project()
    assert SentMessage.objects.filter(request=request, kind="task").exists()


def _fill(company: Company) -> None:
    """With whatever there is by now, so far as it has rows of its own."""
    request = company.submitted()
    company.approved()
    with transaction.atomic():
        asked = comments.add(
            request=request, author=company.boris, channel=TELEGRAM, text="Где договор?"
        )
        said = comments.add(request=request, author=company.anna, channel=ADMIN, text="В пути")
        comments.edit(comment=said, actor=company.anna, channel=ADMIN, text="Уже здесь")
        comments.add(request=request, author=company.vera, channel=TELEGRAM, text="Спасибо")
        engine.begin(company.telegram_id(company.gleb), "away")
        BegunRequest.objects.create(employee=company.anna, answers={"amount": "5"})
    asked.refresh_from_db()
    assert asked.answer == said
    _talk_as_before_rows(company)
    bot.project()
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    Chat.objects.filter(pk=chat.pk).update(quiet_from=time(22), quiet_until=time(8), weekly=True)
    Chat.objects.create(telegram_id=-(1 << 60) - 5, kind="inline", inline_id="AgAA", title="x")
    for kind in NEWER_KINDS:
        SentMessage.objects.create(chat=chat, request=request, kind=kind, text="…", form="text")
    IncomingFile.objects.create(
        dialog=1, sender_id=chat.telegram_id, said_in=chat.telegram_id, message_id=1,
        kind="document", file_id="BQACAgIAAxk", name="Счёт.pdf",
    )  # fmt: skip


def _talk_as_before_rows(company: Company) -> None:
    """As it was journalled before entries named the rows of comments, and which questions they
    answer."""
    boris, anna, vera = company.boris, company.anna, company.vera
    request = company.submitted(invoice_number="46")
    asked = _says(request, boris, "Где договор?", is_question=True)
    _says(request, vera, "Орлов, вы видели?", mentioned=[boris.pk])
    answer = _says(request, anna, "Какой?", answered=[boris.pk])
    Comment.objects.filter(pk=asked.pk).update(answer=answer)
    _says(request, vera, "А счёт?", is_question=True)
    edited = _journal(request, anna, Action.EDIT_COMMENT, comment=answer.pk, text="Вложен?")
    Comment.objects.filter(pk=answer.pk).update(text="Вложен?", edited_at=edited.at)


def _says(
    request: PaymentRequest, author: Employee, text: str, *, is_question: bool = False, **data: Any
) -> Comment:
    comment = Comment.objects.create(
        request=request, number=request.comments.count() + 1, author=author, channel=ADMIN,
        text=text, is_question=is_question,
    )  # fmt: skip
    told = {"comment": comment.pk, "text": text, "mentioned": [], "answered": [], **data}
    event = _journal(request, author, Action.COMMENT, **told)
    Comment.objects.filter(pk=comment.pk).update(created_at=event.at)
    return comment


def _journal(request: PaymentRequest, actor: Employee, action: Action, **data: Any) -> Event:
    told = {"mentioned": [], **data}
    with transaction.atomic():
        locked = approvals.lock(pk=request.pk)
        return journal.append(request=locked, action=action, actor=actor, channel=ADMIN, data=told)


def _rows(model: Any) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())
