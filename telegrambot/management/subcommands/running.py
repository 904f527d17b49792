"""What runs until it is told to end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from telegrambot import alone, held, webhook
from telegrambot.incoming import polling
from telegrambot.management.subcommands.base import Options, Subcommand
from telegrambot.models import SentMessage

_ENDING = (signal.SIGTERM, signal.SIGINT)


def work(command: BaseCommand, options: Options) -> None:
    try:
        alone.work()
    except alone.NotAlone as exc:
        raise CommandError(str(exc)) from exc


def poll(command: BaseCommand, options: Options) -> None:
    try:
        with _ended_by_signals(), webhook.set_aside() as url:
            if url:
                command.stdout.write(
                    _("The webhook is set aside, and set again in the end: %(url)s") % {"url": url}
                )
            command.stdout.write(_("Waiting for updates; Ctrl-C ends it."))
            polling.poll_forever()
    except KeyboardInterrupt:
        command.stdout.write(_("Ended."))


def resume(command: BaseCommand, options: Options) -> None:
    if not held.resume():
        raise CommandError(_("Nothing is held."))
    count = SentMessage.objects.behind().count()
    command.stdout.write(
        _("Resumed: %(count)d message(s) are to be sent or changed.") % {"count": count}
    )


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """By the first of them as by Ctrl-C; what is done on the way out no further one breaks off."""
    former = {number: signal.signal(number, _end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    for each in _ENDING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


ALL = (
    Subcommand("work", "do all the work in this process, where there is no Redis", work),
    Subcommand("poll", "fetch updates instead of receiving them; a webhook is set aside", poll),
    Subcommand("resume", "have a restored copy speak with people again", resume),
)
