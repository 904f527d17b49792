"""Roles as data: what each may do in the back office. `migrate` makes the groups agree with it."""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions

DIRECTORIES = (
    "treasury.organization", "treasury.ownaccount", "treasury.department", "treasury.cashflowitem",
    "treasury.vatrate", "treasury.bank", "treasury.counterparty", "treasury.counterpartyaccount",
)  # fmt: skip
PAYEES = ("treasury.bank", "treasury.counterparty", "treasury.counterpartyaccount")
ROUTING = (
    "treasury.approvalroute", "treasury.routestage", "treasury.approvergroup",
    "treasury.groupmembership",
)  # fmt: skip
# Everyone in the back office has his own; these permissions are about other people's.
DELEGATIONS = ("treasury.delegation",)
RECORDS = ("treasury.event", "treasury.decision")
ACCOUNTS = ("treasury.employee", "treasury.accountevent")
CHANNEL = ("telegrambot.update", "telegrambot.sentmessage")


def _may(verbs: str, models: Iterable[str]) -> set[str]:
    """Permissions such as `treasury.view_bank`, for every verb and model."""
    split = [model.split(".") for model in models]
    return {f"{app}.{verb}_{model}" for verb in verbs.split() for app, model in split}


# Name of the group → its permissions. An approver needs none: his tasks are his right.
ROLES: dict[str, frozenset[str]] = {
    "Бухгалтер": frozenset(
        _may("view add change", ["treasury.paymentrequest"])
        | _may("view", DIRECTORIES)
        | _may("add change", PAYEES)
    ),
    "Согласующий": frozenset(),
    "Казначей": frozenset(
        _may("view add change cancel", ["treasury.paymentrequest"])
        | _may("view", [*DIRECTORIES, *RECORDS, *DELEGATIONS])
        | _may("add change", [*PAYEES, "treasury.ownaccount"])
    ),
    "Аудитор": frozenset(
        _may("view", ["treasury.paymentrequest", *DIRECTORIES, *ROUTING, *DELEGATIONS, *RECORDS])
        | _may("view", [*ACCOUNTS, "telegrambot.sentmessage", "telegrambot.chat"])
    ),
    # Configures and repairs, but asks for no payment himself.
    "Администратор": frozenset(
        _may("view", ["treasury.paymentrequest", "auth.group", *RECORDS, *ACCOUNTS, *CHANNEL])
        | {"treasury.reassign_task"}
        | _may("view add change delete", [*DIRECTORIES, *ROUTING, "telegrambot.reasontemplate"])
        | _may("add change", ["treasury.employee"])
        | _may("view add change", DELEGATIONS)
        | _may("view change", ["telegrambot.chat", "oauth.usertoken"])
        | _may("change", CHANNEL)
    ),
}


def synchronise(app_config: AppConfig, **kwargs: Any) -> None:
    """Give each role exactly its permissions on this app's models; others are left alone."""
    wanted = {permission for role in ROLES.values() for permission in role}
    if not any(permission.startswith(f"{app_config.label}.") for permission in wanted):
        return
    # Django makes them on the same signal, later.
    create_permissions(app_config, **kwargs)
    groups = apps.get_model("auth.Group").objects
    of_app = apps.get_model("auth.Permission").objects.filter(
        content_type__app_label=app_config.label
    )
    by_name = {f"{app_config.label}.{permission.codename}": permission for permission in of_app}
    for name, permissions in ROLES.items():
        group, _created = groups.get_or_create(name=name)
        granted = [by_name[permission] for permission in permissions & by_name.keys()]
        surplus = of_app.exclude(pk__in=[permission.pk for permission in granted])
        group.permissions.remove(*surplus)
        group.permissions.add(*granted)
