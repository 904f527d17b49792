"""Handing over what others have to decide, from the details."""

from telegrambot.kinds import registry
from tests.company import Company
from tests.telegrambot import bot
from tests.telegrambot.test_colleagues import INSTEAD, REASON, press, request_
from treasury.models import ApprovalTask, PaymentRequest
from treasury.workflow import Status

__all__ = ["request_"]


def test_who_may_hand_over_anyones_task_chooses_whose(
    company: Company, request_: PaymentRequest
) -> None:
    company.allow(company.sergey, "reassign_task", "view_paymentrequest")
    sergey = company.telegram_id(company.sergey)
    bot.reply_to(bot.message(sergey, "/request 1"))
    details = bot.mark_sent(bot.chat_of(company, sergey).get())

    def offered() -> dict[str, str]:
        return bot.offered({"reply_markup": registry.render(details).keyboard})

    assert "✅ Approve" not in offered()
    for label in ("👥 Colleagues", INSTEAD, "Лебедева Вера · Производство"):
        press(company, offered()[label], company.sergey)
    assert "Посторонних Сергей" not in offered()
    press(company, offered()["Чужов Глеб · Маркетинг"], company.sergey)
    bot.reply_to(bot.message(sergey, REASON))

    statuses = dict(request_.tasks.values_list("employee", "status"))
    assert statuses == {
        company.boris.pk: ApprovalTask.Status.OPEN,
        company.vera.pk: ApprovalTask.Status.CLOSED,
        company.gleb.pk: ApprovalTask.Status.OPEN,
    }
    assert request_.events.latest("id").actor == company.sergey
    assert bot.fresh(request_).status == Status.IN_APPROVAL


def test_a_reader_without_that_right_is_offered_none_of_it(
    company: Company, request_: PaymentRequest
) -> None:
    bot.reply_to(bot.message(company.telegram_id(company.anna), "/request 1"))
    [details] = bot.chat_of(company, company.anna)
    assert bot.buttons(registry.render(details)) == [
        [f"nudge:{request_.pk}"],
        [f"documents:{request_.pk}", f"printed:{request_.pk}"],
        [bot.address(request_)],
    ]
