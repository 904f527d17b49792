"""Queries whose SQL is written once.

Django takes longer to write the SQL of a query than the database to answer it, and every press asks
the same few questions: who presses, what is decided, who else is asked; and writes rows of the same
few models.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, partial
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DatabaseError, connection
from django.db.models import Model, QuerySet
from django.db.models.sql import UpdateQuery
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
    datetime: lambda number: datetime(2, 1, 1, tzinfo=UTC) + timedelta(days=number),
}


class _Given(NamedTuple):
    """The place of a parameter among the values that a call gives."""

    number: int

    def of(self, values: Sequence[Any]) -> Any:
        return _for_driver(values[self.number])


def _for_driver(value: Any) -> Any:
    """As Django gives it: SQLite knows neither lists nor time zones."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    is_json = isinstance(value, list) and connection.vendor == "sqlite"
    return json.dumps(value) if is_json else value


class _Written(NamedTuple):
    """The SQL, with the parameters that it was written with or the places of those to be given."""

    sql: str
    parameters: Sequence[Any]

    @classmethod
    def of(cls, sql: str, parameters: Sequence[Any], stand_ins: Sequence[Any]) -> "_Written":
        places = {str(_for_driver(each)): number for number, each in enumerate(stand_ins)}

        def marked(parameter: Any) -> Any:
            number = places.get(str(parameter))
            return parameter if number is None else _Given(number)

        written = [marked(each) for each in parameters]
        found = {each.number for each in written if isinstance(each, _Given)}
        if lost := set(places.values()) - found:
            raise ValueError(f"the query changes its parameters {lost}: {sql}")
        return cls(sql, written)

    def given(self, values: Sequence[Any]) -> list[Any]:
        return [each.of(values) if isinstance(each, _Given) else each for each in self.parameters]


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
    """`build` gives the queryset for its parameters, which are of these `kinds`: int, str,
    datetime, or list (for `among`). Whatever else goes into the query is as it was when it was
    first asked.

    With each row those of the `related` paths are read, as `select_related` does; of all of them
    the named columns, or every one. Where a path leads to many, each of them makes a row: `rows`
    gives what is in it, by the paths.

    `shared` rows of the queryset's own model are held until the commit: nobody changes them, and
    many may hold one.
    """

    def __init__(
        self,
        build: Callable[..., QuerySet[M]],
        *kinds: type,
        columns: Columns = (),
        related: Mapping[str, Columns] = {},
        shared: bool = False,
    ) -> None:
        self._build, self._shared = build, shared
        self._stand_ins = [_STAND_INS[kind](number) for number, kind in enumerate(kinds)]
        self._paths = {"": columns, **related}

    def __call__(self, *values: Any) -> list[M]:
        return [row[""] for row in self.rows(*values)]

    def rows(self, *values: Any) -> list[dict[str, Any]]:
        written, convert = self._written
        if self._locks and not connection.in_atomic_block:
            # Django says so while it writes the SQL, and it is written once.
            raise TransactionManagementError("a lock needs a transaction")
        with connection.cursor() as cursor:
            cursor.execute(written.sql, written.given(values))
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
    def _written(self) -> tuple[_Written, Callable[[Iterable[Row]], Iterable[Row]]]:
        """With what makes the model's values of those that the driver gives."""
        names = [name for part in self._parts for name in part.names]
        query: Any = self._build(*self._stand_ins).values_list(*names).query
        # For good with the connection that came first; of it only the time zone is asked later.
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        written = _Written.of(sql + self._for_share, parameters, self._stand_ins)
        converters = compiler.get_converters([column for column, *_names in compiler.select])
        return written, partial(compiler.apply_converters, converters=converters)

    @property
    def _for_share(self) -> str:
        """What Django has no words for. SQLite has one writer at a time."""
        if not self._shared or connection.vendor != "postgresql":
            return ""
        return f" FOR SHARE OF {_quoted(self._parts[0].model._meta.db_table)}"

    @cached_property
    def _locks(self) -> bool:
        return self._shared or self._build(*self._stand_ins).query.select_for_update

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


