"""What the treasury tells others of.

The doorbells ring after the commit and are lossy; the others are sent within the transaction, so
that what they make others write is never lost: none of their receivers may use the network.
"""

from django.dispatch import Signal

# Rung after the commit of every journal entry, without a payload: whoever listens reads the
# journal. Losing a ring loses nothing, because listeners also sweep.
journal_grew = Signal()

# Sent after the commit that begins or ends a delegation, without a payload and as lossy: one that
# begins by itself, at its hour, is not told at all.
delegations_changed = Signal()

# event: AccountEvent. Within the transaction, for every entry in the journal of accounts.
account_event = Signal()

# departments, groups, people: frozenset[int] of primary keys. Within the transaction: these
# departments and groups have other approvers than before, namely with or without these people.
appointments_changed = Signal()

# employee: Employee. A question: whoever keeps keys elsewhere answers whether the person has ever
# had one.
had_key = Signal()
