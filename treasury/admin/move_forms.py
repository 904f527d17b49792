"""What a button of a request asks for before it does something."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from treasury.errors import ReasonRequired
from treasury.models import ApprovalTask, Employee
from treasury.services import decisions
from treasury.services.decisions import REASON_MAX_LENGTH, REASON_MIN_LENGTH
from treasury.workflow import Action


class MoveForm(forms.Form):
    """The task is the one that the person saw, so that a decision never lands on another."""

    task = forms.ModelChoiceField(
        ApprovalTask.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, tasks: Any, actor: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "label_suffix": ""})
        self.actor = actor
        self.fields["task"].queryset = tasks  # type: ignore[attr-defined]


class ReasonForm(MoveForm):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=REASON_MIN_LENGTH,
        max_length=REASON_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": ReasonRequired.message, "min_length": ReasonRequired.message},
    )


class AgainForm(ReasonForm):
    """For an invoice that another request has, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Why it is to be paid once more")


class TaskField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: ApprovalTask) -> str:
        return str(obj.employee)


class ColleagueForm(ReasonForm):
    to = forms.ModelChoiceField(Employee.objects.none(), label=_("Whom to ask"))
    field_order = ["to", "reason"]

    def __init__(self, *args: Any, initial: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, initial=initial, **kwargs)
        task = initial["task"]
        if task:
            self.fields["to"].queryset = (  # type: ignore[attr-defined]
                decisions.colleagues(task, self.actor)
            )


class HandOverForm(ColleagueForm):
    task = TaskField(ApprovalTask.objects.none(), label=_("Whose task"), empty_label=None)
    to = forms.ModelChoiceField(Employee.objects.none(), label=_("To whom"))
    field_order = ["task", "to", "reason"]


# The moves that bring in a colleague.
FORMS: dict[Action, type[MoveForm]] = {
    Action.REASSIGN: HandOverForm,
    Action.ADD_APPROVER: ColleagueForm,
}
