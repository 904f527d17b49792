from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand

Options = Mapping[str, Any]


def nothing_to_ask(parser: ArgumentParser) -> None:
    """Of a part that has no options of its own."""


@dataclass(frozen=True)
class Subcommand:
    """`run` writes to the command's output. What Telegram refuses it leaves to its caller."""

    name: str
    about: str
    run: Callable[[BaseCommand, Options], None]
    arguments: Callable[[ArgumentParser], None] = nothing_to_ask
