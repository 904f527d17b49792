"""What was done on a page of a directory: kept as facts, told in the language of the reader.

Django's own record names the fields only. To each of its parts is added `model` or `values`, which
Django passes over: entries written before, or by Django alone, are read too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.forms import BaseModelForm
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from treasury.money import number

Part = dict[str, dict[str, Any]]
# Of these only that they were changed.
SECRETS = {"password"}


def with_values(parts: list[Part], form: Any, formsets: Iterable[Any] | None) -> list[Part]:
    """Django's parts, in the order in which it makes them, with what was there and what is."""
    left = iter(parts)
    if form.changed_data or (parts and parts[0].get("added") == {}):
        _keep_values(next(left), form)
    for formset in formsets or ():
        forms = {form.instance.pk: form for form in formset.initial_forms}
        for row in formset.new_objects:
            _keep_model(next(left), row)
        for row, _names in formset.changed_objects:
            part = next(left)
            _keep_model(part, row)
            _keep_values(part, forms[row.pk])
        for row in formset.deleted_objects:
            _keep_model(next(left), row)
    return parts


def inside(row: models.Model, deed: str, after: Mapping[str, Any]) -> list[Part]:
    """As a form would tell it of a row that stands on the page of another: `added`, `deleted`, or
    `changed` to these values; no part for what changes nothing."""
    facts = {"name": str(row._meta.verbose_name), "object": str(row)}
    part: Part = {deed: {**facts, "model": row._meta.label_lower}}
    if deed == "changed":
        fields: dict[str, Any] = {name: row._meta.get_field(name) for name in after}
        values = _differing(fields, {name: getattr(row, name) for name in after}, after)
        if not values:
            return []
        part[deed] |= {"fields": _labels(fields, values), "values": values}
    return [part]


def changed(row: models.Model, before: Mapping[str, Any]) -> list[Part]:
    """As a form would tell it of a row whose fields no form has changed."""
    fields: dict[str, Any] = {name: row._meta.get_field(name) for name in before}
    after = {name: field.value_from_object(row) for name, field in fields.items()}
    values = _differing(fields, before, after)
    return [{"changed": {"fields": _labels(fields, values), "values": values}}]


def _differing(
    fields: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[dict[str, Any]]:
    return [
        {"field": name, "old": _plain(field, before[name]), "new": _plain(field, after[name])}
        for name, field in fields.items()
        if before[name] != after[name]
    ]


def _labels(fields: Mapping[str, Any], values: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(fields[value["field"]].verbose_name) for value in values]


def lines(entry: LogEntry) -> list[str]:
    """One for each field, row or deed."""
    if not entry.change_message.startswith("["):
        return [str(entry.get_change_message())]
    model = entry.content_type.model_class() if entry.content_type else None
    parts: list[Part] = json.loads(entry.change_message)
    told = [line for part in parts for line in _told(part, model)]
    return told or [_("Nothing was changed")]


def _keep_model(part: Part, row: models.Model) -> None:
    for facts in part.values():
        facts["model"] = row._meta.label_lower


def _keep_values(part: Part, form: Any) -> None:
    if "changed" in part and isinstance(form, BaseModelForm):
        part["changed"]["values"] = list(_values(form))


def _values(form: "BaseModelForm[Any]") -> Iterator[dict[str, Any]]:
    options = form.instance._meta
    fields = {field.name: field for field in (*options.fields, *options.many_to_many)}
    for name in form.changed_data:
        if name in fields and name not in SECRETS:
            old, new = form.get_initial_for_field(form.fields[name], name), form.cleaned_data[name]
            yield {
                "field": name,
                "old": _plain(fields[name], old),
                "new": _plain(fields[name], new),
            }


def _plain(field: "models.Field[Any, Any]", value: Any) -> Any:
    """What JSON holds: of other rows their names, for they may be gone when it is read."""
    if value is None or isinstance(value, bool):
        return value
    if field.many_to_many:
        return sorted(getattr(row, "full_name", None) or str(row) for row in value)
    if field.is_relation and not isinstance(value, models.Model):
        value = field.related_model._default_manager.filter(pk=value).first() or ""  # type: ignore[union-attr]
    return value.isoformat() if isinstance(value, date) else str(value)


def _told(part: Part, model: type[models.Model] | None) -> Iterator[str]:
    for deed, facts in part.items():
        row = _row(facts)
        if deed == "changed":
            yield from _changes(facts, row, _model(facts) if row else model)
        elif not row:
            yield _("Added")
        elif deed == "added":
            yield _("Added: %(row)s") % {"row": row}
        else:
            yield _("Deleted: %(row)s") % {"row": row}


def _model(facts: dict[str, Any]) -> type[models.Model] | None:
    return apps.get_model(facts["model"]) if "model" in facts else None


def _row(facts: dict[str, Any]) -> str:
    """«этап маршрута «Казначей»»; empty for the object whose page it is."""
    if "object" not in facts:
        return ""
    model = _model(facts)
    name = model._meta.verbose_name if model else _(facts["name"])
    return _("%(name)s “%(object)s”") % {"name": name, "object": facts["object"]}


def _changes(facts: dict[str, Any], row: str, model: type[models.Model] | None) -> Iterator[str]:
    where = f"{capfirst(row)}: " if row else ""
    if "values" not in facts:
        names = ", ".join(map(_label_of_old, facts["fields"]))
        yield where + _("Changed: %(fields)s") % {"fields": names}
    for change in facts.get("values", ()):
        field = _field(model, change["field"])
        label = capfirst(str(field.verbose_name)) if field else change["field"]
        old, new = shown(field, change["old"]), shown(field, change["new"])
        yield f"{where}{label}: {old} → {new}"


def _label_of_old(label: str) -> str:
    """Django keeps the label with a capital, and the catalogue mostly has it without."""
    lower = label[:1].lower() + label[1:]
    return _(lower) if _(label) == label else _(label)


def _field(model: type[models.Model] | None, name: str) -> Any:
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def shown(field: Any, raw: Any) -> str:
    if raw in (None, "", []):
        return "—"
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    if isinstance(raw, list):
        return ", ".join(raw)
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(raw, raw))
    if isinstance(field, models.DecimalField):
        return number(Decimal(raw))
    if type(field) is models.DateField:
        return date_format(date.fromisoformat(raw), "SHORT_DATE_FORMAT")
    return str(raw)
