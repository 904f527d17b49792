"""What becomes of a chat whose owner signs out, moves, leaves, or loses his role."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from oauth import linking
from oauth.models import UserToken
from telegrambot.kinds import registry
from telegrambot.models import Dialog, SentMessage
from telegrambot.projection import deputies
from tests.company import Company
from tests.telegrambot import bot
from tests.telegrambot.bot import Commits, Say
from tests.telegrambot.signing_in import STRANGER, signed_in, unlinked
from treasury.models import AccountEvent, Decision, Employee
from treasury.services import delegations, people
from treasury.workflow import Status


def test_logout_asks_first(company: Company, say: Say) -> None:
    telegram_id = company.telegram_id(company.boris)
    answer = say(telegram_id, "/logout")
    assert "Орлов Борис" in answer["text"]
    assert list(bot.offered(answer).values()) == ["logout:1", "logout:0"]
    assert UserToken.objects.employee_of(telegram_id) == company.boris

    say(telegram_id, "logout:0", press=True)
    assert UserToken.objects.employee_of(telegram_id) == company.boris


def test_who_signs_out_is_a_stranger_and_his_cards_lose_their_buttons(
    company: Company, say: Say
) -> None:
    request = company.submitted()
    bot.project()
    card = bot.mark_sent(bot.chat_of(company, company.boris).get())
    telegram_id = company.telegram_id(company.boris)
    say(telegram_id, f"decline:{card.task_id}", press=True)
    assert Dialog.objects.exists()

    say(telegram_id, "logout:1", press=True)

    assert UserToken.objects.employee_of(telegram_id) is None
    assert AccountEvent.objects.get().action == AccountEvent.Action.UNLINKED
    assert not Dialog.objects.exists()
    card.refresh_from_db()
    assert card.wanted > card.shown
    assert registry.render(card).keyboard is None
    answer = say(telegram_id, f"approve:{card.task_id}", press=True)
    assert answer["show_alert"]
    assert request.number not in answer["text"]
    assert "/login" in say(telegram_id, "logout:1", press=True)["text"]
    assert not Decision.objects.exists()


def test_a_revoked_accounts_cards_lose_their_buttons(
    company: Company, django_capture_on_commit_callbacks: Commits
) -> None:
    request = company.submitted()
    bot.project()
    card = bot.mark_sent(bot.chat_of(company, company.boris).get())
    token = UserToken.objects.get(employee=company.boris)
    with django_capture_on_commit_callbacks(execute=True):
        linking.revoke(token=token, actor=company.anna)

    card.refresh_from_db()
    assert card.wanted == card.shown + 1
    shown = registry.render(card)
    assert shown.keyboard is None
    assert company.counterparty.name not in shown.text
    answer = bot.reply_to(bot.press(company.telegram_id(company.boris), f"approve:{card.task_id}"))
    assert answer["show_alert"]
    assert bot.fresh(request).decisions.count() == 0


def test_who_leaves_loses_the_buttons_and_gets_them_back_by_linking_anew(
    company: Company, say: Say
) -> None:
    company.submitted()
    bot.project()
    telegram_id = company.telegram_id(company.boris)
    card = bot.mark_sent(bot.chat_of(company, company.boris).get())
    bot.reply_to(bot.press(telegram_id, f"decline:{card.task_id}"))
    administrator = company.allow(company.gleb, "change_employee")

    for is_active in (False, True):
        people.change(
            employee=company.boris, actor=administrator, channel=Decision.Channel.ADMIN,
            fields={"is_active": is_active},
        )  # fmt: skip
        assert registry.render(SentMessage.objects.get(pk=card.pk)).keyboard is None
    assert SentMessage.objects.get(pk=card.pk).wanted > card.wanted
    assert not Dialog.objects.exists()

    before = SentMessage.objects.get(pk=card.pk)
    say(telegram_id, signed_in(say, telegram_id, company.boris))
    card = SentMessage.objects.get(pk=card.pk)
    assert card.wanted > before.wanted
    assert registry.render(card).keyboard


def test_who_stands_in_for_one_who_is_switched_off_loses_the_buttons_too(
    company: Company,
) -> None:
    company.submitted()
    delegations.begin(
        principal=company.boris,
        deputy=company.sergey,
        until=timezone.now() + timedelta(days=1),
        actor=company.boris,
        channel=Decision.Channel.TELEGRAM,
    )
    deputies.project()
    card = bot.mark_sent(bot.chat_of(company, company.sergey).get(kind="task"))

    for is_active in (False, True):
        company.boris.is_active = is_active
        company.boris.save()
        before, card = card, SentMessage.objects.get(pk=card.pk)
        assert card.wanted == before.wanted + 1
        assert bool(registry.render(card).keyboard) == is_active


def test_whose_role_is_taken_away_loses_the_buttons_and_gets_them_back(company: Company) -> None:
    request = company.submitted()
    holders = company.department.budget_holders
    for person, lose, regain in (
        (company.boris, holders.clear, lambda: holders.add(company.boris)),
        (company.vera, company.vera.departments.clear, lambda: holders.add(company.vera)),
    ):
        bot.project()
        keeps_up_with(bot.chat_of(company, person).get(), lose, regain)
    company.approve(request, company.vera)
    bot.project()
    membership = company.fedor.memberships.get()
    keeps_up_with(bot.chat_of(company, company.fedor).get(), membership.delete, membership.save)


def test_the_details_lose_the_buttons_with_the_role(company: Company, say: Say) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    say(company.telegram_id(company.fedor), f"details:{request.pk}", press=True)
    details = bot.mark_sent(bot.chat_of(company, company.fedor).get(kind="details"))
    assert "approve" in str(registry.render(details).keyboard)
    company.fedor.memberships.get().delete()
    details.refresh_from_db()
    assert details.wanted > details.shown
    assert "approve" not in str(registry.render(details).keyboard)


def test_who_loses_the_permission_to_read_reads_no_more(company: Company, say: Say) -> None:
    request = company.submitted()
    auditor = company.allow(company.sergey, "view_paymentrequest")
    say(company.telegram_id(auditor), f"details:{request.pk}", press=True)
    details = bot.mark_sent(bot.chat_of(company, auditor).get(kind="details"))
    assert company.counterparty.name in registry.render(details).text
    auditor.user_permissions.clear()
    details.refresh_from_db()
    assert details.wanted > details.shown
    assert company.counterparty.name not in registry.render(details).text


def keeps_up_with(card: SentMessage, lose: Callable[[], Any], regain: Callable[[], Any]) -> None:
    for change, may_decide in ((lose, False), (regain, True)):
        card = bot.mark_sent(card)
        change()
        card.refresh_from_db()
        assert card.wanted > card.shown
        first_row = bot.buttons(registry.render(card))[0]
        assert (f"approve:{card.task_id}:0:1" in first_row) == may_decide


def test_a_log_in_refreshes_nothing(company: Company) -> None:
    company.submitted()
    bot.project()
    card = bot.mark_sent(bot.chat_of(company, company.boris).get())
    company.boris.save(update_fields=["last_login"])
    card.refresh_from_db()
    assert card.wanted == card.shown


def test_a_second_account_takes_over_and_the_first_is_told(company: Company, say: Say) -> None:
    request = company.submitted()
    bot.project()
    Employee.objects.filter(pk=company.boris.pk).update(language="en")
    first = company.telegram_id(company.boris)
    card = bot.mark_sent(bot.chat_of(company, first).get())

    say(STRANGER, signed_in(say, STRANGER, company.boris))

    assert UserToken.objects.employee_of(first) is None
    assert UserToken.objects.employee_of(STRANGER) == company.boris
    notice = bot.chat_of(company, first).get(kind="notice")
    assert "another Telegram account" in registry.render(notice).text
    card.refresh_from_db()
    assert registry.render(card).keyboard is None
    [moved] = bot.chat_of(company, STRANGER)
    assert bot.buttons(registry.render(moved))[0] == [
        bot.approves(company.task(request, company.boris))
    ]


def test_a_chat_that_changes_its_owner_shows_nothing_of_the_former_ones(
    company: Company, say: Say
) -> None:
    company.submitted()
    bot.project()
    card = bot.mark_sent(bot.chat_of(company, company.boris).get())
    telegram_id = company.telegram_id(company.boris)
    say(telegram_id, "logout:1", press=True)
    unlinked(company, company.sergey)
    say(telegram_id, signed_in(say, telegram_id, company.sergey))

    shown = registry.render(card)
    assert shown.keyboard is None
    assert company.counterparty.name not in shown.text


def test_the_settled_cards_go_with_the_access_and_come_back_with_it(
    company: Company, say: Say
) -> None:
    request = company.submitted()
    bot.project()
    for person in (company.boris, company.fedor, company.tamara):
        company.approve(request, person)
    bot.project()
    card = bot.mark_sent(bot.chat_of(company, company.boris).get())
    assert bot.fresh(request).status == Status.APPROVED
    assert company.counterparty.name in registry.render(card).text

    linking.revoke(token=UserToken.objects.get(employee=company.boris), actor=company.anna)
    card.refresh_from_db()
    assert card.wanted > card.shown
    shown = registry.render(card)
    assert shown.keyboard is None
    assert company.counterparty.name not in shown.text

    card = bot.mark_sent(card)
    telegram_id = company.telegram_id(company.boris)
    say(telegram_id, signed_in(say, telegram_id, company.boris))
    card.refresh_from_db()
    assert card.wanted > card.shown
    assert company.counterparty.name in registry.render(card).text
