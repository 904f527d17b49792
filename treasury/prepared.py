"""Queries whose SQL is written once.

Django takes longer to write the SQL of a query than the database to answer it, and every press asks
the same few questions: who presses, what is decided, who else is asked.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=Model)
Row = Sequence[Any]
# The names of a model's columns; the key is among them.
Columns = Sequence[str]
# What stands for the parameter with this number while the SQL is written: nothing else is like it.
_STAND_INS: Mapping[type, Callable[[int], Any]] = {
    int: lambda number: -(10**15) - number,
    str: lambda number: f"parameter {number}",
    list: lambda number: [-(10**15) - number],
}


class _Given(NamedTuple):
    """The place of a parameter among the values that a call gives."""

    number: int
    # SQLite knows no lists.
    is_json: bool

    def of(self, values: Sequence[Any]) -> Any:
        value = values[self.number]
        return json.dumps(value) if self.is_json else value


class _Written(NamedTuple):
    """A query as the driver takes it, and what makes the model's values of what it gives."""

    sql: str
    parameters: list[Any]
    convert: Callable[[Iterable[Row]], Iterable[Row]]


@dataclass(frozen=True)
class _Part:
    """What is read of the row itself, whose path is empty, or of one that is related to it; in the
    columns from `start` on."""

    path: str
    model: type[Model]
    relation: Any
    columns: Columns
    start: int

    @property
    def names(self) -> list[str]:
        prefix = f"{self.path}__" if self.path else ""
        return [prefix + column for column in self.columns]

    def instance(self, row: Row) -> Model | None:
        """None where nothing is related."""
        values = row[self.start : self.start + len(self.columns)]
        if values[0] is None:
            return None
        return self.model.from_db(connection.alias, self.columns, values)


class Prepared(Generic[M]):
    """`build` gives the queryset for its parameters, which are of these `kinds`: int, str, or list
    (for `among`). Whatever else goes into the query is as it was when it was first asked.

    With each row those of the `related` paths are read, as `select_related` does; of all of them
    the named columns, or every one. Where a path leads to many, each of them makes a row: `rows`
    gives what is in it, by the paths.
    """

    def __init__(
        self,
        build: Callable[..., QuerySet[M]],
        *kinds: type,
        columns: Columns = (),
        related: Mapping[str, Columns] = {},
    ) -> None:
        self._build = build
        self._stand_ins = [_STAND_INS[kind](number) for number, kind in enumerate(kinds)]
        self._paths = {"": columns, **related}

    def __call__(self, *values: Any) -> list[M]:
        return [row[""] for row in self.rows(*values)]

    def rows(self, *values: Any) -> list[dict[str, Any]]:
        sql, parameters, convert = self._written
        if self._locks and not connection.in_atomic_block:
            # Django says so while it writes the SQL, and it is written once.
            raise TransactionManagementError("a lock needs a transaction")
        given = [each.of(values) if isinstance(each, _Given) else each for each in parameters]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            rows = cursor.fetchall()
        return [self._joined(row) for row in convert(rows)]

    def first(self, *values: Any) -> M | None:
        return next(iter(self(*values)), None)

    @cached_property
    def _parts(self) -> list[_Part]:
        parts: dict[str, _Part] = {}
        start = 0
        for path, columns in self._paths.items():
            above, _separator, name = path.rpartition("__")
            relation = parts[above].model._meta.get_field(name) if path else None
            model: Any = relation.related_model if relation else self._build(*self._stand_ins).model
            every = [field.attname for field in model._meta.concrete_fields]
            # In the model's order, on which `from_db` relies.
            read = [name for name in every if name in columns] if columns else every
            parts[path] = _Part(path, model, relation, read, start)
            start += len(parts[path].columns)
        return list(parts.values())

    @cached_property
    def _written(self) -> _Written:
        names = [name for part in self._parts for name in part.names]
        query: Any = self._build(*self._stand_ins).values_list(*names).query
        # For good with the connection that came first; of it only the time zone is asked later.
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        places = {str(each): number for number, each in enumerate(self._stand_ins)}
        written = [self._given(places, each) for each in parameters]
        found = {each.number for each in written if isinstance(each, _Given)}
        if lost := set(places.values()) - found:
            raise ValueError(f"the query changes its parameters {lost}: {sql}")
        converters = compiler.get_converters([column for column, *_names in compiler.select])
        return _Written(sql, written, partial(compiler.apply_converters, converters=converters))

    def _given(self, places: Mapping[str, int], parameter: Any) -> Any:
        """Itself, unless it stands for one that a call gives."""
        number = places.get(str(parameter))
        if number is None:
            return parameter
        return _Given(number, is_json=type(parameter) is not type(self._stand_ins[number]))

    @cached_property
    def _locks(self) -> bool:
        return self._build(*self._stand_ins).query.select_for_update

    def _joined(self, row: Row) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for part in self._parts:
            made[part.path] = instance = part.instance(row)
            above = made.get(part.path.rpartition("__")[0])
            if part.relation is None or part.relation.one_to_many or above is None:
                continue
            part.relation.set_cached_value(above, instance)
            if part.relation.one_to_one and instance is not None:
                part.relation.remote_field.set_cached_value(instance, above)
        return made
