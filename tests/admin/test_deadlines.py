"""Deadlines in the back office: who sets them, and where it shows that one has passed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from telegrambot.models import Update
from tests.admin.conftest import REQUESTS, browse, opened, page, save, text_of
from tests.admin.test_request_list import found
from tests.admin.test_routes import address, rows_of, sent
from tests.admin.test_start_page import cards
from tests.company import Company
from tests.telegrambot import bot
from treasury.models import CalendarDay, PaymentRequest, Reminder, RouteEvent

# Half past eight of a Monday in Moscow, and of the next day.
MORNING = datetime(2026, 12, 7, 5, 30, tzinfo=UTC)
TOO_LATE = datetime(2026, 12, 8, 9, 10, tzinfo=UTC)


@pytest.fixture
def clock(db: None) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING) as clock:
        yield clock


@pytest.fixture
def late(company: Company, clock: time_machine.Traveller) -> PaymentRequest:
    """By three hours and ten minutes; another has no deadline."""
    company.submitted()
    company.route.stages.filter(position=1).update(deadline_hours=8)
    request = company.submitted()
    clock.move_to(TOO_LATE)
    return request


def test_a_stage_gets_its_deadline_on_the_page_of_the_route(
    administrator: Client, company: Company, clock: time_machine.Traveller
) -> None:
    rows = rows_of(company.route)
    rows[0] |= {"deadline_hours": "8", "escalate_to": company.sergey.pk}
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert response.status_code == 302, text_of(response)
    stage = company.submitted().stages.get(position=1)
    assert stage.due_at == datetime(2026, 12, 7, 15, tzinfo=UTC)
    assert stage.escalate_to == company.sergey
    said = text_of(administrator.get("/admin/treasury/routeevent/"))
    assert "Deadline: 8" in said
    assert "Hears of delays: Посторонних Сергей" in said
    assert RouteEvent.objects.count() == 1


@pytest.mark.parametrize("hours", ["0", "-1", "soon"])
def test_a_deadline_is_a_number_of_hours(
    administrator: Client, company: Company, hours: str
) -> None:
    rows = rows_of(company.route)
    rows[0] |= {"deadline_hours": hours}
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert response.status_code == 200
    assert "errorlist" in text_of(response)


def test_a_corrected_day_moves_the_deadlines_to_come(
    administrator: Client, company: Company, clock: time_machine.Traveller
) -> None:
    company.route.stages.filter(position=1).update(deadline_hours=8)
    before = company.submitted().stages.get(position=1)
    added = administrator.post(
        "/admin/treasury/calendarday/add/",
        {"date": "2026-12-07", "kind": CalendarDay.Kind.OFF, "note": "Our own day"},
    )
    assert added.status_code == 302, text_of(added)
    assert CalendarDay.objects.get().date == date(2026, 12, 7)
    after = company.submitted().stages.get(position=1)
    assert after.due_at == datetime(2026, 12, 8, 15, tzinfo=UTC)
    before.refresh_from_db()
    assert before.due_at == datetime(2026, 12, 7, 15, tzinfo=UTC)
    twice = administrator.post(
        "/admin/treasury/calendarday/add/", {"date": "2026-12-07", "kind": "working"}
    )
    assert "already exists" in text_of(twice)


def test_a_department_gets_its_head(administrator: Client, company: Company) -> None:
    url = f"/admin/treasury/department/{company.department.pk}/change/"
    form = opened(administrator, url) | {"head": company.sergey.pk}
    response = administrator.post(url, form)
    assert response.status_code == 302, text_of(response)
    company.department.refresh_from_db()
    assert company.department.head == company.sergey
    assert "Посторонних" in text_of(administrator.get("/admin/treasury/department/"))


def test_what_is_overdue_is_found_and_marked_in_the_list(
    accountant: Client, late: PaymentRequest
) -> None:
    assert found(accountant, deadline="overdue") == [late]
    assert len(found(accountant)) == 2
    assert text_of(accountant.get(REQUESTS)).count("overdue by 3 working hours") == 1
    russian = Client(headers={"accept-language": "ru"})
    russian.force_login(late.author)
    assert "просрочено на 3 рабочих часа" in text_of(russian.get(REQUESTS))


def test_the_page_of_a_request_says_by_when_and_how_late_it_is(
    accountant: Client, late: PaymentRequest
) -> None:
    text = text_of(accountant.get(page(late)))
    assert "to be decided by" in text
    assert "overdue by 3 working hours" in text


def test_the_first_page_counts_what_is_overdue(
    accountant: Client, company: Company, late: PaymentRequest
) -> None:
    waiting = cards(browse(company.boris, "Согласующий"))["Wait for me"]
    assert (waiting.count, waiting.alarm) == (2, "overdue: 1")
    asked_for = cards(accountant)["Mine in approval"]
    assert (asked_for.count, asked_for.alarm) == (2, "overdue: 1")
    company.approve(late, company.boris)
    assert cards(accountant)["Mine in approval"].alarm == ""
    assert found(accountant, deadline="overdue") == []


def test_an_author_reminds_here_too(
    accountant: Client, company: Company, late: PaymentRequest
) -> None:
    url = f"{REQUESTS}{late.pk}/nudge/"
    assert f'action="{url}"' in text_of(accountant.get(page(late)))
    said = text_of(accountant.post(url, follow=True))
    assert "Whoever is asked hears of it now." in said
    again = text_of(accountant.post(url, follow=True))
    assert "They were reminded on 08.12 12:10. You can do it again from 08.12 17:10 on" in again
    assert Reminder.objects.get().by == company.anna


def test_nobody_else_reminds_here(
    budget_holder: Client, administrator: Client, late: PaymentRequest
) -> None:
    url = f"{REQUESTS}{late.pk}/nudge/"
    for client in (budget_holder, administrator):
        assert url not in text_of(client.get(page(late)))
        assert client.post(url).status_code == 403
    assert budget_holder.get(url).status_code == 405
    assert not Reminder.objects.exists()


def test_a_press_that_reminds_names_its_request(
    administrator: Client, company: Company, late: PaymentRequest
) -> None:
    pressed = bot.press(company.telegram_id(company.anna), f"nudge:{late.pk}")
    Update.objects.create(update_id=pressed["update_id"], kind="callback_query", payload=pressed)
    assert f">{late}</a>" in text_of(administrator.get("/admin/telegrambot/update/"))
