"""What is said of a request, on its page, and the form to say something."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from treasury.admin import moves
from treasury.admin.base import employee_of, refusals_forbid
from treasury.errors import CommentRefused
from treasury.models import PaymentRequest
from treasury.models.comments import COMMENT_LENGTH
from treasury.services import comments

TEMPLATE = "admin/treasury/paymentrequest/comment.html"


class CommentForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Your comment"),
        max_length=COMMENT_LENGTH,
        widget=forms.Textarea({"rows": 2}),
    )


def shown(original: PaymentRequest) -> dict[str, Any]:
    """For the page of the request."""
    said = original.comments.select_related("author").order_by("number")
    return {"comments": list(said), "comment_form": CommentForm(label_suffix="")}


def add(request: HttpRequest, pk: int) -> HttpResponse:
    """POST says it; what is refused is there to be corrected."""
    original = moves.find(request, pk)
    form = CommentForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid() and _said(request, original, form):
        return redirect(f"{moves.page_of(original)}#comments")
    context = {
        **admin.site.each_context(request),
        "title": _("Comment"),
        "original": original,
        "comment_form": form,
        "opts": PaymentRequest._meta,
    }
    return render(request, TEMPLATE, context)


def _said(request: HttpRequest, original: PaymentRequest, form: CommentForm) -> bool:
    try:
        with refusals_forbid():
            comment = comments.add(
                request=original,
                author=employee_of(request),
                channel=moves.CHANNEL,
                text=form.cleaned_data["text"],
            )
    except CommentRefused as refusal:
        form.add_error("text", str(refusal))
        return False
    asked = _("%(number)s: your question is asked.")
    added = _("%(number)s: your comment is added.")
    messages.success(request, (asked if comment.is_question else added) % {"number": original})
    return True
