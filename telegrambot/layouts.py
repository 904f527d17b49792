"""The back office's page on which an administrator chooses what the cards show, and sees how."""

import json
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content.card import AT_ONCE, card_of
from telegrambot.content.fields import FIELDS
from telegrambot.content.loading import with_progress
from telegrambot.models import CardLayout
from telegrambot.projection.news import RESTING, show_anew
from treasury.admin.base import BackOfficeAdmin, employee_of
from treasury.models import Employee, PaymentRequest
from treasury.workflow import Status


class Arranged(forms.CheckboxSelectMultiple):
    """What is ticked comes in the order in which it stands on the page, where it can be moved."""

    template_name = "admin/telegrambot/cardlayout/fields.html"

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        # A form's own renderer finds no templates of the project.
        return super().render(name, value, attrs, TemplatesSetting())

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        """What is shown stands first, in its order."""
        place = {key: number for number, key in enumerate(value)}
        groups = super().optgroups(name, value, attrs)
        return sorted(groups, key=lambda group: place.get(str(group[1][0]["value"]), len(place)))


class LayoutForm(forms.ModelForm):  # type: ignore[type-arg]
    names = forms.MultipleChoiceField(
        label=gettext_lazy("fields"), choices=list(FIELDS.items()), widget=Arranged, required=False,
        initial=list(FIELDS),
        help_text=gettext_lazy(
            "Number, amount, payee, purpose, what is unusual and the stages are always shown; "
            "of the fields the first four at once."
        ),
    )  # fmt: skip

    class Meta:
        model = CardLayout
        fields = ("organization", "names")
        error_messages = {
            "organization": {
                "unique": gettext_lazy("What this organization's cards show is chosen already.")
            }
        }


class CardLayoutAdmin(BackOfficeAdmin):
    form = LayoutForm
    list_display = ["organization", "shown"]
    list_select_related = ["organization"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whose cards they are is chosen once."""
        return ["organization"] if obj else []

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "",
        extra_context: Any = None,
    ) -> Any:  # fmt: skip
        layout = self.get_object(request, object_id) if object_id else None
        context = {"sample": _sample(employee_of(request), layout), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: CardLayout, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _show_anew(obj)

    def delete_model(self, request: HttpRequest, obj: CardLayout) -> None:
        super().delete_model(request, obj)
        _show_anew(obj)

    @admin.display(description=gettext_lazy("shown"))
    def shown(self, layout: CardLayout) -> str:
        return ", ".join(str(FIELDS[name]) for name in layout.names if name in FIELDS) or "—"


def _show_anew(layout: CardLayout) -> None:
    """The newest cards that somebody has to decide on."""
    undecided = PaymentRequest.objects.filter(
        organization=layout.organization_id, status=Status.IN_APPROVAL
    ).order_by("-pk")
    show_anew(undecided[:RESTING])


def _sample(reader: Employee, layout: CardLayout | None) -> str:
    """What a card says of the newest request that the reader may see: its parts, as JSON."""
    requests = PaymentRequest.objects.ever_submitted().order_by("-pk")
    if layout:
        requests = requests.filter(organization=layout.organization_id)
    newest = requests.readable_by(reader).values_list("pk", flat=True).first()
    if newest is None:
        return ""
    card = replace(card_of(with_progress(newest)), layout=tuple(FIELDS))
    parts = {
        "head": [f"{card.mark} {card.amount} · {card.payee}", card.name, card.priority],
        "words": card.words(),
        "doubts": card.doubts.splitlines(),
        "progress": card.progress.splitlines(),
        "steps": card.steps,
        "fields": card.fields(),
        "atOnce": AT_ONCE,
        "more": _("More"),
    }
    return json.dumps(parts, ensure_ascii=False)
