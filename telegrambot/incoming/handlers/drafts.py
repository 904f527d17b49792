"""Requests that somebody prepares in the chat: new ones, copies, and those not submitted yet."""

from django.utils.translation import gettext as _

from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData
from telegrambot.content.markup import bold, plain, shortened
from telegrambot.content.words import in_full
from telegrambot.dialogs import again, engine, known, new_request
from telegrambot.incoming.handlers import dialogs, listing, membership, phrases
from telegrambot.incoming.replies import Reply, beside, instead, send, toast
from telegrambot.incoming.updates import CallbackQuery, Message
from telegrambot.models import BegunRequest, Chat
from telegrambot.places import Place
from treasury import returned, rights
from treasury.errors import DuplicateInvoice, NoRight, TreasuryError
from treasury.models import Decision, Employee, PaymentRequest
from treasury.services.requests import submit as submit_request
from treasury.workflow import UNFINISHED, Action

_RIGHT = "treasury.add_paymentrequest"
# So many of either fit on a screen.
_SHOWN = 10
# Characters of why it was returned.
_REASON = 300
# Of the lists that a button turns, its number; `listing` has the others.
PAGES = 2


def prepares(employee: Employee) -> bool:
    return employee.has_perm(_RIGHT)


def new(message: Message, employee: Employee, argument: str) -> Reply | None:
    if not prepares(employee):
        return send(message.place, plain(_who_prepares()))
    return dialogs.begin(
        message, employee, argument, subject=new_request.SUBJECT, **new_request.fresh()
    )


def drafts(message: Message, employee: Employee, argument: str) -> Reply:
    membership.open_chat(message.chat)
    return page(message.place, employee, number=1)


def page(place: Place, employee: Employee, number: int) -> Reply:
    """His own that wait for him, the newest first, and what he has begun."""
    own = PaymentRequest.objects.filter(author=employee, status__in=UNFINISHED).order_by("-id")
    pages = -(-own.count() // _SHOWN) or 1
    number = min(max(number, 1), pages)
    begins = (number - 1) * _SHOWN
    waiting = list(own.select_related("counterparty", "stage")[begins : begins + _SHOWN])
    begun = list(BegunRequest.objects.filter(employee=employee).order_by("-updated_at")[:_SHOWN])
    if not waiting and not begun:
        text = _("You have no drafts. /new begins a request.")
        return send(place, plain(text if prepares(employee) else _who_prepares()))
    told, local = listing.entries(), Chat.objects.get(telegram_id=place.chat_id).local
    places = list(enumerate(waiting, start=begins + 1))
    lines = [
        bold(_("Your drafts and what was returned to you")) if waiting else "",
        *(told(which, request) for which, request in places),
        bold(_("Begun and not finished: a button goes on with it")) if begun else "",
    ]
    rows = [
        *keyboards.listed([(str(which), request.pk) for which, request in places]),
        keyboards.pages(PAGES, number, pages),
        *(
            keyboards.go_on(one.pk, f"{local(one.updated_at):%d.%m} · {new_request.headline(one)}")
            for one in begun
        ),
    ]
    return send(place, "\n\n".join(filter(None, lines)), keyboards.markup(rows))


def go_on(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """With what he has begun; None when it is there no more."""
    begun = BegunRequest.objects.filter(pk=data.target, employee=employee)
    found = begun.first()
    if found is None or not begun.delete()[0]:
        return None
    answers = {**found.answers, known.RESUMED: True}
    dialog = engine.begin(query.sender.id, new_request.SUBJECT, files=found.files, **answers)
    return dialogs.asked_beside(query, dialog, employee)


def copy(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    """The same once more: how much and when is asked."""
    source = PaymentRequest.objects.filter(pk=data.target).readable_by(employee).first()
    if source is None:
        return toast(query, phrases.not_found())
    if Action.COPY not in rights.actions(source, employee):
        return toast(query, NoRight())
    known = new_request.copy_of(source, employee)
    dialog = engine.begin(query.sender.id, new_request.SUBJECT, **known)
    return dialogs.asked_beside(query, dialog, employee)


def submit(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """None when the button is out of date: the request is submitted already."""
    request = PaymentRequest.objects.filter(pk=data.target).readable_by(employee).first()
    if request is None:
        return toast(query, phrases.not_found())
    if request.status not in UNFINISHED:
        return None
    if data.detail == keyboards.NO:
        return instead(query, send(query.own_place, plain(phrases.nothing_done())))
    if data.detail != keyboards.YES and (question := _is_unchanged(request)):
        answers = keyboards.markup([keyboards.submit_unchanged(request)])
        return beside(query, send(query.own_place, plain(question), answers))
    try:
        submit_request(request=request, actor=employee, channel=Decision.Channel.TELEGRAM)
    except DuplicateInvoice:
        dialog = engine.begin(query.sender.id, again.AGAIN.subject, **again.about(request))
        return dialogs.asked_beside(query, dialog, employee)
    except TreasuryError as refusal:
        why = _("%(number)s is not submitted.") % {"number": request.number}
        return beside(query, send(query.own_place, plain(f"{why}\n{in_full(refusal)}")))
    said = _("%(number)s is submitted.") % {"number": request.number}
    # Of a question that was answered this is what has become.
    return (
        instead(query, send(query.own_place, plain(said)), said)
        if data.detail
        else toast(query, said)
    )


def _is_unchanged(request: PaymentRequest) -> str:
    """What is asked before a returned request is submitted as it was; else nothing."""
    back = returned.of(request)
    if back is None or back.changed:
        return ""
    text = _(
        "%(number)s: nothing has been changed since it was returned: %(reason)s\nSubmit it anyway?"
    )
    return text % {"number": request.number, "reason": shortened(back.entry.reason, _REASON)}


def _who_prepares() -> str:
    names = ", ".join(person.get_short_name() for person in rights.holders(_RIGHT)[:_SHOWN])
    who = _("Those who do: %(names)s.") % {"names": names} if names else ""
    return " ".join(filter(None, [_("You prepare no payment requests."), who]))
