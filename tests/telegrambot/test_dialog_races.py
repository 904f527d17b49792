"""Questions and answers that meet each other, or the worker."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from telegrambot.incoming import inbox
from telegrambot.models import Dialog, Update
from tests.company import Company
from tests.telegrambot import bot
from treasury.models import PaymentRequest
from treasury.workflow import Status


def decline(company: Company, request: PaymentRequest) -> bot.Json:
    task = company.task(request, company.boris)
    return bot.press(company.telegram_id(company.boris), f"decline:{task.pk}")


def confirm(company: Company) -> bot.Json:
    data = f"confirm:{Dialog.objects.get().pk}:1"
    return bot.press(company.telegram_id(company.boris), data)


@pytest.mark.django_db(transaction=True)
def test_of_two_questions_at_the_same_moment_one_stands(company: Company) -> None:
    request = company.submitted()
    presses = [decline(company, request) for _ in range(4)]
    bot.in_threads(len(presses), lambda number: bot.post(presses[number]))
    assert Dialog.objects.count() == 1
    assert not Update.objects.poisoned().exists()


def test_a_press_that_failed_takes_no_later_question_over(company: Company) -> None:
    first, second = company.submitted(), company.submitted()
    asked = timezone.now() - timedelta(seconds=11)
    failed = Update.objects.create(
        update_id=1, kind="callback_query", payload=decline(company, first), attempts=1,
        received_at=asked, error="IntegrityError",
    )  # fmt: skip
    bot.post(decline(company, second))

    assert inbox.retry(failed.pk) is None
    bot.post(bot.message(company.telegram_id(company.boris), "Это относится ко второй"))
    bot.post(confirm(company))

    assert bot.fresh(first).status == Status.IN_APPROVAL
    assert bot.fresh(second).status == Status.DECLINED
    failed.refresh_from_db()
    assert failed.handled_at
    assert "asked something else" in failed.error


def test_a_press_that_failed_is_repeated_when_nothing_else_was_asked(company: Company) -> None:
    request = company.submitted()
    failed = Update.objects.create(
        update_id=1, kind="callback_query", payload=decline(company, request), attempts=1,
        received_at=timezone.now() - timedelta(seconds=11), error="OperationalError",
    )  # fmt: skip
    assert inbox.retry(failed.pk) is not None
    assert Dialog.objects.get().task == company.task(request, company.boris)


class Sweep:
    """Its hour is over, and the sweep ends the dialog just before an answer to it is kept."""

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if sql.startswith('UPDATE "telegrambot_dialog"'):
            Dialog.objects.all().delete()
        return execute(sql, params, many, context)


def test_a_button_of_a_question_that_ends_meanwhile_is_out_of_date(company: Company) -> None:
    bot.post(decline(company, company.submitted()))
    turned = bot.press(company.telegram_id(company.boris), f"turn:{Dialog.objects.get().pk}:1")
    with connection.execute_wrapper(Sweep()):
        answer = bot.reply_to(turned)
    assert answer["text"] == "Эта кнопка устарела."
    assert not Dialog.objects.exists()
    assert not Update.objects.poisoned().exists()


def test_words_for_a_question_that_ends_meanwhile_are_as_any_others(company: Company) -> None:
    boris = company.telegram_id(company.boris)
    bot.post(bot.message(boris, "/away"))
    with connection.execute_wrapper(Sweep()):
        answer = bot.reply_to(bot.message(boris, "31.12.2099"))
    assert answer["text"] == bot.reply_to(bot.message(boris, "31.12.2099"))["text"]
    assert not Update.objects.poisoned().exists()


def test_an_answer_locks_the_request_before_its_messages(company: Company) -> None:
    """As projecting does: the other way round the two would wait for each other for ever."""
    request = company.submitted()
    bot.project()
    bot.post(decline(company, request))
    bot.post(bot.message(company.telegram_id(company.boris), "Слишком дорого"))
    with CaptureQueriesContext(connection) as queries:
        bot.post(confirm(company))
    statements = [query["sql"] for query in queries]
    decided = first(statements, 'INSERT INTO "treasury_decision"')
    assert decided < first(statements, 'UPDATE "telegrambot_sentmessage"')


def first(statements: list[str], beginning: str) -> int:
    return next(n for n, sql in enumerate(statements) if sql.startswith(beginning))
