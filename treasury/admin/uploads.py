"""Files chosen in the form of a request: kept until it is saved, whatever else is wrong in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from treasury.admin.fields import key_of
from treasury.admin.spool import check_spooled
from treasury.errors import NotNow
from treasury.models import Employee, Upload
from treasury.services import uploads

FIELD = "documents"
# What the page sends back of the files that it holds already, and the button of one of them.
KEPT, REMOVE = "uploads", "_remove_upload"


@dataclass
class Chosen:
    """What the next save attaches, and what was refused of it."""

    kept: list[Upload] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def chosen(request: HttpRequest, owner: Employee) -> Chosen:
    """The files of this form: those kept before, and those that came with it."""
    removed = request.POST.getlist(REMOVE)
    posted = [key for key in request.POST.getlist(KEPT) if key not in removed]
    result = Chosen(list(_own(owner, posted).order_by("pk")))
    if len(result.kept) < len(set(posted)):
        result.problems.append(
            _("A file that you chose earlier is kept no longer: choose it again.")
        )
    for file in request.FILES.getlist(FIELD):
        try:
            check_spooled(file)
            _keep(uploads.stage(owner=owner, file=file, beside=result.kept), result.kept)
        except ValidationError as refusal:
            result.problems += refusal.messages
        except NotNow as refusal:
            result.problems.append(str(refusal))
    return result


def _keep(upload: Upload, kept: list[Upload]) -> None:
    """Whoever chooses a file again after an error means the one that is kept already."""
    if any(other.sha256 == upload.sha256 for other in kept):
        uploads.discard(upload)
    else:
        kept.append(upload)


def remove(request: HttpRequest, owner: Employee) -> None:
    """The button beside a file; another person's is not found."""
    for upload in _own(owner, request.POST.getlist(REMOVE)):
        uploads.discard(upload)


def _own(owner: Employee, posted: Sequence[str]) -> QuerySet[Upload]:
    keys = [key for text in posted if (key := key_of(text)) is not None]
    return Upload.objects.filter(owner=owner, pk__in=keys)
