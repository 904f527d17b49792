"""The rules that the database keeps, of which people are told before it refuses."""

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.models import BaseConstraint, CheckConstraint, Model, Q


def at_once(constraints: Sequence[BaseConstraint]) -> list[BaseConstraint]:
    """For `Model.get_constraints`: Django would ask about each check by a query of its own."""
    checks = [each for each in constraints if isinstance(each, CheckConstraint)]
    return [_All(checks), *(each for each in constraints if each not in checks)]


class _All(CheckConstraint):
    """Several in one query while they hold, then each by itself to tell which is broken."""

    def __init__(self, checks: Sequence[CheckConstraint]) -> None:
        conditions = (Q(check.condition) for check in checks)
        super().__init__(condition=reduce(and_, conditions), name="all_checks")
        self._checks = checks

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: set[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        if not self._hold(model, instance, exclude, using):
            errors = []
            for check in self._checks:
                try:
                    check.validate(model, instance, exclude, using)
                except ValidationError as error:
                    errors.append(error)
            if errors:
                raise ValidationError(errors)

    def _hold(self, model: type[Model], instance: Any, exclude: Any, using: str) -> bool:
        values = instance._get_field_expression_map(meta=model._meta, exclude=exclude)
        try:
            return Q(self.condition).check(values, using=using)
        except FieldError:
            # One of them is about an excluded field, and not to be asked.
            return False
