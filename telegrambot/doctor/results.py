"""How what was looked at is: as it should be, worth a look, or wrong; and what mends it."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from telegrambot.doctor.explanations import explain


class Level(TextChoices):
    OK = "ok", pgettext_lazy("check", "ok")
    WARNING = "warning", pgettext_lazy("check", "warning")
    FAILURE = "failure", pgettext_lazy("check", "failure")


@dataclass(frozen=True)
class Result:
    """In words of the language that was active: what was found, and what to do about it."""

    level: Level
    said: str
    remedy: str = ""


def ok(said: str = "", remedy: str = "") -> Result:
    return Result(Level.OK, said, remedy)


def warning(said: str, remedy: str) -> Result:
    return Result(Level.WARNING, said, remedy)


def failure(said: str, remedy: str) -> Result:
    return Result(Level.FAILURE, said, remedy)


def explained(said: str, level: Level = Level.FAILURE) -> Result:
    """Of a text of Telegram's, or of one in its words."""
    if explanation := explain(said):
        return Result(level, f"{said}. {explanation.cause}", str(explanation.remedy))
    return Result(level, said, str(_("Nothing more is known of it: look at the logs.")))
