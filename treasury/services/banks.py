"""The directory of banks is brought up to date as a whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from treasury.models import Bank

FACTS = ("name", "city", "correspondent_account", "is_active")
BATCH = 500


@dataclass
class Loaded:
    """What became of the banks: БИК each, and of those renamed (БИК, old name, new name)."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str, str]] = field(default_factory=list)
    unchanged: int = 0
    retired: list[str] = field(default_factory=list)


@transaction.atomic
def load(*, banks: Sequence[Bank], is_whole: bool = False) -> Loaded:
    """Add the unsaved banks, or update those with their БИК; none is ever deleted.

    When they are the whole directory, the banks that are not among them go out of use.
    """
    loaded = Loaded()
    known = {bank.bik: bank for bank in Bank.objects.select_for_update(no_key=True)}
    wanted = [bank for bank in banks if _note(loaded, known.get(bank.bik), bank)]
    Bank.objects.bulk_create(
        wanted, batch_size=BATCH, update_conflicts=True, unique_fields=["bik"], update_fields=FACTS
    )
    if is_whole:
        loaded.retired = _retire(known.values(), {bank.bik for bank in banks})
    return loaded


def _note(loaded: Loaded, before: Bank | None, bank: Bank) -> bool:
    """Whether there is anything to write."""
    if before is None:
        loaded.added.append(bank.bik)
        return True
    if all(getattr(before, fact) == getattr(bank, fact) for fact in FACTS):
        loaded.unchanged += 1
        return False
    loaded.changed.append(bank.bik)
    if before.name != bank.name:
        loaded.renamed.append((bank.bik, before.name, bank.name))
    return True


def _retire(known: Iterable[Bank], present: set[str]) -> list[str]:
    gone = [bank for bank in known if bank.is_active and bank.bik not in present]
    Bank.objects.filter(pk__in=[bank.pk for bank in gone]).update(is_active=False)
    return [bank.bik for bank in gone]
