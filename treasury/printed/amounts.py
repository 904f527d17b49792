"""An amount in words, as payment orders have it: «Две тысячи один рубль 05 копеек»."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language, npgettext_lazy

from treasury.models import Currency

# A whole one and its hundredth. In Russian all of the whole ones are masculine, as is the number
# before them.
_NAMES: Mapping[str, tuple[Any, Any]] = {
    Currency.RUB: (
        npgettext_lazy("amount", "rouble", "roubles"),
        npgettext_lazy("amount", "kopeck", "kopecks"),
    ),
    Currency.USD: (
        npgettext_lazy("amount", "US dollar", "US dollars"),
        npgettext_lazy("amount", "cent", "cents"),
    ),
    Currency.EUR: (
        npgettext_lazy("amount", "euro", "euros"),
        npgettext_lazy("amount", "euro cent", "euro cents"),
    ),
    Currency.CNY: (
        npgettext_lazy("amount", "Chinese yuan", "Chinese yuan"),
        npgettext_lazy("amount", "fen", "fen"),
    ),
}


def in_words(amount: Decimal, currency: str) -> str:
    """What is whole in words and the hundredths in digits, in the language that is active; of a
    currency that has no name here «… AED 05/100»."""
    whole, part = divmod(int(amount * 100), 100)
    # Loaded with the first amount, as all that only the printed form needs.
    from num2words import num2words

    number = num2words(whole, lang="ru" if (get_language() or "").startswith("ru") else "en")
    if currency not in _NAMES:
        return capfirst(f"{number} {currency} {part:02}/100")
    units, parts = _NAMES[currency]
    return capfirst(f"{number} {units % whole} {part:02} {parts % part}")
