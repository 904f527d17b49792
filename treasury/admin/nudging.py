"""An author reminds those who have to decide on his request."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from treasury.admin.base import employee_of, refusals_forbid
from treasury.admin.moves import find
from treasury.errors import NudgedLately
from treasury.services import reminders


@require_POST
def nudge(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        with refusals_forbid():
            reminders.nudge(request=find(request, pk), actor=employee_of(request))
    except NudgedLately as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Whoever is asked hears of it now."))
    return redirect("admin:treasury_paymentrequest_change", pk)
