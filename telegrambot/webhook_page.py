"""The back office's page about the line to Telegram: how it is, and what is to be done to it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from telegrambot import errands, figures, lag, webhook
from telegrambot.doctor import tls
from telegrambot.doctor.address import Address
from telegrambot.doctor.explanations import explain
from telegrambot.doctor.results import Level
from telegrambot.models import GIVEN_UP, Alert, Chat, Errand, SentMessage, Tally
from treasury.admin.base import BackOfficeAdmin, ReadOnlyAdmin, employee_of
from treasury.admin.display import badge

# Bytes that are read of a file; a whole chain has a tenth of them.
LONGEST = 100_000
# Seconds after which somebody should have taken up an errand, even where each takes its turn.
SOON = 60
# How many of the last alerts are told.
ALERTS = 5
# Of a level the colour of its badge.
_COLOURS = {Level.OK: "approved", Level.WARNING: "returned", Level.FAILURE: "failed"}


class SetForm(forms.Form):
    certificate = forms.FileField(
        label=gettext_lazy("self-signed certificate (PEM)"), required=False,
        help_text=gettext_lazy(
            "Only where the proxy in front has one that it has signed itself; never the key."
        ),
    )  # fmt: skip
    without = forms.BooleanField(
        label=gettext_lazy("give Telegram no certificate any more"), required=False
    )
    sure = forms.BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sure"].label = _("All updates are to come to %(url)s") % {"url": webhook.url()}
        if settings.TELEGRAM_CERTIFICATE:
            # The settings of the server have the last word.
            del self.fields["certificate"], self.fields["without"]
        elif not webhook.has_own_certificate():
            del self.fields["without"]

    def clean_certificate(self) -> str:
        """PEM of certificates and of nothing else; empty if no file was chosen."""
        file = self.cleaned_data["certificate"]
        if file is None:
            return ""
        content = file.read(LONGEST)
        if b"PRIVATE KEY" in content:
            raise ValidationError(
                _("There is a private key in it. It was not stored; send the certificate alone.")
            )
        try:
            certificates = x509.load_pem_x509_certificates(content)
        except ValueError as exc:
            raise ValidationError(
                _("This is no certificate as PEM, which begins with BEGIN CERTIFICATE.")
            ) from exc
        if certificates[0].not_valid_after_utc <= timezone.now():
            raise ValidationError(_("It has expired: “manage.py telegram certificate” makes one."))
        address = Address.of(webhook.url())
        if address and not tls.matching(certificates[0], address.host, as_name=True):
            raise ValidationError(_("It is not for %(host)s.") % {"host": address.host})
        # What else stands in the file, in whatever encoding, is nobody's business.
        return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)

    def chosen(self) -> str:
        """That which Telegram is to be given: another, none, or the same as before."""
        if self.cleaned_data.get("without") or settings.TELEGRAM_CERTIFICATE:
            return ""
        return self.cleaned_data["certificate"] or webhook.own_certificate().decode()


class DeleteForm(forms.Form):
    sure = forms.BooleanField(
        label=gettext_lazy("I know that nobody's presses arrive until it is set again")
    )


class ErrandAdmin(ReadOnlyAdmin):
    """The list is the page; a row tells what was found."""

    list_display = ["asked_at", "act", "asked_by", "outcome"]
    list_select_related = ["asked_by"]
    fields = [("act", "asked_by"), ("asked_at", "begun_at", "done_at"), "outcome", "certificate"]
    change_form_template = "admin/telegrambot/errand/one.html"
    change_list_template = "admin/telegrambot/errand/page.html"

    def may_ask(self, request: HttpRequest) -> bool:
        return BackOfficeAdmin.has_add_permission(self, request)

    def get_urls(self) -> list[URLPattern]:
        ask = self.admin_site.admin_view(self.ask_view)
        return [path("ask/<str:act>/", ask, name="telegrambot_errand_ask"), *super().get_urls()]

    @method_decorator(require_POST)
    def ask_view(self, request: HttpRequest, act: str) -> HttpResponse:
        if not self.may_ask(request) or act not in Errand.Act.values:
            raise PermissionDenied
        forms_ = _forms(request, act)
        form = forms_.get(act)
        if form is not None and not form.is_valid():
            page: HttpResponse = self.changelist_view(request, {"forms": forms_})
            return page
        pem = form.chosen() if isinstance(form, SetForm) else ""
        if errands.ask(Errand.Act(act), employee_of(request), pem):
            messages.success(request, _("A worker does it now; what comes of it will stand here."))
        else:
            messages.warning(request, _("One thing at a time: another is being done."))
        return redirect("admin:telegrambot_errand_changelist")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        newest = Errand.objects.first()
        done = Errand.objects.exclude(done_at=None)
        told = done.exclude(info={}).first()
        examined = done.filter(act=Errand.Act.EXAMINE).first()
        last = done.exclude(act=Errand.Act.EXAMINE).select_related("asked_by").first()
        context = {
            "forms": _forms(), "may_ask": self.may_ask(request), "address": webhook.url(),
            "open": newest if newest and newest.is_open else None, "is_neglected": _waits(newest),
            "last": last, "came_of_it": _findings(last), "told": told, "info": _info(told),
            "examined": examined, "findings": _findings(examined),
            "certificate": _certificate(), "trouble": _trouble(),
            "certificate_is_set": bool(settings.TELEGRAM_CERTIFICATE),
            "figures": _figures(),
            "alerts": _alerts() if request.user.has_perm("telegrambot.view_alert") else (),
            **(extra_context or {}),
        }  # fmt: skip
        return super().changelist_view(request, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        errand = self.get_object(request, object_id)
        context = {"findings": _findings(errand), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=gettext_lazy("what came of it"))
    def outcome(self, errand: Errand) -> SafeString | str:
        if errand.is_open:
            return _("is being done") if errand.begun_at else _("waits for a worker")
        levels = [found["level"] for found in errand.findings]
        worst = next((one for one in (Level.FAILURE, Level.WARNING) if one in levels), Level.OK)
        return badge(_COLOURS[worst], str(worst.label))


def _forms(request: HttpRequest | None = None, act: str = "") -> dict[str, forms.Form]:
    """Of what has to be filled in; what was posted to one of them stands in it."""
    classes = {Errand.Act.SET: SetForm, Errand.Act.DELETE: DeleteForm}
    return {
        str(of): form(
            *((request.POST, request.FILES) if request and of == act else ()),
            auto_id=f"id_{of.value}_%s",
        )
        for of, form in classes.items()
    }


def _waits(errand: Errand | None) -> bool:
    """Longer than for a worker that is at work: the doctor, whom a worker asks, cannot tell."""
    if errand is None or errand.begun_at is not None:
        return False
    return errand.asked_at < timezone.now() - timedelta(seconds=SOON)


def _info(errand: Errand | None) -> Iterator[tuple[str, str]]:
    if errand is None:
        return
    yield from webhook.in_words(errand.info)
    if explanation := explain(errand.info.get("last_error_message", "")):
        yield "→", str(explanation)


def _findings(errand: Errand | None) -> list[dict[str, Any]]:
    if errand is None:
        return []
    return [
        {**found, "badge": badge(_COLOURS[Level(found["level"])], str(Level(found["level"]).label))}
        for found in errand.findings
    ]


def _certificate() -> dict[str, Any] | None:
    """By which Telegram knows us; None if nobody has seen one. Its name is that of the one that
    Telegram is given."""
    own = tls.uploaded()
    until = figures.expiry() or (own.not_valid_after_utc if own else None)
    if until is None:
        return None
    return {
        "name": own.subject.rfc4514_string() if own else "", "until": until,
        "days": (until - timezone.now()).days,
        "source": "TELEGRAM_CERTIFICATE" if settings.TELEGRAM_CERTIFICATE else "",
    }  # fmt: skip


def _trouble() -> str:
    """Why the certificate of the settings cannot be given."""
    try:
        webhook.own_certificate()
    except webhook.Unusable as exc:
        return str(exc)
    return ""


def _alerts() -> Iterator[tuple[Alert, str]]:
    """The last ones, each with what is known of its text."""
    for alert in Alert.objects.exclude(subject=Alert.Subject.SAID)[:ALERTS]:
        yield alert, str(explain(alert.text) or "")


def _lasting(seconds: float) -> str:
    if seconds < SOON:
        return _("%(seconds)d s") % {"seconds": seconds}
    now = timezone.now()
    return timesince(now - timedelta(seconds=seconds), now, depth=1)


def _figures() -> Iterator[tuple[str, str, str]]:
    """What it is called, how it is, and where it is looked at."""
    now = timezone.now()
    message_list = reverse("admin:telegrambot_sentmessage_changelist")
    chat_list = reverse("admin:telegrambot_chat_changelist")
    for urgency, (count, oldest) in lag.waiting().items():
        if count:
            said = _("%(count)d, the oldest for %(time)s")
            yield (
                str(urgency.label),
                said % {"count": count, "time": _lasting(oldest)},
                message_list,
            )
    yield _("Lag"), _lasting(lag.seconds()), ""
    if (pending := figures.pending()) is not None:
        yield _("Updates that wait at Telegram"), f"{pending:.0f}", ""
    at_work = Chat.objects.filter(lease_until__gt=now).count()
    yield _("Chats that are worked for at this moment"), str(at_work), chat_list
    asked = Chat.objects.filter(asked_until__gt=now).count()
    yield _("Chats that Telegram has asked to leave alone"), str(asked), chat_list
    pauses = Tally.objects.filter(name="treasury_pauses_total").aggregate(all=Sum("value"))["all"]
    yield _("Times that Telegram has asked to wait (429)"), f"{pauses or 0:.0f}", ""
    lost = SentMessage.objects.filter(state__in=GIVEN_UP).count()
    yield _("Messages given up"), str(lost), f"{message_list}?state__in={','.join(GIVEN_UP)}"
