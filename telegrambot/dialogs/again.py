"""Submitting a request whose invoice others have too: why it is to be paid once more is asked."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.dialogs.questions import Reason
from telegrambot.dialogs.script import Made, Script, always
from telegrambot.models import Dialog
from treasury import readiness
from treasury.errors import DuplicateInvoice
from treasury.models import Decision, Employee, PaymentRequest
from treasury.services.requests import submit
from treasury.workflow import Action

# Of the answers: the request, which is known before anything is asked.
REQUEST = "request"


def about(request: PaymentRequest) -> dict[str, Any]:
    """The answers with which it begins."""
    return {REQUEST: request.pk}


def _of(dialog: Dialog) -> PaymentRequest:
    return PaymentRequest.objects.get(pk=dialog.answers[REQUEST])


def _twins(dialog: Dialog, employee: Employee) -> str:
    request = _of(dialog)
    try:
        readiness.reason_for_twins(request, "")
    except DuplicateInvoice as problem:
        return f"{request.number}: {problem}"
    return request.number


REASON = Reason(
    text=gettext_lazy("Why is the invoice to be paid once more?"),
    hint=gettext_lazy("Send the reason as a message. /cancel leaves everything as it is."),
    facts=_twins,
    action=Action.SUBMIT,
)


def _carry_out(dialog: Dialog, employee: Employee) -> Made:
    request = submit(
        request=_of(dialog),
        actor=employee,
        channel=Decision.Channel.TELEGRAM,
        reason=dialog.answers[REASON.name],
    )
    return Made(_("%(number)s is submitted.") % {"number": request.number}, request)


AGAIN = Script(subject="submit_again", questions=always(REASON), carry_out=_carry_out)
