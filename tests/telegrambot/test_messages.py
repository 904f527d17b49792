"""What a message shows: to whom, in which state, in which language, within which limits."""

import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from oauth.models import UserToken
from telegrambot.content import markup
from telegrambot.kinds.base import Rendered
from telegrambot.kinds.registry import render
from telegrambot.models import SentMessage
from tests.company import ADMIN, Company
from tests.telegrambot import bot
from treasury.models import Delegation, Employee, PaymentRequest
from treasury.services import decisions, requests

NASTY = "<b>Рога & Копыта</b> </i> &amp; <script>"
OUR_TAGS = {"<b>", "</b>", "<i>", "</i>", "<blockquote expandable>", "</blockquote>"}


def visible(rendered: Rendered) -> str:
    """What the reader sees: only our own tags may stand in the text."""
    assert set(re.findall(r"<[^>]*>", rendered.text)) <= OUR_TAGS
    return html.unescape(re.sub(r"<[^>]*>", "", rendered.text))


def show(company: Company, who: Employee | int) -> Rendered:
    """The newest message in a chat."""
    return render(bot.chat_of(company, who).latest("id"))


def names(rendered: Rendered) -> list[str]:
    return [document.name for document in rendered.documents]


def submitted(company: Company, **changes: object) -> PaymentRequest:
    request = company.submitted(**changes)
    bot.project()
    return request


def test_a_card_tells_what_is_to_be_decided(company: Company) -> None:
    request = submitted(company, invoice_number="А-77")
    text = visible(show(company, company.boris))
    for fact in (
        request.number,
        "125\u202f000,50\u202f₽",
        "АО «Северсталь»",
        "3528000597",
        "Оплата по счёту 45 за металлопрокат",
        "ООО «Ромашка»",
        "Производство",
        "01.1 Оплата поставщикам",
        "А-77",
        "10.11.2026",
        "28.11.2036",
        "Срочная поставка",
        "● Держатель бюджета — ",
        "Б. Орлов, В. Лебедева",
        "○ Финансовый менеджер",
        "○ Казначей",
    ):
        assert fact in text


def test_a_stage_that_the_amount_does_not_need_is_not_on_the_card(company: Company) -> None:
    company.route.stages.filter(position=3).update(min_amount=Decimal(1_000_000))
    submitted(company)
    text = visible(show(company, company.boris))
    assert "Финансовый менеджер" in text
    assert "Казначей" not in text


def test_an_approver_has_the_buttons_in_rows(company: Company) -> None:
    request = submitted(company)
    task = company.task(request, company.boris).pk
    assert bot.buttons(show(company, company.boris)) == [
        [f"approve:{task}:0:1"],
        [f"decline:{task}", f"return_for_rework:{task}"],
        [f"colleagues:{task}"],
        [f"details:{request.pk}", f"documents:{request.pk}"],
    ]


def test_a_request_without_documents_has_no_button_for_them(company: Company) -> None:
    request = submitted(company, documents=0)
    assert bot.buttons(show(company, company.boris))[-1] == [f"details:{request.pk}"]


def test_a_group_has_the_link_and_a_way_to_decide(company: Company) -> None:
    request = submitted(company)
    shown = show(company, company.group_chat)
    assert bot.buttons(shown) == [[f"mine:{request.pk}"], [bot.address(request)]]
    assert names(shown) == [document.name for document in request.documents]


def test_after_a_decision_every_card_shows_who_and_when_and_has_no_buttons(
    company: Company,
) -> None:
    request = submitted(company)
    for person in (company.boris, company.vera):
        bot.mark_sent(bot.chat_of(company, person).get())
    decision = company.approve(request, company.boris)
    bot.project()
    when = f"{timezone.localtime(decision.decided_at):%d.%m %H:%M}"
    for who in (company.boris, company.vera, company.group_chat, company.fedor):
        assert f"✓ Держатель бюджета — Б. Орлов, {when}" in visible(show(company, who))
    for person in (company.boris, company.vera):
        assert bot.buttons(show(company, person)) == [
            [f"details:{request.pk}", f"documents:{request.pk}"]
        ]


def test_a_card_that_was_not_sent_in_time_is_not_sent_at_all(company: Company) -> None:
    request = submitted(company)
    company.approve(request, company.boris)
    assert show(company, company.vera) == Rendered("")


@pytest.mark.parametrize("service", [decisions.decline, decisions.return_for_rework])
def test_the_outcome_tells_the_reason(company: Company, service: object) -> None:
    request = submitted(company)
    task = company.task(request, company.boris)
    service(task=task, actor=company.boris, channel=ADMIN, reason=NASTY)  # type: ignore[operator]
    bot.project()
    for who in (company.anna, company.group_chat):
        shown = show(company, who)
        assert NASTY in visible(shown)
        assert "✗ Держатель бюджета — Б. Орлов" in visible(shown)
    assert bot.buttons(show(company, company.anna)) == [
        [f"details:{request.pk}", f"documents:{request.pk}"],
        [bot.address(request)],
    ]


