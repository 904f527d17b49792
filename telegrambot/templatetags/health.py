"""What the first page of the back office says about the channel to those who look after it."""

from collections.abc import Iterator
from typing import Any

from django import template
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from oauth.models import UserToken
from telegrambot import figures, held, in_words
from telegrambot.models import GIVEN_UP, Alert, Bookmark, Chat, SentMessage, Update
from treasury.admin.start_page import Card, counted
from treasury.models import ApprovalTask, Employee

register = template.Library()

# More names than this are no note but a list.
NAMES_SHOWN = 3


@register.inclusion_tag("admin/held.html")
def hold() -> dict[str, Any]:
    """That this is a restored copy, for everybody who works in it."""
    return {"hold": held.current()}


@register.inclusion_tag("admin/health.html", takes_context=True)
def health(context: dict[str, Any]) -> dict[str, Any]:
    """Whether everybody is reached, with counts that lead to where it is mended."""
    employee = context["user"]
    if not employee.has_perm("telegrambot.view_sentmessage"):
        return {"cards": []}
    return {"cards": list(_cards(employee))}


def _cards(employee: Employee) -> Iterator[Card]:
    lost = SentMessage.objects.filter(state__in=GIVEN_UP)
    url = reverse(
        "admin:telegrambot_sentmessage_changelist", query={"state__in": ",".join(GIVEN_UP)}
    )
    yield Card(_("Not delivered"), counted(lost), url, "failed")
    if employee.has_perm("telegrambot.view_bookmark"):
        url = reverse("admin:telegrambot_bookmark_changelist")
        yield Card(_("Requests not told of"), counted(Bookmark.objects.stuck()), url, "stuck")
    if employee.has_perm("telegrambot.view_update"):
        unhandled = Update.objects.filter(handled_at=None)
        url = reverse("admin:telegrambot_update_changelist", query={"handled_at__isempty": "1"})
        yield Card(_("Updates not handled"), counted(unhandled), url, "unhandled")
    if employee.has_perm("telegrambot.view_errand"):
        yield _of_webhook()
    if employee.has_perm("treasury.view_employee"):
        people = list(_out_of_reach())
        url = reverse("admin:treasury_employee_changelist")
        title = _("Asked, and without Telegram")
        yield Card(title, len(people), url, "unlinked", _names(people))
    if employee.has_perm("telegrambot.view_chat"):
        closed = Chat.objects.closed_to_approvers().values_list("telegram_id", flat=True)
        people = list(in_words.people(closed).values())
        url = reverse("admin:telegrambot_chat_changelist", query={"approvers": "closed"})
        title = _("Approvers whose chat is closed")
        yield Card(title, len(people), url, "unlinked", _names(people))


def _of_webhook() -> Card:
    """How many updates Telegram keeps is no trouble; that it does not reach us, is one."""
    trouble = Alert.objects.filter(subject=Alert.Subject.WEBHOOK, ended_at=None).first()
    url = reverse("admin:telegrambot_errand_changelist")
    count = int(figures.pending() or 0)
    kind, alarm = ("failed", str(trouble)) if trouble else ("stuck", "")
    return Card(_("Updates that wait at Telegram"), count, url, kind, alarm=alarm)


def _names(people: list[Employee]) -> tuple[str, ...]:
    names = ", ".join(person.get_short_name() for person in people[:NAMES_SHOWN])
    rest = len(people) - NAMES_SHOWN
    note = f"{names} +{rest}" if rest > 0 else names
    return (note,) if note else ()


def _out_of_reach() -> "QuerySet[Employee]":
    """Those whom the routes ask, or for whom something waits, and whom the bot cannot write to."""
    is_open = ApprovalTask.Status.OPEN
    open_tasks = ApprovalTask.objects.filter(employee=OuterRef("pk"), status=is_open)
    linked = UserToken.objects.valid().filter(employee=OuterRef("pk"), kind=UserToken.Kind.TELEGRAM)
    asked = (
        Q(Exists(open_tasks))
        | Q(Exists(Employee.departments.through.objects.filter(employee=OuterRef("pk"))))
        | Q(memberships__isnull=False)
    )
    return Employee.objects.filter(asked, ~Exists(linked), is_active=True).distinct()
