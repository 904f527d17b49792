"""A person hears of what others do to his account, his roles and his appointments."""

from collections.abc import Callable, Iterator, Mapping

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from oauth.models import UserToken
from telegrambot import doorbell
from telegrambot.content.markup import plain
from telegrambot.kinds.notice import tell_account
from telegrambot.models import SentMessage
from treasury import appointed
from treasury.models import AccountEvent, Decision, Employee

Action = AccountEvent.Action


def tell(event: AccountEvent) -> None:
    """At the account that he has or, when it was just revoked, had. Nobody hears of what he does
    himself."""
    in_words = _WORDS.get(Action(event.action))
    if in_words is None or event.actor_id == event.employee_id:
        return
    with translation.override(event.employee.language):
        lines = list(in_words(event))
        # Who asks for a consent is named by the question.
        if lines and event.actor and event.action != Action.CONSENT_ASKED:
            lines.append(_("Done by: %(person)s.") % {"person": event.actor.get_short_name()})
    if not lines:
        return
    asked = event.data["consent"] if event.action == Action.CONSENT_ASKED else None
    for telegram_id in _accounts(event):
        tell_account(telegram_id, plain("\n".join(lines)), asked)


def show_consent_anew(event: AccountEvent) -> None:
    """Its button is needed no more, wherever it was pressed."""
    if event.action not in (Action.CONSENT_GIVEN, Action.CONSENT_REVOKED):
        return
    if SentMessage.objects.filter(consent=event.data["consent"]).refresh():
        transaction.on_commit(doorbell.ring)


def _accounts(event: AccountEvent) -> list[int]:
    if event.action == Action.REVOKED:
        # In the chat itself it is revoked for a colleague, to whom the account belongs by now.
        taken_over = event.channel == Decision.Channel.TELEGRAM
        return [] if taken_over else [event.data["telegram_id"]]
    person = Employee.objects.filter(pk=event.employee_id)
    return list(UserToken.objects.telegram_ids(person).values())


def _rights(event: AccountEvent) -> Iterator[str]:
    changes = event.data["changes"]
    old, new = map(set, changes.get("groups", ((), ())))
    for role in sorted(new - old):
        yield _("You have a new role in the back office: %(role)s.") % {"role": role}
    for role in sorted(old - new):
        yield _("You do not have this role in the back office any more: %(role)s.") % {"role": role}
    if changes.get("is_superuser") == (False, True):
        yield _("You have full access to the back office now.")
    elif "is_superuser" in changes:
        yield _("You have full access to the back office no longer.")


def _email(event: AccountEvent) -> Iterator[str]:
    old, new = event.data["changes"]["email"]
    text = _("You sign in as %(new)s from now on, no longer as %(old)s.")
    yield text % {"new": new, "old": old}
    yield _if_wrong()


def _appointed(event: AccountEvent) -> Iterator[str]:
    text = _("You approve payment requests in a new part: %(part)s.")
    yield text % {"part": appointed.in_words(event.data)}


def _dismissed(event: AccountEvent) -> Iterator[str]:
    text = _("You do not approve payment requests in this part any more: %(part)s.")
    yield text % {"part": appointed.in_words(event.data)}


def _password_link(event: AccountEvent) -> Iterator[str]:
    text = _("A link to set your password was sent to %(email)s.")
    yield text % {"email": event.data["email"]}
    yield _if_wrong()


def _revoked(event: AccountEvent) -> Iterator[str]:
    yield _("This Telegram account is not linked to you as an employee any more.")


def _consent_asked(event: AccountEvent) -> Iterator[str]:
    text = _(
        "%(author)s prepares payment requests in your name, and submits them once you confirm."
    )
    yield text % {"author": event.data["author"]}
    yield _if_wrong()


def _consent_revoked(event: AccountEvent) -> Iterator[str]:
    text = _("%(author)s cannot ask for payments in your name any more.")
    yield text % {"author": event.data["author"]}


def _if_wrong() -> str:
    return _("If you know nothing of it, tell the administrator at once.")


_WORDS: Mapping[str, Callable[[AccountEvent], Iterator[str]]] = {
    Action.RIGHTS: _rights,
    Action.EMAIL: _email,
    Action.APPOINTED: _appointed,
    Action.DISMISSED: _dismissed,
    Action.PASSWORD_LINK: _password_link,
    Action.REVOKED: _revoked,
    Action.CONSENT_ASKED: _consent_asked,
    Action.CONSENT_REVOKED: _consent_revoked,
}
