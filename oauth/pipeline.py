"""From Google's claims to an employee: steps that social-auth calls in the order of the settings.

Google makes no employees. A step that refuses raises a `LinkError`, which the middleware shows.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from oauth import linking
from oauth.errors import (
    EmailNotVerified,
    EmployeeInactive,
    ForeignDomain,
    NoBackOffice,
    NoSuchEmployee,
)
from oauth.session import remember
from treasury.models import Employee

Claims = dict[str, Any]


def require_verified_email(response: Claims, **context: Any) -> None:
    if response.get("email_verified") is not True or not response.get("email"):
        raise EmailNotVerified


def require_company_account(response: Claims, **context: Any) -> None:
    """Both must fit: anybody may make a Google account with a work address, without the `hd`."""
    domain = settings.GOOGLE_HOSTED_DOMAIN
    of_address = response["email"].rpartition("@")[2]
    of_account = response.get("hd") or ""
    if domain and (of_address.lower(), of_account.lower()) != (domain, domain):
        raise ForeignDomain


def find_employee(response: Claims, **context: Any) -> dict[str, Employee]:
    email: str = response["email"]
    employee = Employee.objects.filter(email__iexact=email).first()
    # To a database in capitals some foreign letters are like ours (ı and i, ſ and s).
    if employee is None or employee.email.lower() != email.lower():
        raise NoSuchEmployee
    if not employee.is_active:
        raise EmployeeInactive
    return {"employee": employee}


def welcome(strategy: Any, employee: Employee, **context: Any) -> HttpResponse:
    """Show the code to whoever came by a link; let everyone else into the back office."""
    request: HttpRequest = strategy.request
    ticket = request.session.get("link")
    if not ticket:
        return _enter_back_office(request, employee)
    link = linking.of_ticket(ticket)
    linking.signed_in(link=link, employee=employee)
    remember(request, link)
    return redirect("oauth:code")


def _enter_back_office(request: HttpRequest, employee: Employee) -> HttpResponse:
    if not employee.is_staff:
        raise NoBackOffice
    # Checked by social-auth to be an address of ours.
    target = request.session.pop("next", None)
    login(request, employee, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(target or resolve_url(settings.LOGIN_REDIRECT_URL))
