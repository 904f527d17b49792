"""Form fields that take what accountants paste."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import BigIntegerField
from django.utils.translation import gettext as _

from treasury import money
from treasury.models.requests import ATTACHMENT_MAX_BYTES


class MoneyField(forms.DecimalField):
    """Takes «1 234 567,89» as well as “1,234,567.89”; shows digits in groups."""

    widget = forms.TextInput(
        attrs={"class": "vTextField money-input", "inputmode": "decimal", "autocomplete": "off"}
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=18, decimal_places=2, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(plain_number(value) if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        return money.number(value) if isinstance(value, Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.to_python(data))
        except ValidationError:
            return True


def key_of(text: str) -> int | None:
    """A primary key as a page sends it; None for what no database could hold as one."""
    key = int(text) if text.isdecimal() else None
    return key if key is not None and key <= BigIntegerField.MAX_BIGINT else None


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


def plain_number(text: str) -> str:
    """The number as Python writes it: of two kinds of signs the last one is the decimal point."""
    compact = re.sub(r"\s", "", text)
    if "," in compact and "." in compact:
        groups = "," if compact.rfind(",") < compact.rfind(".") else "."
        compact = compact.replace(groups, "")
    return compact.replace(",", ".")


class DocumentsInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class DocumentsField(forms.FileField):
    """Any number of files; an empty or too large one is refused by name."""

    widget = DocumentsInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        files = data or []
        problems = [problem for file in files if (problem := _problem_of(file))]
        if problems:
            raise ValidationError(problems)
        return list(files)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)


def _problem_of(file: "UploadedFile[Any]") -> str:
    size = file.size or 0
    if not size:
        return _("“%(name)s” is empty.") % {"name": file.name}
    if size > ATTACHMENT_MAX_BYTES:
        return _("“%(name)s” is %(size)d MB; at most %(limit)d MB can be attached.") % {
            "name": file.name,
            "size": size // 1024**2,
            "limit": ATTACHMENT_MAX_BYTES // 1024**2,
        }
    return ""
