"""What the cards of an organization show is chosen in the back office, with a look at it."""

import html
import json
import re

from django.test import Client

from telegrambot.kinds import registry
from telegrambot.models import CardLayout, SentMessage
from tests.admin.conftest import text_of
from tests.company import Company
from tests.telegrambot import bot
from treasury.models import PaymentRequest

LAYOUTS = "/admin/telegrambot/cardlayout/"


def labels(company: Company, request: PaymentRequest) -> list[str]:
    """Of the folded fields of Boris' card."""
    message = bot.chat_of(company, company.boris).get(request=request)
    [folded] = re.findall(
        "<blockquote expandable>(.*)</blockquote>", registry.render(message).text, re.S
    )
    return re.findall("<i>(.*?)</i>", folded)


def test_cards_show_what_is_chosen_in_its_order(administrator: Client, company: Company) -> None:
    request = company.submitted()
    bot.project()
    whole = labels(company, request)
    assert whole[0] == "Желаемая дата"
    wanted = SentMessage.objects.get(kind="announcement").wanted
    data = {"organization": company.organization.pk, "names": ["invoice", "requester"]}
    administrator.post(f"{LAYOUTS}add/", data)
    assert CardLayout.objects.get().names == ["invoice", "requester"]
    assert labels(company, request) == ["Счёт на оплату", "Инициатор"]
    assert SentMessage.objects.get(kind="announcement").wanted == wanted + 1

    administrator.post(f"{LAYOUTS}{CardLayout.objects.get().pk}/delete/", {"post": "yes"})
    assert labels(company, request) == whole


def test_nothing_chosen_leaves_what_is_always_shown(
    administrator: Client, company: Company
) -> None:
    request = company.submitted()
    bot.project()
    administrator.post(f"{LAYOUTS}add/", {"organization": company.organization.pk})
    text = registry.render(bot.chat_of(company, company.boris).get()).text
    assert "blockquote" not in text
    assert request.purpose in text
    assert "Держатель бюджета" in text


def test_what_another_release_knew_is_passed_over(company: Company) -> None:
    request = company.submitted()
    bot.project()
    CardLayout.objects.create(organization=company.organization, names=["mood", "vat"])
    assert labels(company, request) == ["НДС"]


def test_the_page_shows_the_newest_request_that_its_reader_may_read(
    administrator: Client, company: Company
) -> None:
    address = f"{LAYOUTS}add/"
    assert "no request yet" in text_of(administrator.get(address))
    request = company.submitted(purpose="Оплата </script><b>товара")
    page = administrator.get(address).content.decode()
    [found] = re.findall('data-sample="(.*?)"', page)
    sample = json.loads(html.unescape(found))
    assert request.number in sample["head"][1]
    assert sample["words"][1][1] == request.purpose
    assert set(sample["fields"]) >= {"requester", "invoice"}
    chosen = re.findall('name="names" value="([a-z_]+)"[^>]*checked', page)
    assert chosen[0] == "desired_date"


def test_chosen_fields_stand_first_in_their_order(administrator: Client, company: Company) -> None:
    layout = CardLayout.objects.create(organization=company.organization, names=["vat", "invoice"])
    page = administrator.get(f"{LAYOUTS}{layout.pk}/change/").content.decode()
    assert re.findall('name="names" value="([a-z_]+)"', page)[:3] == [
        "vat",
        "invoice",
        "desired_date",
    ]
    assert re.findall('name="names" value="([a-z_]+)"[^>]*checked', page) == ["vat", "invoice"]


def test_an_unknown_field_is_refused(administrator: Client, company: Company) -> None:
    data = {"organization": company.organization.pk, "names": ["mood"]}
    assert "mood" in text_of(administrator.post(f"{LAYOUTS}add/", data))
    assert not CardLayout.objects.exists()
