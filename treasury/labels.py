"""Facts of a row with what they are called, as cards and pages show them."""

from typing import NamedTuple

from django.db import models


class Labelled(NamedTuple):
    """A fact in words, and how it is called."""

    label: str
    value: str

    def __str__(self) -> str:
        return f"{self.label} {self.value}"


def labelled(row: models.Model, name: str) -> Labelled:
    return Labelled(str(row._meta.get_field(name).verbose_name), getattr(row, name))  # type: ignore[union-attr]
