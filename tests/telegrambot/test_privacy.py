"""What of an update reaches the database: what is said to others never does, nor a secret."""

from typing import Any

import pytest
from django.core import serializers
from django.test import Client

from oauth import linking
from oauth.models import UserToken
from telegrambot.incoming import inbox
from telegrambot.incoming.updates import parse
from telegrambot.models import SentMessage, Update
from tests.admin.conftest import browse, text_of
from tests.company import Company
from tests.telegrambot import bot
from treasury.models import Employee

pytestmark = pytest.mark.django_db

GROUP = {"id": -100, "type": "supergroup", "title": "Платежи"}
TALK = "Петров получает триста тысяч"
# No key of a row is like it.
STRANGER = 9_004_711_009


@pytest.fixture
def keeper(company: Company) -> Client:
    person = Employee.objects.create_user("keeper@example.com", is_staff=True)
    return browse(person, "Администратор")


def in_database() -> str:
    """Everything that the inbox holds."""
    return str(serializers.serialize("json", Update.objects.all(), ensure_ascii=False))


def code_for(employee: Employee) -> str:
    """What the page shows to an employee who has signed in on the stranger's link."""
    UserToken.objects.filter(employee=employee).delete()
    address = linking.begin(telegram_id=STRANGER, telegram_name="Имя")
    link = linking.find(address.rstrip("/").rpartition("/")[2])
    linking.signed_in(link=link, employee=employee)
    link.refresh_from_db()
    return linking.code_of(link)


def said_in_group(text: str, **more: Any) -> bot.Json:
    return bot.message(STRANGER, text, chat=GROUP, **more)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"caption": TALK, "photo": [{"file_id": "AgACAgIAAxk", "width": 90, "height": 90}]},
        {"document": {"file_id": "AgACAgIAAxk", "file_name": f"{TALK}.pdf"}},
        {"contact": {"phone_number": "+79161234567", "first_name": "Пётр"}},
        {"reply_to_message": {"message_id": 5, "text": TALK}},
        {"new_chat_members": [{"id": 5, "first_name": TALK}]},
    ],
)
@pytest.mark.parametrize("text", [TALK, "", "/roll@another_bot", "/pending", f"/nonsense {TALK}"])
def test_what_is_not_said_to_the_bot_leaves_its_number_and_kind(
    text: str, more: dict[str, Any]
) -> None:
    update = said_in_group(text, **more)
    assert bot.reply_to(update) == bot.reply_to(update) == {}
    kept = Update.objects.get()
    assert (kept.update_id, kept.kind, kept.removed) == (
        update["update_id"], "message", "unaddressed",
    )  # fmt: skip
    assert kept.handled_at
    for word in (TALK, "AgACAgIAAxk", "+7916", "roll", "Имя", str(STRANGER)):
        assert word not in in_database()


@pytest.mark.parametrize("kind", ["edited_message", "channel_post", "poll_answer", "tomorrows"])
def test_of_kinds_that_are_not_handled_nothing_is_kept(kind: str) -> None:
    bot.reply_to(bot.update(**{kind: said_in_group(TALK)["message"]}))
    assert TALK not in in_database()
    assert Update.objects.get().kind == kind


@pytest.mark.parametrize(
    "update",
    [
        said_in_group("/login"),
        said_in_group("/pending@treasury_bot"),
        said_in_group("", migrate_to_chat_id=-200),
        said_in_group("", new_chat_title="Оплаты"),
        bot.message(STRANGER, "/start login"),
        bot.press(STRANGER, "approve:1", chat=GROUP),
        bot.update(my_chat_member={"chat": GROUP, "new_chat_member": {"status": "member"}}),
        bot.update(
            chosen_inline_result={
                "result_id": "1:short", "from": bot.person(STRANGER), "query": TALK,
                "inline_message_id": "AgAAAO",
            }
        ),
    ],
)  # fmt: skip
def test_what_is_handled_is_kept_so_that_another_try_reads_the_same(update: bot.Json) -> None:
    others = {"reply_to_message": {"text": TALK}, "quote": {"text": TALK}}
    kind = next(name for name in update if name != "update_id")
    full = {**update, kind: {**update[kind], **others}}
    if kind == "callback_query":
        full[kind]["message"] = {**full[kind]["message"], **others, "text": TALK, "caption": TALK}
    bot.post(full)
    kept = Update.objects.get()
    assert (kept.removed, parse(kept.payload)) == ("", parse(full))
    assert TALK not in in_database()


def test_of_a_contact_nothing_is_kept() -> None:
    contact = {"phone_number": "+79161234567", "first_name": TALK}
    bot.post(bot.message(STRANGER, "", contact=contact))
    assert Update.objects.get().payload["message"]["contact"] == {}
    assert not {TALK, "+7916"} & {text for text in (TALK, "+7916") if text in in_database()}


