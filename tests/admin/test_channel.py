"""The inbox, the messages, the chats and the tokens: read-only, with named repairs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth.models import UserToken
from telegrambot.models import Chat, SentMessage, Update
from telegrambot.projection import cursor, news
from tests.admin.conftest import browse, opened, page, save, text_of
from tests.company import Company
from tests.telegrambot import bot
from treasury.models import Organization, PaymentRequest

MESSAGES = "/admin/telegrambot/sentmessage/"
CHATS = "/admin/telegrambot/chat/"
UPDATES = "/admin/telegrambot/update/"
BOOKMARKS = "/admin/telegrambot/bookmark/"
TOKENS = "/admin/oauth/usertoken/"


def act(client: Client, url: str, action: str, row: Any) -> str:
    data = {"action": action, "_selected_action": [row.pk], "confirmed": "yes"}
    return text_of(client.post(url, data, follow=True))


@pytest.fixture
def failed(company: Company) -> SentMessage:
    request = company.submitted()
    task = company.task(request, company.boris)
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    SentMessage.objects.filter(chat=chat, task=task).delete()
    return SentMessage.objects.create(
        chat=chat,
        request=request,
        kind="task",
        task=task,
        state=SentMessage.State.FAILED,
        error="Forbidden: bot was blocked by the user",
        attempts=7,
        not_before=timezone.now(),
    )


def test_a_failed_message_is_shown_with_its_error_and_tried_again(
    administrator: Client, failed: SentMessage
) -> None:
    assert "bot was blocked by the user" in text_of(administrator.get(MESSAGES))
    assert "1 will be tried again" in act(administrator, MESSAGES, "retry", failed)
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.not_before, failed.error) == (
        SentMessage.State.PENDING, 0, None, "",
    )  # fmt: skip


def test_a_message_in_order_is_left_alone(administrator: Client, failed: SentMessage) -> None:
    SentMessage.objects.update(state=SentMessage.State.SENT, attempts=1)
    assert "0 will be tried again" in act(administrator, MESSAGES, "retry", failed)
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == (SentMessage.State.SENT, 1)


def test_who_only_reads_repairs_nothing(failed: SentMessage, company: Company) -> None:
    auditor = browse(company.sergey, "Аудитор")
    assert auditor.get(MESSAGES).status_code == 200
    act(auditor, MESSAGES, "retry", failed)
    failed.refresh_from_db()
    assert failed.state == SentMessage.State.FAILED


def test_a_chat_belongs_to_the_organization_that_an_administrator_names(
    administrator: Client, company: Company
) -> None:
    chat = Chat.objects.get(telegram_id=company.group_chat)
    other = Organization.objects.create(name="ООО «Василёк»", code="ВАС", inn="7728168971")
    data = {"organizations": [other.pk], "dress": "rich", "title": "Взлом", "state": "removed"}
    assert save(administrator, f"{CHATS}{chat.pk}/change/", data).status_code == 302
    chat.refresh_from_db()
    assert (chat.organizations.get(), chat.dress) == (other, "rich")
    assert (chat.title, chat.state) == ("Платежи Ромашки", "active")


def test_what_is_open_comes_to_the_group_of_its_department_as_it_is_saved(
    administrator: Client, company: Company
) -> None:
    request = company.submitted()
    bot.project()
    group = Chat.objects.create(telegram_id=-5, kind="group", title="Производство")
    address = f"{CHATS}{group.pk}/change/"
    departments = [company.department.pk, company.other_department.pk]
    data = {"departments": departments, "dress": "text", "alerts": "on"}
    assert save(administrator, address, data).status_code == 302
    assert {*group.departments.all()} == {company.department, company.other_department}
    announced = group.messages.get()
    assert (announced.kind, announced.request) == ("announcement", request)
    assert save(administrator, address, {"dress": "text"}).status_code == 302
    assert not group.departments.exists()
    announced.refresh_from_db()
    assert announced.wanted == 2
    told = text_of(administrator.get(address.replace("change", "history")))
    both = f"Маркетинг, {company.organization}, Производство, {company.organization}"
    assert f"Departments: — → {both}" in told
    assert f"Departments: {both} → —" in told


def test_what_was_bound_in_the_chat_meanwhile_stays(
    administrator: Client, company: Company
) -> None:
    group = Chat.objects.get(telegram_id=company.group_chat)
    address = f"{CHATS}{group.pk}/change/"
    page = opened(administrator, address)
    group.departments.add(company.department)
    assert administrator.post(address, page | {"dress": "rich"}).status_code == 302
    group.refresh_from_db()
    assert (group.dress, group.departments.get()) == ("rich", company.department)
    assert group.organizations.get() == company.organization


def test_departments_are_found_by_names_that_tell_them_apart(
    administrator: Client, company: Company
) -> None:
    other = Organization.objects.create(name="ООО «Василёк»", code="ВАС", inn="7728168971")
    other.departments.create(name="Производство")
    asked = {"app_label": "telegrambot", "model_name": "chat", "field_name": "departments"}
    address = "/admin/treasury/department/named/"
    for words, count in (("производство", 2), ("производство василёк", 1)):
        found = administrator.get(address, {**asked, "term": words}).json()["results"]
        assert len(found) == count
        assert found[0]["text"] == "Производство, ООО «Василёк»"
    group = Chat.objects.get(telegram_id=company.group_chat)
    group.departments.add(company.department)
    shown = text_of(administrator.get(f"{CHATS}{group.pk}/change/"))
    assert f"Производство, {company.organization}</option>" in shown


def test_the_list_of_chats_says_how_each_is_set_up(company: Company) -> None:
    group = Chat.objects.get(telegram_id=company.group_chat)
    group.departments.add(company.other_department)
    Chat.objects.filter(pk=group.pk).update(dress="rich", alerts=True)
    auditor = browse(company.sergey, "Аудитор")
    whose = f"{company.organization}; Маркетинг, {company.organization}"
    for url in (CHATS, f"{CHATS}{group.pk}/change/"):
        text = text_of(auditor.get(url))
        assert whose in text
        assert "Card with tables" in text
    told = re.findall(r"<td[^>]*field-told[^>]*>(.*?)</td>", text_of(auditor.get(CHATS)))
    assert sorted(told) == ["yes", *["—"] * 7]


def test_a_private_chat_belongs_to_no_organization(administrator: Client, company: Company) -> None:
    request = company.submitted()
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.sergey))
    address = f"{CHATS}{chat.pk}/change/"
    assert "field-organizations" not in text_of(administrator.get(address))
    assert "field-departments" not in text_of(administrator.get(address))
    assert "Save" not in text_of(administrator.get(address))
    data = {"organizations": [company.organization.pk], "departments": [company.department.pk]}
    administrator.post(address, data)
    assert not chat.organizations.exists()
    assert not chat.departments.exists()
    chat.organizations.add(company.organization)
    bot.project()
    assert not chat.messages.filter(request=request).exists()


def test_a_chat_is_spoken_to_again(administrator: Client, company: Company) -> None:
    chat = Chat.objects.get(telegram_id=company.group_chat)
    Chat.objects.filter(pk=chat.pk).update(state="removed", not_before=timezone.now())
    act(administrator, CHATS, "retry", chat)
    chat.refresh_from_db()
    assert (chat.state, chat.not_before) == ("active", None)


def test_of_a_wait_only_what_is_to_come_is_told(administrator: Client, failed: SentMessage) -> None:
    assert failed.request
    pages = (
        CHATS, f"{CHATS}{failed.chat_id}/change/", MESSAGES, f"{MESSAGES}{failed.pk}/change/",
        page(failed.request),
    )  # fmt: skip
    now = timezone.now()
    for days, is_told in ((-400, False), (400, True)):
        at = now + timedelta(days=days)
        Chat.objects.update(not_before=at, lease_until=at)
        SentMessage.objects.update(not_before=at)
        for url in pages:
            told = str(timezone.localtime(at).year) in text_of(administrator.get(url))
            assert told is is_told, url


def test_an_update_that_failed_is_handled_again(administrator: Client) -> None:
    update = Update.objects.create(
        update_id=7, kind="poll", payload={"update_id": 7, "poll": {}}, error="KeyError"
    )
    assert "KeyError" in text_of(administrator.get(UPDATES))
    assert "&quot;update_id&quot;: 7" in text_of(administrator.get(f"{UPDATES}{update.pk}/change/"))
    act(administrator, UPDATES, "retry", update)
    update.refresh_from_db()
    assert update.handled_at is not None
    assert update.error == ""


def test_a_request_that_could_not_be_projected_is_shown_with_its_error_and_tried_again(
    administrator: Client, company: Company
) -> None:
    told, stuck = company.submitted(), company.submitted()
    news.project(told.pk)
    cursor.stumble(stuck.pk, ValueError("odd"))
    listed = text_of(administrator.get(BOOKMARKS))
    assert "ValueError: odd" in listed
    assert f'href="{page(stuck)}"' in listed
    assert told.number not in listed
    assert "ValueError: odd" in text_of(administrator.get(f"{BOOKMARKS}{stuck.pk}/change/"))
    assert news.pending(10) == []
    act(administrator, BOOKMARKS, "retry", stuck)
    assert news.pending(10) == [stuck.pk]


@pytest.mark.parametrize("url", [MESSAGES, UPDATES, BOOKMARKS, TOKENS])
def test_rows_of_the_program_are_written_by_nobody(administrator: Client, url: str) -> None:
    assert administrator.get(f"{url}add/").status_code == 403
    assert administrator.post(f"{url}add/", {}).status_code == 403


def test_a_token_is_revoked_once(administrator: Client, company: Company) -> None:
    token = UserToken.objects.get(employee=company.boris)
    assert "1 token was revoked" in act(administrator, TOKENS, "revoke", token)
    token.refresh_from_db()
    first = token.revoked_at
    assert first is not None
    assert "0 tokens were revoked" in act(administrator, TOKENS, "revoke", token)
    token.refresh_from_db()
    assert token.revoked_at == first


def test_who_has_no_business_with_the_channel_does_not_see_it(accountant: Client) -> None:
    for url in (MESSAGES, CHATS, UPDATES, BOOKMARKS, TOKENS):
        assert accountant.get(url).status_code == 403


def test_a_message_names_person_chat_and_request_and_shows_what_the_chat_does(
    administrator: Client, failed: SentMessage, company: Company
) -> None:
    assert failed.request
    employee = f'href="/admin/treasury/employee/{company.boris.pk}/change/">Орлов Борис</a>'
    about = f'href="{page(failed.request)}">{failed.request}</a>'
    chat = f'href="/admin/telegrambot/chat/{failed.chat_id}/change/">'
    for url in (MESSAGES, f"{MESSAGES}{failed.pk}/change/"):
        text = text_of(administrator.get(url))
        for shown in (employee, about, chat):
            assert shown in text
    # In the language of the reader, with the buttons of the message.
    for shown in ("Согласовать", "АО «Северсталь»", "bot was blocked by the user"):
        assert shown in text


def test_a_message_that_cannot_be_rendered_is_shown_with_the_reason(
    administrator: Client, company: Company
) -> None:
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    about_nothing = SentMessage.objects.create(chat=chat, kind="details", text="…")
    text = text_of(administrator.get(f"{MESSAGES}{about_nothing.pk}/change/"))
    reason = f"ValueError: message {about_nothing.pk} is about no request"
    assert f"It cannot be rendered: {reason}" in text
    assert chat.title in text


def test_a_message_of_a_kind_that_another_release_knew_is_shown_by_its_name(
    administrator: Client, company: Company
) -> None:
    request = company.submitted()
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    message = SentMessage.objects.create(chat=chat, kind="<i>thanks", request=request)
    for url in (MESSAGES, f"{MESSAGES}{message.pk}/change/", page(request)):
        text = text_of(administrator.get(url))
        assert "&lt;i&gt;thanks" in text
        assert "<i>thanks" not in text


def test_a_message_that_waits_for_a_closed_chat_says_so(
    administrator: Client, failed: SentMessage
) -> None:
    SentMessage.objects.filter(pk=failed.pk).update(state="pending", error="", not_before=None)
    Chat.objects.filter(pk=failed.chat_id).update(state=Chat.State.BLOCKED)
    assert failed.request
    about = f"{MESSAGES}{failed.pk}/change/"
    for url in (MESSAGES, about, page(failed.request)):
        assert "The user has blocked the bot" in text_of(administrator.get(url))
    SentMessage.objects.filter(pk=failed.pk).update(state="sent", form="text", shown=1)
    for url in (MESSAGES, about, page(failed.request)):
        assert "The user has blocked the bot" not in text_of(administrator.get(url))


@pytest.mark.parametrize(
    ("fields", "stands"),
    [
        ({"state": "pending", "form": "", "shown": 0}, False),
        ({"state": "sent", "form": "text", "shown": 0}, False),
        ({"state": "gone", "form": "text", "shown": 1}, False),
        ({"state": "sent", "form": "text", "shown": 1}, True),
    ],
)
def test_only_what_stands_in_the_chat_is_said_to(
    administrator: Client, failed: SentMessage, fields: dict[str, Any], stands: bool
) -> None:
    SentMessage.objects.filter(pk=failed.pk).update(**fields)
    text = text_of(administrator.get(f"{MESSAGES}{failed.pk}/change/"))
    assert ("As the chat shows it now" in text) == stands
    assert ("As the chat is to show it" in text) != stands
    assert "АО «Северсталь»" in text


def test_the_title_of_a_message_is_in_words(administrator: Client, failed: SentMessage) -> None:
    text = "<b>Добро пожаловать, Борис!</b>\nЖмите &lt;/pending&gt; &amp; смотрите. " + "Ещё. " * 99
    told = SentMessage.objects.create(chat=failed.chat, kind="answer", text=text)
    title = administrator.get(f"{MESSAGES}{told.pk}/change/").context["subtitle"]
    assert title.startswith("Добро пожаловать, Борис! Жмите </pending> & смотрите. Ещё.")
    assert len(title) == 60


def test_what_people_typed_is_no_markup_in_the_picture(
    administrator: Client, failed: SentMessage, company: Company
) -> None:
    comment = "<script>alert(1)</script> <b>нет</b>"
    PaymentRequest.objects.update(comment=comment)
    text = text_of(administrator.get(f"{MESSAGES}{failed.pk}/change/"))
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text


def test_an_update_says_in_words_who_pressed_what_and_about_which_request(
    administrator: Client, failed: SentMessage, company: Company
) -> None:
    boris = company.telegram_id(company.boris)
    pressed = bot.press(boris, f"approve:{failed.task_id}")
    button = {"text": "✅ Согласовать", "callback_data": f"approve:{failed.task_id}"}
    pressed["callback_query"]["message"]["reply_markup"] = {"inline_keyboard": [[button]]}
    said = bot.message(99, "Здравствуйте")
    for payload, kind in ((pressed, "callback_query"), (said, "message")):
        Update.objects.create(update_id=payload["update_id"], kind=kind, payload=payload)
    row = Update.objects.get(kind="callback_query")
    for url in (UPDATES, f"{UPDATES}{row.pk}/change/"):
        text = text_of(administrator.get(url))
        for shown in (
            "Button pressed: ✅ Согласовать", "Орлов Борис</a>", f">{failed.request}</a>",
            f"/admin/telegrambot/chat/{failed.chat_id}/change/",
        ):  # fmt: skip
            assert shown in text
    listed = text_of(administrator.get(UPDATES))
    assert "Message: Здравствуйте" in listed
    assert "Имя (not linked)" in listed


def test_more_chats_ask_the_database_no_more(administrator: Client, company: Company) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            administrator.get(CHATS)
        return len(asked)

    for number in range(3):
        company.further_group(-70 - number).departments.add(company.department)
    queries()
    before = queries()
    for number in range(9):
        company.further_group(-80 - number).departments.add(company.other_department)
    assert queries() == before


@pytest.mark.parametrize("url", [MESSAGES, UPDATES])
def test_a_longer_list_asks_the_database_no_more(
    administrator: Client, company: Company, url: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            administrator.get(url)
        return len(asked)

    def grow() -> None:
        request = company.submitted()
        news.project(request.pk)
        for task in request.tasks.all():
            payload = bot.press(company.telegram_id(task.employee), f"approve:{task.pk}")
            Update.objects.create(update_id=payload["update_id"], payload=payload)

    grow()
    queries()
    before = queries()
    grow()
    assert queries() == before


def test_the_inbox_is_filtered_by_what_people_did(administrator: Client) -> None:
    offered = text_of(administrator.get(UPDATES))
    assert "Pressed buttons" in offered
    assert not re.search(r">\s*callback_query\s*<", offered)
    assert administrator.get(UPDATES, {"kind": "callback_query"}).status_code == 200
