"""The directory of banks is brought up to date as a whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from treasury.models import Bank

FACTS = ("name", "city", "correspondent_account", "is_active", "out_of_use_reason")
BATCH = 500


@dataclass
class Loaded:
    """What became of the banks: БИК each.

    Of those renamed (БИК, old name, new name); of those with another correspondent account, which
    keep theirs because requests rely on it, (БИК, their account, the one in the directory).
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str, str]] = field(default_factory=list)
    kept: list[tuple[str, str, str]] = field(default_factory=list)
    unchanged: int = 0
    retired: list[str] = field(default_factory=list)


@transaction.atomic
def load(*, banks: Sequence[Bank], is_whole: bool = False) -> Loaded:
    """Add the unsaved banks, or update those with their БИК; none is ever deleted.

    When they are the whole directory, the banks that are not among them go out of use.
    """
    loaded = Loaded()
    # Those abroad are in no directory of the Bank of Russia.
    here = Bank.objects.exclude(bik=None)
    locked = here.select_for_update(no_key=True).order_by("pk")
    known = {_bik(bank): bank for bank in locked}
    wanted = [bank for bank in banks if _note(loaded, known.get(_bik(bank)), bank)]
    Bank.objects.bulk_create(
        wanted, batch_size=BATCH, update_conflicts=True, unique_fields=["bik"], update_fields=FACTS
    )
    if is_whole:
        loaded.retired = _retire(known.values(), {_bik(bank) for bank in banks})
    return loaded


def _note(loaded: Loaded, before: Bank | None, bank: Bank) -> bool:
    """Whether there is anything to write."""
    if before is None:
        loaded.added.append(_bik(bank))
        return True
    _keep_account(loaded, before, bank)
    if all(getattr(before, fact) == getattr(bank, fact) for fact in FACTS):
        loaded.unchanged += 1
        return False
    loaded.changed.append(_bik(bank))
    if before.name != bank.name:
        loaded.renamed.append((_bik(bank), before.name, bank.name))
    return True


def _keep_account(loaded: Loaded, before: Bank, bank: Bank) -> None:
    old, new = before.correspondent_account, bank.correspondent_account
    if old and old != new and before.is_relied_on():
        loaded.kept.append((_bik(bank), old, new))
        bank.correspondent_account = old


def _retire(known: Iterable[Bank], present: set[str]) -> list[str]:
    gone = [bank for bank in known if bank.is_active and _bik(bank) not in present]
    Bank.objects.filter(pk__in=[bank.pk for bank in gone]).update(
        is_active=False, out_of_use_reason=_("It has left the Bank of Russia's directory.")
    )
    return [_bik(bank) for bank in gone]


def _bik(bank: Bank) -> str:
    """Each has one that this directory knows."""
    return bank.bik or ""
