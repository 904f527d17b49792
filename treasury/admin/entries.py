"""What the journals of accounts and of routes keep, in the language of the reader."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from treasury import appointed
from treasury.admin import display
from treasury.admin.history import shown
from treasury.models import AccountEvent, ApprovalRoute, Employee, RouteEvent, RouteStage

Action = AccountEvent.Action
Facts = Mapping[str, Any]

# In the order in which they are read.
DETAILS = {
    "deputy": gettext_lazy("deputy"),
    "since": gettext_lazy("from"),
    "until": gettext_lazy("until"),
    "scope": gettext_lazy("scope"),
    "reason": gettext_lazy("reason"),
    "author": gettext_lazy("author"),
    "email": gettext_lazy("e-mail"),
    "telegram_id": gettext_lazy("Telegram id"),
    "telegram_name": gettext_lazy("Telegram name"),
    "previous_telegram_id": gettext_lazy("Telegram id before"),
}
MOMENTS = {"since", "until"}
ROUTE_FIELDS = ("name", "organization", "same_person", "min_people", "is_active")


def of_account(event: AccountEvent) -> Iterator[str]:
    if event.action in (Action.APPOINTED, Action.DISMISSED):
        yield appointed.in_words(event.data)
    for name, (old, new) in event.data.get("changes", {}).items():
        yield _change(Employee, name, old, new)
    for name, label in DETAILS.items():
        value = event.data.get(name)
        if value:
            yield f"{label}: {_moment(value) if name in MOMENTS else value}"


def of_route(event: RouteEvent) -> Iterator[str]:
    old, new = event.data["old"], event.data["new"]
    if old is None:
        yield _("Added")
    if new is None:
        yield _("Deleted")
    yield from _differences(ApprovalRoute, ROUTE_FIELDS, old or {}, new or {})
    yield from _stages((old or {}).get("stages", {}), (new or {}).get("stages", {}))


def _stages(old: Facts, new: Facts) -> Iterator[str]:
    """In the order of what is; then what is no more."""
    for key, stage in {**new, **old}.items():
        name = _("Stage “%(name)s”") % {"name": (new.get(key) or stage)["name"]}
        if key not in new:
            yield _("%(stage)s: deleted") % {"stage": name}
            continue
        told = "; ".join(_differences(RouteStage, new[key], old.get(key, {}), new[key]))
        if told:
            yield f"{name}: {told}"


def _differences(model: type[models.Model], names: Any, old: Facts, new: Facts) -> Iterator[str]:
    for name in names:
        was, now = old.get(name), new.get(name)
        if was != now:
            yield _change(model, name, was, now)


def _change(model: type[models.Model], name: str, old: Any, new: Any) -> str:
    """«Language: Russian → English», or «Language: English» for what was not there before."""
    field = model._meta.get_field(name)
    label = capfirst(str(getattr(field, "verbose_name", name)))
    if old is None:
        return f"{label}: {shown(field, new)}"
    return f"{label}: {shown(field, old)} → {shown(field, new)}"


def _moment(text: str) -> str:
    return display.moment(datetime.fromisoformat(text))