def test_what_was_looked_for_is_kept_by_nobody() -> None:
    query = {"id": "1", "from": bot.person(STRANGER), "query": TALK, "offset": ""}
    bot.post(bot.update(inline_query=query))
    assert Update.objects.get().kind == "inline_query"
    assert TALK not in in_database()


def test_under_a_file_in_a_group_only_what_is_said_by_who_may_read_the_card_is_kept(
    company: Company,
) -> None:
    request = company.submitted()
    bot.project()
    bot.mark_sent(bot.chat_of(company, company.group_chat).get(request=request), 5)
    outsider = Employee.objects.create_user("outsider@example.com")
    linking.finish(telegram_id=STRANGER, code=code_for(outsider))
    file = {"document": {"file_id": "AgACAgIAAxk"}, "reply_to_message": {"message_id": 5}}
    group = {**GROUP, "id": company.group_chat}
    for number, (who, words) in enumerate(
        ((STRANGER, TALK), (company.telegram_id(company.boris), "Где акт?"))
    ):
        bot.post(bot.message(who, "", message_id=70 + number, chat=group, caption=words, **file))
    assert TALK not in in_database()
    assert "Где акт?" in in_database()


def test_a_dialogs_answer_is_kept_for_another_try(company: Company) -> None:
    bot.post(bot.message(company.telegram_id(company.boris), "Нет счёта"))
    assert Update.objects.get().payload["message"]["text"] == "Нет счёта"


@pytest.mark.parametrize("shape", ["{0}-{1}", "{0}{1}", " {0} {1}\n", "/start link-{0}-{1}",
                                   "/start@treasury_bot link-{0}{1}"])  # fmt: skip
def test_a_sign_in_leaves_no_code(company: Company, shape: str) -> None:
    code = code_for(company.boris)
    typed = shape.format(code[:4], code[4:])
    bot.post(bot.message(STRANGER, typed))
    assert UserToken.objects.employee_of(STRANGER) == company.boris
    kept = Update.objects.get()
    assert kept.removed == "secret"
    assert kept.payload["message"]["from"]["id"] == STRANGER
    assert code[:4] not in in_database()


@pytest.mark.parametrize(
    "text",
    [
        "Qwerty!2026 это мой пароль", "ABCD-EFG", "код ABCD-EFGH", "/login Qwerty!2026",
        "/start link-ABCD", "/start@treasury_bot  LINK-ABCD-EFG", "ABCD-EFGH",
    ],
)  # fmt: skip
def test_what_a_stranger_types_may_be_a_password_and_is_not_kept(text: str) -> None:
    bot.post(bot.message(STRANGER, text, reply_to_message={"text": "ABCD-EFGH"}))
    bot.post(bot.message(STRANGER, text, chat=GROUP))
    for word in ("Qwerty", "ABCD"):
        assert word not in in_database()


@pytest.mark.parametrize("text", ["ABCD-EFGH", "/start link-ABCD-EFGH", "/start link-ABCD-EFG"])
def test_whoever_is_linked_types_a_code_as_unseen(company: Company, text: str) -> None:
    bot.post(bot.message(company.telegram_id(company.boris), text))
    assert "ABCD" not in in_database()


def test_an_error_quotes_no_code_and_the_next_try_asks_for_it_again(
    company: Company, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    code = code_for(company.boris)
    # As PostgreSQL quotes values in its errors.
    bot.refuse_inserts("treasury_accountevent", f"Failing row contains ({code}).")
    bot.post(bot.message(STRANGER, code))
    failed = Update.objects.poisoned().get()
    assert failed.error.isidentifier()
    assert "failed" in caplog.text
    assert code not in in_database() + caplog.text + capsys.readouterr().err

    bot.accept_inserts("treasury_accountevent")
    inbox.retry(failed.pk)
    said = SentMessage.objects.filter(kind="answer", chat__telegram_id=STRANGER)
    assert "/login" in said.latest("id").text
    failed.refresh_from_db()
    assert failed.handled_at


def test_the_back_office_says_what_is_not_there_and_why(keeper: Client, company: Company) -> None:
    bot.post(said_in_group(TALK))
    bot.post(bot.message(STRANGER, "ABCD-EFGH"))
    bot.post(bot.press(company.telegram_id(company.boris), "approve:1"))
    Update.objects.filter(kind="callback_query").update(payload={}, removed="old")
    talk, code, press = (
        text_of(keeper.get(f"/admin/telegrambot/update/{update.pk}/change/"))
        for update in Update.objects.order_by("id")
    )
    assert "It was not said to the bot" in talk
    assert "may be a code to sign in, or a password" in code
    assert str(STRANGER) in code
    assert "Removed after 48 hours." in press
    listed = text_of(keeper.get("/admin/telegrambot/update/"))
    assert "Button pressed" in listed
