"""What the templates of the back office need beside Django's own."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from treasury import files, money
from treasury.admin import display, start_page, wording
from treasury.admin.base import employee_of
from treasury.models import PaymentRequest
from treasury.names import accusative

register = template.Library()

# How the navigation groups what Django lists by application and alphabet.
SECTIONS: tuple[tuple[Any, Sequence[str]], ...] = (
    (_("Payments"), ("PaymentRequest", "Decision", "Event")),
    (
        _("Directories"),
        (
            "Counterparty", "CounterpartyAccount", "Bank", "Organization", "OwnAccount",
            "Department", "CashFlowItem", "VatRate",
        ),
    ),
    (_("Approval"), ("ApprovalRoute", "ApproverGroup", "Delegation", "ReasonTemplate")),
    (_("People"), ("Employee", "Group", "UserToken", "AccountEvent", "RouteEvent")),
    (_("Telegram"), ("Errand", "Chat", "SentMessage", "Update")),
)  # fmt: skip
register.filter("status_badge", display.status_badge)
register.filter("due_date", display.due_date)
register.filter("priority_mark", display.priority_mark)
register.filter("accusative", accusative)
register.filter("size", files.shown_size)
register.filter("adding", wording.adding)


@register.filter
def badge(text: str, kind: str) -> SafeString:
    return display.badge(kind, text)


@register.filter
def amount(request: PaymentRequest) -> str:
    return money.money(request.amount, request.currency)


@register.filter
def of_key(values: dict[int, Any], key: int) -> Any:
    return values.get(key, "")


@register.filter
def number(value: Decimal) -> str:
    return money.number(value)


@register.filter
def sections(app_list: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The models that a person may see, in our groups; the rest under the name of their app, which
    may be that of a group."""
    left = {model["object_name"]: (app, model) for app in app_list for model in app["models"]}
    grouped = {
        str(title): [left.pop(name)[1] for name in names if name in left]
        for title, names in SECTIONS
    }
    for app, model in left.values():
        grouped.setdefault(str(app["name"]), []).append(model)
    return [(title, models) for title, models in grouped.items() if models]


@register.simple_tag
def page_number(cl: ChangeList, number: Any) -> SafeString:
    """A link, or the page that is shown; of a list without an end the last are counted backward."""
    if not isinstance(number, int):
        return format_html("{}", number)
    label = str(number)
    if number < 0:
        last = pgettext("page", "last")
        label = last if number == -1 else f"{last} − {-number - 1}"
    if number == cl.page_num:
        return format_html('<span class="this-page" aria-current="page">{}</span>', label)
    return format_html('<a href="{}">{}</a>', cl.get_query_string({PAGE_VAR: number}), label)


@register.inclusion_tag("admin/dashboard.html", takes_context=True)
def dashboard(context: dict[str, Any]) -> dict[str, Any]:
    """What this person has to do, with counts that lead to the list."""
    employee = employee_of(context["request"])
    page = start_page.of(employee)
    may_add = employee.has_perm("treasury.add_paymentrequest")
    consents = employee.consents.select_related("author")
    return {"may_add": may_add, "cards": page.cards, "queues": page.queues, "consents": consents}
