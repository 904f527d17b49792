"""What the directories that requests name have in common: facts that stay, and new rows instead."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from treasury import reasons
from treasury.admin import display, history
from treasury.admin.base import BackOfficeAdmin
from treasury.admin.fields import key_of
from treasury.admin.shown import AsShownForm
from treasury.errors import ReasonRequired
from treasury.models.facts import DirectoryRow
from treasury.services import directories

# In the address of a form that is filled from a row which it corrects.
CORRECTS = "corrects"
USE = ("is_active", "out_of_use_reason")


class FixedFactsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Shows the facts that stay, and takes no other."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.is_fixed:
            for name in self.instance.FIXED:
                if name in self.fields and self.initial.get(name):
                    self._fix(self.fields[name])

    def _update_errors(self, errors: ValidationError) -> None:
        """A field that is wrong by itself says so, and not also that nothing is in it."""
        problems = getattr(errors, "error_dict", {})
        for name in problems.keys() & self.errors.keys():
            del problems[name]
        super()._update_errors(errors)  # type: ignore[misc]

    def _fix(self, field: forms.Field) -> None:
        field.disabled = True
        widget = field.widget
        if isinstance(widget, RelatedFieldWidgetWrapper):
            widget.can_add_related = False
            widget = widget.widget
        # In a row of another form this is the only place for it.
        widget.attrs["title"] = self.instance.WHY_FIXED


class DirectoryForm(AsShownForm, FixedFactsForm):
    """Asks why a row goes out of use that submitted requests name."""

    # The row that this new one corrects.
    former: ClassVar[DirectoryRow | None] = None

    former_reason = forms.CharField(
        label=gettext_lazy("Why the former row goes out of use"), required=False, max_length=200,
        help_text=gettext_lazy("Empty: it stays in use."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.former is None:
            del self.fields["former_reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        retired = self.instance.is_fixed and not data.get("is_active", True)
        if retired and set(USE) & set(self.changed_data):
            self._want_reason("out_of_use_reason")
        if data.get("former_reason"):
            self._want_reason("former_reason")
        return data

    def _want_reason(self, name: str) -> None:
        try:
            reasons.checked(self.cleaned_data.get(name, ""))
        except ReasonRequired as refusal:
            self.add_error(name, str(refusal))


class DirectoryAdmin(BackOfficeAdmin):
    form = DirectoryForm
    change_form_template = "admin/treasury/directory.html"

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.former = self._former(request) if obj is None else None
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Those of the directory, and whether the row is in use."""
        fields = list(super().get_fields(request, obj))
        if obj is not None:
            return [*fields, USE]
        return [*fields, "is_active", *(["former_reason"] if self._former(request) else [])]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        if former := self._former(request):
            return model_to_dict(former, exclude=USE)
        return dict(super().get_changeform_initial_data(request))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        reason = form.cleaned_data.get("former_reason")
        if form.former and reason:
            self._retire(request, form.former, reason)
        super().save_model(request, obj, form, change)

    @admin.display(description=gettext_lazy("in use"), ordering="is_active")
    def in_use(self, row: DirectoryRow) -> SafeString | str:
        return _("yes") if row.is_active else display.two_lines(_("no"), row.out_of_use_reason)

    def _former(self, request: HttpRequest) -> DirectoryRow | None:
        """The row that the form to be opened corrects; 404 or a refusal when it may not."""
        if CORRECTS not in request.GET:
            return None
        former: Any = get_object_or_404(self.model, pk=key_of(request.GET[CORRECTS]) or 0)
        if not self.has_change_permission(request, former):
            raise PermissionDenied
        return former  # type: ignore[no-any-return]

    def _retire(self, request: HttpRequest, former: DirectoryRow, reason: str) -> None:
        before = {name: getattr(former, name) for name in USE}
        directories.retire(row=former, reason=reason)
        self.log_change(request, former, history.changed(former, before))
        messages.info(request, _("“%(name)s” is out of use now.") % {"name": former})
