"""What the bot may do in a group is known as Telegram has told it, and shown with its remedy."""

import pytest
from django.test import Client

from telegrambot.models import Chat
from tests.admin.conftest import administrator, text_of
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot

__all__ = ["administrator"]

GROUP = {"id": GROUP_CHAT, "type": "supergroup", "title": "Группа"}
RESTRICTED = {"status": "restricted", "can_send_messages": True, "can_send_documents": False}


def told(company: Company, **member: object) -> Chat:
    body = {"chat": GROUP, "from": bot.person(1), "date": 1, "new_chat_member": member}
    bot.post(bot.update(my_chat_member=body))
    return Chat.objects.get(telegram_id=GROUP_CHAT)


def page_of(chat: Chat, client: Client) -> str:
    return text_of(client.get(f"/admin/telegrambot/chat/{chat.pk}/change/"))


def test_before_anything_is_told_nothing_is_claimed(
    company: Company, administrator: Client
) -> None:
    chat = Chat.objects.get(telegram_id=GROUP_CHAT)
    assert "Telegram tells it when" in page_of(chat, administrator)


def test_a_lack_is_shown_with_its_remedy(company: Company, administrator: Client) -> None:
    page = page_of(told(company, **RESTRICTED), administrator)
    assert "✓ write messages" in page
    assert "✗ send documents: Let the bot send files" in page


@pytest.mark.parametrize(
    ("member", "topics"),
    [
        ({"status": "member"}, "✗ open"),
        ({"status": "administrator", "can_manage_topics": True}, "✓ open"),
        ({"status": "administrator", "can_manage_topics": False}, "✗ open"),
    ],
)
def test_a_member_and_an_administrator_write_and_send(
    company: Company, administrator: Client, member: dict[str, object], topics: str
) -> None:
    chat = told(company, **member)
    page = page_of(chat, administrator)
    assert "✓ write messages" in page
    assert "✓ send documents" in page
    # Of what a group without topics has not got, it is not said.
    assert "open, rename" not in page
    Chat.objects.filter(pk=chat.pk).update(topic_per=Chat.TopicPer.REQUEST)
    assert "Turn on topics" in page_of(chat, administrator)
    Chat.objects.filter(pk=chat.pk).update(is_forum=True)
    assert topics in page_of(chat, administrator)


def test_who_is_removed_is_to_be_added_again(company: Company, administrator: Client) -> None:
    chat = told(company, status="kicked")
    assert chat.state == Chat.State.REMOVED
    assert "Add the bot to the group again" in page_of(chat, administrator)


def test_what_is_no_right_is_not_kept(company: Company) -> None:
    chat = told(company, status="member", can_fly="yes", tag="x", **{"can_" + "x" * 99: True})
    assert chat.rights == {"status": "member"}