def test_a_cancelled_request_tells_the_reason(company: Company) -> None:
    request = company.approved()
    requests.cancel(request=request, actor=company.anna, channel=ADMIN, reason="Сделки не будет")
    bot.project()
    assert "Сделки не будет" in visible(show(company, company.anna))


def test_a_later_revision_is_named(company: Company) -> None:
    request = submitted(company)
    second = visible(show(company, company.boris)).splitlines()[1]
    assert "2" not in second.replace(request.number, "")
    requests.change(
        request=request, actor=company.anna, channel=ADMIN, fields=company.sums(200_000)
    )
    bot.project()
    second = visible(show(company, company.boris)).splitlines()[1]
    assert " 2 ·" in second.replace(request.number, "")


def test_a_deputy_sees_for_whom_he_decides(company: Company) -> None:
    now = timezone.now()
    Delegation.objects.create(
        principal=company.boris,
        deputy=company.sergey,
        since=now - timedelta(days=1),
        until=now + timedelta(days=1),
    )
    request = submitted(company)
    shown = show(company, company.sergey)
    assert "Б. Орлов" in visible(shown).splitlines()[2]
    assert bot.buttons(shown)[0] == [bot.approves(company.task(request, company.boris))]
    bot.mark_sent(bot.chat_of(company, company.sergey).get())

    task = company.task(request, company.boris)
    decisions.approve(task=task, actor=company.sergey, channel=ADMIN)
    bot.project()
    assert "С. Посторонних" in visible(show(company, company.sergey))
    assert "Б. Орлов" in visible(show(company, company.sergey))


def test_who_has_no_access_any_more_reads_nothing_more(company: Company) -> None:
    request = submitted(company)
    sent = bot.mark_sent(bot.chat_of(company, company.boris).get())
    UserToken.objects.filter(employee=company.boris).update(revoked_at=timezone.now())
    shown = render(sent)
    assert shown.keyboard is None
    assert request.number in shown.text
    assert company.counterparty.name not in shown.text


def test_who_has_no_access_any_more_is_sent_nothing(company: Company) -> None:
    submitted(company)
    Employee.objects.filter(pk=company.boris.pk).update(is_active=False)
    assert show(company, company.boris) == Rendered("")


def test_each_reader_has_his_own_language(company: Company) -> None:
    Employee.objects.filter(pk=company.boris.pk).update(language="en")
    submitted(company)
    assert "In approval" in visible(show(company, company.boris))
    for who in (company.vera, company.group_chat):
        assert "In approval" not in visible(show(company, who))


def test_values_cannot_become_markup(company: Company) -> None:
    type(company.counterparty).objects.filter(pk=company.counterparty.pk).update(name=NASTY)
    submitted(company, comment=NASTY, purpose="Оплата < > & по счёту", contract=NASTY)
    for who in (company.boris, company.group_chat):
        text = visible(show(company, who))
        assert text.count(NASTY) == 3
        assert "Оплата < > & по счёту" in text


def test_details_tell_everything(company: Company) -> None:
    request = submitted(company, contract="Договор № 7")
    bot.reply_to(bot.message(company.telegram_id(company.boris), f"/request {request.number}"))
    shown = show(company, company.boris)
    text = visible(shown)
    for fact in (
        "40702810200000000001",
        "ПАО Сбербанк (044525225)",
        "997550001",
        "22\u202f541,07\u202f₽",
        "Договор № 7",
        "Счёт 1.pdf",
        "А. Смирнова",
        "● Держатель бюджета",
    ):
        assert fact in text
    task = company.task(request, company.boris).pk
    assert bot.buttons(shown) == [
        [f"approve:{task}:0:1"],
        [f"decline:{task}", f"return_for_rework:{task}"],
        [f"colleagues:{task}"],
        [f"documents:{request.pk}", f"printed:{request.pk}"],
    ]


def test_details_of_a_payee_abroad_tell_by_what_it_is_known(company: Company) -> None:
    account = company.payee_abroad(country="DE", tax_number="DE136695976", kio="12345")
    request = submitted(company, **company.abroad(account))
    bot.reply_to(bot.message(company.telegram_id(company.boris), f"/request {request.number}"))
    told = visible(show(company, company.boris)).splitlines()
    start = told.index("Получатель: Müller Werkzeuge GmbH")
    assert told[start + 1 : start + 6] == [
        "Страна: Германия", "КИО: 12345", "Налоговый номер: DE136695976",
        "Счёт получателя: DE89370400440532013000", "Банк: Commerzbank (COBADEFF)",
    ]  # fmt: skip


