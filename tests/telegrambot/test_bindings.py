"""Whose requests a group hears of: of any organizations and of any departments; /bind sets it."""

from collections.abc import Iterable

import pytest
from django.contrib.auth.models import Group

from telegrambot.kinds import registry
from telegrambot.models import Chat, SentMessage
from telegrambot.projection.news import project_group
from tests.admin.conftest import browse, text_of
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from treasury.models import Department, Organization, PaymentRequest
from treasury.services import decisions, requests

OFFICE = -1001000000077
NOBODYS, BACK = "Ничего не объявлять", "← Организации"


@pytest.fixture
def office(company: Company) -> Chat:
    """A group that hears of nobody's requests yet."""
    return Chat.objects.create(telegram_id=OFFICE, kind="supergroup", title="Офис")


@pytest.fixture
def gleb(company: Company) -> int:
    """An administrator."""
    company.gleb.groups.set(Group.objects.filter(name="Администратор"))
    return company.telegram_id(company.gleb)


def announced(group: Chat) -> set[str]:
    found = group.messages.filter(kind="announcement").values_list("request__number", flat=True)
    return {str(number) for number in found}


def wanted(group: Chat) -> list[PaymentRequest | None]:
    """What would be read there now, if all of it was shown."""
    shown = group.messages.filter(kind="announcement").order_by("id")
    return [row.request for row in shown if registry.render(bot.mark_sent(row)).keyboard]


def give(group: Chat, *rows: Organization | Department) -> None:
    """As an administrator does."""
    group.organizations.set([row for row in rows if isinstance(row, Organization)])
    group.departments.set([row for row in rows if isinstance(row, Department)])
    project_group(group)


def ask(gleb: int) -> dict[str, str]:
    """What the buttons say to /bind in the office's group, and what each of them sends."""
    chat = {"id": OFFICE, "type": "supergroup", "title": "Офис"}
    bot.post(bot.message(gleb, "/bind", chat=chat))
    asked = SentMessage.objects.filter(chat__telegram_id=gleb, kind="answer").latest("id")
    bot.mark_sent(asked)
    return bot.offered({"reply_markup": asked.keyboard})


def tap(gleb: int, data: str) -> SentMessage:
    """The message under whose button was pressed, as it is shown from then on."""
    bot.post(bot.press(gleb, data))
    return SentMessage.objects.filter(chat__telegram_id=gleb, kind="answer").latest("id")


def add(gleb: int, data: str) -> SentMessage:
    """… after he was asked whether he means it."""
    return tap(gleb, labels(tap(gleb, data))["✅ Да, добавить"])


def labels(message: SentMessage) -> dict[str, str]:
    return bot.offered({"reply_markup": message.keyboard})


def others(count: int) -> Iterable[Organization]:
    return Organization.objects.bulk_create(
        Organization(name=f"ООО «Лютик {number:02}»", code=f"Л{number}", inn=f"{10**9 + number}")
        for number in range(count)
    )


def test_a_group_hears_of_organizations_and_of_departments(company: Company, office: Chat) -> None:
    office.departments.add(company.other_department)
    marketing = company.submitted(department=company.other_department)
    production = company.submitted()
    bot.project()
    assert announced(office) == {marketing.number}
    office.organizations.add(company.organization)
    both = company.submitted(department=company.other_department)
    bot.project()
    assert announced(office) == {marketing.number, both.number}
    assert office.messages.filter(request=both).count() == 1
    assert announced(Chat.objects.get(telegram_id=GROUP_CHAT)) >= {production.number}


def test_a_private_chat_hears_of_no_department(company: Company) -> None:
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.sergey))
    chat.departments.add(company.department)
    company.submitted()
    bot.project()
    assert not chat.messages.exists()


def test_what_a_group_hears_of_no_more_closes_and_what_is_open_comes(
    company: Company, office: Chat
) -> None:
    production = lanes.submit(company)
    marketing = lanes.submit(company, department=company.other_department)
    give(office, company.department)
    assert wanted(office) == [production]
    give(office, company.other_department)
    assert wanted(office) == [marketing]
    assert "не показывается" in registry.render(office.messages.get(request=production)).text
    give(office, company.organization)
    assert wanted(office) == [production, marketing]
    assert office.messages.count() == 2
    give(office)
    assert wanted(office) == []


