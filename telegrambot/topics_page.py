"""The topics of a group on its page in the back office: all that an administrator does to them."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content.topics import ICONS, fitted
from telegrambot.models import KEEPS_TOPIC, Chat, SentMessage, Topic
from treasury.admin.base import BackOfficeInline

# The newest, for a group may have one for each of thousands of payees.
SHOWN = 50


class TopicForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Topic
        fields = ("name", "icon", "is_closed", "is_hidden", "unpins")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = self.instance.icon
        # One that was chosen in the app is known by its number alone.
        chosen = [] if own in ("", *ICONS) else [(own, "…")]
        choices = [("", "–"), *((icon, icon) for icon in ICONS), *chosen]
        label = self.fields["icon"].label
        self.fields["icon"] = forms.ChoiceField(label=label, choices=choices, required=False)
        self.fields["name"].widget.attrs["size"] = 40
        # General has no icon of its own, and is the only one that can be hidden.
        self.fields["icon" if self.instance.is_general else "is_hidden"].disabled = True

    def clean_name(self) -> str:
        return fitted(self.cleaned_data["name"])


def _newest(topics: QuerySet[Topic], chat: Chat) -> list[int]:
    newest = topics.filter(chat=chat).order_by("-pk")[:SHOWN]
    return list(newest.values_list("pk", flat=True))


def _posted(data: Mapping[str, Any], prefix: str) -> list[int]:
    key = re.compile(rf"{re.escape(prefix)}-[0-9]+-id", re.ASCII)
    given = (str(value) for name, value in data.items() if key.fullmatch(name))
    return [int(value) for value in given if re.fullmatch("[0-9]{1,18}", value)]


class TopicFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """What is saved is wanted: the chat's lane asks Telegram for it."""

    def __init__(self, **given: Any) -> None:
        every: QuerySet[Topic] = given["queryset"]
        data = given.get("data")
        # What comes back may be older than what has been made meanwhile.
        keys = _posted(data, given["prefix"]) if data else _newest(every, given["instance"])
        super().__init__(**{**given, "queryset": every.filter(pk__in=keys)})

    def clean(self) -> None:
        super().clean()
        if any(form.instance.is_general for form in self.deleted_forms):
            raise ValidationError(_("The topic General cannot be deleted, only hidden."))

    def save_new(self, form: Any, commit: bool = True) -> Topic:
        topic: Topic = super().save_new(form, commit)
        topic.keep()
        return topic

    def save_existing(self, form: Any, obj: Topic, commit: bool = True) -> Topic:
        topic: Topic = super().save_existing(form, obj, commit=False)
        # Not all of it: somebody may wish something meanwhile.
        topic.save(update_fields=form.changed_data)
        topic.doubt(*form.changed_data)
        topic.keep()
        return topic

    def delete_existing(self, obj: Topic, commit: bool = True) -> None:
        if obj.thread_id is None:
            obj.forget()
            return
        obj.is_deleted = True
        obj.save(update_fields=["is_deleted"])
        obj.keep()


class TopicInline(BackOfficeInline):
    """Those of requests are left out, for they follow them."""

    model = Topic
    form = TopicForm
    formset = TopicFormSet
    fields = ["number", "name", "icon", "is_closed", "is_hidden", "unpins", "stands"]
    readonly_fields = ["number", "stands"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        keepers = SentMessage.objects.filter(kind=KEEPS_TOPIC).select_related("chat")
        wanted = (
            super().get_queryset(request).filter(request=None, is_deleted=False, is_wanted=True)
        )
        return wanted.prefetch_related(Prefetch("messages", keepers, to_attr="keepers"))

    @admin.display(description=gettext_lazy("number"), empty_value="–")
    def number(self, topic: Topic) -> int | None:
        return topic.thread_id

    @admin.display(description=gettext_lazy("in Telegram"))
    def stands(self, topic: Topic) -> str:
        row: SentMessage | None = next(iter(getattr(topic, "keepers", ())), None)
        if row and row.hindrance:
            return row.hindrance
        return _("being changed") if row and row.is_behind else _("as it is here")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def _may_change(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change the chat."""
        chats = self.admin_site.get_model_admin(Chat)
        return chats.has_change_permission(request, obj)

    has_add_permission = _may_change
    has_change_permission = _may_change
    has_delete_permission = _may_change