class PreparedUpdate:
    """Of what `build` gives for its parameters, as of `Prepared`, to the fields that `change` gives
    for them."""

    def __init__(
        self,
        build: Callable[..., QuerySet[Any]],
        *kinds: type,
        change: Callable[..., Mapping[str, Any]],
    ) -> None:
        self._build = build
        self._stand_ins = [_STAND_INS[kind](number) for number, kind in enumerate(kinds)]
        self._change = change

    def __call__(self, *values: Any) -> int:
        """How many rows they were."""
        with connection.cursor() as cursor:
            cursor.execute(self._written.sql, self._written.given(values))
            return int(cursor.rowcount)

    @cached_property
    def _written(self) -> _Written:
        query: Any = self._build(*self._stand_ins).query.chain(UpdateQuery)
        query.add_update_values(self._change(*self._stand_ins))
        sql, parameters = query.get_compiler(connection=connection).as_sql()
        return _Written.of(sql, parameters, self._stand_ins)


def insert(rows: Sequence[Model], *, beside: type[Model] | None = None) -> bool:
    """New rows of one model, which get their keys; nobody is sent a signal.

    The answer is whether there is any row of the model `beside`, which the same statement asks.
    """
    if not rows:
        return False
    model = type(rows[0])
    fields = _inserted(model)
    for row in rows:
        settle(row)
    values = [_prepared(field, row, add=True) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_insertion(model, len(rows), beside), values)
        told = cursor.fetchall()
    for row, (key, _any) in zip(rows, told, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias
    return any(found for _key, found in told)


def update(row: Model, columns: Columns) -> None:
    """Write these of its columns; nobody is sent a signal. Raises `DatabaseError` if it is gone."""
    model = type(row)
    fields = [model._meta.get_field(name) for name in columns]
    settle(row)
    values = [_prepared(field, row, add=False) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_change(model, tuple(columns)), [*values, row.pk])
        if cursor.rowcount != 1:
            raise DatabaseError(f"there is no such row: {model.__name__} {row.pk}")


def complete(row: Model, names: Iterable[str]) -> None:
    """Read those of these related rows that are not there yet, each by its key.

    PostgreSQL plans a join of them all for longer than it takes to read them.
    """
    for name in names:
        field: Any = row._meta.get_field(name)
        key = getattr(row, field.attname)
        if key is None or field.is_cached(row):
            continue
        # Of none that is gone: whoever asks for it is told so.
        for found in _by_key(field.related_model)(key):
            field.set_cached_value(row, found)


def gather(row: Model, name: str, rows: Iterable[Model]) -> None:
    """Have `row.<name>.all()` give these, as it does after `prefetch_related`."""
    manager: Any = getattr(row, name)
    found = manager.get_queryset()
    found._result_cache, found._prefetch_done = list(rows), True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = found


def settle(row: Model) -> None:
    """Take over the keys of those related rows that had none yet when they were put here."""
    fields: Sequence[Any] = row._meta.concrete_fields
    for field in fields:
        if field.is_relation and getattr(row, field.attname) is None and field.is_cached(row):
            related = field.get_cached_value(row)
            setattr(row, field.attname, related and related.pk)


@cache
def _by_key(model: type[M]) -> Prepared[M]:
    return Prepared(lambda key: model._base_manager.filter(pk=key), int)


def _prepared(field: Any, row: Model, *, add: bool) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add), connection)


@cache
def _inserted(model: type[Model]) -> list[Any]:
    """Without those that the database fills in itself."""
    own = model._meta.concrete_fields
    return [field for field in own if not (field.primary_key or field.generated)]


@cache
def _insertion(model: type[Model], count: int, beside: type[Model] | None) -> str:
    columns = ", ".join(_quoted(field.column) for field in _inserted(model))
    row = f"({', '.join(['%s'] * len(_inserted(model)))})"
    rows = ", ".join([row] * count)
    table, key = _quoted(model._meta.db_table), _quoted(model._meta.pk.column)
    other = beside and f"EXISTS (SELECT 1 FROM {_quoted(beside._meta.db_table)})"  # noqa: S608
    return f"INSERT INTO {table} ({columns}) VALUES {rows} RETURNING {key}, {other or 'FALSE'}"  # noqa: S608


@cache
def _change(model: type[Model], columns: Columns) -> str:
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    values = ", ".join(f"{_quoted(field.column)} = %s" for field in fields)
    table, key = _quoted(model._meta.db_table), _quoted(model._meta.pk.column)
    return f"UPDATE {table} SET {values} WHERE {key} = %s"  # noqa: S608


def _quoted(name: Any) -> str:
    return connection.ops.quote_name(name)
