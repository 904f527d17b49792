"""What others should hear about accounts.

`linked` and `unlinked` are sent within the transaction, so that what they make others write is
never lost: no receiver may use the network.
"""

from django.dispatch import Signal

# employee: Employee, telegram_id: int, previous_telegram_id: int | None
linked = Signal()

# employee: Employee, telegram_id: int
unlinked = Signal()

# telegram_id: int, reason: str, in the language of the browser. The sign-in failed there.
refused = Signal()
