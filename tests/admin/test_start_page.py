"""The first page shows each person the work that is his, and nothing that cannot be."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from oauth.models import UserToken
from telegrambot.models import Chat, SentMessage
from telegrambot.projection import cursor
from tests.admin.conftest import browse, page, text_of
from tests.admin.test_request_list import queries
from tests.company import Company
from tests.telegrambot import bot
from treasury.models import Employee, PaymentRequest


def cards(client: Client) -> dict[str, Any]:
    """Title → card, of everything on the page."""
    contexts: Any = client.get("/admin/").context
    lists = [context["cards"] for context in contexts if "cards" in context]
    return {str(card.title): card for found in lists for card in found}


def test_who_asks_finds_his_own(accountant: Client, company: Company) -> None:
    company.draft()
    found = cards(accountant)
    assert list(found) == ["Returned to me", "My drafts", "Mine in approval", "Mine approved"]
    assert found["My drafts"].count == 1


def test_who_decides_finds_what_waits_for_him(budget_holder: Client, company: Company) -> None:
    company.submitted()
    found = cards(budget_holder)
    assert list(found) == ["Wait for me"]
    assert found["Wait for me"].count == 1


def test_the_treasurer_finds_what_is_to_be_paid_and_what_is_late(company: Company) -> None:
    today = timezone.localdate()
    late, due, later = (today + timedelta(days=days) for days in (-3, 0, 5))
    passed = company.approved(amount=Decimal(1000))
    PaymentRequest.objects.filter(pk=passed.pk).update(desired_date=late)
    company.approved(desired_date=due, amount=Decimal(200))
    last = company.approved(desired_date=later, amount=Decimal(70))
    company.submitted(desired_date=due)
    treasurer = browse(company.tamara, "Казначей")
    found = cards(treasurer)
    assert found["Due today"].count == 2
    assert found["Due today"].notes == ("1,200.00\u202f₽",)
    assert found["Due today"].alarm == "date passed: 1"
    assert found["Approved, to be paid"].count == 3
    assert found["Approved, to be paid"].notes == ("1,270.00\u202f₽",)
    assert f'href="{page(last)}"' in text_of(treasurer.get("/admin/"))
    assert len(treasurer.get(found["Due today"].url).context["cl"].result_list) == 2


def test_nobody_else_is_told_what_is_to_be_paid(
    accountant: Client, budget_holder: Client, administrator: Client, company: Company
) -> None:
    company.approved()
    for client in (accountant, budget_holder, administrator, browse(company.sergey, "Аудитор")):
        assert "Approved, to be paid" not in cards(client)


def test_who_looks_after_the_channel_finds_its_health_and_no_zeros(company: Company) -> None:
    request = company.submitted()
    bot.project()
    SentMessage.objects.filter(request=request, chat__telegram_id=company.group_chat).update(
        state="failed"
    )
    for person, state in ((company.boris, "unknown"), (company.vera, "gone")):
        bot.chat_of(company, person).update(state=state)
    UserToken.objects.filter(employee__in=[company.fedor, company.sergey]).delete()
    keeper = Employee.objects.create_user("keeper@example.com", is_staff=True)
    cursor.stumble(company.submitted().pk, ValueError("odd"))
    found = cards(browse(keeper, "Администратор"))
    assert list(found) == [
        "Not delivered", "Requests not told of", "Updates not handled",
        "Updates that wait at Telegram",
        "Asked, and without Telegram", "Approvers whose chat is closed",
    ]  # fmt: skip
    assert [card.count for card in found.values()] == [2, 1, 0, 0, 1, 0]
    assert found["Asked, and without Telegram"].notes == ("Ф. Климов",)
    auditor = browse(company.sergey, "Аудитор")
    seen = [title for title in found if title != "Updates not handled"]
    assert list(cards(auditor)) == seen
    listed = auditor.get(found["Not delivered"].url).context["cl"].result_list
    assert {message.state for message in listed} == {"failed", "unknown"}
    assert len(auditor.get(found[seen[1]].url).context["cl"].result_list) == 1


def test_an_approver_who_has_blocked_the_bot_is_named_and_his_chat_is_listed(
    administrator: Client, company: Company
) -> None:
    # Only Boris and Vera are asked yet; Fedor is in nobody's way.
    company.submitted()
    for person in (company.boris, company.fedor):
        chat = {**bot.private(company.telegram_id(person)), "first_name": person.first_name}
        status = {"old_chat_member": {"status": "member"}, "new_chat_member": {"status": "kicked"}}
        bot.post(bot.update(my_chat_member={"chat": chat, "date": 0, "from": chat, **status}))
    Chat.objects.filter(telegram_id=company.group_chat).update(state=Chat.State.REMOVED)

    card = cards(administrator)["Approvers whose chat is closed"]

    assert (card.count, card.notes) == (1, ("Б. Орлов",))
    page = administrator.get(card.url)
    [listed] = page.context["cl"].result_list
    assert listed.telegram_id == company.telegram_id(company.boris)
    assert "The user has blocked the bot" in text_of(page)
    assert "kicked" not in text_of(page)


def test_the_almighty_who_asks_for_nothing_has_nothing_of_his_own(company: Company) -> None:
    root = Employee.objects.create_superuser("root@example.com", "secret-of-the-tests")
    assert "My drafts" not in cards(browse(root))


def test_the_treasurers_page_costs_no_more_for_more_payments(company: Company) -> None:
    company.approved()
    treasurer = browse(company.tamara, "Казначей")
    few = queries(treasurer, "/admin/")
    company.approved()
    company.approved()
    assert queries(treasurer, "/admin/") == few
