"""What a deputy sees and decides, by way of the sandbox, down to the chats."""

from datetime import timedelta

import pytest
from django.utils import timezone

from telegrambot.models import Chat, Deputising, SentMessage
from telegrambot.projection import deputies
from tests.admin.conftest import browse
from tests.admin.test_delegations import ADD, filled
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.telegrambot import bot
from tests.telegrambot.phone import Line, Phone, PhoneOf
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Decision, Delegation, PaymentRequest
from treasury.services import delegations
from treasury.workflow import Status


def test_a_deputys_decision_in_full(
    telegram: Sandbox, company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    waiting = company.submitted()
    line.deliver()
    assert sergey.reads() == []

    boris.goes_away()
    notice, card = sergey.reads()
    assert notice.startswith("You decide for Б. Орлов too, from ")
    assert "until 31.12.2099 23:59: Everything" in notice
    assert waiting.number in card
    assert "For Б. Орлов" in card
    new = company.submitted(invoice_number="46")
    line.deliver()
    assert new.number in sergey.reads()[-1]

    toast = sergey.presses("✅ Approve")

    assert new.number in toast
    decision = Decision.objects.get()
    assert (decision.request, decision.decided_by) == (new, company.sergey)
    assert decision.on_behalf_of == company.boris
    assert new.events.latest("id").on_behalf_of == company.boris
    for who in (sergey.telegram_id, boris.telegram_id, company.telegram_id(company.vera)):
        [shown] = [m for m in telegram.messages(who) if new.number in m["text"]]
        assert "✓ Держатель бюджета — С. Посторонних for Б. Орлов" in shown["text"]
        labels = [b["text"] for row in shown["reply_markup"]["inline_keyboard"] for b in row]
        assert "✅ Approve" not in labels
    [announcement] = [m for m in telegram.messages(GROUP_CHAT) if new.number in m["caption"]]
    assert "С. Посторонних" in announcement["caption"]
    assert not SentMessage.objects.behind().exists()
    assert company.open_position(waiting) == 1


def test_a_deputy_declines_for_the_one_who_is_away(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    request = company.submitted()
    boris.goes_away()
    sergey.presses("❌ Decline")
    sergey.says("Нет в бюджете")
    sergey.presses("❌ Decline")
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.on_behalf_of) == (company.sergey, company.boris)
    assert bot.fresh(request).status == Status.DECLINED


def test_after_the_end_the_deputy_is_told_and_has_no_buttons(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    company.submitted()
    line.deliver()
    boris.goes_away()
    task = company.task(PaymentRequest.objects.get(), company.boris)
    assert "✅ Approve" in sergey.offers()

    boris.says("/back")
    line.deliver()

    assert sergey.reads()[-1] == "You do not decide for Б. Орлов any more."
    assert sergey.offers() == []
    assert company.counterparty.name not in "".join(sergey.reads())
    answer = bot.reply_to(bot.press(sergey.telegram_id, f"approve:{task.pk}"))
    assert "not entitled" in answer["text"]
    assert not Decision.objects.exists()
    assert "✅ Approve" in boris.offers()


def test_the_deputy_of_a_second_absence_decides_on_the_same_card(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    company.submitted()
    for _absence in range(2):
        boris.goes_away()
        assert "✅ Approve" in sergey.offers()
        assert company.counterparty.name in "".join(sergey.reads())
        boris.says("/back")
        assert sergey.offers() == []


def test_a_planned_absence_brings_the_buttons_back_at_its_hour_and_once(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    company.submitted()
    boris.goes_away()
    boris.says("/back")
    tomorrow = timezone.now() + timedelta(days=1)
    with line.committed():
        delegations.begin(
            principal=company.boris,
            deputy=company.sergey,
            since=tomorrow,
            until=tomorrow + timedelta(days=1),
            actor=company.boris,
            channel=ADMIN,
        )
    line.deliver()
    assert sergey.offers() == []

    Delegation.objects.filter(since=tomorrow).update(since=timezone.now())
    wanted = []
    for _minute in range(2):
        deputies.project()
        line.deliver()
        assert "✅ Approve" in sergey.offers()
        wanted.append(bot.chat_of(company, company.sergey).get(kind="task").wanted)
    assert wanted[0] == wanted[1]


def test_what_the_deputy_has_decided_stays_his_to_read(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    request = company.submitted()
    boris.goes_away()
    sergey.presses("✅ Approve")
    boris.says("/back")
    company.approve(request, company.fedor)
    line.deliver()
    [card] = [text for text in sergey.reads() if request.number in text]
    assert "✓ Финансовый менеджер — Ф. Климов" in card


def test_an_absence_that_ends_at_its_hour_ends_in_the_chat_too(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    company.submitted()
    boris.goes_away()
    Delegation.objects.update(
        since=timezone.now() - timedelta(days=2), until=timezone.now() - timedelta(seconds=1)
    )
    for _time in range(2):
        deputies.project()
        line.deliver()
    assert sergey.reads().count("You do not decide for Б. Орлов any more.") == 1
    assert "✅ Approve" not in sergey.offers()
    assert not Deputising.objects.exists()


def test_one_that_is_yet_to_begin_is_told_and_taken_back(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    company.submitted()
    tomorrow = timezone.now() + timedelta(days=1)
    delegations.begin(
        principal=company.boris,
        deputy=company.sergey,
        since=tomorrow,
        until=tomorrow + timedelta(days=1),
        actor=company.boris,
        channel=ADMIN,
        reason="<Отпуск>",
    )
    for _time in range(2):
        deputies.project()
        line.deliver()
    [notice] = sergey.reads()
    assert f"from {timezone.localtime(tomorrow):%d.%m.%Y %H:%M}" in notice
    assert notice.endswith("<Отпуск>")

    boris.says("/back")
    assert Delegation.objects.exists()
    boris.presses("I am back: С. Посторонних")
    assert not Delegation.objects.exists()
    line.deliver()
    assert sergey.reads()[1:] == ["You do not decide for Б. Орлов any more."]


def test_who_cannot_be_spoken_to_is_told_when_he_can(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    chat = Chat.objects.filter(telegram_id=sergey.telegram_id)
    chat.update(state=Chat.State.BLOCKED)
    boris.goes_away()
    line.deliver()
    assert sergey.reads() == []
    chat.update(state=Chat.State.ACTIVE)
    line.deliver()
    assert sergey.reads()[0].startswith("You decide for Б. Орлов too")


def test_only_tasks_of_the_stage_come_to_its_deputy(
    company: Company, line: Line, sergey: Phone
) -> None:
    for principal in (company.boris, company.fedor):
        delegations.begin(
            principal=principal,
            deputy=company.sergey,
            until=timezone.now() + timedelta(days=1),
            actor=principal,
            channel=ADMIN,
            stage=company.route.stages.get(position=2),
        )
    request = company.submitted()
    line.deliver()
    assert sergey.offers() == []
    company.approve(request, company.vera)
    line.deliver()
    assert "For Ф. Климов" in sergey.reads()[-1]
    sergey.presses("✅ Approve")
    assert company.open_position(request) == 3


@pytest.mark.parametrize("who", ["himself", "administrator"])
def test_a_freeze_is_dissolved_by_a_delegation(
    company: Company, line: Line, boris: Phone, sergey: Phone, who: str
) -> None:
    """Boris alone could decide, and is away: the request waits until somebody stands in."""
    company.department.budget_holders.remove(company.vera)
    request = company.submitted()
    line.deliver()
    task = company.task(request, company.boris)
    answer = bot.reply_to(bot.press(sergey.telegram_id, f"approve:{task.pk}"))
    assert "not entitled" in answer["text"]

    if who == "himself":
        boris.goes_away()
    else:
        with line.committed():
            delegations.begin(
                principal=company.boris,
                deputy=company.sergey,
                until=timezone.now() + timedelta(days=1),
                actor=company.allow(company.gleb, "add_delegation"),
                channel=ADMIN,
            )
        line.deliver()
        assert "С. Посторонних decides for you too" in boris.reads()[-1]
        assert f"Appointed by: {company.gleb.get_short_name()}" in boris.reads()[-1]
    sergey.presses("✅ Approve")

    assert company.open_position(request) == 2
    assert Decision.objects.get().on_behalf_of == company.boris


def test_the_author_does_not_decide_as_a_deputy(
    company: Company, line: Line, boris: Phone, phone: PhoneOf
) -> None:
    anna = phone(company.anna)
    request = company.submitted()
    boris.says("/away")
    boris.says("31.12.2099")
    boris.presses("Смирнова Анна")
    boris.presses("✅ Yes")
    assert "✅ Approve" not in anna.offers()
    task = company.task(request, company.boris)
    bot.reply_to(bot.press(anna.telegram_id, f"approve:{task.pk}"))
    assert not Decision.objects.exists()


def test_what_cannot_be_told_of_a_delegation_is_no_fault_of_who_appoints(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    """The page is answered, others hear what is theirs, and the deputy hears it later."""
    waiting = company.submitted()
    line.deliver()
    bot.refuse_inserts("telegrambot_deputising", "refused")
    with line.committed():
        appointed = browse(company.boris, "Согласующий").post(ADD, filled(company))
    assert appointed.status_code == 302
    bot.post(bot.message(boris.telegram_id, "/whoami"))
    line.deliver()
    assert company.boris.email in boris.reads()[-1]
    assert sergey.reads() == []

    bot.accept_inserts("telegrambot_deputising")
    line.deliver()
    notice, card = sergey.reads()
    assert notice.startswith("You decide for Б. Орлов too, from ")
    assert waiting.number in card
