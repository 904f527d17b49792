"""The treasury's doorbell."""

from django.dispatch import Signal

# Rung after the commit of every journal entry, without a payload: whoever listens reads the
# journal. Losing a ring loses nothing, because listeners also sweep.
journal_grew = Signal()
