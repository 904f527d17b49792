"""What the treasury tells others of.

The doorbell rings after the commit and is lossy; the others are sent within the transaction, so
that what they make others write is never lost: none of their receivers may use the network.
"""

from django.dispatch import Signal

# Rung after the commit of every journal entry, without a payload: whoever listens reads the
# journal. Losing a ring loses nothing, because listeners also sweep.
journal_grew = Signal()

# event: AccountEvent. Within the transaction, for every entry in the journal of accounts.
account_event = Signal()

# departments, groups, people: frozenset[int] of primary keys. Within the transaction: these
# departments and groups have other approvers than before, namely with or without these people.
appointments_changed = Signal()

# reminder: Reminder, asked: Sequence[tuple[ApprovalTask, int]], tasks with those who may decide
# them, by their keys. Within the transaction: these are to hear that something waits for them, and
# the superior whom the reminder names.
reminded = Signal()

# faults: int, first: str. What `verify_journal` has found, once it has looked at everything.
journal_proved = Signal()

# text: str, in the language of the installation. Long work that nobody may be watching has ended.
work_ended = Signal()

# employee: Employee. A question: whoever keeps keys elsewhere answers whether the person has ever
# had one.
had_key = Signal()
