"""For data migrations: give roles permissions in the back office, and take them back."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions

# Name of a role → permissions such as `treasury.view_bank`.
Grants = Mapping[str, Iterable[str]]


def may(verbs: str, models: str) -> set[str]:
    """Every verb on every model: `may("view add", "treasury.bank auth.group")`."""
    split = [model.split(".") for model in models.split()]
    return {f"{app}.{verb}_{model}" for verb in verbs.split() for app, model in split}


def grant(apps: Any, schema_editor: Any, grants: Grants) -> None:
    """Add permissions to roles, which are made if need be."""
    permissions = _find(apps, schema_editor, grants)
    for role, names in grants.items():
        group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        group.permissions.add(*(permissions[name] for name in names))


def withdraw(apps: Any, schema_editor: Any, grants: Grants) -> None:
    """Take these permissions away; the roles and the people in them stay."""
    permissions = _find(apps, schema_editor, grants)
    for group in apps.get_model("auth", "Group").objects.filter(name__in=grants):
        group.permissions.remove(*(permissions[name] for name in grants[group.name]))


def _find(apps: Any, schema_editor: Any, grants: Grants) -> dict[str, Any]:
    """Permission by name. Django makes them after all migrations, which is too late here."""
    found: dict[str, Any] = {}
    for label in {name.partition(".")[0] for names in grants.values() for name in names}:
        create_permissions(
            installed.get_app_config(label), verbosity=0, apps=apps,
            using=schema_editor.connection.alias,
        )  # fmt: skip
        of_app = apps.get_model("auth", "Permission").objects.filter(content_type__app_label=label)
        found |= {f"{label}.{permission.codename}": permission for permission in of_app}
    return found
