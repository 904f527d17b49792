"""Documents of a request: handed out to whoever may see the request, and taken off."""

import logging
import mimetypes

from csp.decorators import csp_replace
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from treasury import rights
from treasury.admin.base import employee_of
from treasury.admin.moves import CHANNEL, find, page_of, refuse
from treasury.errors import NotAllowed, TreasuryError
from treasury.services import requests

logger = logging.getLogger(__name__)

# What a browser shows without running anything that is in it.
SHOWN_TYPES = {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"}
UNKNOWN_TYPE = "application/octet-stream"
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
# The browser's own PDF viewer is an embedded object with its own styles.
in_the_browser = csp_replace(
    {"object-src": ["'self'"], "style-src": ["'unsafe-inline'"], "script-src": ["'none'"]}
)


@require_GET
@in_the_browser  # type: ignore[arg-type]
def download(request: HttpRequest, pk: int, document_id: int) -> FileResponse | HttpResponse:
    """PDF and pictures open in the browser, everything else is saved as a file."""
    target = find(request, pk)
    document = get_object_or_404(rights.documents(target, employee_of(request)), pk=document_id)
    guessed = mimetypes.guess_type(document.name)[0]
    shown = guessed in SHOWN_TYPES and "save" not in request.GET
    try:
        content = document.file.open("rb")
    except OSError as failure:
        logger.error("cannot read document %s: %s", document.pk, failure)
        context = {"document": document, "original": target}
        return render(request, "admin/treasury/paymentrequest/lost.html", context, status=404)
    return FileResponse(
        content,
        as_attachment=not shown,
        filename=document.name,
        content_type=guessed if shown else UNKNOWN_TYPE,
        headers=HEADERS,
    )


@require_POST
def remove(request: HttpRequest, pk: int, document_id: int) -> HttpResponse:
    target = find(request, pk)
    document = get_object_or_404(target.documents, pk=document_id)
    try:
        requests.detach(attachment=document, actor=employee_of(request), channel=CHANNEL)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except TreasuryError as refusal:
        refuse(request, refusal)
    else:
        messages.success(request, _("“%(name)s” was removed.") % {"name": document.name})
    return redirect(page_of(target))
