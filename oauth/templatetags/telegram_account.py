"""What the page of an employee says of his Telegram."""

from typing import Any
from urllib.parse import quote

from django import template
from django.utils import translation
from django.utils.translation import gettext as _

from oauth import linking
from oauth.models import UserToken
from treasury.models import Employee

register = template.Library()


@register.inclusion_tag("admin/treasury/employee/telegram.html", takes_context=True)
def telegram_account(context: dict[str, Any], employee: Employee) -> dict[str, Any]:
    """The link, for whoever may revoke it with the way to do so; without one, the invitation."""
    tie = UserToken.objects.filter(kind=UserToken.Kind.TELEGRAM, employee=employee).first()
    linked = tie is not None and tie.revoked_at is None
    subject, text = _invitation(employee)
    return {
        "employee": employee,
        "tie": tie,
        "linked": linked,
        "telegram_name": _name(employee, tie) if tie else "",
        "may_revoke": context["user"].has_perm("oauth.change_usertoken"),
        "may_invite": context["user"].has_perm("treasury.change_employee"),
        "invitation": text,
        "mail": f"mailto:{quote(employee.email)}?subject={quote(subject)}&body={quote(text)}",
    }


def _name(employee: Employee, tie: UserToken) -> str:
    """As Telegram told it when the account was linked; the tie itself knows only the number."""
    links = UserToken.objects.filter(kind=UserToken.Kind.LINK, employee=employee)
    named = links.filter(telegram_id=int(tie.token)).values_list("telegram_name", flat=True)
    linked = employee.account_events.filter(data__telegram_id=int(tie.token))
    told = (event.data.get("telegram_name", "") for event in linked)
    return named.first() or next(filter(None, told), "")


def _invitation(employee: Employee) -> tuple[str, str]:
    """Subject and text, in the language of whoever is invited."""
    with translation.override(employee.language):
        facts = {
            "name": " ".join(filter(None, [employee.first_name, employee.patronymic])),
            "address": linking.chat_with_bot("login"),
            "email": employee.email,
        }
        if facts["address"]:
            first = _("1. Open the bot on your phone or computer: %(address)s") % facts
        else:
            first = _("1. Open the company's bot in Telegram and send it /login")
        lines = (
            _("Hello, %(name)s!") % facts,
            "",
            _("Payment requests are approved in Telegram. To receive yours:"),
            first,
            _("2. Press the button that the bot sends and sign in as %(email)s.") % facts,
            _("3. Bring the code from the page to the bot: one press is enough."),
            "",
            _("It takes a minute, and what already waits for you comes at once."),
        )
        return _("Payment requests in Telegram"), "\n".join(lines)
