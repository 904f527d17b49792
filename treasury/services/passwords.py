"""Passwords: nobody chooses another's; a one-time link lets the person set his own."""

from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator as tokens
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from treasury import journal
from treasury.errors import PasswordLinkRefused
from treasury.models import AccountEvent, Decision, Employee
from treasury.services import people

NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"


def send_link(*, employee: Employee, actor: Employee, channel: str) -> None:
    """Mail the person a link by which he sets a password: once, and only for a time.

    The link is in no answer and no journal, so that only the person's mailbox has it. Raises
    `NoRight`, or `PasswordLinkRefused` also when the letter could not be sent.
    """
    if settings.EMAIL_BACKEND == NO_MAIL:
        raise PasswordLinkRefused(
            _("No e-mail can be sent: the installation lacks the setting EMAIL_URL.")
        )
    with transaction.atomic():
        person = people.locked(employee, actor)
        if not person.is_active:
            raise PasswordLinkRefused(_("This employee does not work here any more."))
        journal.record(
            employee=person,
            action=AccountEvent.Action.PASSWORD_LINK,
            actor=actor,
            channel=channel,
            data={"email": person.email},
        )
    try:
        _letter(person).send()
    except (SMTPException, OSError) as error:
        raise PasswordLinkRefused(
            _("The letter to %(email)s could not be sent. Try again later.")
            % {"email": person.email}
        ) from error


def set_by_link(*, employee: Employee, token: str, password: str) -> Employee:
    """Let the bearer of the link's token set the password; all sessions and other links end.

    Raises `PasswordLinkRefused` for a link that was used, also at the same moment, or is too old,
    and Django's `ValidationError` for a weak password.
    """
    with transaction.atomic():
        person = Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        if not person.is_active or not tokens.check_token(person, token):
            raise PasswordLinkRefused(
                _("This link was used already or is too old. Ask the administrator for a new one.")
            )
        _set(person, password)
    return person


def change_own(*, employee: Employee, password: str) -> Employee:
    """By the person himself, who has just shown the former one; all other sessions end.

    Raises Django's `ValidationError` for a weak password.
    """
    with transaction.atomic():
        person = Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        _set(person, password)
    return person


def _set(person: Employee, password: str) -> None:
    validate_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    journal.record(
        employee=person,
        action=AccountEvent.Action.PASSWORD_SET,
        actor=person,
        channel=Decision.Channel.ADMIN,
    )


def _letter(person: Employee) -> EmailMessage:
    """In the language of the person."""
    key = urlsafe_base64_encode(force_bytes(person.pk))
    path = reverse("set_password", args=[key, tokens.make_token(person)])
    with translation.override(person.language):
        lines = (
            _("Hello, %(name)s!")
            % {"name": " ".join(filter(None, [person.first_name, person.patronymic]))},
            "",
            _("By this link you set the password with which you sign in as %(email)s:")
            % {"email": person.email},
            f"{settings.PUBLIC_URL}{path}",
            "",
            _("It works once and for a day. Nobody else needs it: pass it on to no one."),
        )
        return EmailMessage(_("Your password for payment requests"), "\n".join(lines), None,
                            [person.email])  # fmt: skip
