"""The printed form of a request, for whoever may see the request."""

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from treasury.admin.documents import HEADERS, in_the_browser
from treasury.admin.moves import find
from treasury.printed import content, pdf


@require_GET
@in_the_browser  # type: ignore[arg-type]
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """Its newest state, in the language of the reader's pages."""
    target = find(request, pk)
    name = content_disposition_header(False, content.file_name(target.number))
    return HttpResponse(
        pdf(content.form(target.pk)),
        content_type="application/pdf",
        headers={**HEADERS, "Content-Disposition": name or "inline"},
    )
