"""What a button of a request asks for before it does something."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from treasury import reasons
from treasury.errors import ReasonRequired
from treasury.models import ApprovalTask, Employee, OwnAccount
from treasury.workflow import Action

# Whom a task could be handed to, or who could be asked too.
Colleagues = Callable[[ApprovalTask], QuerySet[Employee]]


class LongSelect(forms.Select):
    """As Django's; but of some hundred options, each by a template, most of the page is made."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = self.format_value(value)
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            (
                (key, mark_safe(" selected") if str(key) in chosen else "", label)
                for key, label in self.choices
            ),
        )
        flat = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html("<select{}>\n{}\n</select>", flat, options)


class MoveForm(forms.Form):
    """The task is the one that the person saw, so that a decision never lands on another."""

    task = forms.ModelChoiceField(
        ApprovalTask.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, tasks: Any, colleagues: Colleagues, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "label_suffix": ""})
        self.colleagues = colleagues
        self.fields["task"].queryset = tasks  # type: ignore[attr-defined]

    @property
    def is_in_vain(self) -> bool:
        """Whether there is nothing that could be chosen."""
        return False


class ApproveForm(MoveForm):
    """For whoever answers for the payment: from which of the accounts it is paid."""

    own_account = forms.ModelChoiceField(
        OwnAccount.objects.none(), label=_("Pay from"), required=False
    )

    def __init__(
        self, *args: Any, accounts: QuerySet[OwnAccount], initial: dict[str, Any], **kwargs: Any
    ) -> None:
        found = list(accounts)
        current = next((one for one in found if one.pk == initial["own_account"]), None)
        # Of a single one nobody has to be asked.
        self.only = found[0] if len(found) == 1 else None
        chosen = current or self.only
        super().__init__(*args, initial={**initial, "own_account": chosen}, **kwargs)
        field = self.fields["own_account"]
        field.queryset = accounts  # type: ignore[attr-defined]
        if chosen:
            field.empty_label = None  # type: ignore[attr-defined]
        else:
            field.required = bool(found)
        if self.only or not found:
            field.widget = forms.HiddenInput()


class ReasonForm(MoveForm):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=reasons.MIN_LENGTH,
        max_length=reasons.MAX_LENGTH,
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
    to = forms.ModelChoiceField(Employee.objects.none(), label=_("Whom to ask"), widget=LongSelect)
    field_order = ["to", "reason"]

    def __init__(self, *args: Any, initial: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, initial=initial, **kwargs)
        task = initial["task"]
        self._people = self.colleagues(task) if task else Employee.objects.none()
        if task:
            field = self.fields["to"]
            field.queryset = self._people  # type: ignore[attr-defined]
            # Of these very rows, so that they are read once for all forms that offer them.
            field.choices = partial(_choices, self._people)  # type: ignore[attr-defined]

    @property
    def is_in_vain(self) -> bool:
        return not self._people


def _choices(people: Iterable[Employee]) -> list[tuple[int | str, str]]:
    return [("", "---------"), *((person.pk, str(person)) for person in people)]


class HandOverForm(ColleagueForm):
    task = TaskField(ApprovalTask.objects.none(), label=_("Whose task"), empty_label=None)
    to = forms.ModelChoiceField(
        Employee.objects.none(), label=_("To whom"), widget=LongSelect,
        help_text=_(
            "Those with the same role, and whom the route lets take over; anybody else is chosen "
            "by an administrator."
        ),
    )  # fmt: skip
    field_order = ["task", "to", "reason"]


# The moves that bring in a colleague.
FORMS: dict[Action, type[MoveForm]] = {
    Action.REASSIGN: HandOverForm,
    Action.ADD_APPROVER: ColleagueForm,
}
