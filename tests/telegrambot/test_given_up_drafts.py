"""A request that its author gives up: whoever had read of it hears, and nobody else."""

from telegrambot.models import SentMessage
from tests.company import ADMIN, Company
from tests.telegrambot import bot
from treasury.services import requests


def test_a_draft_that_nobody_was_asked_about_ends_in_silence(company: Company) -> None:
    draft = company.draft(requester=company.boris)
    requests.cancel(request=draft, actor=company.anna, channel=ADMIN)
    bot.project()
    assert not SentMessage.objects.exists()


def test_a_withdrawn_one_is_over_for_those_who_knew_it(company: Company) -> None:
    request = company.submitted(requester=company.sergey)
    bot.project()
    requests.withdraw(request=request, actor=company.anna, channel=ADMIN)
    bot.project()
    groups = SentMessage.objects.filter(chat__telegram_id=company.group_chat)
    before, wanted = groups.count(), groups.get().wanted
    requests.cancel(request=request, actor=company.anna, channel=ADMIN)
    bot.project()
    # The group's card is shown anew; only who asked for the money is told in a message.
    assert (groups.count(), groups.get().wanted) == (before, wanted + 1)
    told = SentMessage.objects.filter(kind="outcome").values_list("chat__telegram_id", flat=True)
    assert set(told) == {company.telegram_id(company.anna), company.telegram_id(company.sergey)}
