"""The code in the chat: what makes a link, moves it, undoes it, and what does not."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from oauth import linking
from oauth.errors import (
    AlreadyLinked,
    EmployeeInactive,
    ExpiredLink,
    LinkError,
    NothingToFinish,
    NotLinked,
    TooManyTries,
    UsedLink,
    WrongCode,
)
from oauth.models import UserToken
from tests.company import ADMIN, TELEGRAM, Company
from treasury.models import AccountEvent, Employee

from .conftest import NEWCOMER, Heard

SECOND = 7002


def signed_in(person: Employee, telegram_id: int = NEWCOMER) -> str:
    """The code of somebody who has just signed in for this Telegram account."""
    url = linking.begin(telegram_id=telegram_id, telegram_name="Борис (@boris)")
    link = linking.find(url.split("/")[-2])
    linking.signed_in(link=link, employee=person)
    link.refresh_from_db()
    return linking.code_of(link)


def links() -> list[tuple[str, int | None]]:
    """Valid Telegram tokens beside those of the company's other people."""
    rows = UserToken.objects.filter(kind="telegram", revoked_at=None, token__gte="7000")
    return list(rows.values_list("token", "employee"))


def test_the_code_may_be_typed_as_people_type(newcomer: Employee) -> None:
    code = signed_in(newcomer)
    typed = f" {code[:4].lower()} - {code[4:].lower()}".replace("o", "0").replace("i", "1")
    assert linking.finish(telegram_id=NEWCOMER, code=typed) == newcomer


def test_a_code_works_once(newcomer: Employee) -> None:
    code = signed_in(newcomer)
    linking.finish(telegram_id=NEWCOMER, code=code)
    with pytest.raises(NothingToFinish):
        linking.finish(telegram_id=NEWCOMER, code=code)
    assert AccountEvent.objects.count() == 1


def test_a_code_from_another_telegram_account_links_neither(
    company: Company, newcomer: Employee
) -> None:
    foreign = signed_in(newcomer)
    with pytest.raises(NothingToFinish):
        linking.finish(telegram_id=SECOND, code=foreign)
    signed_in(company.sergey, SECOND)
    with pytest.raises(WrongCode):
        linking.finish(telegram_id=SECOND, code=foreign)
    assert links() == []


def test_before_the_sign_in_there_is_nothing_to_finish(newcomer: Employee) -> None:
    linking.begin(telegram_id=NEWCOMER, telegram_name="Борис")
    with pytest.raises(NothingToFinish):
        linking.finish(telegram_id=NEWCOMER, code="AAAA-AAAA")


def test_ten_minutes_after_the_sign_in_the_code_is_dead(newcomer: Employee) -> None:
    code = signed_in(newcomer)
    link = UserToken.objects.get(kind="link")
    assert link.expires_at is not None
    assert timedelta(minutes=9) < link.expires_at - timezone.now() <= timedelta(minutes=10)
    UserToken.objects.filter(pk=link.pk).update(expires_at=timezone.now())
    with pytest.raises(ExpiredLink):
        linking.finish(telegram_id=NEWCOMER, code=code)
    assert links() == []


def test_the_right_code_is_the_fifth_at_the_latest(newcomer: Employee) -> None:
    code = signed_in(newcomer)
    for _try in range(4):
        with pytest.raises(WrongCode):
            linking.finish(telegram_id=NEWCOMER, code="AAAA-AAAA")
    assert linking.finish(telegram_id=NEWCOMER, code=code) == newcomer


def test_after_five_wrong_codes_the_right_one_is_refused_too(newcomer: Employee) -> None:
    code = signed_in(newcomer)
    for _try in range(5):
        with pytest.raises(WrongCode):
            linking.finish(telegram_id=NEWCOMER, code="AAAA-AAAA")
    with pytest.raises(TooManyTries):
        linking.finish(telegram_id=NEWCOMER, code=code)
    assert linking.finish(telegram_id=NEWCOMER, code=signed_in(newcomer)) == newcomer


