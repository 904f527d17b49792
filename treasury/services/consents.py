"""Whoever is named as requester by somebody else has confirmed once that this one asks for him."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from treasury import journal
from treasury.errors import NoRight, NotReady, Text
from treasury.models import AccountEvent, Employee, PaymentRequest, RequesterConsent

Action = AccountEvent.Action


def shortcomings(request: PaymentRequest) -> dict[str, Text]:
    """Field → why the request cannot be asked for in the name of its requester."""
    if request.requester_id == request.author_id:
        return {}
    if not request.requester.is_active:
        text = _("%(person)s does not work here any more: name somebody else.")
    elif RequesterConsent.objects.of(request).given().exists():
        return {}
    else:
        text = _(
            "%(person)s has not yet confirmed that you ask in this name. The question was sent: in "
            "Telegram and on the start page."
        )
    return {"requester": text % {"person": request.requester.get_short_name()}}


def check(request: PaymentRequest) -> None:
    """Raises `NotReady` without the consent of the requester."""
    if problems := shortcomings(request):
        raise NotReady(by_field=problems)


def ask(*, requester: Employee, author: Employee, actor: Employee, channel: str) -> None:
    """Once: who was asked already, or has answered, is left in peace."""
    if requester == author or not requester.is_active:
        return
    with transaction.atomic():
        consent, is_new = RequesterConsent.objects.get_or_create(requester=requester, author=author)
        if is_new:
            _record(consent, Action.CONSENT_ASKED, actor, channel)


def give(*, consent: RequesterConsent, actor: Employee, channel: str) -> None:
    """Only by the requester himself; twice changes nothing. Raises `NoRight`."""
    if actor.pk != consent.requester_id or not actor.is_active:
        raise NoRight
    with transaction.atomic():
        waiting = RequesterConsent.objects.filter(pk=consent.pk, given_at=None)
        if waiting.update(given_at=timezone.now()):
            _record(consent, Action.CONSENT_GIVEN, actor, channel)


def revoke(*, consent: RequesterConsent, actor: Employee, channel: str) -> None:
    """Nothing more is submitted in this name, and the next submit asks anew; by the requester, or
    whoever keeps people. Raises `NoRight`.
    """
    current = Employee.objects.get(pk=actor.pk)
    own = current.is_active and current.pk == consent.requester_id
    if not own and not current.has_perm("treasury.change_employee"):
        raise NoRight
    with transaction.atomic():
        row = RequesterConsent.objects.select_for_update().filter(pk=consent.pk).first()
        if row is not None:
            _record(row, Action.CONSENT_REVOKED, actor, channel)
            row.delete()


def _record(consent: RequesterConsent, action: str, actor: Employee, channel: str) -> None:
    journal.record(
        employee=consent.requester,
        action=action,
        actor=actor,
        channel=channel,
        data={"consent": consent.pk, "author": str(consent.author)},
    )
