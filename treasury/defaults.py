"""Columns that the database fills itself, for a release that knows nothing of them."""

from typing import Any

from django.db.models import NOT_PROVIDED


def give(apps: Any, schema_editor: Any, app: str, columns: dict[str, list[str]]) -> None:
    """Their `db_default`, to the columns of these models that were made without it."""
    connection = schema_editor.connection
    for model in (apps.get_model(app, name) for name in columns):
        with connection.cursor() as cursor:
            table = connection.introspection.get_table_description(cursor, model._meta.db_table)
        has = {column.name for column in table if column.default is not None}
        for field in map(model._meta.get_field, columns[model._meta.model_name]):
            if field.column not in has:
                schema_editor.alter_field(model, _without_default(field), field)


def _without_default(field: Any) -> Any:
    former = field.clone()
    former.set_attributes_from_name(field.name)
    former.model, former.db_default = field.model, NOT_PROVIDED
    return former
