"""The words of a rich message without their form."""

from typing import Any

from .blocks import every_block
from .walk import Body


def headline(blocks: list[Body]) -> str:
    """What is written first, for a list of chats."""
    texts = (words(block["text"]) for block in every_block(blocks) if "text" in block)
    return next(filter(None, texts), "")


def words(text: Any) -> str:
    """What is written in a RichText."""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(map(words, text))
    return words(text.get("text", text.get("alternative_text", "")))
