"""Inline mode: requests are found in any chat, and what is sent of them there is followed."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from telegrambot.content import brief
from telegrambot.content.callback_data import CallbackData, Passed, Verb
from telegrambot.incoming.handlers import finding, phrases
from telegrambot.incoming.handlers.showing import refresh
from telegrambot.incoming.replies import Reply, results
from telegrambot.incoming.updates import CallbackQuery, ChosenResult, InlineQuery
from telegrambot.kinds import passed_on
from telegrambot.models import Chat, SentMessage
from treasury.models import Employee, PaymentRequest

# Results at a time, of which Telegram takes 50, and how far anybody scrolls.
PAGE_SIZE = 20
FARTHEST = 400
_HERE = (Verb.APPROVE_HERE, Verb.DECLINE_HERE, Verb.DETAILS_HERE, Verb.MINE)


def asked(query: InlineQuery, employee: Employee | None) -> Reply:
    """What he may see of what he looks for; of one alone also its full form."""
    if employee is None:
        return _with_button(query, _("Sign in"), "login")
    start = _start(query.offset)
    if start is None:
        return results(query, [])
    wanted = finding.looked_for(employee, query.text)
    requests = brief.loaded(wanted[start : start + PAGE_SIZE + 1])
    if not requests and not start:
        text = _("Nothing found") if query.text.strip() else _("Nothing waits for your decision")
        return _with_button(query, text, phrases.HOW_TO_SEARCH)
    shown, more = requests[:PAGE_SIZE], requests[PAGE_SIZE:]
    articles = _articles(shown, is_full=False)
    if len(requests) == 1 and not start:
        articles += _articles(shown, is_full=True)
    further = str(start + PAGE_SIZE) if more and start + PAGE_SIZE < FARTHEST else ""
    return results(query, articles, further)


def chosen(result: ChosenResult) -> None:
    """What was sent is kept at the newest state."""
    key, _colon, form = result.result_id.partition(":")
    request = PaymentRequest.objects.filter(pk=int(key)).first() if key.isdecimal() else None
    if request is None:
        return
    is_full = form == passed_on.FULL
    sent = passed_on.follow(result.inline_id, result.sender.id, request, is_full=is_full)
    # Somebody may have pressed a button there before Telegram has told of the message: what that
    # said is worth nothing beside what was chosen.
    Chat.objects.filter(pk=sent.chat_id).update(sender_id=result.sender.id, title=request.number)
    chosen = {"request": request, "key": passed_on.FULL if is_full else passed_on.SHORT}
    message = SentMessage.objects.filter(pk=sent.pk)
    if message.exclude(**chosen).update(**chosen):
        refresh(message)


def pressed(query: CallbackQuery, employee: Employee, data: CallbackData) -> None:
    """Follow a message of which nobody has told: Telegram does so only if it was asked to. It shows
    what whoever has pressed may see, for what a button says proves nothing; nor would a signature,
    for whoever presses can find another request himself, and say what its button says: Telegram
    tells neither whose message it is nor what it shows."""
    if data.verb not in _HERE:
        return
    request = PaymentRequest.objects.filter(pk=data.target).readable_by(employee).first()
    if request is not None:
        is_full = Passed.of(data.detail).is_full
        passed_on.follow(query.inline_id, query.sender.id, request, is_full=is_full)


def _start(offset: str) -> int | None:
    """None for what we have never given."""
    if not offset:
        return 0
    is_ours = offset.isascii() and offset.isdecimal() and len(offset) <= len(str(FARTHEST))
    return int(offset) if is_ours and int(offset) < FARTHEST else None


def _with_button(query: InlineQuery, text: str, start: str) -> Reply:
    """Nothing, and a way to the private chat: there /start says `start`."""
    return results(query, [], button={"text": text, "start_parameter": start})


def _articles(requests: Collection[PaymentRequest], *, is_full: bool) -> list[dict[str, Any]]:
    unsaid = passed_on.unsaid(requests, is_full=is_full)
    return [_article(one, is_full=is_full, is_sure=one.pk not in unsaid) for one in requests]


def _article(request: PaymentRequest, *, is_full: bool, is_sure: bool) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#inlinequeryresultarticle"""
    content = passed_on.content(request, is_full=is_full, is_sure=is_sure)
    form = passed_on.FULL if is_full else passed_on.SHORT
    about = brief.about(request)
    in_full = _("%(about)s · in full: with our account, the contract and all stages")
    return {
        "type": "article",
        "id": f"{request.pk}:{form}",
        "title": brief.title(request),
        "description": in_full % {"about": about} if is_full else about,
        "input_message_content": {
            "message_text": content.text,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        },
        "reply_markup": content.keyboard,
    }
