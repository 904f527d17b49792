"""Which changes of what is approved make those who approved it decide again."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from treasury import vat
from treasury.facts import DOCUMENTS, Difference
from treasury.models import VatRate
from treasury.workflow import MATERIAL_FACTS, Concern


def concerns(
    old: Mapping[str, Any], new: Mapping[str, Any], differences: Collection[Difference]
) -> set[Concern]:
    """Whom it concerns that the facts differ so; a fact that no rule names is everyone's."""
    changed = {one.name for one in differences if not _asks_nobody(one)}
    if "currency" not in changed and Decimal(new["amount"]) < Decimal(old["amount"]):
        changed -= _what_follows(old, new, changed)
    return {concern for name in changed for concern in MATERIAL_FACTS.get(name, Concern)}


def of_payment(differences: Iterable[Difference]) -> bool:
    """Whether they are about what is paid, and not only a document more."""
    return not all(map(_asks_nobody, differences))


def _asks_nobody(difference: Difference) -> bool:
    """A document more takes nothing away from what was approved: `late` says when it came."""
    is_added = difference.name == DOCUMENTS and difference.old is None
    return is_added or not difference.is_material


def _what_follows(
    old: Mapping[str, Any], new: Mapping[str, Any], changed: Collection[str]
) -> set[str]:
    """What a smaller amount brings with it: the VAT in proportion, and the words that say it."""
    if "vat_amount" not in changed:
        return {"amount"}
    amount, vat_amount = Decimal(new["amount"]), Decimal(new["vat_amount"])
    percent = new["vat_rate"]["percent"]
    rate = VatRate(percent=Decimal(percent) if percent else None)
    in_proportion = vat_amount == rate.included_in(amount)
    if not in_proportion or vat_amount > Decimal(old["vat_amount"]):
        return {"amount"}
    if "purpose" in changed and not _says_the_same(old["purpose"], new["purpose"]):
        return {"amount", "vat_amount"}
    return {"amount", "vat_amount", "purpose"}


def _says_the_same(old: str, new: str) -> bool:
    """But for the amount of the VAT."""
    same_words = vat.without_phrase(old) == vat.without_phrase(new)
    return same_words and len(list(vat.read(old))) == len(list(vat.read(new)))
