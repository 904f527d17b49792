"""A probe at the webhook: whoever knows its secret asks whether this is the product.

It has no number, so it is no update: nothing is stored and nothing is handled.
"""

from collections.abc import Mapping
from typing import Any

LONGEST = 64


def of(word: str) -> dict[str, str]:
    """The body to send, with a word of one's own of so many characters at the most."""
    return {"probe": word}


def answer_to(payload: Any) -> Mapping[str, str] | None:
    """The same word, by which the answer is known to be the product's; None: it is no probe."""
    match payload:
        case {"probe": str(word)} if len(payload) == 1 and len(word) <= LONGEST:
            return of(word)
    return None
