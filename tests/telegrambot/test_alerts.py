"""Trouble reaches the chats of the administrators: of each kind one message, while it lasts."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone

from telegrambot import pruning, watching
from telegrambot.kinds import alert
from telegrambot.models import Alert, Chat, SentMessage, Update
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Employee, PaymentRequest

State = SentMessage.State
OFFICE = -1001000000077


@pytest.fixture
def office(telegram: Sandbox, company: Company) -> Chat:
    """A group of administrators, which belongs to no organization."""
    telegram.put_group(OFFICE, *company.telegram_ids.values())
    return Chat.objects.create(telegram_id=OFFICE, kind="supergroup", title="Дежурные", alerts=True)


def administrator(company: Company) -> Employee:
    company.gleb.groups.set(Group.objects.filter(name="Администратор"))
    return company.gleb


def watched(telegram: Sandbox, office: Chat) -> list[str]:
    """What the chat shows after another look."""
    watching.watch()
    lanes.deliver(office.pk)
    return [seen.get("text") or seen["caption"] for seen in telegram.messages(OFFICE)]


def in_group(person: int, text: str, **more: object) -> bot.Json:
    chat = {"id": OFFICE, "type": "supergroup", "title": "Дежурные"}
    return bot.message(person, text, chat=chat, **more)


def test_a_storm_is_one_message_that_counts_up_and_says_when_it_is_over(
    telegram: Sandbox, company: Company, office: Chat
) -> None:
    assert watched(telegram, office) == []
    card = lanes.card(company, lanes.submit(company))
    SentMessage.objects.filter(pk=card.pk).update(state=State.FAILED, error="Bad Request: no")
    [text] = watched(telegram, office)
    assert "Не доставлены сообщения" in text
    assert "Не доставлены сообщения: 1\nс " in text
    assert "Bad Request: no" in text

    SentMessage.objects.exclude(kind="alert").update(state=State.FAILED)
    count = SentMessage.objects.filter(state=State.FAILED).count()
    [text] = watched(telegram, office)
    assert f"Не доставлены сообщения: {count}\nс " in text
    assert len(telegram.calls("sendMessage", chat_id=OFFICE)) == 1

    SentMessage.objects.exclude(kind="alert").update(state=State.SENT)
    [text] = watched(telegram, office)
    assert "всё в порядке с" in text
    SentMessage.objects.filter(pk=card.pk).update(state=State.FAILED)
    assert len(watched(telegram, office)) == 2


def test_nothing_new_is_no_edit(telegram: Sandbox, company: Company, office: Chat) -> None:
    card = lanes.card(company, lanes.submit(company))
    SentMessage.objects.filter(pk=card.pk).update(state=State.FAILED)
    watched(telegram, office)
    watched(telegram, office)
    assert not telegram.calls("editMessageText", chat_id=OFFICE)


def test_updates_news_lag_and_the_webhook_are_looked_at(
    telegram: Sandbox, company: Company, office: Chat
) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Update.objects.create(
        update_id=1, kind="message", payload={}, attempts=3, error="KeyError", received_at=long_ago
    )
    lanes.submit(company)
    SentMessage.objects.update(behind_since=long_ago)
    texts = "\n".join(watched(telegram, office))
    assert "Не обработаны обновления" in texts
    assert "Сообщения опаздывают" in texts


def test_its_own_trouble_is_not_told_there(
    telegram: Sandbox, company: Company, office: Chat
) -> None:
    card = lanes.card(company, lanes.submit(company))
    SentMessage.objects.filter(pk=card.pk).update(state=State.FAILED)
    watching.watch()
    SentMessage.objects.filter(kind="alert").update(state=State.FAILED, error="x")
    watching.watch()
    assert Alert.objects.get().count == 1


def test_a_broken_journal_is_told(telegram: Sandbox, company: Company, office: Chat) -> None:
    request = company.submitted()
    call_command("verify_journal")
    assert not Alert.objects.exists()
    PaymentRequest.objects.filter(pk=request.pk).update(revision=7)
    with pytest.raises(CommandError):
        call_command("verify_journal")
    lanes.deliver(office.pk)
    [seen] = telegram.messages(OFFICE)
    assert "Журнал нарушен" in seen["text"]


def test_other_systems_say_what_they_have_to_say_with_a_file(
    telegram: Sandbox, office: Chat, tmp_path: Path
) -> None:
    report = tmp_path / "Отчёт за ноябрь.pdf"
    report.write_bytes(b"%PDF-1.4 report")
    call_command("telegram", "tell", "Месяц <закрыт>", "--file", str(report))
    call_command("telegram", "tell", "Загрузка завершена")
    lanes.deliver(office.pk)
    first, second = telegram.messages(OFFICE)
    assert (first["caption"], first["document"]["file_name"]) == ("Месяц <закрыт>", report.name)
    assert second["text"] == "Загрузка завершена"


def test_where_nobody_listens_the_command_says_so(company: Company, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="/alerts"):
        call_command("telegram", "tell", "Никто не слышит")
    with pytest.raises(CommandError, match="No such file"):
        call_command("telegram", "tell", "Нет файла", "--file", str(tmp_path / "none.pdf"))


def test_an_administrator_has_a_topic_tell_and_ends_it(
    telegram: Sandbox, company: Company, office: Chat
) -> None:
    Chat.objects.filter(pk=office.pk).update(alerts=False)
    gleb = company.telegram_id(administrator(company))
    topic = {"message_thread_id": 7, "is_topic_message": True}
    bot.post(in_group(gleb, "/alerts@treasury_bot", **topic))
    office.refresh_from_db()
    assert (office.alerts, office.alerts_thread) == (True, 7)
    alert.say("Проверка")
    assert SentMessage.objects.get(kind="alert").thread_id == 7
    bot.post(in_group(gleb, "/alerts@treasury_bot", **topic))
    office.refresh_from_db()
    assert (office.alerts, office.alerts_thread) == (False, None)


@pytest.mark.parametrize("command", ["/alerts@treasury_bot", "/bind@treasury_bot", "/bind"])
def test_nobody_else_sets_a_group_up(
    telegram: Sandbox, company: Company, office: Chat, command: str
) -> None:
    Chat.objects.filter(pk=office.pk).update(alerts=False)
    bot.post(in_group(company.telegram_id(company.boris), command))
    office.refresh_from_db()
    assert (office.alerts, office.organizations.count()) == (False, 0)
    assert bot.reply_to(
        bot.press(
            company.telegram_id(company.boris), f"bind_sure:{office.pk}:{company.organization.pk}"
        )
    )
    office.refresh_from_db()
    assert not office.organizations.exists()


def test_an_administrator_gives_a_group_to_an_organization(
    telegram: Sandbox, company: Company, office: Chat
) -> None:
    request = lanes.submit(company)
    gleb = company.telegram_id(administrator(company))
    bot.post(in_group(gleb, "/bind"))
    asked = SentMessage.objects.get(chat__telegram_id=gleb, kind="answer")
    assert "Дежурные" in asked.text
    offered = [row[0] for row in (asked.keyboard or {})["inline_keyboard"]]
    rose = company.organization.name
    assert [button["text"] for button in offered] == [
        rose,
        f"Подразделения: {rose}",
        "Ничего не объявлять",
    ]
    bot.reply_to(bot.press(gleb, offered[0]["callback_data"]))
    sure = SentMessage.objects.filter(chat__telegram_id=gleb, kind="answer").latest("id")
    yes = (sure.keyboard or {})["inline_keyboard"][0][0]["callback_data"]
    bot.reply_to(bot.press(gleb, yes))
    office.refresh_from_db()
    assert office.organizations.get() == company.organization
    assert office.messages.filter(request=request, kind="announcement").exists()
    bot.reply_to(bot.press(gleb, f"bind:{office.pk}"))
    office.refresh_from_db()
    assert not office.organizations.exists()
    group = Chat.objects.get(telegram_id=GROUP_CHAT)
    assert group.organizations.get() == company.organization


def test_what_is_over_for_long_is_forgotten_with_its_file(
    telegram: Sandbox, office: Chat, tmp_path: Path, django_capture_on_commit_callbacks: bot.Commits
) -> None:
    report = tmp_path / "report.pdf"
    report.write_bytes(b"%PDF-1.4")
    alert.say("Старое", report)
    stored = Alert.objects.get().file
    Alert.objects.update(ended_at=timezone.now() - timedelta(days=91))
    with django_capture_on_commit_callbacks(execute=True):
        assert pruning.prune()["alerts"] == 1
    assert not stored.storage.exists(str(stored.name))


@pytest.mark.parametrize(("deed", "state"), [("", {"is_closed": True}), ("/delete", {})])
def test_a_topic_that_is_gone_leaves_the_chat_itself(
    telegram: Sandbox, company: Company, deed: str, state: dict[str, bool]
) -> None:
    telegram.post(
        "/control/groups",
        id=OFFICE,
        title="Дежурные",
        members=list(company.telegram_ids.values()),
        is_forum=True,
    )
    topics = f"/control/chats/{OFFICE}/topics"
    topic = telegram.post(topics, name="Неполадки")
    office = Chat.objects.create(
        telegram_id=OFFICE, kind="supergroup", alerts=True, alerts_thread=topic["message_thread_id"]
    )
    telegram.post(f"{topics}/{topic['message_thread_id']}{deed}", **state)
    alert.say("Проверка")
    lanes.deliver(office.pk)
    [said] = [seen for seen in telegram.messages(OFFICE) if seen.get("text") == "Проверка"]
    assert "message_thread_id" not in said


def test_a_chat_that_takes_no_files_gets_the_words_alone(
    telegram: Sandbox, office: Chat, tmp_path: Path
) -> None:
    report = tmp_path / "report.pdf"
    report.write_bytes(b"%PDF-1.4")
    refusal = "Bad Request: not enough rights to send documents to the chat"
    telegram.fail("error", method="sendDocument", error_code=400, description=refusal, count=99)
    alert.say("Месяц закрыт", report)
    lanes.deliver(office.pk)
    [said] = telegram.messages(OFFICE)
    assert said["text"] == "Месяц закрыт"
    assert len(telegram.calls("sendDocument", chat_id=OFFICE)) == 1


def test_the_webhook_is_not_called_well_while_nobody_can_be_asked(
    telegram: Sandbox, office: Chat
) -> None:
    alert.report(Alert.Subject.WEBHOOK, 1, "Connection timed out")
    telegram.fail("error", method="getWebhookInfo", error_code=500)
    watching.watch()
    assert Alert.objects.get().ended_at is None
    watching.watch()
    assert Alert.objects.get().ended_at


def test_the_end_of_an_import_is_told_be_it_good_or_bad(
    telegram: Sandbox, office: Chat, tmp_path: Path
) -> None:
    with pytest.raises(CommandError):
        call_command("load_banks", str(tmp_path / "none.xml"))
    directory = tmp_path / "banks.xml"
    directory.write_text(
        '<ED807 xmlns="urn:cbr-ru:ed:v2.0"><BICDirectoryEntry BIC="044525225">'
        '<ParticipantInfo NameP="ПАО СБЕРБАНК" Tnp="г" Nnp="Москва"/></BICDirectoryEntry></ED807>'
    )
    call_command("load_banks", str(directory), stdout=StringIO())
    lanes.deliver(office.pk)
    failed, loaded = lanes.texts(telegram, OFFICE)
    assert "Справочник банков не загружен" in failed
    assert "none.xml" in failed
    assert "Справочник банков загружен: добавлено 0, изменено 1" in loaded
