"""“Approve all usual ones” under a digest: what is asked, and what is answered to it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData
from telegrambot.content.markup import bold, plain
from telegrambot.incoming import bulk
from telegrambot.incoming.handlers import phrases
from telegrambot.incoming.replies import Reply, beside, instead, send, toast
from telegrambot.incoming.updates import CallbackQuery
from telegrambot.kinds import digest
from telegrambot.models import BulkApproval, SentMessage
from treasury.models import Employee
from treasury.money import sums

# Of those that have changed, so many are named.
_NAMED = 10


def asked(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """None for a digest that is not his, or is forgotten."""
    own = SentMessage.objects.filter(kind=digest.NAME, chat__telegram_id=query.sender.id)
    told_by = own.filter(pk=data.target).select_related("chat").first()
    if told_by is None:
        return None
    begun = bulk.begin(told_by.chat, employee, digest.usual_in(told_by))
    if begun is None:
        return toast(query, _("Nothing of it is left to approve so. /pending tells what waits."))
    return beside(query, send(query.own_place, _question(begun), _answers(begun.asked)))


def answered(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """None for what is not his to answer, or was answered before."""
    own = BulkApproval.objects.filter(chat__telegram_id=query.sender.id, employee=employee)
    waiting = own.filter(pk=data.target, confirmed_at=None).first()
    if waiting is None:
        return None
    if not data.detail:
        waiting.delete()
        return instead(query, send(query.own_place, plain(phrases.nothing_done())))
    if not bulk.confirm(waiting, query.message_id):
        return None
    said = _("Approving: %(count)d…") % {"count": len(waiting.told)}
    return instead(query, send(query.own_place, plain(said)), said)


def _question(begun: bulk.Begun) -> str:
    amounts = ((request.currency, request.amount) for request in begun.requests)
    count = len(begun.requests)
    text = ngettext(
        "Approve %(count)d request for %(sums)s?", "Approve %(count)d requests for %(sums)s?", count
    )
    lines = [bold(text % {"count": count, "sums": ", ".join(sums(amounts))})]
    if begun.changed:
        numbers = ", ".join(request.number for request in begun.changed[:_NAMED])
        more = "…" * (len(begun.changed) > _NAMED)
        left_out = _("Left out, for they have changed since the digest: %(numbers)s")
        lines.append(plain(left_out % {"numbers": numbers + more}))
    return "\n".join(lines)


def _answers(asked_for: BulkApproval) -> dict[str, object] | None:
    return keyboards.markup([keyboards.bulk(asked_for.pk)])
