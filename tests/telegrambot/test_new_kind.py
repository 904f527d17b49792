"""A kind of message is one module and its line in the registry: here one of the test's own."""

from collections.abc import Iterable

import pytest

from telegrambot.kinds.base import News, Rendered
from telegrambot.kinds.cards import Personal
from telegrambot.kinds.registry import KINDS
from telegrambot.models import SentMessage, Urgency
from tests.company import Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Employee, PaymentRequest
from treasury.workflow import Action

State = SentMessage.State


class Thanks(Personal):
    """To whoever has approved, once for each request."""

    name = "thanks"
    label = "Thanks an approver"
    urgency = Urgency.NOTICE

    def wanted(self, news: News) -> Iterable[SentMessage]:
        last, chats = news.audience.last, SentMessage.objects.filter(request=news.request)
        if last.action != Action.APPROVE:
            return
        for card in chats.filter(kind="task", task__employee=last.actor):
            yield SentMessage(
                chat=card.chat, request=news.request, kind=self.name, key=str(news.request.pk)
            )

    def for_person(
        self, message: SentMessage, request: PaymentRequest, reader: Employee
    ) -> Rendered:
        return Rendered(f"Thank you, {reader.first_name}: {request.get_status_display()}")


@pytest.fixture(autouse=True)
def _added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, Thanks.name, Thanks())


@pytest.fixture
def thanks(telegram: Sandbox, company: Company) -> SentMessage:
    request = lanes.submit(company)
    company.approve(request, company.boris)
    bot.project()
    return bot.chat_of(company, company.boris).get(kind=Thanks.name)


def test_it_is_made_necessary_by_the_journal_and_sent(
    telegram: Sandbox, company: Company, thanks: SentMessage
) -> None:
    assert thanks.urgency == Urgency.NOTICE
    assert lanes.delivered(thanks).state == State.SENT
    said = lanes.texts(telegram, company.telegram_id(company.boris))
    assert said == ["Thank you, Борис: На согласовании"]
    bot.project()
    assert SentMessage.objects.filter(kind=Thanks.name).count() == 1


def test_it_follows_each_change_and_is_gone_when_it_is_thrown_away(
    telegram: Sandbox, company: Company, thanks: SentMessage
) -> None:
    boris = company.telegram_id(company.boris)
    message = lanes.delivered(thanks)
    request = PaymentRequest.objects.get(messages=thanks)
    for person in (company.fedor, company.tamara):
        company.approve(request, person)
    bot.project()
    lanes.delivered(thanks)
    assert "Thank you, Борис: Согласована" in lanes.texts(telegram, boris)

    telegram.post(f"/control/chats/{boris}/delete_message", message_id=message.message_id)
    SentMessage.objects.filter(pk=thanks.pk).update(shown_hash="")
    SentMessage.objects.filter(pk=thanks.pk).refresh()
    assert lanes.delivered(thanks).state == State.GONE


def test_what_a_later_release_has_left_holds_up_nobody(
    telegram: Sandbox,
    company: Company,
    thanks: SentMessage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the way back to an earlier one, be it thrown away, not sent yet or being sent."""
    request = PaymentRequest.objects.get(messages=thanks)
    SentMessage.objects.filter(pk=thanks.pk).update(state=State.GONE)
    unsent = SentMessage.objects.create(chat=thanks.chat, request=request, kind=Thanks.name)
    monkeypatch.delitem(KINDS, Thanks.name)
    company.approve(request, company.fedor)
    bot.project()
    tamara = bot.chat_of(company, company.tamara).get(request=request)
    assert lanes.delivered(tamara).state == State.SENT
    failed = lanes.delivered(unsent)
    assert failed.state == State.FAILED
    assert Thanks.name in failed.error
    SentMessage.objects.filter(pk=unsent.pk).update(state=State.SENDING, attempts=1)
    interrupted = lanes.delivered(unsent)
    assert (interrupted.state, interrupted.chat.not_before) == (State.PENDING, None)
    later = lanes.submit(company)
    lanes.deliver(thanks.chat_id)
    assert later.number in lanes.texts(telegram, company.telegram_id(company.boris))[-1]
