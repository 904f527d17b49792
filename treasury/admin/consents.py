"""Confirming who asks in one's name, and taking it back; on the first page and that of a person."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from treasury.admin.base import employee_of, refusals_forbid
from treasury.models import Decision, RequesterConsent
from treasury.services import consents

_DEEDS = {"give": consents.give, "revoke": consents.revoke}


@require_POST
def answer(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    if deed not in _DEEDS:
        raise Http404
    found = RequesterConsent.objects.select_related("requester", "author")
    consent, actor = get_object_or_404(found, pk=pk), employee_of(request)
    with refusals_forbid():
        _DEEDS[deed](consent=consent, actor=actor, channel=Decision.Channel.ADMIN)
    text = (
        _("%(author)s can ask in your name now.")
        if deed == "give"
        else _("%(author)s cannot ask in this name any more.")
    )
    messages.success(request, text % {"author": consent.author.get_short_name()})
    if actor == consent.requester:
        return redirect("admin:index")
    return redirect("admin:treasury_employee_change", consent.requester_id)
