"""The pages on which a person signs in for his Telegram account, and the first page of all."""

import re
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN as TOKEN
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from oauth import linking, throttling
from oauth.errors import ExpiredLink, UnknownLink
from oauth.forms import PasswordByLinkForm, SignInForm
from oauth.models import UserToken
from oauth.session import remember, signed_in_by
from treasury.errors import PasswordLinkRefused
from treasury.models import Employee

VERIFICATION_FILE = re.compile(r"google[0-9a-f]+\.html")


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, for whoever comes by, and the proof for Google whose domain it is."""
    is_file = VERIFICATION_FILE.fullmatch(settings.GOOGLE_SITE_VERIFICATION)
    meta = "" if is_file else settings.GOOGLE_SITE_VERIFICATION
    return render(request, "oauth/home.html", {"site_verification": meta})


@login_not_required
@require_safe
def site_verification(request: HttpRequest, name: str) -> HttpResponse:
    if name != settings.GOOGLE_SITE_VERIFICATION:
        raise Http404
    return HttpResponse(f"google-site-verification: {name}", content_type="text/html")


@login_not_required
@never_cache
@require_safe
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """Whose Telegram account it is about, and the ways to sign in; changes nothing."""
    return _ways(request, linking.find(secret), SignInForm(request))


@login_not_required
@never_cache
@require_POST
@sensitive_post_parameters("password")
def password(request: HttpRequest) -> HttpResponse:
    """Signs in for the link alone: nobody is logged in by it."""
    link = linking.of_ticket(request.POST.get("link", ""))
    form = SignInForm(request, data=request.POST)
    if not form.is_valid():
        return _ways(request, link, form)
    throttling.forget_failures(request)
    linking.signed_in(link=link, employee=form.get_user())
    remember(request, link)
    return redirect("oauth:code")


@login_not_required
@never_cache
@require_safe
def code(request: HttpRequest) -> HttpResponse:
    """The code to bring to the bot, for the browser in which the person has signed in."""
    link = signed_in_by(request)
    if link is None or link.telegram_id is None:
        raise UnknownLink
    if UserToken.objects.employee_of(link.telegram_id) == link.employee:
        context = {"link": link, "chat": linking.chat_with_bot()}
        return render(request, "oauth/linked.html", context)
    if link.revoked_at or link.is_expired:
        raise ExpiredLink
    code = linking.code_of(link)
    spaced = f"{code[:4]}-{code[4:]}"
    chat = linking.chat_with_bot(f"link-{spaced}")
    return render(request, "oauth/code.html", {"link": link, "code": spaced, "chat": chat})


class SetPassword(PasswordResetConfirmView):
    """Where a link to set a password leads; its token goes into the session, out of the address."""

    template_name = "oauth/set_password.html"
    form_class = PasswordByLinkForm

    def get_user(self, uidb64: str) -> Employee | None:
        user = super().get_user(uidb64)
        return user if isinstance(user, Employee) and user.is_active else None

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "token": self.request.session.get(TOKEN, "")}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            person = form.save()
        except PasswordLinkRefused:
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        del self.request.session[TOKEN]
        if person == self.request.user:
            update_session_auth_hash(self.request, person)
        return render(self.request, "oauth/password_set.html", {"person": person})

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        status = HTTPStatus.OK if self.validlink else HTTPStatus.GONE
        return super().render_to_response(context, status=status, **kwargs)


def _ways(request: HttpRequest, link: UserToken, form: SignInForm) -> HttpResponse:
    context = {"link": link, "ticket": linking.ticket_of(link), "form": form}
    return render(request, "oauth/link.html", context)
