"""The treasury's doorbells."""

from django.dispatch import Signal

# Rung after the commit of every journal entry, without a payload: whoever listens reads the
# journal. Losing a ring loses nothing, because listeners also sweep.
journal_grew = Signal()

# Sent after the commit that begins or ends a delegation, without a payload and as lossy: one that
# begins by itself, at its hour, is not told at all.
delegations_changed = Signal()
