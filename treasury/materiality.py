"""Which changes of a request make those who approved it decide again."""

from collections.abc import Collection, Mapping
from typing import Any

from treasury import vat
from treasury.models import PaymentRequest
from treasury.workflow import MATERIAL_FIELDS, Concern


def concerns(
    before: Mapping[str, Any], after: PaymentRequest, changed: Collection[str]
) -> set[Concern]:
    """Whom the changes concern; `before` has the former values of all that changed."""
    material = set(changed) & MATERIAL_FIELDS.keys()
    if "amount" in changed and "currency" not in changed and after.amount < before["amount"]:
        material -= _what_follows(before, after, changed)
    return {concern for name in material for concern in MATERIAL_FIELDS[name]}


def _what_follows(
    before: Mapping[str, Any], after: PaymentRequest, changed: Collection[str]
) -> set[str]:
    """What a smaller amount brings with it: the VAT in proportion, and the words that say it."""
    if "vat_amount" not in changed:
        return {"amount"}
    in_proportion = after.vat_amount == after.vat_rate.included_in(after.amount)
    if not in_proportion or after.vat_amount > before["vat_amount"]:
        return {"amount"}
    if "purpose" in changed and not _says_the_same(before["purpose"], after.purpose):
        return {"amount", "vat_amount"}
    return {"amount", "vat_amount", "purpose"}


def _says_the_same(old: str, new: str) -> bool:
    """But for the amount of the VAT."""
    same_words = vat.without_phrase(old) == vat.without_phrase(new)
    return same_words and len(list(vat.read(old))) == len(list(vat.read(new)))
