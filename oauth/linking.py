"""How a Telegram account becomes an employee's; only the demo's seed writes tokens beside it.

The bot gives out a link, the person signs in on the page behind it, the page shows a code, and the
link is made when the same Telegram account brings the code. So whoever is lured to sign in on
somebody else's link gives nothing away: his code works for no one but that somebody, who does not
see it, and his own Telegram account cannot finish what was not begun from it.
"""

import hashlib
import secrets
from base64 import b32encode
from collections.abc import Collection
from datetime import timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from oauth import signals
from oauth.errors import (
    AlreadyLinked,
    EmployeeInactive,
    ExpiredLink,
    NothingToFinish,
    NotLinked,
    SignedInAlready,
    TooManyTries,
    UnknownLink,
    UsedLink,
    WrongCode,
)
from oauth.models import UserToken
from treasury import journal
from treasury.models import AccountEvent, Decision, Employee

LIFETIME = timedelta(minutes=10)
# Old links are kept for a while, so that their owners hear “too old” and not “unknown”.
KEPT = timedelta(days=1)
TRIES = 5
USE_NOTED = timedelta(hours=1)
SALT = "oauth.linking"
# What base32 has no digits for is read as the letter that looks like it.
LOOKALIKES = str.maketrans("018", "OIB")

Channel = Decision.Channel


def recognise(*, telegram_id: int) -> Employee | None:
    """The active employee who acts from this Telegram account, or None for a stranger.

    That it was used is noted to the hour only: a press should not have to write it each time.
    """
    token = UserToken.objects.tie_of(telegram_id)
    if token is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED:
        UserToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.employee


def called(usernames: Collection[str]) -> list[Employee]:
    """Those who are linked to Telegram accounts of these names, as Telegram told them then; an
    account may have another name by now."""
    if not usernames:
        return []
    named = reduce(or_, (Q(data__telegram_name__iendswith=f"(@{name})") for name in usernames))
    linked = AccountEvent.objects.filter(named, action=AccountEvent.Action.LINKED)
    accounts = {str(number) for number in linked.values_list("data__telegram_id", flat=True)}
    ties = UserToken.objects.valid().filter(kind=UserToken.Kind.TELEGRAM, token__in=accounts)
    return [tie.employee for tie in ties.select_related("employee") if tie.employee]


def begin(*, telegram_id: int, telegram_name: str) -> str:
    """The address of the page that can be opened once; an earlier one of this account is void."""
    secret = secrets.token_urlsafe(32)
    link = UserToken(
        kind=UserToken.Kind.LINK,
        token=_hashed(secret),
        telegram_id=telegram_id,
        telegram_name=telegram_name[:160],
        expires_at=timezone.now() + LIFETIME,
    )
    try:
        _replace_open_link(link)
    except IntegrityError:
        # The same person has asked twice at the same moment: the later answer counts.
        _replace_open_link(link)
    return f"{settings.PUBLIC_URL}{reverse('oauth:link', args=[secret])}"


def chat_with_bot(start: str = "") -> str:
    """The address that opens the chat, and says /start with this there; empty as long as the bot's
    name is not set."""
    bot = settings.TELEGRAM_BOT_USERNAME
    address = f"{settings.TELEGRAM_LINK_URL}/{bot}" if bot else ""
    return f"{address}?start={start}" if address and start else address


def find(secret: str) -> UserToken:
    """The link behind a page's address, if one may still sign in by it. Raises `LinkError`."""
    return _still_open(UserToken.objects.filter(token=_hashed(secret)).first())


def ticket_of(link: UserToken) -> str:
    """What a form carries instead of the secret, which must be stored nowhere."""
    return signing.dumps(link.pk, salt=SALT)


def by_ticket(ticket: str) -> UserToken | None:
    """The link behind a form, in whatever state it is."""
    try:
        pk = signing.loads(ticket, salt=SALT)
    except signing.BadSignature:
        return None
    return UserToken.objects.filter(pk=pk).first()


def of_ticket(ticket: str) -> UserToken:
    """The link behind a form, if one may still sign in by it. Raises `LinkError`."""
    return _still_open(by_ticket(ticket))


def signed_in(*, link: UserToken, employee: Employee) -> None:
    """Remember who has signed in, once; the ten minutes for the code begin. Raises `LinkError`."""
    _require_free(_telegram_id(link), employee)
    now = timezone.now()
    taken = UserToken.objects.filter(
        pk=link.pk, employee=None, revoked_at=None, expires_at__gt=now
    ).update(employee=employee, expires_at=now + LIFETIME, last_used_at=now)
    if not taken:
        raise UsedLink


def code_of(link: UserToken) -> str:
    """Eight base32 characters for whoever has signed in by this link; stored nowhere."""
    fact = f"{link.pk}:{link.token}:{link.employee_id}"
    digest = salted_hmac(f"{SALT}.code", fact, algorithm="sha256").digest()
    return b32encode(digest[:5]).decode()


def finish(*, telegram_id: int, code: str) -> Employee:
    """Link the Telegram account that brings the code. Raises `LinkError`.

    An employee who was linked to another Telegram account is moved to this one.
    """
    link, employee = _count_try(telegram_id)
    if not constant_time_compare(_normalised(code), code_of(link)):
        raise WrongCode
    with transaction.atomic():
        _claim(link)
        # Not the key: whoever presses meanwhile refers to it, and has noted his token's use.
        employee = Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        if not employee.is_active:
            raise EmployeeInactive
        _require_free(telegram_id, employee)
        _link(employee, telegram_id, link.telegram_name)
    return employee


