"""Forms that compare with what their page has shown: whoever keeps one open undoes nothing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

CHANGED_MEANWHILE = _("Someone else has changed this meanwhile. Please open the page again.")


class ShownChoices(forms.MultipleHiddenInput):
    """Says of an empty choice too that it was shown; Django's would say nothing."""

    def format_value(self, value: Any) -> Any:
        return super().format_value(value) or [""]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return [key for key in super().value_from_datadict(data, files, name) or () if key]


class AsShownForm(forms.ModelForm):  # type: ignore[type-arg]
    """What this person has changed; all else as it is by now, not as the page has shown it.

    What two people have changed to different values is refused; of a choice of many, both what
    the one and what the other added or took away counts.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values() if self.instance.pk else ():
            field.show_hidden_initial = not field.disabled
            if isinstance(field, forms.ModelMultipleChoiceField):
                field.hidden_widget = ShownChoices

    def clean(self) -> Any:
        for name in self._compared():
            if name in self.cleaned_data:
                self._merge(name)
        return super().clean()

    def is_outdated(self) -> bool:
        """Whether anything is not what the page has shown."""
        return any(self._shown(name) != self._now(name) for name in self._compared())

    def _compared(self) -> list[str]:
        # A formset adds fields of its own, such as the tick that deletes a row.
        return [
            name
            for name in self._meta.fields or ()
            if name in self.fields and self.fields[name].show_hidden_initial
        ]

    def _merge(self, name: str) -> None:
        shown, now, sent = self._shown(name), self._now(name), self.cleaned_data[name]
        if name not in self.changed_data:
            self.cleaned_data[name] = now
        elif isinstance(shown, set):
            self.cleaned_data[name] = now - (shown - set(sent)) | (set(sent) - shown)
        elif now not in (shown, sent):
            self.add_error(name, ValidationError(CHANGED_MEANWHILE))

    def _shown(self, name: str) -> Any:
        """None also for what is gone by now."""
        shown = self[name]
        raw = shown.field.hidden_widget().value_from_datadict(
            self.data, self.files, shown.html_initial_name
        )
        try:
            return self._understood(name, raw)
        except ValidationError:
            return None

    def _now(self, name: str) -> Any:
        return self._understood(name, self[name].field.prepare_value(self[name].initial))

    def _understood(self, name: str, raw: Any) -> Any:
        value = self.fields[name].to_python(raw)
        return set(value) if isinstance(value, list) else value


class WholeRowForm(AsShownForm):
    """Of one row no mixture, which neither of two people has wanted."""

    def clean(self) -> Any:
        data = super().clean()
        if not self.errors and self.changed_data and self.is_outdated():
            self.add_error(None, ValidationError(CHANGED_MEANWHILE))
        return data
