"""Form fields that take what accountants paste."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import BigIntegerField
from django.utils.text import capfirst

from treasury import money
from treasury.validators import (
    validate_account_number,
    validate_bic,
    validate_bik,
    validate_inn,
    validate_kio,
    validate_kpp,
    validate_payee_account,
    validate_tax_number,
)

CODES = (
    validate_account_number, validate_payee_account, validate_bik, validate_bic, validate_inn,
    validate_kpp, validate_kio, validate_tax_number,
)  # fmt: skip


class MoneyField(forms.DecimalField):
    """Takes «1 234 567,89» as well as “1,234,567.89”; shows digits in groups."""

    widget = forms.TextInput(
        attrs={"class": "vTextField money-input", "inputmode": "decimal", "autocomplete": "off"}
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=18, decimal_places=2, **kwargs)

    def to_python(self, value: Any) -> Any:
        typed = isinstance(value, str) and value.strip()
        return super().to_python(money.parsed(value) if typed else value)

    def prepare_value(self, value: Any) -> Any:
        return money.number(value) if isinstance(value, Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.to_python(data))
        except ValidationError:
            return True


# What people and their programs put between the digits: spaces, dots, hyphens, and slashes in the
# tax numbers of some countries.
_BETWEEN_DIGITS = re.compile(r"[\s./\-\u2010-\u2015\u2212\u00ad\u200b-\u200d\u2060\ufeff]")


class CodeField(forms.CharField):
    """Takes the number of an account, a payee or a bank as it is pasted, and makes it compact.

    The browser must not cut what is longer only because of its spaces, so it is told no limit;
    the validators of the model know the length, and say what is wrong better than a limit would.
    """

    def __init__(self, *, max_length: int, validators: Iterable[Any] = (), **kwargs: Any) -> None:
        # A number is seen in full, and one that is too long is seen to be.
        size = {"class": "vTextField code-input", "size": max_length + 3, "autocomplete": "off"}
        kwargs["widget"] = forms.TextInput(attrs=size)
        super().__init__(validators=validators, **kwargs)

    def to_python(self, value: Any) -> Any:
        compact = _BETWEEN_DIGITS.sub("", super().to_python(value) or "").upper()
        return compact or self.empty_value

    @classmethod
    def of(cls, db_field: Any) -> "CodeField | None":
        """For a field of a model that holds such a number; None for any other."""
        codes = [check for check in db_field.validators if check in CODES]
        if not codes:
            return None
        return cls(
            label=capfirst(db_field.verbose_name), required=not db_field.blank,
            help_text=db_field.help_text, max_length=db_field.max_length, validators=codes,
            empty_value=None if db_field.null else "",
        )  # fmt: skip


def key_of(text: str) -> int | None:
    """A primary key as a page sends it; None for what no database could hold as one."""
    key = int(text) if text.isdecimal() else None
    return key if key is not None and key <= BigIntegerField.MAX_BIGINT else None


class SearchedSelect(AutocompleteSelect):
    """Shows nothing for what is no key at all: the field says that; Django's own fails."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [key for key in value if key_of(key) is not None], attr)


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class DocumentsInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class DocumentsField(forms.FileField):
    """Any number of files. They are checked where they are kept, one by one."""

    widget = DocumentsInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        return list(data or [])

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)
