"""A command that is added to the table is heard, listed by /help, and put into the menu."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.utils.translation import gettext_lazy

from telegrambot.delivery import client
from telegrambot.incoming.handlers.commands import COMMANDS, Command
from telegrambot.incoming.replies import Reply, send
from telegrambot.incoming.updates import Message
from telegrambot.models import SentMessage
from tests.company import Company
from tests.telegrambot import bot
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Employee

# Any texts that are translated.
MENU, HELP = gettext_lazy("Sign in"), gettext_lazy("this list")


def echo(message: Message, employee: Employee, argument: str) -> Reply | None:
    return send(message.place, f"{employee.last_name}: {argument}")


@pytest.fixture(autouse=True)
def _added(monkeypatch: pytest.MonkeyPatch) -> None:
    added = Command(name="echo", run=echo, menu=MENU, help=HELP)
    monkeypatch.setitem(COMMANDS, "echo", added)


def write(company: Company, text: str) -> bot.Json:
    return bot.reply_to(bot.message(company.telegram_id(company.boris), text))


def in_group(company: Company, text: str) -> bot.Json:
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г"}
    return bot.reply_to(bot.message(company.telegram_id(company.boris), text, chat=group))


@pytest.mark.django_db
def test_it_is_answered(company: Company) -> None:
    for text in ("/echo  some words ", "/ECHO@treasury_bot some words"):
        assert write(company, text)["text"] == "Орлов: some words"


@pytest.mark.django_db
def test_help_names_it_in_the_readers_language(company: Company) -> None:
    assert "\n/echo – этот список" in write(company, "/help")["text"]
    Employee.objects.update(language="en")
    assert "\n/echo – this list" in write(company, "/help")["text"]


@pytest.mark.parametrize(("language", "text"), [("ru", "Войти"), ("en", "Sign in")])
def test_everybodys_menu_has_it_in_his_language(
    company: Company, sandbox: Sandbox, language: str, text: str
) -> None:
    Employee.objects.update(language=language)
    call_command("telegram", "commands", verbosity=0)
    menus: list[Any] = list(
        SentMessage.objects.filter(kind="menu").values_list("keyboard", flat=True)
    )
    assert len(menus) == 7
    assert all(menu[-1] == {"command": "echo", "description": text} for menu in menus)


@pytest.mark.django_db
def test_in_a_group_it_is_answered_in_private(company: Company, settings: LazySettings) -> None:
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    answer = in_group(company, "/echo@treasury_bot 1")
    assert (answer["chat_id"], answer["text"]) == (company.telegram_id(company.boris), "Орлов: 1")
    assert in_group(company, "/echo 1") == {}


@pytest.mark.django_db
def test_in_a_group_it_may_be_between_two(
    company: Company, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = Command(name="echo", run=echo, menu=MENU, help=HELP, unseen=True)
    monkeypatch.setitem(COMMANDS, "echo", added)
    call_command("telegram", "commands", verbosity=0)
    scope = {"scope": {"type": "all_group_chats"}}
    assert client.call("getMyCommands", scope)[-1]["command"] == "echo"
    boris = company.telegram_id(company.boris)
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г"}
    numbers = {"message_id": 0, "ephemeral_message_id": 5}
    answer = bot.reply_to(bot.message(boris, "/echo 1", chat=group, **numbers))
    assert (answer["chat_id"], answer["text"]) == (company.group_chat, "Орлов: 1")
    said = SentMessage.objects.exclude(kind="menu").get()
    assert (said.receiver_id, said.command_id) == (boris, 5)


@pytest.mark.django_db
def test_a_command_may_have_another_answer_for_groups(
    company: Company, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    quiet = Command(name="quiet", run=echo, in_group=lambda chat_id: send(chat_id, "Not here."))
    monkeypatch.setitem(COMMANDS, "quiet", quiet)
    answer = in_group(company, "/quiet 1")
    assert (answer["chat_id"], answer["text"]) == (company.group_chat, "Not here.")
    assert write(company, "/quiet 1")["text"] == "Орлов: 1"


@pytest.mark.django_db
def test_what_has_no_words_of_its_own_is_listed_nowhere(
    company: Company, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(COMMANDS, "hidden", Command(name="hidden", run=echo))
    assert "/hidden" not in write(company, "/help")["text"]
    call_command("telegram", "commands", verbosity=0)
    scope = {"scope": {"type": "all_private_chats"}}
    assert "hidden" not in {each["command"] for each in client.call("getMyCommands", scope)}
    assert write(company, "/hidden 1")["text"] == "Орлов: 1"
