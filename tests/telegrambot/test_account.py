"""Signing in from the chat: the ways, the code, and who brings what is not his."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from oauth.models import UserToken
from oauth.signals import refused
from telegrambot.kinds import registry
from telegrambot.models import SentMessage
from tests.company import Company
from tests.telegrambot import bot
from tests.telegrambot.bot import Say
from tests.telegrambot.signing_in import STRANGER, english, link_of, signed_in, unlinked
from treasury.models import AccountEvent


@pytest.mark.parametrize(
    "text",
    ["/login", "/Login", "/start login", "/login@treasury_bot", "/start@treasury_bot login"],
)
def test_login_offers_the_page_as_an_address(company: Company, say: Say, text: str) -> None:
    answer = say(STRANGER, text, **english(STRANGER))
    offered = bot.offered(answer)
    assert list(offered) == ["Sign in"]
    assert "By Google, or by e-mail and password" in answer["text"]
    assert offered["Sign in"].startswith("http://127.0.0.1:8000/oauth/link/")
    link = link_of(answer)
    assert (link.telegram_id, link.telegram_name, link.employee) == (STRANGER, "Имя", None)


def named(first: str, username: str = "") -> dict[str, object]:
    names = {"first_name": first, "last_name": "Орлов", "username": username}
    return {"from": bot.person(STRANGER, "en") | names}


@pytest.mark.parametrize(
    ("first", "username", "account"),
    [
        ("Борис", "orlov", "Борис Орлов (@orlov)"),
        # Whoever has no username cannot write one into his name, nor hide his own.
        ("Борис (@orlov)", "", "Борис (orlov) Орлов"),
        ("Борис (＠orlov)", "evil", "Борис (orlov) Орлов (@evil)"),
        ("Борис\u202e\n", "evil", "Борис Орлов (@evil)"),
        pytest.param("Б" * 200, "e" * 32, f"{'Б' * 119}… (@{'e' * 32})", id="long"),
    ],
)
def test_the_page_names_the_account_by_what_is_one_persons_only(
    company: Company, say: Say, first: str, username: str, account: str
) -> None:
    link = link_of(say(STRANGER, "/login", **named(first, username)))
    assert link.telegram_name == account


def test_without_google_there_is_only_the_form(
    company: Company, say: Say, settings: LazySettings
) -> None:
    settings.SOCIAL_AUTH_GOOGLE_KEY = ""
    answer = say(STRANGER, "/login", **english(STRANGER))
    assert list(bot.offered(answer)) == ["Sign in"]
    assert "Google" not in answer["text"]


def test_login_tells_who_is_known_as_whom(company: Company, say: Say) -> None:
    for text in ("/login", "/start login"):
        answer = say(company.telegram_id(company.boris), text)
        assert "Орлов Борис" in answer["text"]
        assert "reply_markup" not in answer
    assert not UserToken.objects.filter(kind=UserToken.Kind.LINK).exists()


def in_group(company: Company, text: str) -> bot.Json:
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г"}
    return bot.reply_to(bot.message(STRANGER, text, chat=group))


@pytest.mark.parametrize("text", ["/login", "/login@treasury_bot"])
def test_login_in_a_group_leads_to_the_private_chat(
    company: Company, settings: LazySettings, text: str
) -> None:
    settings.TELEGRAM_BOT_USERNAME = ""
    answer = in_group(company, text)
    assert answer["chat_id"] == company.group_chat
    assert "reply_markup" not in answer

    settings.TELEGRAM_BOT_USERNAME = "Treasury_bot"
    settings.TELEGRAM_LINK_URL = "https://t.me"
    [address] = bot.offered(in_group(company, text)).values()
    assert address == "https://t.me/Treasury_bot?start=login"
    assert not UserToken.objects.filter(kind=UserToken.Kind.LINK).exists()


def test_another_bots_login_is_none_of_ours(company: Company, settings: LazySettings) -> None:
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    assert in_group(company, "/login@weather_bot") == {}
    assert in_group(company, "login") == {}


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "/start link-{}",
        "/start@treasury_bot link-{}",
        " {} ",
        "dashed",
        "small",
        "/start link-dashed",
    ],
)
def test_the_code_ends_the_sign_in_and_brings_what_waits(
    company: Company, say: Say, form: str
) -> None:
    telegram_id = unlinked(company, company.boris)
    request = company.submitted()
    bot.project()
    code = signed_in(say, telegram_id, company.boris)
    dashed = f"{code[:4]}-{code[4:]}"
    text = form.replace("dashed", dashed).replace("small", dashed.lower()).format(code)

    answer = say(telegram_id, text)

    assert "Орлов Борис" in answer["text"]
    assert UserToken.objects.employee_of(telegram_id) == company.boris
    card = bot.chat_of(company, company.boris).get()
    assert card.task == company.task(request, company.boris)
    assert bot.buttons(registry.render(card))


def test_the_message_with_the_link_says_that_it_was_used(company: Company, say: Say) -> None:
    telegram_id = unlinked(company, company.boris)
    other = unlinked(company, company.vera)
    link_of(say(other, "/login"))
    code = signed_in(say, telegram_id, company.boris)
    say(telegram_id, "AAAA-AAAA")
    [mine] = SentMessage.objects.filter(chat__telegram_id=telegram_id, key__gt="")
    bot.mark_sent(mine)
    assert "Ссылка только для вас" in mine.text

    say(telegram_id, code)

    mine.refresh_from_db()
    assert registry.render(mine).text == "Ссылка для входа использована."
    assert registry.render(mine).keyboard is None
    assert SentMessage.objects.behind().filter(pk=mine.pk).exists()
    [hers] = SentMessage.objects.filter(chat__telegram_id=other)
    assert registry.render(hers).keyboard


def test_a_code_from_another_account_links_nothing(company: Company, say: Say) -> None:
    telegram_id = unlinked(company, company.boris)
    code = signed_in(say, telegram_id, company.boris)
    for text in (code, f"/start link-{code}"):
        answer = say(STRANGER, text, **english(STRANGER))
        assert "No sign-in waits" in answer["text"]
    assert UserToken.objects.employee_of(STRANGER) is None
    assert UserToken.objects.employee_of(telegram_id) is None


def test_wrong_codes_are_refused_and_counted(company: Company, say: Say) -> None:
    telegram_id = unlinked(company, company.boris)
    code = signed_in(say, telegram_id, company.boris)
    texts = [say(telegram_id, "AAAA-AAAA", **english(telegram_id))["text"] for _try in range(6)]
    assert "does not fit" in texts[0]
    assert "Too many" in texts[5]
    assert "Too many" in say(telegram_id, code, **english(telegram_id))["text"]
    assert UserToken.objects.employee_of(telegram_id) is None


def test_the_use_of_an_account_is_noted_to_the_hour(company: Company, say: Say) -> None:
    telegram_id = company.telegram_id(company.boris)
    ties = UserToken.objects.telegram(telegram_id)
    yesterday = timezone.now() - timedelta(days=1)
    ties.update(last_used_at=yesterday)
    say(telegram_id, "/help")
    noted = ties.get().last_used_at
    assert noted is not None
    assert noted > yesterday
    say(telegram_id, "/help")
    assert ties.get().last_used_at == noted


def test_who_is_known_already_brings_no_code(company: Company, say: Say) -> None:
    code = signed_in(say, unlinked(company, company.boris), company.boris)
    vera = company.telegram_id(company.vera)
    assert "Орлов" not in say(vera, f"/start link-{code}")["text"]
    # Typed, it is a message like any other: perhaps a reason.
    say(vera, code)
    assert UserToken.objects.employee_of(vera) == company.vera
    assert not AccountEvent.objects.exists()


@pytest.mark.parametrize("known", [True, False])
def test_a_contact_links_nothing(company: Company, say: Say, known: bool) -> None:
    telegram_id = company.telegram_id(company.boris) if known else STRANGER
    for owner in (telegram_id, company.telegram_id(company.vera)):
        contact = {"phone_number": "+79990000000", "first_name": "Вера", "user_id": owner}
        answer = say(telegram_id, "", contact=contact, **english(telegram_id))
        assert known or "/login" in answer["text"]
        assert "Лебедева" not in answer["text"]
    assert UserToken.objects.filter(revoked_at=None).count() == 7
    told = AccountEvent.objects.values_list("action", flat=True)
    assert set(told) <= {AccountEvent.Action.PHONE_GIVEN}


def test_a_failed_sign_in_is_told_in_the_chat(company: Company) -> None:
    refused.send(sender=None, telegram_id=company.telegram_id(company.boris), reason="<b>No</b>.")
    notice = bot.chat_of(company, company.boris).get()
    assert "&lt;b&gt;No&lt;/b&gt;." in registry.render(notice).text
    refused.send(sender=None, telegram_id=STRANGER, reason="Nobody hears it.")
    assert SentMessage.objects.count() == 1


def test_a_notice_is_written_once(company: Company) -> None:
    company.submitted()
    refused.send(sender=None, telegram_id=company.telegram_id(company.boris), reason="No.")
    before = bot.chat_of(company, company.boris).get(kind="notice")
    company.boris.save()
    bot.project()
    before.refresh_from_db()
    assert before.wanted == 1