def test_who_has_been_switched_off_meanwhile_is_not_linked(newcomer: Employee) -> None:
    code = signed_in(newcomer)
    Employee.objects.filter(pk=newcomer.pk).update(is_active=False)
    with pytest.raises(EmployeeInactive):
        linking.finish(telegram_id=NEWCOMER, code=code)
    assert links() == []
    assert not AccountEvent.objects.exists()


def test_an_account_that_became_somebody_else_s_meanwhile(
    company: Company, newcomer: Employee
) -> None:
    code = signed_in(newcomer)
    UserToken.objects.filter(employee=company.sergey).update(token=str(NEWCOMER))
    with pytest.raises(AlreadyLinked):
        linking.finish(telegram_id=NEWCOMER, code=code)
    assert UserToken.objects.employee_of(NEWCOMER) == company.sergey


def test_an_employee_moves_to_his_new_telegram_account(
    company: Company, heard: Heard, django_capture_on_commit_callbacks: Any
) -> None:
    old = company.telegram_id(company.boris)
    with django_capture_on_commit_callbacks(execute=True):
        linking.finish(telegram_id=NEWCOMER, code=signed_in(company.boris))
    assert UserToken.objects.employee_of(old) is None
    assert UserToken.objects.employee_of(NEWCOMER) == company.boris
    assert heard.of("linked")[0]["previous_telegram_id"] == old
    event = AccountEvent.objects.get()
    assert event.data["previous_telegram_id"] == old


def test_to_link_what_is_linked_changes_nothing(company: Company, heard: Heard) -> None:
    telegram_id = company.telegram_id(company.boris)
    code = signed_in(company.boris, telegram_id)
    assert linking.finish(telegram_id=telegram_id, code=code) == company.boris
    assert UserToken.objects.filter(kind="telegram", employee=company.boris).count() == 1
    assert not AccountEvent.objects.exists()


def test_the_phone_of_a_colleague_who_has_left_can_be_taken_over(
    company: Company, newcomer: Employee
) -> None:
    Employee.objects.filter(pk=company.gleb.pk).update(is_active=False)
    telegram_id = company.telegram_id(company.gleb)
    linking.finish(telegram_id=telegram_id, code=signed_in(newcomer, telegram_id))
    assert UserToken.objects.employee_of(telegram_id) == newcomer
    [entry] = AccountEvent.objects.filter(employee=company.gleb)
    assert (entry.action, entry.actor) == (AccountEvent.Action.REVOKED, newcomer)


def test_logging_out_undoes_the_link_once(company: Company, heard: Heard) -> None:
    telegram_id = company.telegram_id(company.boris)
    # Heard before the commit, so that no crash after it loses what others do about it.
    assert linking.unlink(telegram_id=telegram_id, channel=TELEGRAM) == company.boris
    assert UserToken.objects.employee_of(telegram_id) is None
    assert heard.news == [("unlinked", {"employee": company.boris, "telegram_id": telegram_id})]
    event = AccountEvent.objects.get()
    assert (event.action, event.actor, event.data) == (
        "unlinked", company.boris, {"telegram_id": telegram_id},
    )  # fmt: skip
    with pytest.raises(NotLinked):
        linking.unlink(telegram_id=telegram_id, channel=TELEGRAM)


def test_a_revocation_names_who_has_revoked(
    company: Company, heard: Heard, django_capture_on_commit_callbacks: Any
) -> None:
    token = UserToken.objects.get(employee=company.boris)
    with django_capture_on_commit_callbacks(execute=True):
        assert linking.revoke(token=token, actor=company.anna)
        assert not linking.revoke(token=token, actor=company.anna)
    assert len(heard.of("unlinked")) == 1
    event = AccountEvent.objects.get()
    assert (event.employee, event.action, event.actor, event.channel) == (
        company.boris, "revoked", company.anna, ADMIN,
    )  # fmt: skip


