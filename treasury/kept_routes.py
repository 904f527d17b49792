"""Proving that the routes are as their journal has left them.

Whoever may write to the database could lower a quorum in the route itself, and each request that is
submitted by it would be in order.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from treasury.models import ApprovalRoute, RouteEvent, RouteStage
from treasury.models.routes import ROUTE_FIELDS

# Of a stage what says whose and how many voices it wants, beside its group.
_RULES = ("position", "approvers", "concern", "quorum", "quorum_count", "min_amount")


def faults(events: Iterable[RouteEvent]) -> Iterator[str]:
    """`events` in their order. Of a route that no entry names nothing is said."""
    left = {event.route: event.data["new"] for event in events}
    found = ApprovalRoute.objects.filter(pk__in=left).prefetch_related("stages__group")
    routes = {route.pk: route for route in found}
    for pk, kept in left.items():
        route = routes.get(pk)
        if kept is None or route is None:
            if kept or route:
                yield f"route {pk} is {'there again' if route else 'gone'}"
            continue
        stages = {str(stage.pk): stage for stage in route.stages.all()}
        if stages.keys() != kept["stages"].keys():
            yield f"route {pk} has other stages"
            continue
        yield from _differences(f"route {pk}", route, (*ROUTE_FIELDS, "is_active"), kept)
        for key, stage in stages.items():
            name = f"route {pk}, stage {key}"
            yield from _differences(name, stage, _RULES, kept["stages"][key])
            if not _is_called(stage, kept["stages"][key]["group"]):
                yield f"{name}: the group is {stage.group}"


def _differences(
    name: str, row: ApprovalRoute | RouteStage, fields: Iterable[str], kept: Mapping[str, Any]
) -> Iterator[str]:
    for field in fields:
        now = getattr(row, field)
        # An older entry does not name what there was not yet.
        was = kept.get(field, now)
        if isinstance(now, Decimal) and was is not None:
            was = Decimal(was)
        if now != was:
            yield f"{name}: {field} is {now}, and the journal left it {was}"


def _is_called(stage: RouteStage, kept: str | None) -> bool:
    """The journal has name and code of the group, of which one may have become another."""
    if stage.group is None or kept is None:
        return stage.group is None and kept is None
    return kept.startswith(stage.group.name) or kept.endswith(f"({stage.group.code})")
