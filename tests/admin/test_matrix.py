"""Who may do what: role × page × action, in tables that show every change of a right.

Each cell is asked of the server, by a browser in which a person with that role has logged in.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin, messages
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from telegrambot import errands
from telegrambot.models import Alert, Bookmark, CardLayout, Chat, Errand, ReasonTemplate, Update
from telegrambot.projection import news
from tests.admin.conftest import REQUESTS, browse, button, text_of
from tests.company import Company
from treasury import journal
from treasury.admin.moves import LABELS
from treasury.models import CalendarDay, Delegation, Employee, PaymentRequest
from treasury.services import delegations
from treasury.workflow import Action, Status

# Accountant, approver, treasurer, auditor, administrator.
ROLES = ("Бухгалтер", "Согласующий", "Казначей", "Аудитор", "Администратор")

# What people with a role and no part in anything may do: l list, v view, a add, c change, d delete.
# Everyone has the lists of requests and of delegations, with what concerns him in them; whoever is
# asked at a stage may appoint a deputy of his own.
PAGES = """
page                           accnt  apprv  treas  audit  admin
treasury.approvalroute         -      -      -      lv     lvacd
treasury.approvergroup         -      -      -      lv     lvacd
treasury.decision              -      -      lv     lv     lv
treasury.calendarday           -      -      -      lv     lvacd
treasury.counterparty          lvac   -      lvac   lv     lvacd
treasury.counterpartyaccount   lvac   -      lvac   lv     lvacd
treasury.delegation            l      l      lv     lv     lva
auth.group                     -      -      -      -      lv
treasury.event                 -      -      lv     lv     lv
treasury.accountevent          -      -      -      lv     lv
treasury.routeevent            -      -      -      lv     lv
treasury.organization          lv     -      lv     lv     lvacd
treasury.bank                  lvac   -      lvac   lv     lvacd
treasury.ownaccount            lv     -      lvac   lv     lvacd
treasury.department            lv     -      lv     lv     lvacd
treasury.cashflowitem          lv     -      lv     lv     lvacd
treasury.vatrate               lv     -      lv     lv     lvacd
treasury.paymentrequest        lvac   l      lvac   lv     lv
telegrambot.sentmessage        -      -      -      lv     lv
telegrambot.chat               -      -      -      lv     lvc
telegrambot.bookmark           -      -      -      lv     lv
telegrambot.update             -      -      -      -      lv
telegrambot.alert              -      -      -      lv     lv
telegrambot.cardlayout         -      -      -      lv     lvacd
telegrambot.errand             -      -      -      lv     lv
telegrambot.reasontemplate     -      -      -      -      lvacd
oauth.usertoken                -      -      -      -      lv
treasury.employee              -      -      -      lv     lvac
"""
# Which actions on a list do their work when they are sent.
LIST_ACTIONS = """
action                         accnt  apprv  treas  audit  admin
treasury.delegation:end_chosen -      -      -      -      +
telegrambot.sentmessage:retry  -      -      -      -      +
telegrambot.chat:retry         -      -      -      -      +
telegrambot.bookmark:retry     -      -      -      -      +
telegrambot.update:retry       -      -      -      -      +
oauth.usertoken:revoke         -      -      -      -      +
"""
# Who may make a move on the request that Anna asks for and Boris has to decide: people with a role
# and no part in it; then, by their part alone, Anna, Boris, his deputy, and Anna's deputy.
MOVES = """
move                           accnt  apprv  treas  audit  admin  Anna   Boris  forB   forA
submit                         -      -      -      -      -      +      -      -      -
approve                        -      -      -      -      -      -      +      +      -
decline                        -      -      -      -      -      -      +      +      -
return_for_rework              -      -      -      -      -      -      +      +      -
reassign                       -      -      -      -      +      -      +      +      -
add_approver                   -      -      -      -      +      -      +      +      -
withdraw                       -      -      -      -      -      +      -      -      -
cancel                         -      -      +      -      -      +      -      -      -
adopt                          -      -      -      -      -      -      -      -      -
copy                           +      -      +      -      -      +      -      -      -
remove_document                +      -      +      -      -      +      -      -      -
end_delegation                 -      -      -      -      +      -      +      -      -
"""


# The status in which a move begins, where that is not “in approval”.
STARTS = {
    Action.SUBMIT: Status.DRAFT,
    Action.CANCEL: Status.APPROVED,
    Action.ADOPT: Status.DRAFT,
    Action.COPY: Status.APPROVED,
}


@dataclass
class Office:
    company: Company
    requests: Mapping[Status, PaymentRequest]
    delegation: Delegation


def stand_in(principal: Employee, deputy: Employee) -> Delegation:
    return delegations.begin(
        principal=principal, deputy=deputy, until=timezone.now() + timedelta(days=1),
        actor=principal, channel="telegram",
    )  # fmt: skip


@pytest.fixture
def office(company: Company) -> Office:
    """A row on every page: requests in each status that a move starts from, and the rest."""
    requests = {
        Status.DRAFT: company.draft(),
        Status.IN_APPROVAL: company.submitted(),
        Status.APPROVED: company.approved(),
    }
    news.project(requests[Status.IN_APPROVAL].pk)
    Bookmark.objects.create(request=requests[Status.DRAFT], attempts=1)
    Update.objects.create(update_id=1, kind="message", payload={})
    Alert.objects.create(subject=Alert.Subject.LAG)
    CardLayout.objects.create(organization=company.organization, names=["vat"])
    errands.ask(Errand.Act.EXAMINE, company.gleb)
    CalendarDay.objects.create(date="2027-01-11", kind=CalendarDay.Kind.OFF)
    # Of chats a private one, of which nothing can be changed, would come first.
    Chat.objects.filter(telegram_id=company.group_chat).update(kind=Chat.Kind.GROUP)
    ReasonTemplate.objects.get_or_create(text="Нет договора", action=Action.DECLINE)
    journal.record_route(
        route=company.route.pk, name="Основной", actor=company.gleb, channel="admin",
        data={"old": None, "new": None},
    )  # fmt: skip
    return Office(company, requests, stand_in(company.boris, company.fedor))


def drawn(columns: list[dict[str, str]]) -> str:
    """The rows of a table as above, so that a failure shows just what has changed."""
    return "\n".join(
        name.ljust(31) + "".join(column[name].ljust(7) for column in columns).rstrip()
        for name in columns[0]
    )


def below_the_head(table: str) -> str:
    return table.strip().partition("\n")[2]


def outsider(office: Office, role: str) -> Client:
    return browse(office.company.sergey, role)


def undone(send: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The answer, of which nothing remains for the next cell."""
    with transaction.atomic():
        response = send(*args, **kwargs)
        transaction.set_rollback(True)
    return response


