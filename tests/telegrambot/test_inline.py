"""Inline mode: requests are found in any chat, and what is sent of them there follows them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from oauth import linking
from telegrambot.delivery import client
from telegrambot.models import Chat, Dialog, SentMessage
from telegrambot.pruning import prune
from tests.company import ADMIN, Company
from tests.telegrambot import bot
from tests.telegrambot.phone import Json, Line, Phone, PhoneOf
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Decision, Employee, PaymentRequest, Priority
from treasury.services import comments, decisions, requests
from treasury.workflow import PaymentStatus, Status

# Where the bot is no member: a chat of Boris, Vera and somebody whom nobody here knows.
OTHER, STRANGER = -1001000000077, 6001
APPROVE, DECLINE, DETAILS = "✅ Approve", "❌ Decline", "Details"
OWN = "☑️ My decision"
FULL = 1


@pytest.fixture
def request_(line: Line, company: Company) -> PaymentRequest:
    with line.committed():
        request = company.submitted()
    line.deliver()
    return request


@pytest.fixture
def usual(line: Line, company: Company) -> PaymentRequest:
    """Its payee and his account are known."""
    with line.committed():
        company.approved(invoice_number="1")
        request = company.submitted(invoice_number="2", purpose="Оплата за сталь, НДС 22%")
    line.deliver()
    return request


@pytest.fixture
def other(line: Line, telegram: Sandbox, company: Company) -> None:
    telegram.put_people(STRANGER)
    people = (company.boris, company.vera, company.sergey, company.anna, company.fedor)
    telegram.put_group(OTHER, STRANGER, *map(company.telegram_id, people))
    # That somebody has come is no news.
    line.carry()


@pytest.fixture
def elsewhere(other: None, boris: Phone) -> Phone:
    """Boris, where he talks to others."""
    return boris.in_group(OTHER)


@pytest.fixture
def there(other: None, phone: PhoneOf) -> Callable[[Employee], Phone]:
    return lambda person: phone(person).in_group(OTHER)


@pytest.fixture
def stranger(line: Line, other: None) -> Phone:
    return Phone(line, STRANGER, OTHER)


def passed_on() -> QuerySet[SentMessage]:
    return SentMessage.objects.filter(kind="passed_on")


def numbers(shown: Json) -> list[str]:
    """Of the requests that were found, in their order."""
    return [str(result["description"]).partition(" ")[0] for result in shown["results"]]


def let_see_all(person: Employee) -> None:
    person.user_permissions.add(Permission.objects.get(codename="view_paymentrequest"))


# What is found.


@pytest.mark.parametrize(
    "text",
    [
        "{number}", "№ 1", "северсталь", "3528000597", "125 000,50", "125000", "счет металлопрокат",
        "45", "мои", "Mine северсталь", "на согласовании", "in approval 45",
    ],
)  # fmt: skip
def test_a_request_is_found_by_what_people_know_of_it(
    request_: PaymentRequest, phone: PhoneOf, company: Company, text: str
) -> None:
    other_payee = company.payee_abroad()
    with phone(company.anna)._line.committed():
        company.draft(**company.abroad(other_payee, invoice_number="7", comment=""))
    anna = phone(company.anna)
    found = numbers(anna.looks_for(text.format(number=request_.number)))
    assert request_.number in found
    # One that is found alone is offered in two forms.
    others = {found_number for found_number in found if found_number != request_.number}
    assert (len(found), bool(others)) == (2, text == "мои")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("черновики", Status.DRAFT), ("drafts", Status.DRAFT),
        ("согласование", Status.IN_APPROVAL), ("На согласовании", Status.IN_APPROVAL),
        ("согласовано", Status.APPROVED), ("approved", Status.APPROVED),
        ("отклонённые", Status.DECLINED), ("declined", Status.DECLINED),
        ("возвращено", Status.RETURNED), ("на доработке", Status.RETURNED),
        ("отменённые", Status.CANCELLED), ("cancelled", Status.CANCELLED),
    ],
)  # fmt: skip
def test_a_word_says_how_they_stand(
    line: Line, company: Company, phone: PhoneOf, said: str, status: Status
) -> None:
    with line.committed():
        one_of_each(company)
    found = phone(company.anna).looks_for(said)["results"]
    assert {int(result["id"].partition(":")[0]) for result in found} == set(
        PaymentRequest.objects.filter(status=status).values_list("pk", flat=True)
    )


def one_of_each(company: Company) -> None:
    company.draft()
    company.approved()
    submitted, returned, _waits = (company.submitted() for _ in range(3))
    for request, refuse in (
        (submitted, decisions.decline),
        (returned, decisions.return_for_rework),
    ):
        task = company.task(request, company.boris)
        refuse(task=task, actor=company.boris, channel=ADMIN, reason="Не тот счёт")
    requests.cancel(request=company.draft(), actor=company.anna, channel=ADMIN)


def test_overdue_and_paid_are_words_too(line: Line, company: Company, phone: PhoneOf) -> None:
    with line.committed():
        late, in_time, paid = company.submitted(), company.submitted(), company.approved()
    yesterday = timezone.now() - timedelta(days=1)
    late.stages.filter(position=1).update(due_at=yesterday)
    # For which day the money is wanted is another thing.
    PaymentRequest.objects.filter(pk=in_time.pk).update(desired_date=yesterday.date())
    PaymentRequest.objects.filter(pk=paid.pk).update(payment_status=PaymentStatus.PAID)
    boris = phone(company.boris)
    assert set(numbers(boris.looks_for("просроченные"))) == {late.number}
    assert numbers(boris.looks_for("paid"))[0] == paid.number
    assert numbers(boris.looks_for("ждут")) == [in_time.number, late.number]


@pytest.mark.parametrize("said", ["срочные", "Высокий приоритет", "urgent", "мои срочные"])
def test_the_urgent_are_a_word_too(line: Line, company: Company, phone: PhoneOf, said: str) -> None:
    with line.committed():
        urgent = company.draft(documents=0, priority=Priority.HIGH)
        company.draft(documents=0)
    assert set(numbers(phone(company.anna).looks_for(said))) == {urgent.number}


def test_in_quotes_a_word_means_itself(line: Line, company: Company, phone: PhoneOf) -> None:
    with line.committed():
        named = company.draft(purpose="Оплата за «Мои документы»", comment="x")
        company.draft()
    assert numbers(phone(company.anna).looks_for('"мои"'))[0] == named.number
    assert len(numbers(phone(company.anna).looks_for("мои"))) == 2


def test_nothing_typed_is_what_waits_for_me_the_most_urgent_first(
    line: Line, company: Company, phone: PhoneOf
) -> None:
    with line.committed():
        late = company.submitted(desired_date=date(2036, 12, 2))
        soon = company.submitted(desired_date=date(2036, 12, 1))
        first = company.submitted(desired_date=date(2036, 12, 3), priority=Priority.HIGH)
        company.draft()
    queue = [first.number, soon.number, late.number]
    assert numbers(phone(company.boris).looks_for("")) == queue
    shown = phone(company.fedor).looks_for("  ")
    assert (shown["results"], shown["button"]["text"]) == ([], "Nothing waits for your decision")


def test_nobody_finds_what_he_may_not_see(
    request_: PaymentRequest, phone: PhoneOf, company: Company
) -> None:
    shown = phone(company.sergey).looks_for(request_.number)
    assert (shown["results"], shown["button"]["text"]) == ([], "Nothing found")
    let_see_all(company.sergey)
    assert numbers(phone(company.sergey).looks_for(request_.number))[0] == request_.number


def test_it_is_turned_page_by_page(line: Line, company: Company, phone: PhoneOf) -> None:
    with line.committed():
        drafts = [company.draft(documents=0) for _ in range(23)]
    anna = phone(company.anna)
    first = anna.looks_for("мои")
    second = anna.looks_for("мои", first["next_offset"])
    newest = [draft.number for draft in reversed(drafts)]
    assert (len(numbers(first)), second["next_offset"]) == (20, "")
    assert numbers(first) + numbers(second) == newest


@pytest.mark.parametrize("offset", ["-1", "x", "٣", "4000", "1" * 64, "1.5"])
def test_an_offset_that_was_never_given_leads_nowhere(
    request_: PaymentRequest, boris: Phone, offset: str
) -> None:
    shown = boris.looks_for("", offset)
    assert (shown["answered"], shown["results"], shown["next_offset"]) == (True, [], "")


@pytest.mark.parametrize("text", ["я" * 256, "а б " * 64, "'\"" * 128, "%_\\" * 64, "1 " * 128])
def test_the_longest_query_is_answered(request_: PaymentRequest, boris: Phone, text: str) -> None:
    assert boris.looks_for(text[:256])["answered"]


def test_two_queries_in_flight_are_both_answered(
    request_: PaymentRequest, line: Line, boris: Phone, telegram: Sandbox
) -> None:
    path = f"/client/people/{boris.telegram_id}/inline"
    with ThreadPoolExecutor() as pool:
        texts = ("север", request_.number)
        asked = [pool.submit(telegram.post, path, query=text, offset="") for text in texts]
        while not all(answer.done() for answer in asked):
            line.carry(hold=1)
    assert [numbers(answer.result())[0] for answer in asked] == [request_.number] * 2


def test_who_is_unknown_is_shown_the_way_in(stranger: Phone, request_: PaymentRequest) -> None:
    shown = stranger.looks_for(request_.number)
    assert shown["results"] == []
    button = shown["button"]
    assert (button["text"], button["start_parameter"]) == ("Войти", "login")
    private = Phone(stranger._line, STRANGER)
    assert "Sign in" in private.says("/start login") or "Войдите" in private.reads()[-1]


def test_it_is_answered_in_the_response_and_kept_for_nobody_else(
    company: Company, request_: PaymentRequest
) -> None:
    asker = bot.person(company.telegram_id(company.boris))
    query = {"id": "7", "from": asker, "query": request_.number, "offset": ""}
    answer = bot.reply_to(bot.update(inline_query=query))
    assert answer["method"] == "answerInlineQuery"
    assert (answer["inline_query_id"], answer["cache_time"], answer["is_personal"]) == (
        "7",
        0,
        True,
    )


# What is sent.


def test_what_is_sent_follows_the_request(
    request_: PaymentRequest, elsewhere: Phone, line: Line, company: Company
) -> None:
    sent = elsewhere.sends_found(request_.number)
    before = str(elsewhere.sees(sent["message_id"])["text"])
    assert request_.number in before
    assert "Budget" in before or "бюджета" in before
    for person in (company.boris, company.fedor, company.tamara):
        with line.committed():
            company.approve(request_, person)
        line.deliver()
    after = elsewhere.sees(sent["message_id"])
    assert after["text"].startswith("✅")
    labels = [button["text"] for row in after["reply_markup"]["inline_keyboard"] for button in row]
    assert labels == [DETAILS, "Open the request"]


def test_the_short_form_names_no_account_and_no_document(
    request_: PaymentRequest, elsewhere: Phone, company: Company
) -> None:
    shown = elsewhere.looks_for(request_.number)["results"]
    assert [result["id"].partition(":")[2] for result in shown] == ["short", "full"]
    assert "in full: with our account" in shown[1]["description"]
    short, full = (
        elsewhere.sees(elsewhere.sends_result(request_.number, result["id"])["message_id"])["text"]
        for result in shown
    )
    secrets = (company.account.number, company.own_account.number[-4:], company.counterparty.inn)
    assert not any(secret in short for secret in (*secrets, "Documents", "Comment"))
    assert company.counterparty.inn in full
    assert "Documents" in full


def test_who_may_decide_decides_there(
    request_: PaymentRequest,
    elsewhere: Phone,
    there: Callable[[Employee], Phone],
    company: Company,
) -> None:
    sent = elsewhere.sends_found(request_.number, FULL)
    assert there(company.vera).taps(sent["message_id"], APPROVE).startswith("Approved")
    [decision] = Decision.objects.all()
    assert (decision.decided_by, decision.channel) == (company.vera, "telegram")
    assert "Financial" in elsewhere.sees(sent["message_id"])["text"] or "Финансовый" in str(
        elsewhere.sees(sent["message_id"])["text"]
    )


@pytest.mark.parametrize("label", [APPROVE, DECLINE])
def test_who_may_not_decide_decides_nothing(
    request_: PaymentRequest,
    elsewhere: Phone,
    there: Callable[[Employee], Phone],
    stranger: Phone,
    company: Company,
    label: str,
) -> None:
    number = elsewhere.sends_found(request_.number, FULL)["message_id"]
    # The author; who sees it for the first time; who is not known at all.
    assert "does not wait for you" in there(company.anna).taps(number, label)
    assert "no such request" in there(company.sergey).taps(number, label)
    assert "/login" in stranger.taps(number, label)
    assert not Decision.objects.exists()


def test_the_reason_of_a_refusal_is_asked_privately(
    request_: PaymentRequest, elsewhere: Phone, boris: Phone, line: Line
) -> None:
    number = elsewhere.sends_found(request_.number)["message_id"]
    before = elsewhere.reads()
    assert "private chat" in elsewhere.taps(number, DECLINE)
    assert elsewhere.reads() == before
    boris.says("Счёт не тот, нужен новый")
    boris.presses(DECLINE)
    request_.refresh_from_db()
    assert request_.status == Status.DECLINED
    assert elsewhere.sees(number)["text"].startswith("❌")


def test_a_reason_for_what_he_has_approved_meanwhile_is_asked_no_more(
    request_: PaymentRequest, elsewhere: Phone, boris: Phone, company: Company
) -> None:
    number = elsewhere.sends_found(request_.number)["message_id"]
    elsewhere.taps(number, DECLINE)
    company.approve(request_, company.boris)
    assert "Already decided: approved" in boris.says("Счёт не тот, нужен новый")
    assert not Dialog.objects.exists()


def test_an_account_that_is_to_be_chosen_is_chosen_privately(
    line: Line, company: Company, there: Callable[[Employee], Phone], phone: PhoneOf,
    telegram: Sandbox,
) -> None:  # fmt: skip
    company.further_account()
    with line.committed():
        request = company.submitted(own_account=None)
        for person in (company.boris, company.fedor):
            company.approve(request, person)
    line.deliver()
    telegram.put_group(OTHER, *map(company.telegram_id, (company.tamara, company.boris)))
    tamara = phone(company.tamara)
    number = tamara.in_group(OTHER).sends_found(request.number, FULL)["message_id"]
    tamara.in_group(OTHER).taps(number, APPROVE)
    assert Decision.objects.filter(decided_by=company.tamara).count() == 0
    assert any(label.startswith("✅ Approve, pay from") for label in tamara.offers())


def test_a_result_that_is_chosen_late_shows_the_newest_state(
    request_: PaymentRequest, elsewhere: Phone, line: Line, company: Company
) -> None:
    [result, _full] = elsewhere.looks_for(request_.number)["results"]
    with line.committed():
        decisions.decline(
            task=company.task(request_, company.boris), actor=company.boris, channel=ADMIN,
            reason="Не тот счёт",
        )  # fmt: skip
    line.deliver()
    sent = elsewhere.sends_result(request_.number, result["id"])
    assert elsewhere.sees(sent["message_id"])["text"].startswith("❌")


def test_a_button_of_an_earlier_revision_decides_nothing(
    request_: PaymentRequest, elsewhere: Phone, line: Line, company: Company
) -> None:
    number = elsewhere.sends_found(request_.number, FULL)["message_id"]
    rows = elsewhere.sees(number)["reply_markup"]["inline_keyboard"]
    old = rows[0][0]["callback_data"]
    with line.committed():
        requests.change(
            request=request_, actor=company.anna, channel=ADMIN, fields=company.sums(200_000)
        )
    line.deliver()
    elsewhere.presses_data(number, old)
    assert not Decision.objects.exists()
    assert "200,000.00" in elsewhere.sees(number)["text"]


@pytest.mark.parametrize("label", [APPROVE, DECLINE])
def test_what_has_changed_under_a_message_that_tells_so_late_is_not_decided(
    request_: PaymentRequest, elsewhere: Phone, line: Line, company: Company, boris: Phone,
    label: str,
) -> None:  # fmt: skip
    """A smaller amount asks nobody anew."""
    number = elsewhere.sends_found(request_.number, FULL)["message_id"]
    with line.committed():
        requests.change(
            request=request_, actor=company.anna, channel=ADMIN, fields=company.sums(100_000)
        )
    assert "decide on its newest version" in elsewhere.taps(number, label)
    assert "100,000.00" in boris.reads()[-1]
    assert "100,000.00" in elsewhere.sees(number)["text"]
    assert not Decision.objects.exists()
    elsewhere.taps(number, APPROVE)
    assert Decision.objects.get().revision == 2


@pytest.mark.django_db(transaction=True)
def test_what_changes_at_the_moment_of_the_press_is_not_approved(company: Company) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no locks of rows")
    request = company.submitted()
    pressed = bot.press(company.telegram_id(company.boris), f"approve_here:{request.pk}:3")
    del pressed["callback_query"]["message"]
    pressed["callback_query"]["inline_message_id"] = "AgAAAO"
    with transaction.atomic():
        PaymentRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        other = threading.Thread(target=in_own_connection, args=(pressed,))
        other.start()
        # It has seen the request as it was.
        bot.until_somebody_waits_for_us()
        requests.change(
            request=request, actor=company.anna, channel=ADMIN, fields=company.sums(100_000)
        )
    other.join(timeout=30)
    assert not Decision.objects.exists()
    assert bot.fresh(request).revision == 2


def in_own_connection(update: Json) -> None:
    try:
        assert bot.post(update).status_code == 200
    finally:
        connection.close()


# What is worth a look, and not told there.


def test_short_it_offers_no_approval_of_what_is_worth_a_look(
    request_: PaymentRequest, elsewhere: Phone, boris: Phone, line: Line, company: Company
) -> None:
    """The first payment to this payee, and another request with the same invoice."""
    with line.committed():
        twin = company.submitted()
    line.deliver()
    number = elsewhere.sends_found(request_.number)["message_id"]
    shown = elsewhere.sees(number)
    labels = [button["text"] for row in shown["reply_markup"]["inline_keyboard"] for button in row]
    assert labels == [OWN, DECLINE, DETAILS, "Open the request"]
    assert twin.number not in shown["text"]
    assert elsewhere.taps(number, OWN) == "It comes to our private chat."
    assert f"Invoice 45 is already in request {twin.number}" in boris.reads()[-1]
    assert APPROVE in boris.offers()


def test_in_full_it_says_what_is_worth_a_look_and_is_approved_there(
    request_: PaymentRequest, elsewhere: Phone
) -> None:
    number = elsewhere.sends_found(request_.number, FULL)["message_id"]
    assert "The first payment to this payee" in elsewhere.sees(number)["text"]
    assert elsewhere.taps(number, APPROVE).startswith("Approved")


def test_short_the_usual_is_approved_there(
    usual: PaymentRequest, elsewhere: Phone, company: Company
) -> None:
    number = elsewhere.sends_found(usual.number)["message_id"]
    assert elsewhere.taps(number, APPROVE).startswith("Approved")
    assert Decision.objects.filter(request=usual).exists()


@pytest.mark.parametrize("form", [0, FULL])
def test_an_older_button_approves_nothing_that_was_asked_about_since(
    usual: PaymentRequest, elsewhere: Phone, boris: Phone, line: Line, company: Company, form: int
) -> None:
    number = elsewhere.sends_found(usual.number, form)["message_id"]
    old = elsewhere.sees(number)["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert old.startswith("approve_here")
    with line.committed():
        comments.add(request=usual, author=company.vera, channel=ADMIN, text="Где договор?")
    said = elsewhere.presses_data(number, old)
    assert said.startswith("Nothing is approved yet")
    assert "Где договор?" in said
    assert not Decision.objects.filter(request=usual).exists()
    assert "Где договор?" in boris.reads()[-1]
    assert "Где договор?" not in elsewhere.sees(number)["text"]
    assert elsewhere.taps(number, OWN) == "It comes to our private chat."


def test_who_may_not_see_it_follows_nothing_by_asking_for_his_card(
    request_: PaymentRequest, elsewhere: Phone, there: Callable[[Employee], Phone],
    company: Company,
) -> None:  # fmt: skip
    number = elsewhere.sends_found(request_.number)["message_id"]
    assert "no such request" in there(company.sergey).taps(number, OWN)


def test_details_come_to_the_private_chat(
    request_: PaymentRequest, elsewhere: Phone, boris: Phone
) -> None:
    number = elsewhere.sends_found(request_.number)["message_id"]
    before = elsewhere.reads()
    assert "private chat" in elsewhere.taps(number, DETAILS)
    assert "40702810200000000001" in boris.reads()[-1]
    assert elsewhere.reads() == before


# Where the bot is not told what was sent.


def test_the_first_press_adopts_a_message_that_nobody_told_of(
    request_: PaymentRequest, elsewhere: Phone, line: Line, company: Company
) -> None:
    result = elsewhere.looks_for(request_.number)["results"][1]
    sent = elsewhere.sends_result(request_.number, result["id"], is_told=False)
    assert not passed_on().exists()
    assert elsewhere.taps(sent["message_id"], APPROVE).startswith("Approved")
    [followed] = passed_on()
    assert followed.key == "full"
    with line.committed():
        company.approve(request_, company.fedor)
    line.deliver()
    text = elsewhere.sees(sent["message_id"])["text"]
    assert "Tamara" in text or "Белова" in text


def test_nobody_adopts_what_he_may_not_see(
    request_: PaymentRequest,
    elsewhere: Phone,
    there: Callable[[Employee], Phone],
    stranger: Phone,
    company: Company,
) -> None:
    [result, _full] = elsewhere.looks_for(request_.number)["results"]
    sent = elsewhere.sends_result(request_.number, result["id"], is_told=False)
    before = elsewhere.sees(sent["message_id"])
    stranger.taps(sent["message_id"], DETAILS)
    there(company.sergey).taps(sent["message_id"], DETAILS)
    there(company.sergey).presses_data(sent["message_id"], "approve_here:999999:2")
    assert not passed_on().exists()
    assert elsewhere.sees(sent["message_id"]) == before


def test_a_press_turns_no_followed_message_into_another(
    request_: PaymentRequest, elsewhere: Phone, line: Line, company: Company
) -> None:
    with line.committed():
        other = company.submitted()
    line.deliver()
    number = elsewhere.sends_found(request_.number)["message_id"]
    elsewhere.presses_data(number, f"details_here:{other.pk}:2")
    assert passed_on().get().request == request_
    assert request_.number in elsewhere.sees(number)["text"]


def test_who_has_sent_it_answers_for_it_though_another_was_faster(
    request_: PaymentRequest, elsewhere: Phone, there: Callable[[Employee], Phone],
    company: Company, line: Line,
) -> None:  # fmt: skip
    [result, _full] = elsewhere.looks_for(request_.number)["results"]
    sent = elsewhere.sends_result(request_.number, result["id"], is_told=False)
    there(company.vera).taps(sent["message_id"], DETAILS)
    place = passed_on().get().chat
    assert place.sender_id == company.telegram_id(company.vera)
    told = {
        "result_id": result["id"],
        "from": bot.person(company.telegram_id(company.boris)),
        "query": "",
        "inline_message_id": place.inline_id,
    }
    with line.committed():
        bot.post(bot.update(chosen_inline_result=told))
    place.refresh_from_db()
    assert place.sender_id == company.telegram_id(company.boris)
    assert passed_on().count() == 1


def test_what_was_chosen_is_shown_whatever_a_press_has_said_before(
    request_: PaymentRequest, elsewhere: Phone, there: Callable[[Employee], Phone],
    company: Company, line: Line,
) -> None:  # fmt: skip
    with line.committed():
        other = company.submitted()
    line.deliver()
    [result, _full] = elsewhere.looks_for(request_.number)["results"]
    number = elsewhere.sends_result(request_.number, result["id"], is_told=False)["message_id"]
    there(company.vera).presses_data(number, f"details_here:{other.pk}:3")
    assert other.number in elsewhere.sees(number)["text"]
    told = {
        "result_id": result["id"],
        "from": bot.person(company.telegram_id(company.boris)),
        "query": "",
        "inline_message_id": passed_on().get().chat.inline_id,
    }
    with line.committed():
        bot.post(bot.update(chosen_inline_result=told))
    line.deliver()
    shown = passed_on().get()
    assert (shown.request, shown.key, shown.chat.title) == (request_, "short", request_.number)
    assert request_.number in elsewhere.sees(number)["text"]
    assert other.number not in elsewhere.sees(number)["text"]


# What becomes of it.


def unlink(company: Company) -> None:
    linking.unlink(telegram_id=company.telegram_id(company.boris), channel="telegram")


def dismiss(company: Company) -> None:
    company.boris.is_active = False
    company.boris.save()


@pytest.mark.parametrize("lose", [unlink, dismiss])
def test_who_has_gone_shows_nothing_any_more(
    request_: PaymentRequest, elsewhere: Phone, line: Line, company: Company,
    lose: Callable[[Company], Any],
) -> None:  # fmt: skip
    number = elsewhere.sends_found(request_.number)["message_id"]
    with line.committed():
        lose(company)
    line.deliver()
    seen = elsewhere.sees(number)
    assert company.counterparty.name not in seen["text"]
    assert "reply_markup" not in seen


def test_a_message_that_was_deleted_is_gone_and_no_trouble(
    request_: PaymentRequest, elsewhere: Phone, line: Line, company: Company, telegram: Sandbox
) -> None:
    number = elsewhere.sends_found(request_.number)["message_id"]
    telegram.post(f"/control/chats/{OTHER}/delete_message", message_id=number)
    with line.committed():
        company.approve(request_, company.boris)
    line.deliver()
    sent = passed_on().get()
    assert (sent.state, sent.is_behind) == (SentMessage.State.GONE, False)


def test_a_message_that_stays_as_it_is_is_sent_nowhere_anew(
    request_: PaymentRequest, elsewhere: Phone, line: Line, company: Company, telegram: Sandbox
) -> None:
    elsewhere.sends_found(request_.number)
    refusal = {"error_code": 400, "description": "Bad Request: message can't be edited"}
    telegram.fail("error", method="editMessageText", count=9, **refusal)
    with line.committed():
        company.approve(request_, company.boris)
    line.deliver()
    sent = passed_on().get()
    assert (sent.state, sent.is_behind) == (SentMessage.State.GONE, False)
    addressed = [call["params"].get("chat_id") for call in telegram.calls("sendMessage")]
    assert str(sent.chat.telegram_id) not in map(str, addressed)


def test_it_goes_with_the_request_that_is_forgotten(
    request_: PaymentRequest, elsewhere: Phone, line: Line, company: Company
) -> None:
    elsewhere.sends_found(request_.number)
    long_ago = timezone.now() - timedelta(days=800)
    passed_on().update(created_at=long_ago)
    Chat.objects.filter(kind=Chat.Kind.INLINE).update(heard_at=long_ago)
    prune()
    assert passed_on().exists()
    passed_on().delete()
    prune()
    assert not Chat.objects.filter(kind=Chat.Kind.INLINE).exists()


def test_the_client_takes_no_other_answer_for_an_inline_message(
    request_: PaymentRequest, elsewhere: Phone, telegram: Sandbox, line: Line, company: Company
) -> None:
    number = elsewhere.sends_found(request_.number)["message_id"]
    place = passed_on().get().chat
    with pytest.raises(client.MessageGone):
        client.call("editMessageText", {"inline_message_id": "nonsense", "text": "x"})
    edited = client.call("editMessageText", {"inline_message_id": place.inline_id, "text": "x"})
    assert edited is True
    assert elsewhere.sees(number)["text"] == "x"
