"""A group that hears of a request no more keeps none of its files."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from telegrambot.delivery import abilities
from telegrambot.delivery.lane import Lane
from telegrambot.delivery.sending import work_for
from telegrambot.models import Chat, SentMessage
from telegrambot.projection.news import project_group
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.telegrambot import bot, lanes, papers
from tests.telegrambot.papers import MP4, VOICE, pdf, picture
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Organization, PaymentRequest
from treasury.services import requests

OFFICE = -1001000000077
TWO_DAYS = 48 * 3600
PAPERS = (("Договор.pdf", pdf(1)), ("Счёт.pdf", pdf(2)), ("Акт.pdf", pdf(3)))


@pytest.fixture
def groups(telegram: Sandbox, company: Company) -> list[Chat]:
    """Two that hear of the organization."""
    telegram.put_group(OFFICE, *company.telegram_ids.values())
    office = Chat.objects.create(telegram_id=OFFICE, kind="supergroup", title="Офис")
    office.organizations.add(company.organization)
    return [Chat.objects.get(telegram_id=GROUP_CHAT), office]


def announce(groups: list[Chat], company: Company, *files: tuple[str, bytes]) -> PaymentRequest:
    request = papers.submit(company, *files)
    deliver(groups)
    return request


def deliver(groups: list[Chat]) -> None:
    for group in groups:
        lanes.deliver(group.pk)


def give(group: Chat, *organizations: Organization) -> None:
    """As an administrator does, and the lane follows."""
    group.organizations.set(organizations)
    project_group(group)
    lanes.deliver(group.pk)


def files(telegram: Sandbox, chat_id: int) -> list[str]:
    """What can be opened there: the name of each file, or its kind."""
    return [
        seen[kind]["file_name"] if kind == "document" else kind
        for seen in telegram.messages(chat_id)
        for kind in ("document", "photo", "video", "voice")
        if kind in seen
    ]


def grow_old(telegram: Sandbox, chat_id: int) -> None:
    telegram.post(f"/control/chats/{chat_id}/age", seconds=TWO_DAYS + 60)


def rows(group: Chat) -> list[SentMessage]:
    return list(group.messages.order_by("id"))


def test_a_group_from_which_the_organization_is_taken_keeps_no_file(
    telegram: Sandbox, company: Company, groups: list[Chat]
) -> None:
    announce(groups, company, *PAPERS)
    whole = files(telegram, GROUP_CHAT)
    assert sorted(whole) == sorted(name for name, _content in PAPERS)
    give(groups[1])
    assert telegram.messages(OFFICE) == []
    assert files(telegram, GROUP_CHAT) == whole
    # The card and the album: a call each.
    assert len(telegram.calls("deleteMessages")) == 2
    assert all(row.message_ids == [] and not row.is_behind for row in rows(groups[1]))


def test_it_comes_anew_when_the_group_is_given_the_organization_back(
    telegram: Sandbox, company: Company, groups: list[Chat]
) -> None:
    request = announce(groups, company, *PAPERS)
    give(groups[1])
    lanes.change(company, request)
    deliver(groups)
    assert telegram.messages(OFFICE) == []
    give(groups[1], company.organization)
    assert files(telegram, OFFICE) == files(telegram, GROUP_CHAT)
    card, *album = telegram.messages(OFFICE)
    assert request.number in card["caption"]
    assert {seen["reply_to_message"]["message_id"] for seen in album} == {card["message_id"]}
    comment = lanes.change(company, request)
    deliver(groups)
    assert comment in telegram.messages(OFFICE)[0]["caption"]


def test_a_request_that_moves_takes_its_files_from_the_former_group(
    telegram: Sandbox, company: Company, groups: list[Chat]
) -> None:
    office = groups[1]
    office.organizations.clear()
    office.departments.add(company.department)
    request = announce(groups, company, *PAPERS)
    moved = {"department": company.other_department}
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=moved)
    bot.project()
    deliver(groups)
    assert files(telegram, OFFICE) == []
    assert len(files(telegram, GROUP_CHAT)) == 3


@pytest.mark.parametrize(
    ("papers_", "left"),
    [
        (PAPERS, ["—.txt"] * 3),
        ((("1.jpg", picture()), ("2.jpg", picture()), ("3.png", picture(kind="PNG"))), ["photo"]),
        ((("1.mp4", MP4), ("2.mp4", MP4), ("3.jpg", picture())), ["photo"]),
    ],
    ids=["documents", "photos", "videos"],
)
def test_what_is_too_old_to_be_deleted_is_replaced_by_nothing(
    telegram: Sandbox,
    company: Company,
    groups: list[Chat],
    papers_: tuple[tuple[str, bytes], ...],
    left: list[str],
) -> None:
    request = announce(groups, company, *papers_)
    before = telegram.messages(OFFICE)
    grow_old(telegram, OFFICE)
    give(groups[1])
    # In an album pictures become a picture.
    assert {*files(telegram, OFFICE)[1:]} == {*left}
    assert files(telegram, OFFICE)[0] == "—.txt"
    said = {seen["caption"] for seen in telegram.messages(OFFICE)}
    assert said == {f"{request.number} больше не показывается в этой группе."}
    assert ids_of_files(before).isdisjoint(ids_of_files(telegram.messages(OFFICE)))
    assert all(row.message_ids == [] and not row.is_behind for row in rows(groups[1]))
    give(groups[1], company.organization)
    assert len(telegram.messages(OFFICE)) == 6
    # What was sent anew is young.
    give(groups[1])
    assert len(telegram.messages(OFFICE)) == 3


def ids_of_files(messages: list[bot.Json]) -> set[str]:
    found = [seen.get("document") or seen.get("video") or seen["photo"][-1] for seen in messages]
    return {file["file_id"] for file in found}


def test_what_cannot_even_be_replaced_says_so_to_an_administrator(
    telegram: Sandbox, company: Company, groups: list[Chat]
) -> None:
    request = announce(groups, company, ("Голос.ogg", VOICE))
    grow_old(telegram, OFFICE)
    give(groups[1])
    [seen] = telegram.messages(OFFICE)
    assert seen["caption"] == f"{request.number} больше не показывается в этой группе."
    assert "reply_markup" not in seen
    [row] = rows(groups[1])
    assert (row.state, row.message_ids) == ("failed", [])
    assert "delete them by hand" in row.error
    give(groups[1], company.organization)
    assert len(telegram.messages(OFFICE)) == 2


def test_what_is_given_back_in_the_middle_is_whole_again(
    telegram: Sandbox, company: Company, groups: list[Chat]
) -> None:
    office = groups[1]
    announce(groups, company, *PAPERS)
    grow_old(telegram, OFFICE)
    office.organizations.clear()
    project_group(office)
    while "—.txt" not in files(telegram, OFFICE):
        lane = Lane.take(office.pk)
        assert lane
        work_for(lane)
    give(office, company.organization)
    whole = {name for name, _content in PAPERS}
    assert whole <= {*files(telegram, OFFICE)}
    assert {row.state for row in rows(office)} == {"sent"}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after"},
        {"kind": "drop_before"},
        {"kind": "retry_after", "seconds": 3},
        {"kind": "error", "error_code": 500, "description": "Internal Server Error"},
    ],
    ids=["lost answer", "dropped", "flood", "server"],
)
@pytest.mark.parametrize("is_old", [False, True])
def test_trouble_on_the_way_is_tried_again(
    telegram: Sandbox,
    company: Company,
    groups: list[Chat],
    fault: dict[str, Any],
    is_old: bool,
) -> None:
    announce(groups, company, *PAPERS)
    if is_old:
        grow_old(telegram, OFFICE)
    telegram.fail(method="editMessageMedia" if is_old else "deleteMessages", count=2, **fault)
    give(groups[1])
    for _time in range(8):
        SentMessage.objects.update(not_before=None)
        Chat.objects.update(not_before=None)
        deliver(groups)
    assert files(telegram, OFFICE) == ["—.txt"] * 3 * is_old
    assert not groups[1].messages.behind().exists()
    assert len(files(telegram, GROUP_CHAT)) == 3


def test_what_somebody_has_deleted_is_gone_already(
    telegram: Sandbox, company: Company, groups: list[Chat]
) -> None:
    announce(groups, company, *PAPERS)
    first, second, third = (seen["message_id"] for seen in telegram.messages(OFFICE))
    chat = f"/control/chats/{OFFICE}"
    telegram.post(f"{chat}/delete_message", message_id=second)
    grow_old(telegram, OFFICE)
    give(groups[1])
    assert [seen["message_id"] for seen in telegram.messages(OFFICE)] == [first, third]
    assert files(telegram, OFFICE) == ["—.txt"] * 2
    assert not groups[1].messages.behind().exists()


def test_a_rich_card_loses_its_files_with_its_words(
    telegram: Sandbox, company: Company, groups: list[Chat]
) -> None:
    abilities.forget()
    Chat.objects.update(dress=Chat.Dress.RICH)
    request = announce(groups, company, *PAPERS)
    assert "document" in str(telegram.messages(OFFICE)[0]["rich_message"])
    give(groups[1])
    [seen] = telegram.messages(OFFICE)
    assert seen["text"] == f"{request.number} больше не показывается в этой группе."
    assert "rich_message" not in seen
    give(groups[1], company.organization)
    assert sorted(files(telegram, OFFICE)) == sorted(name for name, _content in PAPERS)


def test_the_names_of_files_that_are_too_large_go_too(
    telegram: Sandbox, company: Company, groups: list[Chat], settings: Any
) -> None:
    settings.TELEGRAM_UPLOAD_BYTES = 1000
    announce(groups, company, ("Счёт.pdf", pdf(1)), ("Проект.pdf", pdf(2000)))
    assert any("Проект.pdf" in text for text in lanes.texts(telegram, OFFICE))
    give(groups[1])
    assert not any("Проект.pdf" in text for text in lanes.texts(telegram, OFFICE))


def test_by_the_button_of_bind_too(telegram: Sandbox, company: Company, groups: list[Chat]) -> None:
    company.gleb.groups.set(Group.objects.filter(name="Администратор"))
    announce(groups, company, *PAPERS)
    gleb = company.telegram_id(company.gleb)
    bot.post(bot.press(gleb, f"unbind:{groups[1].pk}:{company.organization.pk}"))
    deliver(groups)
    assert (files(telegram, OFFICE), len(files(telegram, GROUP_CHAT))) == ([], 3)
