"""What others should hear about accounts; each is sent after the commit."""

from django.dispatch import Signal

# employee: Employee, telegram_id: int, previous_telegram_id: int | None
linked = Signal()

# employee: Employee, telegram_id: int
unlinked = Signal()

# telegram_id: int, reason: str, in the language of the browser. The sign-in failed there.
refused = Signal()
