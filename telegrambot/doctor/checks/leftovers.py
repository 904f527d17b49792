"""What was left behind: what could not be handled, told or sent."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from telegrambot.doctor.results import Result, failure, ok
from telegrambot.doctor.visit import Visit
from telegrambot.models import GIVEN_UP, Bookmark, SentMessage, Update


def check_updates(visit: Visit) -> Iterator[Result]:
    yield _counted(
        Update.objects.poisoned().count(),
        _("Could not be handled: %(count)d."),
        _("See *Inbox* in the back office: it has the reasons, and tries them again."),
    )


def check_requests(visit: Visit) -> Iterator[Result]:
    yield _counted(
        Bookmark.objects.stuck().count(),
        _("Their news could not become messages: %(count)d."),
        _("See *Requests not told of* in the back office."),
    )


def check_messages(visit: Visit) -> Iterator[Result]:
    yield _counted(
        SentMessage.objects.filter(state__in=GIVEN_UP).count(),
        _("Failed, or their answers were lost: %(count)d."),
        _("See *Messages* in the back office: it has the errors, and tries them again."),
    )


def _counted(count: int, said: str, remedy: str) -> Result:
    return failure(said % {"count": count}, remedy) if count else ok()
