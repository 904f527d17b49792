"""What is said of a request: by whom, to whom, and what stays of it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from tests.company import ADMIN, Company
from tests.treasury.conftest import appoint
from treasury import audience, proving, seals, standing
from treasury.errors import CommentRefused, NoRight
from treasury.models import Comment, Employee, Event, PaymentRequest
from treasury.models.requests import GENESIS
from treasury.services import comments, decisions, requests
from treasury.services.comments import A_MINUTE, EDITABLE
from treasury.workflow import Action, Status

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def request_(company: Company) -> PaymentRequest:
    return company.submitted()


def say(request: PaymentRequest, author: Employee, text: str, **more: Any) -> Comment:
    return comments.add(request=request, author=author, channel=ADMIN, text=text, **more)


def edit(comment: Comment, actor: Employee, text: str) -> Comment:
    return comments.edit(comment=comment, actor=actor, channel=ADMIN, text=text)


def told(request: PaymentRequest) -> set[int]:
    """Who is to hear of its newest entry."""
    request.refresh_from_db()
    [said] = audience.of(request, [request.events.latest("sequence")]).said
    return set(said.heard_by)


def keys(*people: Employee) -> set[int]:
    return {person.pk for person in people}


def test_a_comment_changes_nothing_of_the_request(
    company: Company, request_: PaymentRequest
) -> None:
    before = company.task(request_, company.boris)
    comment = say(request_, company.boris, "  Договор на месте\n")
    assert (comment.number, comment.text, comment.is_question) == (1, "Договор на месте", False)
    request_.refresh_from_db()
    assert (request_.status, request_.revision, request_.makers) == (Status.IN_APPROVAL, 1, [])
    entry = request_.events.latest("sequence")
    assert (entry.action, entry.actor) == (Action.COMMENT, company.boris)
    assert entry.data["text"] == "Договор на месте"
    decisions.approve(task=before, actor=company.boris, channel=ADMIN)


def test_who_prepares_the_request_is_not_told_that_it_has_changed(
    company: Company, request_: PaymentRequest
) -> None:
    """A form that is open meanwhile is saved as it is."""
    seen = standing.version(request_.pk)
    say(request_, company.boris, "Договор на месте")
    assert standing.version(request_.pk) == seen
    changed = requests.change(
        request=request_, actor=company.anna, channel=ADMIN, fields={"comment": "Срочно"}, seen=seen
    )
    assert changed.comment == "Срочно"


def test_the_author_and_those_who_decide_now_hear_of_it(
    company: Company, request_: PaymentRequest
) -> None:
    appoint(company.vera, company.sergey)
    say(request_, company.boris, "Договор на месте")
    assert told(request_) == keys(company.anna, company.vera, company.sergey)
    company.approve(request_, company.boris)
    say(request_, company.anna, "Оригинал у меня")
    assert told(request_) == keys(company.fedor)


def test_the_requester_hears_of_it_too(company: Company) -> None:
    request = company.submitted(requester=company.sergey)
    say(request, company.boris, "Проверил")
    assert told(request) == keys(company.anna, company.sergey, company.vera)


@pytest.mark.parametrize(
    "text", ["Орлов, взгляните", "Это к Б. Орлов", "Орлов Борис в курсе", "@Орлов, взгляните"]
)
def test_who_is_named_hears_of_it(company: Company, text: str) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    say(request, company.anna, text)
    assert told(request) == keys(company.fedor, company.boris)


@pytest.mark.parametrize(
    ("surname", "text"),
    [
        ("Орлов", "Спросите Орлова"), ("Орлов", "Передал Орлову."), ("Орлов", "Решено с Орловым"),
        ("Орлов", "Б. Орлову на проверку"), ("Орлова", "Отдала Орловой"),
        ("Орлова", "Спросите Орлову"),
        ("Ключевский", "Спросите Ключевского"), ("Ключевская", "Спросите Ключевскую"),
        ("Королёв", "Передал Королеву"), ("Ким", "Это к Ким"),
    ],
)  # fmt: skip
def test_who_is_named_in_another_case_hears_of_it(
    company: Company, surname: str, text: str
) -> None:
    Employee.objects.filter(pk=company.boris.pk).update(last_name=surname)
    request = company.submitted()
    company.approve(request, company.boris)
    say(request, company.anna, text)
    assert told(request) == keys(company.fedor, company.boris)


@pytest.mark.parametrize(
    "text", ["Были в Орлове", "Орловы", "орлову", "Ключевскому", "Орловского", "Борисом"]
)
def test_what_only_looks_like_a_surname_names_nobody(company: Company, text: str) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    say(request, company.anna, text)
    assert told(request) == keys(company.fedor)


def test_what_may_be_said_of_him_and_of_her_names_neither(company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    # She has no part in the request, and yet may be meant.
    Employee.objects.filter(pk=company.gleb.pk).update(last_name="Орлова", first_name="Анна")
    for text, named in (
        ("Спросите Орлова", set()),
        ("Спросите Орлову", set()),
        ("Спросите Орловым", keys(company.boris)),
        ("Орлов, взгляните", keys(company.boris)),
        ("Б. Орлова спросите", keys(company.boris)),
    ):
        say(request, company.anna, text)
        assert told(request) == keys(company.fedor) | named


def test_he_and_she_may_be_meant_however_their_surname_is_spelt(company: Company) -> None:
    """«Королева» is she, and may be said of Королёв."""
    request = company.submitted()
    company.approve(request, company.boris)
    Employee.objects.filter(pk=company.boris.pk).update(last_name="Королёв")
    Employee.objects.filter(pk=company.gleb.pk).update(last_name="Королева", first_name="Анна")
    say(request, company.anna, "Спросите Королева")
    assert told(request) == keys(company.fedor)


def test_a_surname_that_two_have_names_neither_and_a_full_name_one(
    company: Company, request_: PaymentRequest
) -> None:
    Employee.objects.filter(pk=company.vera.pk).update(last_name="Орлов", first_name="Пётр")
    company.approve(request_, company.boris)
    for text, named in (
        ("Орлов не против", set()),
        ("Петр Орлов не против", keys(company.vera)),
        ("Наорлов и Орловский", set()),
    ):
        say(request_, company.anna, text)
        assert told(request_) == keys(company.fedor) | named


def test_a_name_leads_to_nobody_who_may_not_read_it(
    company: Company, request_: PaymentRequest
) -> None:
    say(request_, company.anna, "Спросите, Чужов знает", mentioned=[company.gleb])
    assert company.gleb.pk not in told(request_)


def test_a_question_is_open_until_the_author_answers_and_the_answer_goes_to_who_asked(
    company: Company, request_: PaymentRequest
) -> None:
    question = say(request_, company.boris, "А где договор?")
    assert question.is_question
    company.approve(request_, company.boris)
    say(request_, company.fedor, "Я тоже не вижу")
    assert list(request_.comments.open_questions()) == [question]
    answer = say(request_, company.anna, "Во вложении 2")
    question.refresh_from_db()
    assert question.answer == answer
    assert not request_.comments.open_questions().exists()
    assert told(request_) == keys(company.boris, company.fedor)
    assert PaymentRequest.objects.get(pk=request_.pk).status == Status.IN_APPROVAL


def test_of_several_questions_an_answer_to_one_leaves_the_others(
    company: Company, request_: PaymentRequest
) -> None:
    first = say(request_, company.boris, "Где договор?")
    second = say(request_, company.vera, "Почему так дорого?!")
    say(request_, company.anna, "Во вложении", to=first)
    assert list(request_.comments.open_questions()) == [second]
    say(request_, company.anna, "Цены выросли")
    assert not request_.comments.open_questions().exists()


def test_what_is_asked_of_others_or_by_the_author_is_no_question_to_him(
    company: Company, request_: PaymentRequest
) -> None:
    assert not say(request_, company.anna, "Когда согласуете?").is_question
    assert not say(request_, company.boris, "Лебедева, вы видели счёт?").is_question
    assert not say(request_, company.boris, "https://example.com/?act=5 – вот акт").is_question
    assert not say(request_, company.boris, "Вот акт: https://example.com/?").is_question
    assert not say(request_, company.boris, "Вот акт («https://example.com/?»)").is_question
    assert say(request_, company.boris, "Это тот https://example.com/?act=5 акт ?").is_question
    assert say(request_, company.boris, "Акт когда будет? Смирновой срочно").is_question
    assert say(request_, company.boris, "Смирнова, Лебедева, где счёт?").is_question


def test_an_edit_keeps_its_trace_and_tells_only_who_is_newly_named(
    company: Company, request_: PaymentRequest
) -> None:
    comment = say(request_, company.boris, "Где договор?")
    edited = edit(comment, company.boris, "Лебедева, договор у вас")
    assert (edited.text, edited.is_question) == ("Лебедева, договор у вас", False)
    assert edited.edited_at
    entry = request_.events.latest("sequence")
    assert (entry.action, entry.data["former"]) == (Action.EDIT_COMMENT, "Где договор?")
    assert told(request_) == keys(company.vera)
    assert edit(edited, company.boris, " Лебедева, договор у вас ").edited_at == edited.edited_at
    assert request_.events.latest("sequence") == entry


def test_an_answered_question_may_become_none(company: Company, request_: PaymentRequest) -> None:
    question = say(request_, company.boris, "Где договор?")
    say(request_, company.anna, "Во вложении")
    assert edit(question, company.boris, "Договор нашёл").answer is None
    assert edit(question, company.boris, "А где счёт?").is_question
    assert request_.comments.open_questions().get() == question


def test_only_its_author_edits_it_and_not_for_ever(
    company: Company, request_: PaymentRequest
) -> None:
    comment = say(request_, company.boris, "Договор на месте")
    with pytest.raises(NoRight):
        edit(comment, company.vera, "Договора нет")
    Comment.objects.update(created_at=timezone.now() - EDITABLE)
    with pytest.raises(CommentRefused, match="too late"):
        edit(comment, company.boris, "Договора нет")
    assert Comment.objects.get().text == "Договор на месте"


def test_who_may_not_read_the_request_says_nothing_of_it(
    company: Company, request_: PaymentRequest
) -> None:
    deputy = company.sergey
    delegation = appoint(company.boris, deputy)
    comment = say(request_, deputy, "Замещаю Орлова")
    delegation.delete()
    with pytest.raises(NoRight):
        say(request_, deputy, "И ещё")
    with pytest.raises(NoRight):
        edit(comment, deputy, "Замещал Орлова")
    with pytest.raises(NoRight):
        say(request_, company.gleb, "Можно?")
    assert Comment.objects.get().text == "Замещаю Орлова"


@pytest.mark.parametrize(
    ("text", "why"), [(" \n", "empty"), ("я" * 2001, "at most 2000"), ("\x00", "empty")]
)
def test_what_says_nothing_or_too_much_is_refused(
    company: Company, request_: PaymentRequest, text: str, why: str
) -> None:
    with pytest.raises(CommentRefused, match=why):
        say(request_, company.boris, text)
    assert say(request_, company.boris, "я" * 2000).pk


def test_nobody_writes_more_than_twenty_in_a_minute(
    company: Company, request_: PaymentRequest
) -> None:
    for number in range(A_MINUTE):
        say(request_, company.boris, f"№ {number}")
    with pytest.raises(CommentRefused, match="20 comments within a minute"):
        say(request_, company.boris, "И ещё")
    say(request_, company.vera, "А мне можно")
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert say(request_, company.boris, "И ещё").number == A_MINUTE + 2


def test_what_has_ended_can_be_talked_of_too(company: Company) -> None:
    request = company.approved()
    say(request, company.tamara, "Когда придёт акт?")
    assert told(request) == keys(company.anna)


def test_the_journal_proves_what_was_said(company: Company, request_: PaymentRequest) -> None:
    comment = say(request_, company.boris, "Договора нет")
    edit(comment, company.boris, "Договор есть")
    assert dict(proving.faults()) == {}
    Comment.objects.update(text="Платите")
    assert dict(proving.faults()) == {
        request_.number: f"comment {comment.pk} is not the one in the journal"
    }
    Comment.objects.all().delete()
    assert dict(proving.faults()) == {request_.number: f"comment {comment.pk} is missing"}


@pytest.mark.parametrize(
    "forged",
    [
        {"is_question": False, "answer": None}, {"answer": None}, {"channel": "api"},
        {"number": 9}, {"created_at": timezone.now() - EDITABLE}, {"edited_at": None},
        {"edited_at": timezone.now() - EDITABLE},
    ],
)  # fmt: skip
def test_the_journal_proves_what_became_of_a_comment(
    company: Company, request_: PaymentRequest, forged: dict[str, Any]
) -> None:
    question = say(request_, company.boris, "Где договор?")
    say(request_, company.vera, "Почему так дорого?")
    edit(question, company.boris, "А где договор?")
    say(request_, company.anna, "Во вложении", to=question)
    assert dict(proving.faults()) == {}
    Comment.objects.filter(pk=question.pk).update(**forged)
    assert dict(proving.faults()) == {
        request_.number: f"comment {question.pk} is not the one in the journal"
    }


def test_the_journal_proves_which_questions_are_open_and_what_answers_them(
    company: Company, request_: PaymentRequest
) -> None:
    first = say(request_, company.boris, "Где договор?")
    second = say(request_, company.vera, "Почему так дорого?")
    answer = say(request_, company.anna, "Во вложении", to=first)
    other = say(request_, company.vera, "Договор вижу")
    fault = {request_.number: f"comment {second.pk} is not the one in the journal"}
    # As if it had been answered, and as if nobody had asked.
    Comment.objects.filter(pk=second.pk).update(answer=answer)
    assert dict(proving.faults()) == fault
    Comment.objects.filter(pk=second.pk).update(answer=None, is_question=False)
    assert dict(proving.faults()) == fault
    Comment.objects.filter(pk=second.pk).update(is_question=True)
    assert dict(proving.faults()) == {}
    Comment.objects.filter(pk=first.pk).update(answer=other)
    assert f"comment {first.pk} is" in dict(proving.faults())[request_.number]
    Comment.objects.filter(pk=first.pk).update(answer=answer)
    Comment.objects.filter(pk=other.pk).update(is_question=True)
    assert f"comment {other.pk} is" in dict(proving.faults())[request_.number]


def as_before(request: PaymentRequest, after: int = 0) -> None:
    """What was journalled since that entry, as an earlier release does it, which names no rows."""
    seals.unseal(connection)
    previous = GENESIS
    for entry in request.events.order_by("sequence"):
        if entry.sequence > after:
            for name in ("row", "answers"):
                entry.data.pop(name, None)
            entry.follow(entry.sequence - 1, previous)
            entry.save()
        previous = entry.hash
    PaymentRequest.objects.filter(pk=request.pk).update(journal_hash=previous)
    seals.seal(connection)


def test_older_entries_prove_what_they_name(company: Company, request_: PaymentRequest) -> None:
    old = say(request_, company.boris, "Где договор?")
    as_before(request_)
    say(request_, company.anna, "Во вложении")
    say(request_, company.boris, "А счёт?")
    # An earlier release still runs beside this one.
    answered = say(request_, company.anna, "Тоже")
    edit(answered, company.anna, "Там же")
    say(request_, company.vera, "Вижу")
    as_before(request_)
    edit(old, company.boris, "А где договор?")
    assert dict(proving.faults()) == {}
    Comment.objects.filter(pk=answered.pk).update(channel="telegram")
    assert f"comment {answered.pk} is" in dict(proving.faults())[request_.number]


def test_an_earlier_release_may_answer_what_was_asked_in_this_one(
    company: Company, request_: PaymentRequest
) -> None:
    say(request_, company.boris, "Где договор?")
    asked = request_.events.latest("sequence").sequence
    say(request_, company.anna, "Во вложении")
    as_before(request_, asked)
    assert dict(proving.faults()) == {}


def test_what_was_said_in_the_journal_is_sealed(company: Company, request_: PaymentRequest) -> None:
    say(request_, company.boris, "Договора нет")
    seals.unseal(connection)
    entry = Event.objects.latest("pk")
    Event.objects.filter(pk=entry.pk).update(data={**entry.data, "text": "Договор есть"})
    seals.seal(connection)
    assert "was altered" in dict(proving.faults())[request_.number]
