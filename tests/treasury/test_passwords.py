"""A link to set a password: sent to the person alone, and worth something once."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator as tokens
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import connection

from tests.company import ADMIN, Company
from treasury.errors import NoRight, PasswordLinkRefused
from treasury.models import AccountEvent, Employee
from treasury.services import passwords

Action = AccountEvent.Action
NEW = "violet-Umbrella-77"


@pytest.fixture
def gleb(company: Company) -> Employee:
    """The administrator."""
    return company.allow(company.gleb, "change_employee")


def send(employee: Employee, actor: Employee) -> None:
    passwords.send_link(employee=employee, actor=actor, channel=ADMIN)


def use(employee: Employee, token: str, password: str = NEW) -> Employee:
    return passwords.set_by_link(employee=employee, token=token, password=password)


def test_the_link_goes_to_the_persons_mailbox_in_his_language(
    company: Company, gleb: Employee, mailoutbox: Sequence[EmailMessage]
) -> None:
    Employee.objects.filter(pk=company.vera.pk).update(language="en")
    send(company.vera, gleb)
    [letter] = mailoutbox
    assert letter.to == [company.vera.email]
    assert letter.subject == "Your password for payment requests"
    assert "http://127.0.0.1:8000/oauth/password/" in letter.body
    [event] = company.vera.account_events.all()
    assert (event.action, event.actor) == (Action.PASSWORD_LINK, gleb)
    assert event.data == {"email": company.vera.email}


def test_nothing_is_sent_without_the_right_or_to_one_who_has_left(
    company: Company, gleb: Employee, mailoutbox: Sequence[EmailMessage]
) -> None:
    with pytest.raises(NoRight):
        send(company.vera, company.anna)
    Employee.objects.filter(pk=company.vera.pk).update(is_superuser=True)
    with pytest.raises(NoRight):
        send(company.vera, gleb)
    Employee.objects.filter(pk=company.boris.pk).update(is_active=False)
    with pytest.raises(PasswordLinkRefused):
        send(company.boris, gleb)
    assert not mailoutbox
    assert not AccountEvent.objects.exists()


def test_without_a_mail_server_this_is_said(
    company: Company, gleb: Employee, settings: Any
) -> None:
    settings.EMAIL_BACKEND = passwords.NO_MAIL
    with pytest.raises(PasswordLinkRefused, match="EMAIL_URL"):
        send(company.vera, gleb)
    assert not AccountEvent.objects.exists()


def test_a_letter_that_does_not_go_out_is_said(
    company: Company, gleb: Employee, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    # Port 9 refuses.
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(PasswordLinkRefused, match=company.vera.email):
        send(company.vera, gleb)


def test_the_link_works_once_and_is_journalled(company: Company) -> None:
    token = tokens.make_token(company.vera)
    use(company.vera, token)
    with pytest.raises(PasswordLinkRefused):
        use(company.vera, token, "another-Umbrella-78")
    company.vera.refresh_from_db()
    assert company.vera.check_password(NEW)
    [event] = company.vera.account_events.all()
    assert (event.action, event.actor) == (Action.PASSWORD_SET, company.vera)
    assert NEW not in str(event.data)


def test_a_link_ends_with_its_day_its_address_and_its_person(
    company: Company, settings: Any
) -> None:
    token = tokens.make_token(company.vera)
    with pytest.raises(PasswordLinkRefused):
        use(company.boris, token)
    settings.PASSWORD_RESET_TIMEOUT = -1
    with pytest.raises(PasswordLinkRefused):
        use(company.vera, token)
    settings.PASSWORD_RESET_TIMEOUT = 60
    for changed, back in (
        ({"email": "other@example.com"}, {"email": company.vera.email}),
        ({"is_active": False}, {"is_active": True}),
    ):
        Employee.objects.filter(pk=company.vera.pk).update(**changed)
        with pytest.raises(PasswordLinkRefused):
            use(company.vera, token)
        Employee.objects.filter(pk=company.vera.pk).update(**back)
    assert use(company.vera, token).check_password(NEW)


def test_a_weak_password_is_refused_and_leaves_the_link(company: Company) -> None:
    token = tokens.make_token(company.vera)
    with pytest.raises(ValidationError):
        use(company.vera, token, "12345")
    assert use(company.vera, token).check_password(NEW)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_set_one_password(company: Company) -> None:
    token = tokens.make_token(company.vera)
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def run(password: str) -> None:
        together.wait()
        try:
            use(company.vera, token, password)
            outcomes.append(password)
        except PasswordLinkRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(f"{NEW}-{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [refused] = [outcome for outcome in outcomes if outcome == "refused"]
    [password] = [outcome for outcome in outcomes if outcome != refused]
    assert Employee.objects.get(pk=company.vera.pk).check_password(password)
