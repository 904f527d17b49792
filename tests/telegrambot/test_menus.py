"""The menus of commands follow the release and the roles by themselves."""

import pytest
from django.conf import LazySettings
from django.core.cache import cache

from oauth import linking
from telegrambot import menus, tasks
from telegrambot.models import SentMessage
from telegrambot.pruning import prune
from tests.company import GROUP_CHAT, Company
from tests.telegrambot.phone import Line, Phone, PhoneOf
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Employee


@pytest.fixture(autouse=True)
def untold(sandbox: Sandbox) -> None:
    cache.delete("telegrambot.menus")


def offered(telegram: Sandbox, person: int, chat: int = 0) -> dict[str, str]:
    path = f"/client/people/{person}/chats/{chat or person}/commands"
    return {one["command"]: one["description"] for one in telegram.get(path)}


def keep(line: Line) -> None:
    with line.committed():
        tasks.keep_menus()
    line.deliver()


def test_everybody_is_offered_what_is_his(
    telegram: Sandbox, line: Line, company: Company, boris: Phone
) -> None:
    telegram.put_people(6001)
    telegram.put_group(GROUP_CHAT, 6001, boris.telegram_id)
    keep(line)
    assert [*offered(telegram, 6001)] == ["login", "help"]
    own = offered(telegram, boris.telegram_id)
    assert own["pending"] == "Requests that wait for your decision"
    assert {"mine", "search", "settings", "away", "phone", "forget"} <= own.keys()
    assert not {"bind", "topic", "alerts"} & own.keys()
    assert "settings" not in offered(telegram, boris.telegram_id, GROUP_CHAT)


def test_administrators_of_a_group_are_offered_more(
    telegram: Sandbox, line: Line, company: Company, boris: Phone
) -> None:
    keep(line)
    path = f"/control/chats/{GROUP_CHAT}/members"
    before = offered(telegram, boris.telegram_id, GROUP_CHAT)
    telegram.post(path, user_id=boris.telegram_id, status="administrator")
    after = offered(telegram, boris.telegram_id, GROUP_CHAT)
    assert after.keys() - before.keys() == {"bind", "topic", "alerts"}


def test_it_is_done_once_for_a_release(telegram: Sandbox, line: Line, company: Company) -> None:
    keep(line)
    told = len(telegram.calls("setMyCommands"))
    keep(line)
    assert len(telegram.calls("setMyCommands")) == told


def test_what_telegram_has_refused_is_told_the_next_time(
    telegram: Sandbox, line: Line, company: Company, boris: Phone
) -> None:
    telegram.fail("error", method="setMyCommands", count=1, error_code=500)
    keep(line)
    assert not SentMessage.objects.filter(kind="menu").exists()
    keep(line)
    assert "pending" in offered(telegram, boris.telegram_id)


def test_without_a_token_nobody_is_told(line: Line, settings: LazySettings) -> None:
    settings.TELEGRAM_BOT_TOKEN = ""
    tasks.keep_menus()
    assert not SentMessage.objects.filter(kind="menu").exists()


def test_a_menu_speaks_its_readers_language(
    telegram: Sandbox, line: Line, company: Company, boris: Phone
) -> None:
    keep(line)
    boris.says("/settings")
    boris.presses("○ Русский")
    assert offered(telegram, boris.telegram_id)["pending"] == "Заявки, которые ждут вашего решения"
    assert "Заявки приходят текстом" in boris.reads()[-1]
    assert Employee.objects.get(pk=company.boris.pk).language == "ru"


def test_who_has_gone_is_offered_what_strangers_are(
    telegram: Sandbox, line: Line, company: Company, boris: Phone
) -> None:
    keep(line)
    with line.committed():
        linking.unlink(telegram_id=boris.telegram_id, channel="telegram")
    line.deliver()
    assert [*offered(telegram, boris.telegram_id)] == ["login", "help"]


def test_who_comes_is_offered_his_own_at_once(
    telegram: Sandbox, line: Line, company: Company, phone: PhoneOf
) -> None:
    keep(line)
    sergey = phone(company.sergey)
    with line.committed():
        linking.unlink(telegram_id=sergey.telegram_id, channel="telegram")
    line.deliver()
    assert "pending" not in offered(telegram, sergey.telegram_id)
    address = linking.begin(telegram_id=sergey.telegram_id, telegram_name="Сергей")
    link = linking.find(address.rstrip("/").rpartition("/")[2])
    linking.signed_in(link=link, employee=company.sergey)
    link.refresh_from_db()
    sergey.says(linking.code_of(link))
    assert "pending" in offered(telegram, sergey.telegram_id)


def test_a_menu_is_no_notice_that_grows_old(
    telegram: Sandbox, line: Line, company: Company
) -> None:
    keep(line)
    rows = SentMessage.objects.filter(kind="menu")
    count = rows.count()
    rows.update(created_at="2020-01-01T00:00Z")
    prune()
    assert rows.count() == count > 0


def test_offering_the_same_again_tells_nobody(
    telegram: Sandbox, line: Line, company: Company
) -> None:
    keep(line)
    told = len(telegram.calls("setMyCommands"))
    with line.committed():
        menus.offer(Employee.objects.filter(is_active=True))
    line.deliver()
    assert len(telegram.calls("setMyCommands")) == told
