"""Standing in: who decides while someone is away."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from treasury import journal, rights
from treasury.errors import DelegationRefused, NoRight
from treasury.models import AccountEvent, Delegation, Employee, Organization, RouteStage
from treasury.names import accusative

REASON_MAX_LENGTH = 200


def begin(
    *,
    principal: Employee,
    deputy: Employee,
    until: datetime,
    actor: Employee,
    channel: str,
    since: datetime | None = None,
    organization: Organization | None = None,
    stage: RouteStage | None = None,
    reason: str = "",
) -> Delegation:
    """Let the deputy decide for the principal from `since` (now) until `until`.

    Nobody is away and a deputy at the same time, so there are neither chains nor circles.
    Raises `DelegationRefused`, or `NoRight` for whoever is neither the principal nor entitled.
    """
    now = timezone.now()
    delegation = Delegation(
        principal=principal,
        deputy=deputy,
        organization=organization,
        stage=stage,
        since=max(since or now, now),
        until=until,
        reason=reason.replace("\x00", "").strip(),
        begun_by=actor,
    )
    with transaction.atomic():
        people = _lock(principal, deputy, actor)
        if not rights.may_begin_delegation(people[principal.pk], people[actor.pk]):
            raise NoRight
        _check_itself(delegation, now)
        _check_people(people[principal.pk], people[deputy.pk])
        _check_appointed(principal, deputy, actor)
        _check_others(delegation)
        delegation.save(force_insert=True)
        _record(delegation, AccountEvent.Action.AWAY, actor, channel)
    return delegation


def end(*, delegation: Delegation, actor: Employee, channel: str) -> None:
    """End it now; one that has not begun never was. Raises `DelegationRefused` or `NoRight`."""
    now = timezone.now()
    with transaction.atomic():
        people = _lock(delegation.principal, actor)
        # Read after the lock: someone else may have ended it meanwhile.
        current = Delegation.objects.not_over().filter(pk=delegation.pk).first()
        if current is None:
            raise DelegationRefused(_("This delegation has already ended."))
        if not rights.may_end_delegation(current, people[actor.pk]):
            raise NoRight
        _record(current, AccountEvent.Action.BACK, actor, channel)
        if current.since < now:
            Delegation.objects.filter(pk=current.pk).update(until=now)
        else:
            current.delete()


def _lock(*people: Employee) -> Mapping[int, Employee]:
    """The people's rows by pk, so that two delegations of one person are checked in turn."""
    keys = [person.pk for person in people]
    # In one order, so that two of them never wait for each other.
    rows = Employee.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return {person.pk: person for person in rows}


def _check_itself(delegation: Delegation, now: datetime) -> None:
    if delegation.until <= now:
        raise DelegationRefused(_("The end is in the past; choose a later time."))
    if delegation.until <= delegation.since:
        raise DelegationRefused(_("The end must be after the beginning."))
    if delegation.organization_id and delegation.stage_id:
        raise DelegationRefused(_("Choose an organization or a stage, not both."))
    if len(delegation.reason) > REASON_MAX_LENGTH:
        raise DelegationRefused(
            _("The reason is too long: at most %(limit)d characters.")
            % {"limit": REASON_MAX_LENGTH}
        )


def _check_people(principal: Employee, deputy: Employee) -> None:
    if principal == deputy:
        raise DelegationRefused(_("Choose someone else as the deputy."))
    if not deputy.is_active:
        raise DelegationRefused(
            _("%(person)s no longer works here; choose another deputy.")
            % {"person": deputy.get_short_name()}
        )
    if not principal.is_active:
        raise DelegationRefused(
            _("%(person)s no longer works here; hand the tasks over to colleagues instead.")
            % {"person": principal.get_short_name()}
        )


def _check_appointed(principal: Employee, deputy: Employee, actor: Employee) -> None:
    """As nobody takes over a task that is not handed to him."""
    if deputy == actor != principal:
        raise DelegationRefused(
            _(
                "Nobody appoints himself: %(person)s may choose you, or another administrator; "
                "else choose a colleague."
            )
            % {"person": principal.get_short_name()}
        )


def _check_others(new: Delegation) -> None:
    """What runs at the same time must leave both people free for this."""
    rows = Delegation.objects.filter(since__lt=new.until, until__gt=new.since)
    meanwhile = rows.select_related("principal", "deputy", "stage__route").order_by("since")
    for other in meanwhile.filter(principal=new.principal_id):
        if _scopes_meet(new, other):
            raise _clash(
                _(
                    "%(principal)s already has a deputy, %(deputy)s, from %(since)s to %(until)s; "
                    "end that delegation first or choose other days."
                ),
                other,
            )
    for other in meanwhile.filter(principal=new.deputy_id)[:1]:
        raise _clash(
            _(
                "%(principal)s is away from %(since)s to %(until)s; choose another deputy or other "
                "days."
            ),
            other,
        )
    for other in meanwhile.filter(deputy=new.principal_id)[:1]:
        raise _clash(
            _(
                "%(deputy)s stands in for %(whom)s from %(since)s to %(until)s, and a deputy "
                "does not pass this on; end that delegation first or choose other days."
            ),
            other,
        )


def _scopes_meet(one: Delegation, other: Delegation) -> bool:
    """Whether some task could fall under both."""
    if one.stage and other.stage:
        return one.stage == other.stage
    if one.organization_id and other.organization_id:
        return one.organization_id == other.organization_id
    stage = one.stage or other.stage
    organization = one.organization_id or other.organization_id
    if stage is None or organization is None:
        return True
    return stage.route.organization_id in (None, organization)


def _clash(template: str, other: Delegation) -> DelegationRefused:
    return DelegationRefused(
        template
        % {
            "principal": other.principal.get_short_name(),
            "whom": accusative(other.principal.get_short_name()),
            "deputy": other.deputy.get_short_name(),
            "since": _moment(other.since),
            "until": _moment(other.until),
        }
    )


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def _record(delegation: Delegation, action: str, actor: Employee, channel: str) -> None:
    journal.record(
        employee=delegation.principal,
        action=action,
        actor=actor,
        channel=channel,
        data={
            "deputy": str(delegation.deputy),
            "since": delegation.since.isoformat(),
            "until": delegation.until.isoformat(),
            # Empty for everything: the journal is read in more than one language.
            "scope": delegation.scope if delegation.organization or delegation.stage else "",
            "reason": delegation.reason,
        },
    )
