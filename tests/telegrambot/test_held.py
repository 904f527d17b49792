"""A restored copy sends nothing and takes nothing in until it is told so; then all that is owed
goes out, to the messages that stand in the chats already."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError
from django.test import Client
from django.utils import timezone

from telegrambot import menus, tasks
from telegrambot.delivery import abilities, client
from telegrambot.delivery.lane import Lane
from telegrambot.delivery.sending import work_for
from telegrambot.incoming import polling
from telegrambot.models import Chat, IncomingFile, SentMessage, Update
from tests.admin.conftest import browse
from tests.backups import Elsewhere, made, run
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Hold, PaymentRequest

State = SentMessage.State


@pytest.fixture
def hold(db: None) -> Iterator[None]:
    """What the server can do is not asked meanwhile, and asked again afterwards."""
    Hold.objects.create(backed_up_at=timezone.now())
    yield
    abilities.forget()


def sent_to_people(telegram: Sandbox) -> list[str]:
    """The methods by which anything was done, besides questions."""
    return [call["method"] for call in telegram.calls() if not call["method"].startswith("get")]


@pytest.mark.django_db(transaction=True)
def test_after_a_restore_nothing_is_sent_before_resume_and_then_the_same_messages_are_edited(
    telegram: Sandbox, company: Company, backups: Path, elsewhere: Elsewhere
) -> None:
    request = lanes.submit(company)
    tasks.deliver()
    boris = company.telegram_id(company.boris)
    [card] = telegram.messages(boris)
    [announced] = telegram.messages(GROUP_CHAT)
    lanes.change(company, request, "Owed, for it was not sent yet")
    file = made(backups)
    calls = len(telegram.calls())
    with elsewhere.at_work():
        run("restore", file)
        comment = lanes.change(company, request)
        another = lanes.submit(company)
        tasks.sweep()
        tasks.deliver()
        assert len(telegram.calls()) == calls
        assert not SentMessage.objects.exclude(attempts=0).exists()

        said, _complaints = run("telegram", "resume")
        assert "Продолжено" in said
        tasks.deliver()
        ours, new = telegram.messages(boris)
        assert ours["message_id"] == card["message_id"]
        assert comment in ours["text"]
        assert another.number in new["text"]
        assert telegram.messages(GROUP_CHAT)[0]["message_id"] == announced["message_id"]
        assert comment in telegram.messages(GROUP_CHAT)[0]["caption"]
        assert not SentMessage.objects.behind().exists()


@pytest.mark.usefixtures("hold")
def test_a_worker_that_is_at_it_already_puts_the_message_off(
    telegram: Sandbox, company: Company, card: SentMessage
) -> None:
    lane = Lane.take(card.chat_id)
    assert lane
    work_for(lane)
    card = lanes.fresh(card)
    assert (card.state, card.message_ids) == (State.PENDING, [])
    assert "manage.py telegram resume" in card.error
    assert sent_to_people(telegram) == []
    Hold.objects.all().delete()
    assert lanes.delivered(lanes.due_again(card)).state == State.SENT


@pytest.mark.usefixtures("hold")
def test_updates_stay_with_telegram(telegram: Sandbox, company: Company) -> None:
    boris = company.telegram_id(company.boris)
    answer = bot.post(bot.message(boris, "/help"))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert bot.post(bot.message(boris, "/help"), secret="wrong").status_code == 403
    with pytest.raises(client.Held):
        polling.poll_once(0, hold=0)
    assert telegram.calls("getUpdates") == []
    assert not Update.objects.exists()
    Hold.objects.all().delete()
    assert bot.post(bot.message(boris, "/help")).status_code == 200


@pytest.mark.usefixtures("hold")
def test_files_are_not_fetched(
    telegram: Sandbox, company: Company, request_: PaymentRequest
) -> None:
    file = IncomingFile.objects.create(
        request=request_, sender_id=company.telegram_id(company.anna), file_id="any", name="a.pdf",
        said_in=company.telegram_id(company.anna), message_id=1,
    )  # fmt: skip
    tasks.fetch()
    file.refresh_from_db()
    assert file.attempts == 0


@pytest.mark.usefixtures("hold")
@pytest.mark.parametrize("command", ["setwebhook", "deletewebhook", "commands"])
def test_a_command_that_acts_on_telegram_is_refused(telegram: Sandbox, command: str) -> None:
    with pytest.raises(CommandError, match="telegram resume"):
        run("telegram", command)
    menus.keep()
    assert sent_to_people(telegram) == []


@pytest.mark.usefixtures("hold")
def test_who_looks_after_it_is_told(
    telegram: Sandbox, company: Company, settings: LazySettings
) -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert json.loads(answer.content)["channel"].startswith("held: ")
    with pytest.raises(CommandError):
        run("telegram", "doctor")
    page = browse(company.anna, "Бухгалтер").get("/admin/", headers={"accept-language": "en"})
    words = "This is a copy, restored from the backup of"
    assert words in page.content.decode()

    run("telegram", "resume")
    assert json.loads(Client().get("/readyz").content)["channel"] == "ok"
    page = browse(company.anna, "Бухгалтер").get("/admin/", headers={"accept-language": "en"})
    assert words not in page.content.decode()
    with pytest.raises(CommandError, match="Ничего не удерживается"):
        run("telegram", "resume")
    assert Chat.objects.exists()
