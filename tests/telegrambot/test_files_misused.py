"""Files by which somebody would rename, or fill up, what is not his alone."""

import pytest
from django.core.files.base import ContentFile

from telegrambot import tasks
from telegrambot.models import IncomingFile
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.papers import pdf
from tests.telegrambot.phone import PhoneOf
from tests.telegrambot.sandbox import Sandbox
from treasury.services import requests, uploads


def test_a_copy_that_somebody_sends_does_not_rename_the_document_of_another(
    telegram: Sandbox, company: Company, phone: PhoneOf
) -> None:
    first, second = company.draft(documents=0), company.draft(documents=0)
    paper = ContentFile(pdf(), name="Счёт 45.pdf")
    requests.attach(request=first, actor=company.anna, channel=ADMIN, file=paper)
    anna = phone(company.anna)
    anna.says(f"/request {second.number}")
    anna.answers_with(("document", "Уже оплачено.pdf", pdf()))
    requests.submit(request=bot.fresh(first), actor=company.anna, channel=ADMIN, reason="Ещё раз")
    bot.project()
    lanes.delivered(lanes.announcement(first))
    [carrying] = [one for one in telegram.messages(GROUP_CHAT) if "document" in one]
    assert carrying["document"]["file_name"] == "Счёт 45.pdf"


def test_a_draft_does_not_take_files_without_end(
    telegram: Sandbox, company: Company, phone: PhoneOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_DOCUMENTS", 20)
    draft = company.draft(documents=0)
    anna = phone(company.anna)
    anna.says(f"/request {draft.number}")
    card = anna.newest()
    for number in range(3):
        papers = [("document", f"{number}-{n}.pdf", pdf(10 * number + n)) for n in range(10)]
        anna.answers_with(*papers, to=card)
    IncomingFile.objects.update(not_before=draft.created_at)
    tasks.sweep()
    assert draft.documents.count() == 20
    assert "as many documents as it can have" in anna.reads()[-1]