def unlink(*, telegram_id: int, channel: str) -> Employee:
    """Undo the link at the person's own wish. Raises `NotLinked`."""
    tokens = UserToken.objects.telegram(telegram_id).select_related("employee")
    token = tokens.filter(revoked_at=None).first()
    if not token or not token.employee:
        raise NotLinked
    with transaction.atomic():
        if not _revoke(token):
            raise NotLinked
        _tell_unlinked(token, AccountEvent.Action.UNLINKED, token.employee, channel)
    return token.employee


def revoke(*, token: UserToken, actor: Employee) -> bool:
    """Make any token void from the back office; False when it was void before."""
    with transaction.atomic():
        done = _revoke(token)
        if done and token.kind == UserToken.Kind.TELEGRAM:
            _tell_unlinked(token, AccountEvent.Action.REVOKED, actor, Channel.ADMIN)
    return done


def forget_old() -> int:
    """Delete the links that expired some time ago, and say how many."""
    long_expired = UserToken.objects.expired(timezone.now() - KEPT)
    count, _by_model = long_expired.filter(kind=UserToken.Kind.LINK).delete()
    return count


def _hashed(secret: str) -> str:
    # Random enough as it is: neither salt nor a slow hash would add anything.
    return hashlib.sha256(secret.encode()).hexdigest()


def _normalised(code: str) -> str:
    letters = "".join(filter(str.isalnum, code.upper()))
    return letters.translate(LOOKALIKES)


def _replace_open_link(link: UserToken) -> None:
    with transaction.atomic():
        UserToken.objects.open_links(_telegram_id(link)).update(revoked_at=timezone.now())
        link.save(force_insert=True)


def _telegram_id(link: UserToken) -> int:
    if link.telegram_id is None:
        raise UnknownLink
    return link.telegram_id


def _still_open(link: UserToken | None) -> UserToken:
    if link is None or link.kind != UserToken.Kind.LINK:
        raise UnknownLink
    if _has_led_in(link):
        raise SignedInAlready(link)
    if link.revoked_at or link.employee_id:
        raise UsedLink
    if link.is_expired:
        raise ExpiredLink
    return link


def _has_led_in(link: UserToken) -> bool:
    """Whether its Telegram account belongs to whoever has signed in by it."""
    if link.employee_id is None:
        return False
    return UserToken.objects.employee_of(_telegram_id(link)) == link.employee


def _count_try(telegram_id: int) -> tuple[UserToken, Employee]:
    """The link that waits for its code, and whose; one try is gone. Raises `LinkError`."""
    link = UserToken.objects.open_links(telegram_id).select_related("employee").first()
    if link is None or link.employee is None:
        raise NothingToFinish
    if link.is_expired:
        raise ExpiredLink
    # Counted before the code is looked at: tries at the same moment get no more of them.
    tries = UserToken.objects.filter(pk=link.pk, attempts__lt=TRIES)
    if not tries.update(attempts=F("attempts") + 1):
        raise TooManyTries
    return link, link.employee


def _claim(link: UserToken) -> None:
    now = timezone.now()
    waiting = UserToken.objects.filter(pk=link.pk, revoked_at=None, expires_at__gt=now)
    if not waiting.update(revoked_at=now, last_used_at=now):
        raise UsedLink


def _require_free(telegram_id: int, employee: Employee) -> None:
    holder = UserToken.objects.employee_of(telegram_id)
    if holder and holder != employee:
        raise AlreadyLinked


def _link(employee: Employee, telegram_id: int, telegram_name: str) -> None:
    """The caller holds the lock on the employee's row, so nobody links him elsewhere meanwhile."""
    now = timezone.now()
    ties = UserToken.objects.filter(kind=UserToken.Kind.TELEGRAM, revoked_at=None)
    if ties.filter(employee=employee, token=str(telegram_id)).update(last_used_at=now):
        return
    previous = ties.filter(employee=employee).values_list("token", flat=True).first()
    _take_from_former(ties.filter(token=str(telegram_id)).select_related("employee"), employee)
    ties.filter(employee=employee).update(revoked_at=now)
    UserToken.objects.create(
        kind=UserToken.Kind.TELEGRAM, token=str(telegram_id), employee=employee, last_used_at=now
    )
    previous_id = int(previous) if previous else None
    journal.record(
        employee=employee,
        action=AccountEvent.Action.LINKED,
        actor=employee,
        channel=Channel.TELEGRAM,
        data={
            "telegram_id": telegram_id,
            "telegram_name": telegram_name,
            "previous_telegram_id": previous_id,
        },
    )
    signals.linked.send(
        sender=UserToken,
        employee=employee,
        telegram_id=telegram_id,
        previous_telegram_id=previous_id,
    )


def _take_from_former(ties: QuerySet[UserToken], successor: Employee) -> None:
    """A colleague who has left may have kept the account, or the phone was handed on."""
    for tie in ties:
        if tie.employee and _revoke(tie):
            journal.record(
                employee=tie.employee,
                action=AccountEvent.Action.REVOKED,
                actor=successor,
                channel=Channel.TELEGRAM,
                data={"telegram_id": int(tie.token)},
            )


def _revoke(token: UserToken) -> bool:
    valid = UserToken.objects.filter(pk=token.pk, revoked_at=None)
    return bool(valid.update(revoked_at=timezone.now()))


def _tell_unlinked(token: UserToken, action: str, actor: Employee, channel: str) -> None:
    employee, telegram_id = token.employee, int(token.token)
    if employee is None:
        return
    journal.record(
        employee=employee,
        action=action,
        actor=actor,
        channel=channel,
        data={"telegram_id": telegram_id},
    )
    signals.unlinked.send(sender=UserToken, employee=employee, telegram_id=telegram_id)