def test_a_link_can_be_revoked_before_its_code_comes(company: Company, newcomer: Employee) -> None:
    code = signed_in(newcomer)
    assert linking.revoke(token=UserToken.objects.get(kind="link"), actor=company.anna)
    with pytest.raises(NothingToFinish):
        linking.finish(telegram_id=NEWCOMER, code=code)
    assert links() == []


def test_two_people_cannot_sign_in_by_one_link(company: Company, newcomer: Employee) -> None:
    """Both have the page open; the second one presses a moment later."""
    url = linking.begin(telegram_id=NEWCOMER, telegram_name="Борис")
    first, second = (linking.find(url.split("/")[-2]) for _person in range(2))
    linking.signed_in(link=first, employee=newcomer)
    with pytest.raises(UsedLink):
        linking.signed_in(link=second, employee=company.sergey)
    assert UserToken.objects.get(kind="link").employee == newcomer


def test_the_sweep_takes_old_links_and_nothing_else(company: Company, newcomer: Employee) -> None:
    signed_in(newcomer)
    signed_in(company.sergey, SECOND)
    tokens = UserToken.objects.exclude(telegram_id=NEWCOMER).count()
    UserToken.objects.filter(telegram_id=NEWCOMER).update(
        expires_at=timezone.now() - timedelta(days=2)
    )
    assert linking.forget_old() == 1
    assert UserToken.objects.count() == tokens


def test_whose_an_account_is_costs_one_query(
    company: Company, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        employee = UserToken.objects.employee_of(company.telegram_id(company.boris))
        assert employee is not None
        assert employee.get_full_name() == "Орлов Борис"


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "telegram", "token": "1"},
        {"kind": "api", "token": "a"},
        {"kind": "link", "token": "b", "telegram_id": 5},
        {"kind": "link", "token": "b", "expires_at": timezone.now()},
        {"kind": "link", "token": "b", "expires_at": timezone.now(), "telegram_id": 5,
         "attempts": 6},
    ],
)  # fmt: skip
def test_the_database_refuses_a_token_of_nobody(company: Company, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        UserToken.objects.create(**fields)


@pytest.mark.parametrize("extra", [{"expires_at": timezone.now()}, {"attempts": 1}])
def test_the_database_refuses_a_link_to_telegram_that_ends(
    newcomer: Employee, extra: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        UserToken.objects.create(kind="telegram", token="1", employee=newcomer, **extra)


@pytest.mark.django_db(transaction=True)
def test_of_many_simultaneous_codes_one_links(newcomer: Employee) -> None:
    code = signed_in(newcomer)
    answers = at_once(5, lambda: linking.finish(telegram_id=NEWCOMER, code=code))
    assert [answer for answer in answers if isinstance(answer, Employee)] == [newcomer]
    assert len(answers) == 5
    assert links() == [(str(NEWCOMER), newcomer.pk)]
    assert AccountEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_simultaneous_guesses_get_no_more_tries(newcomer: Employee) -> None:
    signed_in(newcomer)
    answers = at_once(12, lambda: linking.finish(telegram_id=NEWCOMER, code="AAAA-AAAA"))
    assert len([answer for answer in answers if isinstance(answer, WrongCode)]) == 5
    assert len([answer for answer in answers if isinstance(answer, TooManyTries)]) == 7


@pytest.mark.django_db(transaction=True)
def test_simultaneous_wishes_for_a_link_leave_one_open(newcomer: Employee) -> None:
    urls = at_once(2, lambda: linking.begin(telegram_id=NEWCOMER, telegram_name="Борис"))
    assert len(set(urls)) == 2
    assert UserToken.objects.open_links(NEWCOMER).count() == 1


def at_once(count: int, work: Any) -> list[Any]:
    """What so many simultaneous calls returned, or the refusal that they raised."""
    barrier = threading.Barrier(count)
    answers: list[Any] = []

    def run() -> None:
        barrier.wait()
        try:
            answers.append(work())
        except LinkError as refusal:
            answers.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