def is_done(response: Any) -> bool:
    """Not refused, nor led away from a row that this person does not see."""
    return response.status_code in (200, 302) and response.headers.get("Location") != "/admin/"


def pages(client: Client) -> Iterator[tuple[str, str]]:
    for model in admin.site._registry:
        label = model._meta.label_lower
        row: models.Model | None = model._default_manager.first()
        assert row is not None, label
        name = f"admin:{label.replace('.', '_')}"
        requests: dict[str, tuple[Callable[..., Any], str]] = {
            "l": (client.get, reverse(f"{name}_changelist")),
            "v": (client.get, reverse(f"{name}_change", args=[row.pk])),
            "a": (client.post, reverse(f"{name}_add")),
            "c": (client.post, reverse(f"{name}_change", args=[row.pk])),
            "d": (client.post, reverse(f"{name}_delete", args=[row.pk])),
        }
        allowed = "".join(verb for verb, sent in requests.items() if is_done(undone(*sent)))
        yield label, allowed or "-"


def list_actions(client: Client) -> Iterator[tuple[str, str]]:
    for model, model_admin in admin.site._registry.items():
        label = model._meta.label_lower
        row = model._default_manager.first()
        assert row is not None, label
        url = reverse(f"admin:{label.replace('.', '_')}_changelist")
        for action in model_admin.actions or ():
            data = {"action": action, "_selected_action": [row.pk], "confirmed": "yes"}
            response = undone(client.post, url, data, follow=True)
            said = response.context["messages"] if response.status_code == 200 else ()
            done = any(message.level == messages.SUCCESS for message in said)
            yield f"{label}:{action}", "+" if done else "-"


def moves(office: Office, client: Client) -> Iterator[tuple[str, str]]:
    company = office.company
    data = {"to": company.gleb.pk, "reason": "Так решили"}
    for action in LABELS:
        request = office.requests[STARTS.get(action, Status.IN_APPROVAL)]
        if action == Action.COPY:
            opened = client.get(f"{REQUESTS}add/", {"copy": request.pk})
            yield action.value, "+" if opened.status_code == 200 else "-"
            continue
        task = "" if action in STARTS else company.task(request, company.boris).pk
        yield action.value, press(client, button(request, action), {**data, "task": task})
    document = office.requests[Status.DRAFT].documents.get()
    remove = "admin:treasury_paymentrequest_document_remove"
    yield "remove_document", press(client, reverse(remove, args=[document.request_id, document.pk]))
    end = reverse("admin:treasury_delegation_end", args=[office.delegation.pk])
    yield "end_delegation", press(client, end)


def press(client: Client, url: str, data: Any = None) -> str:
    response = undone(client.post, url, data)
    assert response.status_code in (302, 403, 404), text_of(response)
    return "+" if response.status_code == 302 else "-"


@pytest.mark.long
def test_pages(office: Office) -> None:
    found = [dict(pages(outsider(office, role))) for role in ROLES]
    assert drawn(found) == below_the_head(PAGES)


def test_actions_on_lists(office: Office) -> None:
    found = [dict(list_actions(outsider(office, role))) for role in ROLES]
    assert drawn(found) == below_the_head(LIST_ACTIONS)


def test_moves(office: Office) -> None:
    company = office.company
    stand_in(company.anna, company.gleb)
    company.may_take_over(company.gleb)
    found = [dict(moves(office, outsider(office, role))) for role in ROLES]
    for person in (company.anna, company.boris, company.fedor, company.gleb):
        found.append(dict(moves(office, browse(person))))
    assert drawn(found) == below_the_head(MOVES)
