"""Who stands in for whom, brought to the chats: a deputy hears of it, is asked, and is let go.

No journal entry tells that a delegation begins or ends at its hour, so the sweep looks; doing it
twice changes nothing.
"""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from telegrambot.content.markup import plain
from telegrambot.content.words import moment_of_year
from telegrambot.kinds import notice
from telegrambot.models import Deputising, Urgency
from telegrambot.projection.news import ask_deputies, private_chats, show_undecided_anew_to
from treasury.models import Delegation, Employee
from treasury.names import accusative


def project() -> None:
    with transaction.atomic():
        _announce()
        if _begin():
            ask_deputies()
        _dismiss()


def _announce() -> None:
    """Also what is yet to begin. Who cannot be spoken to hears of it when he can."""
    told = Deputising.objects.exclude(delegation=None).values("delegation")
    scope = ("organization", "stage__route")
    news = Delegation.objects.not_over().exclude(pk__in=told)
    unheard = list(news.select_related("principal", "deputy", "begun_by", *scope))
    people = {(row.deputy_id, row.principal_id) for row in unheard}
    chats = private_chats({person for pair in people for person in pair})
    for delegation in unheard:
        if delegation.deputy_id not in chats or not _remember(delegation):
            continue
        # Before the cards, which it explains.
        notice.tell(chats[delegation.deputy_id], _beginning(delegation), urgency=Urgency.CARD)
        by = delegation.begun_by
        if by and by != delegation.principal and delegation.principal_id in chats:
            notice.tell(chats[delegation.principal_id], _appointed(delegation, by))


def _remember(delegation: Delegation) -> bool:
    """False when another worker has just told it."""
    _row, is_new = Deputising.objects.get_or_create(
        delegation=delegation,
        defaults={"principal": delegation.principal, "deputy": delegation.deputy},
    )
    return is_new


def _begin() -> bool:
    """What an earlier absence has left in the deputy's chat gets its buttons back; whether any has
    begun."""
    running = Delegation.objects.running()
    begun = list(Deputising.objects.filter(delegation__in=running, has_begun=False))
    if begun:
        Deputising.objects.filter(pk__in=[row.pk for row in begun]).update(has_begun=True)
        deputies = Employee.objects.filter(pk__in=[row.deputy_id for row in begun])
        show_undecided_anew_to(deputies)
    return bool(begun)


def _dismiss() -> None:
    over = Q(delegation=None) | Q(delegation__until__lte=timezone.now())
    ended = list(Deputising.objects.filter(over).select_related("principal", "deputy"))
    chats = private_chats({row.deputy_id for row in ended})
    for row in ended:
        is_mine, _by_model = Deputising.objects.filter(pk=row.pk).delete()
        if is_mine:
            show_undecided_anew_to(Employee.objects.filter(pk=row.deputy_id))
        if is_mine and row.deputy_id in chats:
            notice.tell(chats[row.deputy_id], _ending(row))


def _beginning(delegation: Delegation) -> str:
    with translation.override(delegation.deputy.language):
        return plain("\n".join(filter(None, [told_to_deputy(delegation), delegation.reason])))


def _appointed(delegation: Delegation, by: Employee) -> str:
    """For one who is away and has not chosen the deputy himself."""
    with translation.override(delegation.principal.language):
        whose = _("Appointed by: %(person)s. /back ends it.") % {"person": by.get_short_name()}
        lines = [told_to_principal(delegation), delegation.reason, whose]
        return plain("\n".join(filter(None, lines)))


def _ending(row: Deputising) -> str:
    with translation.override(row.deputy.language):
        principal = accusative(row.principal.get_short_name())
        return plain(_("You do not decide for %(principal)s any more.") % {"principal": principal})


def told_to_deputy(delegation: Delegation) -> str:
    template = _("You decide for %(principal)s too, from %(since)s until %(until)s: %(scope)s.")
    return template % _facts(delegation)


def told_to_principal(delegation: Delegation) -> str:
    template = _("%(deputy)s decides for you too, from %(since)s until %(until)s: %(scope)s.")
    return template % _facts(delegation)


def _facts(delegation: Delegation) -> dict[str, str]:
    return {
        "principal": accusative(delegation.principal.get_short_name()),
        "deputy": delegation.deputy.get_short_name(),
        "since": moment_of_year(delegation.since),
        "until": moment_of_year(delegation.until),
        "scope": delegation.scope,
    }
