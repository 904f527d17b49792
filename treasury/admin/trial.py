"""«Whom would this route ask?»: tried on its page, for a request that does not exist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from treasury import deadlock, explanation
from treasury.admin.fields import MoneyField
from treasury.admin.timeline import PlannedStep, quorum
from treasury.errors import Text
from treasury.models import ApprovalRoute, Currency, Department, Employee, PaymentRequest


class TrialForm(forms.Form):
    amount = MoneyField(label=_("Amount, ₽"), min_value=0)
    department = forms.ModelChoiceField(Department.objects.none(), label=capfirst(_("department")))
    author = forms.ModelChoiceField(
        Employee.objects.filter(is_active=True), label=capfirst(_("author")), required=False,
        empty_label=_("anyone"),
    )  # fmt: skip

    def __init__(self, sent: Mapping[str, str] | None, *, route: ApprovalRoute) -> None:
        super().__init__(sent, prefix="try", label_suffix="")
        # A route that was replaced may belong to no organization in use.
        here = Q(organization=route.organization_id) if route.organization_id else Q()
        departments = Department.objects.filter(here, is_active=True)
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = departments.select_related("organization")


@dataclass(frozen=True)
class Trial:
    """`steps` are None before anything was asked; `obstacles` would prevent a submit."""

    form: TrialForm
    steps: Sequence[PlannedStep] | None
    obstacles: Sequence[Text] = ()


def of(route: ApprovalRoute, query: Mapping[str, str]) -> Trial:
    asked = "try-amount" in query
    form = TrialForm(query if asked else None, route=route)
    if not (asked and form.is_valid()):
        return Trial(form, None)
    department: Department = form.cleaned_data["department"]
    author: Employee | None = form.cleaned_data["author"]
    imagined = PaymentRequest(
        organization=department.organization, department=department, author=author,
        requester=author, amount=form.cleaned_data["amount"], currency=Currency.RUB,
    )  # fmt: skip
    stages = explanation.dry_run(imagined, route).stages
    steps = [PlannedStep(step, quorum(step.stage, len(step.people))) for step in stages]
    return Trial(form, steps, deadlock.obstacles_of(route, imagined))
