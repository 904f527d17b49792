"""The documents of a new request, which are sent as files while it is asked for."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content.markup import shortened
from telegrambot.dialogs import known
from telegrambot.dialogs.questions import Question, Unclear, Value
from telegrambot.models import Dialog, IncomingFile
from treasury.files import shown_size
from treasury.models import Employee, Upload
from treasury.services.uploads import MAX_COUNT

# The answers.
ATTACHED, NONE = "attached", "none"
# Of a file: as many as there may be are to be listed beside all the answers.
_NAME_LENGTH = 60


@dataclass(frozen=True, kw_only=True)
class Papers(Question):
    """Whether there are any; they come when they come."""

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        kept, _gone = files_of(dialog)
        return [(_("Go on"), 1)] if kept else [(_("There are none: say why"), 2)]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        check_arrived(dialog)
        return {1: ATTACHED, 2: NONE}.get(number)

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        raise Unclear(_("Send the documents as files or photos, or choose with a button."))


def files_of(dialog: Dialog) -> tuple[list[Upload], list[str]]:
    """What he has sent, and the names of what is kept no longer."""
    kept = Upload.objects.in_bulk([file["upload"] for file in dialog.files])
    gone = [file["name"] for file in dialog.files if file["upload"] not in kept]
    return list(kept.values()), gone


def check_arrived(dialog: Dialog) -> None:
    """Raise `Unclear` while a file is on its way."""
    if IncomingFile.objects.waiting().filter(dialog=dialog.pk).exists():
        raise Unclear(_("A file that you have sent is still on its way: one moment."))


def listed(dialog: Dialog, employee: Employee) -> str:
    kept, gone = files_of(dialog)
    lines = [
        f"📎 {shortened(upload.name, _NAME_LENGTH)}, {shown_size(upload.size)}" for upload in kept
    ]
    again = _("“%(name)s” is kept no longer: send it again.")
    lines += [again % {"name": shortened(name, _NAME_LENGTH)} for name in gone]
    return "\n".join(lines[:MAX_COUNT])


PAPERS = Papers(
    name=known.PAPERS,
    text=gettext_lazy("Which documents belong to it?"),
    hint=gettext_lazy("Send them now, as files or photos."),
    facts=listed,
)
