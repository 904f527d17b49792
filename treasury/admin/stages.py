"""The stages of a route, as they are edited on its page."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminIntegerFieldWidget
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from treasury.admin.fields import MoneyField
from treasury.admin.shown import WholeRowForm
from treasury.models import Approvers, Quorum, RouteStage
from treasury.models.routes import POLICY_FIELDS

LAST_POSITION = 999


class RouteStageForm(WholeRowForm):
    position = forms.IntegerField(
        label=capfirst(_("position")), min_value=1, max_value=LAST_POSITION,
        widget=AdminIntegerFieldWidget, required=False,
    )  # fmt: skip
    min_amount = MoneyField(
        label=capfirst(_("from amount")), required=False,
        help_text=RouteStage._meta.get_field("min_amount").help_text,
    )  # fmt: skip

    class Meta:
        model = RouteStage
        fields = (*POLICY_FIELDS, "stand_ins")

    def clean_position(self) -> int | None:
        """A new stage without a number comes last: see the formset."""
        position: int | None = self.cleaned_data["position"]
        if position is None and self.instance.pk:
            raise ValidationError(self.fields["position"].error_messages["required"])
        return position

    def clean(self) -> dict[str, Any]:
        """What the page does not ask for any more does not count, whatever was chosen before."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("approvers") == Approvers.BUDGET_HOLDERS:
            data["group"] = None
        if data.get("quorum") != Quorum.COUNT:
            data["quorum_count"] = None
        return data


class RouteStageFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Compares positions as they are going to be: each stage alone would meet those that leave."""

    def clean(self) -> None:
        super().clean()
        self._number_the_new()
        taken = set(self._added_meanwhile())
        for form in self._those_that_stay():
            position = form.cleaned_data.get("position")
            if position in taken:
                problem = ValidationError(_("Another stage of the route has this number."))
                form.add_error("position", problem)
            elif position is not None:
                taken.add(position)

    def _number_the_new(self) -> None:
        """Behind all others, in the order in which they were added."""
        valid = [form for form in self.forms if form.is_valid()]
        known = (form.cleaned_data.get("position") or 0 for form in valid)
        last = max([0, *known, *self._added_meanwhile()])
        for form in valid:
            if form.has_changed() and form.cleaned_data.get("position") is None:
                last += 1
                form.cleaned_data["position"] = form.instance.position = last

    def _those_that_stay(self) -> list[Any]:
        """Those that keep their positions first: a double is the fault of what was changed."""
        # `deleted_forms` is empty as long as any form has an error.
        staying = [form for form in self.forms if not form.cleaned_data.get(DELETION_FIELD_NAME)]
        return sorted(staying, key=lambda form: "position" in form.changed_data)

    def _added_meanwhile(self) -> Iterator[int]:
        """Positions that were not on the page when it was opened."""
        shown = {form.instance.pk for form in self.initial_forms}
        return (stage.position for stage in self.get_queryset() if stage.pk not in shown)


class RouteStageInline(admin.StackedInline):  # type: ignore[type-arg]
    model = RouteStage
    form = RouteStageForm
    formset = RouteStageFormSet
    extra = 0
    autocomplete_fields = ["escalate_to", "stand_ins"]
    fields = [
        ("position", "name", "min_amount"),
        ("deadline_hours", "escalate_to"),
        ("approvers", "group", "quorum", "quorum_count", "concern"),
        "stand_ins",
    ]
