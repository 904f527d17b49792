"""The hand of a test on a group with topics."""

from collections.abc import Sequence

from telegrambot.models import Chat
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Decision, PaymentRequest
from treasury.services import decisions

# By which tests, and the group's creator, change topics.
PLACE = f"/control/chats/{GROUP_CHAT}/topics"
# All that the bot needs there.
RIGHTS = ("can_manage_topics", "can_delete_messages", "can_pin_messages")


def put_forum(telegram: Sandbox, company: Company, rights: Sequence[str] | None = RIGHTS) -> None:
    """The company's group, with topics; without rights the bot is a member like others."""
    members = list(company.telegram_ids.values())
    group = {"id": GROUP_CHAT, "title": "A group", "type": "supergroup", "is_forum": True}
    telegram.post("/control/groups", **group, members=members, bot_rights=rights)


def told(chat: Chat) -> None:
    """What is new is delivered."""
    bot.project()
    lanes.deliver(chat.pk)


def returned(company: Company, request: PaymentRequest) -> None:
    decisions.return_for_rework(
        task=company.task(request, company.boris), actor=company.boris,
        channel=Decision.Channel.TELEGRAM, reason="Не тот счёт",
    )  # fmt: skip