def test_details_for_a_reader_have_no_buttons_to_decide(company: Company) -> None:
    request = submitted(company)
    bot.reply_to(bot.message(company.telegram_id(company.anna), "/request 1"))
    assert bot.buttons(show(company, company.anna)) == [
        [f"nudge:{request.pk}"],
        [f"documents:{request.pk}", f"printed:{request.pk}"],
        [bot.address(request)],
    ]


def test_an_album_carries_its_documents_and_no_state(company: Company) -> None:
    request = submitted(company, documents=3)
    shown = show(company, company.group_chat)
    assert names(shown) == [document.name for document in request.documents][1:]
    assert (shown.keyboard, request.number in shown.text) == (None, True)


def test_documents_are_not_sent_to_who_may_not_read_the_request_any_more(
    company: Company,
) -> None:
    request = submitted(company)
    now = timezone.now()
    Delegation.objects.create(
        principal=company.boris, deputy=company.sergey, since=now, until=now + timedelta(days=1)
    )
    for person in (company.boris, company.sergey):
        bot.reply_to(bot.press(company.telegram_id(person), f"documents:{request.pk}"))
        assert names(show(company, person)) == ["Счёт 1.pdf"]

    Delegation.objects.update(since=now - timedelta(days=2), until=now - timedelta(days=1))
    assert show(company, company.sergey) == Rendered("")
    assert show(company, company.boris).documents


def test_a_removed_document_is_not_sent(company: Company) -> None:
    request = submitted(company, documents=2)
    for document in request.documents:
        requests.detach(attachment=document, actor=company.anna, channel=ADMIN)
    announcement, documents = bot.chat_of(company, company.group_chat)[:2]
    assert render(announcement).documents == ()
    assert render(documents) == Rendered("")


LONG = {
    "comment": "Ж" * 1000,
    "contract": "Д" * 120,
    "purpose": "Оплата " + "П" * 203,
    "invoice_number": "С" * 60,
}


def lengthen(company: Company) -> None:
    """Every name as long as the database allows."""
    for thing, length in (
        (company.counterparty, 160),
        (company.organization, 160),
        (company.department, 120),
        (company.item, 120),
    ):
        type(thing).objects.filter(pk=thing.pk).update(name="<" * length)
        thing.refresh_from_db()


def test_a_caption_holds_1024_characters_whatever_is_in_it(company: Company) -> None:
    lengthen(company)
    request = submitted(company, **LONG)
    shown = show(company, company.group_chat)
    text = visible(shown)
    assert len(text) <= 1024
    assert shown.documents
    for fact in (request.number, "125\u202f000,50\u202f₽", "Оплата П"):
        assert fact in text
    # Once sent as a caption it stays one, with or without its document.
    sent = bot.chat_of(company, company.group_chat).get()
    sent.form = SentMessage.Form.CAPTION
    for document in request.documents:
        requests.detach(attachment=document, actor=company.anna, channel=ADMIN)
    assert len(visible(render(sent))) <= 1024


def test_a_text_holds_4096_characters_whatever_is_in_it(company: Company) -> None:
    lengthen(company)
    request = submitted(company, **LONG)
    assert "Ж" * 1000 in visible(show(company, company.boris))
    task = company.task(request, company.boris)
    decisions.decline(task=task, actor=company.boris, channel=ADMIN, reason="П" * 1000)
    bot.project()
    assert len(visible(show(company, company.anna))) <= 4096
    for _number in range(10):
        company.draft(documents=0)
    bot.reply_to(bot.message(company.telegram_id(company.anna), f"/request {request.number}"))
    assert len(visible(show(company, company.anna))) <= 4096


@given(text=st.text(max_size=60), length=st.integers(0, 70))
def test_what_is_shortened_fits_and_says_so(text: str, length: int) -> None:
    short = markup.shortened(text, length)
    assert len(short) <= length or short == text
    assert text == short or short == "" or short.endswith("…")


@given(st.text())
def test_escaping_is_undone_by_reading(text: str) -> None:
    assert html.unescape(markup.plain(text)) == html.unescape(text.replace("&", "&amp;"))
    assert markup.visible_length(markup.bold(text)) == len(text)


def test_who_is_asked_again_sees_what_has_changed(company: Company) -> None:
    request = company.approved()
    Employee.objects.update(language="en")
    requests.change(
        request=request, actor=company.anna, channel=ADMIN, fields=company.sums(130_000)
    )
    bot.project()
    assert "Changed\namount: 125,000.50 → 130,000.00" in visible(show(company, company.boris))
    bot.post(bot.press(company.telegram_id(company.boris), f"details:{request.pk}"))
    journal = visible(show(company, company.boris)).partition("Journal")[2]
    assert "amount: 125,000.50 → 130,000.00" in journal
    assert "А. Смирнова: documents: + Счёт 1.pdf" in journal
