"""What the treasury hears and asks of people's ties."""

from oauth import linking
from oauth.models import UserToken
from treasury import signals as treasury
from treasury.models import AccountEvent, Employee


def connect() -> None:
    """Once, when the application is ready."""
    treasury.account_event.connect(_account_event, dispatch_uid="oauth.account_event")
    treasury.had_key.connect(_had_key, dispatch_uid="oauth.had_key")


def _account_event(*, event: AccountEvent, **_facts: object) -> None:
    """Whoever comes back links anew: his former account may be somebody else's by then."""
    moved = event.action in (AccountEvent.Action.LEFT, AccountEvent.Action.RETURNED)
    if not moved or event.actor is None:
        return
    for token in UserToken.objects.filter(employee=event.employee, revoked_at=None):
        linking.revoke(token=token, actor=event.actor)


def _had_key(*, employee: Employee, **_facts: object) -> bool:
    """Also of ties that are older than the journal of accounts."""
    return UserToken.objects.filter(employee=employee).exists()