def test_a_request_that_is_moved_to_another_department_moves_to_its_group(
    company: Company, office: Chat
) -> None:
    marketing = Chat.objects.create(telegram_id=-4, kind="group", title="Маркетинг")
    office.departments.add(company.department)
    marketing.departments.add(company.other_department)
    request = lanes.submit(company)
    moved = {"department": company.other_department}
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=moved)
    bot.project()
    assert (wanted(office), wanted(marketing)) == ([], [request])


def test_a_returned_request_goes_to_its_new_group_when_it_is_submitted(
    company: Company, office: Chat
) -> None:
    marketing = Chat.objects.create(telegram_id=-4, kind="group", title="Маркетинг")
    office.departments.add(company.department)
    marketing.departments.add(company.other_department)
    request = lanes.submit(company)
    task = company.task(request, company.boris)
    decisions.return_for_rework(task=task, actor=company.boris, channel=ADMIN, reason="Не туда")
    bot.project()
    assert wanted(office) == [request]
    moved = {"department": company.other_department}
    requests.change(request=bot.fresh(request), actor=company.anna, channel=ADMIN, fields=moved)
    bot.project()
    assert (wanted(office), wanted(marketing)) == ([], [])
    requests.submit(request=bot.fresh(request), actor=company.anna, channel=ADMIN)
    bot.project()
    assert (wanted(office), wanted(marketing)) == ([], [request])


def test_who_reads_in_the_group_of_a_department_may_know_of_its_requests(
    company: Company, office: Chat
) -> None:
    request = company.submitted()
    chat = {"id": OFFICE, "type": "supergroup", "title": "Офис"}
    sergey = company.telegram_id(company.sergey)
    press = bot.press(sergey, f"mine:{request.pk}", chat=chat)
    assert request.number not in bot.reply_to(press)["text"]
    office.departments.add(company.department)
    press = bot.press(sergey, f"mine:{request.pk}", chat=chat)
    assert request.number in bot.reply_to(press)["text"]


def test_each_tap_adds_or_takes_away_and_shows_the_marks(
    company: Company, office: Chat, gleb: int
) -> None:
    [lily] = others(1)
    request = lanes.submit(company)
    buttons = ask(gleb)
    rose, inside = str(company.organization), f"Подразделения: {company.organization}"
    assert [*buttons] == [lily.name, rose, inside, NOBODYS]
    said = add(gleb, buttons[rose])
    assert [*labels(said)] == [lily.name, f"● {rose}", inside, NOBODYS]
    assert wanted(office) == [request]
    said = add(gleb, labels(said)[lily.name])
    assert {*office.organizations.all()} == {lily, company.organization}
    assert all(f"\n{name}" in said.text for name in (lily.name, rose))
    said = tap(gleb, labels(said)[f"● {rose}"])
    assert office.organizations.get() == lily
    assert wanted(office) == []
    # The finger has slipped: the way back is under it.
    add(gleb, labels(said)[rose])
    assert wanted(office) == [request]


def test_before_all_are_to_see_more_it_is_asked(company: Company, office: Chat, gleb: int) -> None:
    rose = str(company.organization)
    asked = tap(gleb, ask(gleb)[rose])
    assert asked.text == f"Все в группе «Офис» увидят эти заявки: {rose}. Добавить?"
    assert not office.organizations.exists()
    assert rose in labels(tap(gleb, labels(asked)["← Нет"]))
    assert not office.organizations.exists()
    inside = tap(gleb, ask(gleb)[f"Подразделения: {rose}"])
    asked = tap(gleb, labels(inside)["Производство"])
    assert f"Производство, {rose}" in asked.text
    assert BACK in labels(tap(gleb, labels(asked)["← Нет"]))
    assert not office.departments.exists()


def test_two_taps_in_a_hurry_are_one(company: Company, office: Chat, gleb: int) -> None:
    asked = tap(gleb, ask(gleb)[company.organization.name])
    for _time in range(2):
        tap(gleb, labels(asked)["✅ Да, добавить"])
    assert office.organizations.get() == company.organization


def test_departments_are_chosen_on_a_page_of_their_organization(
    company: Company, office: Chat, gleb: int
) -> None:
    inside = f"Подразделения: {company.organization}"
    said = tap(gleb, ask(gleb)[inside])
    assert [*labels(said)] == ["Маркетинг", "Производство", BACK]
    said = add(gleb, labels(said)["Производство"])
    assert [*labels(said)] == ["Маркетинг", "● Производство", BACK]
    assert f"Производство, {company.organization}" in said.text
    assert office.departments.get() == company.department
    said = tap(gleb, labels(said)[BACK])
    assert f"● {inside}" in labels(said)
    said = add(gleb, labels(said)[company.organization.name])
    said = tap(gleb, labels(said)[f"● {inside}"])
    assert "все заявки приходят туда и так" in said.text
    tap(gleb, labels(said)["● Производство"])
    assert not office.departments.exists()


def test_nobodys_takes_all_away_and_says_so(company: Company, office: Chat, gleb: int) -> None:
    give(office, company.organization, company.department)
    said = tap(gleb, ask(gleb)[NOBODYS])
    assert "«Офис» заявки не объявляются" in said.text
    assert not office.organizations.exists()
    assert not office.departments.exists()
    assert company.organization.name in labels(said)


def test_what_is_out_of_use_is_offered_only_to_be_taken_away(
    company: Company, office: Chat, gleb: int
) -> None:
    kept, gone = others(2)
    Organization.objects.filter(pk__in=[kept.pk, gone.pk]).update(is_active=False)
    Department.objects.update(is_active=False)
    office.organizations.add(kept)
    assert [*ask(gleb)] == [f"● {kept}", company.organization.name, NOBODYS]


def test_what_finds_no_room_is_chosen_in_the_back_office(
    company: Company, office: Chat, gleb: int
) -> None:
    others(46)
    assert len(ask(gleb)) == 49
    others_more = [
        Organization(name=f"ООО «Мак {number}»", code=f"М{number}", inn=f"{2 * 10**9 + number}")
        for number in range(2)
    ]
    Organization.objects.bulk_create(others_more)
    buttons = ask(gleb)
    assert (len(buttons), [*buttons][-1]) == (50, NOBODYS)
    asked = SentMessage.objects.filter(chat__telegram_id=gleb, kind="answer").latest("id")
    assert "в бэк-офисе" in asked.text


@pytest.mark.parametrize(
    "verb",
    [
        "bind",
        "bind_sure",
        "unbind",
        "bind_department",
        "bind_dept_sure",
        "unbind_department",
        "bindings",
    ],
)
def test_only_the_press_of_an_administrator_counts(
    company: Company, office: Chat, gleb: int, verb: str
) -> None:
    key = company.department.pk if "dep" in verb else company.organization.pk
    if verb.startswith("un"):
        give(office, company.organization, company.department)
    before = [*office.organizations.all()], [*office.departments.all()]
    boris = company.telegram_id(company.boris)
    data = f"{verb}:{office.pk}:{key}"
    assert "устарела" in bot.reply_to(bot.press(boris, data))["text"]
    # Of one who was an administrator when he was asked, too.
    ask(gleb)
    company.gleb.groups.clear()
    assert "устарела" in bot.reply_to(bot.press(gleb, data))["text"]
    assert ([*office.organizations.all()], [*office.departments.all()]) == before
    assert not SentMessage.objects.filter(kind="answer", text__contains="Подразделения").exists()


@pytest.mark.parametrize(
    "data",
    [
        "bind:{office}:999999",
        "unbind:{office}",
        "bind_department:{office}",
        "bind_sure:{office}",
        "bind:{private}:1",
        "bind_sure:{private}:1",
        "bind:{private}",
    ],
)
def test_a_button_for_what_there_is_not_changes_nothing(
    company: Company, office: Chat, gleb: int, data: str
) -> None:
    office.organizations.add(company.organization)
    private = Chat.objects.get(telegram_id=gleb)
    press = bot.press(gleb, data.format(office=office.pk, private=private.pk))
    assert "устарела" in bot.reply_to(press)["text"]
    assert office.organizations.get() == company.organization
    assert not private.organizations.exists()


def test_the_history_of_the_group_tells_who_has_bound_it(
    company: Company, office: Chat, gleb: int
) -> None:
    inside = f"Подразделения: {company.organization}"
    said = add(gleb, ask(gleb)[company.organization.name])
    add(gleb, f"bind:{office.pk}:{company.organization.pk}")
    add(gleb, labels(tap(gleb, labels(said)[inside]))["Производство"])
    auditor = browse(company.sergey, "Аудитор")
    address = f"/admin/telegrambot/chat/{office.pk}/history/"
    told = text_of(auditor.get(address, headers={"accept-language": "ru"}))
    assert told.count("Г. Чужов") == 2
    assert f"Организации: — → {company.organization}" in told
    assert f"Подразделения: — → Производство, {company.organization}" in told
