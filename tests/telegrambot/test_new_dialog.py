"""A dialog that is added works by its module and its line in the registry alone."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from telegrambot import in_words, tasks
from telegrambot.content.callback_data import Verb
from telegrambot.dialogs import engine
from telegrambot.dialogs.questions import Question
from telegrambot.dialogs.registry import DIALOGS
from telegrambot.dialogs.script import by_message
from telegrambot.incoming.handlers import dialogs
from telegrambot.incoming.handlers.commands import COMMANDS, Command
from telegrambot.kinds import registry
from telegrambot.models import Dialog, SentMessage, Update
from tests.company import Company
from tests.telegrambot import bot, remark
from treasury.models import Employee, PaymentRequest
from treasury.workflow import Action

APPROVE = "✅ Approve"


@pytest.fixture(autouse=True)
def _added(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    Employee.objects.update(language="en")
    for script in (remark.ABOUT_A_TASK, remark.ABOUT_ALL, remark.DRAWN_OUT):
        monkeypatch.setitem(DIALOGS, script.subject, script)
    for subject in ("feedback", "essay"):
        run = partial(dialogs.begin, subject=subject)
        monkeypatch.setitem(COMMANDS, subject, Command(name=subject, run=run))


@pytest.fixture
def request_(company: Company) -> PaymentRequest:
    """Submitted, with Boris' card in his chat."""
    request = company.submitted()
    bot.project()
    bot.mark_sent(card(company))
    return request


def card(company: Company) -> SentMessage:
    return bot.chat_of(company, company.boris).get()


def press(
    company: Company, data: str, who: Employee | None = None, message_id: int = 10
) -> bot.Json:
    telegram_id = company.telegram_id(who or company.boris)
    return bot.reply_to(bot.press(telegram_id, data, message_id=message_id))


def write(company: Company, text: str) -> bot.Json:
    return bot.reply_to(bot.message(company.telegram_id(company.boris), text))


def shown(company: Company) -> dict[str, str]:
    """What the buttons of Boris' card say, by their labels."""
    return bot.offered({"reply_markup": registry.render(card(company)).keyboard})


def begin(company: Company, request: PaymentRequest, who: Employee | None = None) -> str:
    task = company.task(request, company.boris)
    return str(press(company, f"remark:{task.pk}", who)["text"])


def test_it_is_asked_on_the_card(company: Company, request_: PaymentRequest) -> None:
    assert begin(company, request_) == "A remark, then."
    dialog = Dialog.objects.get()
    assert shown(company) == {
        "Praise": f"kind:{dialog.pk}:1",
        "Blame": f"kind:{dialog.pk}:2",
        "← Back": f"back:{dialog.pk}",
    }
    assert "<b>Praise or blame?</b>\nChoose." in registry.render(card(company)).text
    assert SentMessage.objects.behind().filter(pk=card(company).pk).exists()


def test_buttons_answer_it(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    first = shown(company)
    assert press(company, first["Blame"])["text"] == "In which words?"
    # Tapped twice: the next question is not answered by it, but told again.
    assert press(company, first["Blame"])["text"] == "In which words?"
    bot.mark_sent(card(company))
    answer = press(company, shown(company)["Well done"])

    assert answer["method"] == "answerCallbackQuery"
    assert answer["text"] == f"{request_.number}: blame, Well done"
    assert not Dialog.objects.exists()
    assert SentMessage.objects.behind().filter(pk=card(company).pk).exists()
    assert APPROVE in shown(company)


def test_a_message_answers_it(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    press(company, shown(company)["Praise"])
    answer = write(company, "Neat & <fast>")
    assert answer["text"] == f"{request_.number}: praise, Neat &amp; &lt;fast&gt;"
    assert not Dialog.objects.exists()


def test_an_answer_of_no_use_is_asked_for_again(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    assert "choose with a button" in write(company, "praise")["text"]
    assert "out of date" in press(company, f"kind:{Dialog.objects.get().pk}:3")["text"]
    assert "out of date" in press(company, f"words:{Dialog.objects.get().pk}:7")["text"]
    assert Dialog.objects.get().answers == {}
    press(company, shown(company)["Praise"])

    answer = write(company, "ok")

    assert answer["text"] == f"{request_.number}: Say more."
    assert Dialog.objects.get().answers == {"kind": "praise"}
    # Under it stands what was perhaps meant.
    press(company, bot.offered(answer)["Well done"], message_id=77)
    assert not Dialog.objects.exists()


def test_what_is_refused_in_the_end_is_said(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    press(company, shown(company)["Praise"])
    bot.mark_sent(card(company))
    assert write(company, "refuse this")["text"] == f"{request_.number}: That was refused."
    assert not Dialog.objects.exists()
    assert SentMessage.objects.behind().filter(pk=card(company).pk).exists()


@pytest.mark.parametrize("way", ["✖ Cancel", "/cancel"])
def test_it_can_be_left_at_any_question(
    company: Company, request_: PaymentRequest, way: str
) -> None:
    for answers in range(2):
        begin(company, request_)
        if answers:
            press(company, shown(company)["Praise"])
        label = way if answers else "← Back"
        left = write(company, way) if way == "/cancel" else press(company, shown(company)[label])
        assert left["text"] == "Nothing was changed."
        assert not Dialog.objects.exists()
        assert APPROVE in shown(company)


def test_it_ends_after_an_hour(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    button = shown(company)["Praise"]
    bot.mark_sent(card(company))
    Dialog.objects.update(started_at=timezone.now() - timedelta(minutes=61))
    tasks.sweep()
    assert not Dialog.objects.exists()
    assert SentMessage.objects.behind().filter(pk=card(company).pk).exists()
    assert "out of date" in press(company, button)["text"]


def test_it_says_itself_who_may_begin_it_and_when(
    company: Company, request_: PaymentRequest
) -> None:
    assert "not entitled" in begin(company, request_, company.gleb)
    company.approve(request_, company.boris)
    assert "out of date" in begin(company, request_)
    assert "out of date" in press(company, "remark:999999")["text"]
    assert not Dialog.objects.exists()


def test_the_inbox_tells_which_request_its_button_was_about(
    company: Company, request_: PaymentRequest
) -> None:
    begin(company, request_)
    update = Update.objects.latest("id")
    assert request_.number in in_words.request(update, in_words.Names.of([update]))


def test_without_a_task_it_is_asked_in_a_message_of_its_own(company: Company) -> None:
    question = write(company, "/feedback")
    assert question["text"] == "<b>Praise or blame?</b>\nChoose."
    answer = press(company, bot.offered(question)["Praise"])
    assert answer["method"] == "answerCallbackQuery"
    assert write(company, "Well made")["text"] == "all: praise, Well made"


def test_the_commands_argument_is_the_first_answer(company: Company) -> None:
    assert "choose with a button" in write(company, "/feedback praise")["text"]
    assert Dialog.objects.get().subject == "feedback"


def test_back_leads_to_the_question_before(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    press(company, shown(company)["Praise"])
    back = shown(company)["← Back"]
    assert press(company, back)["text"] == "Choose."
    assert Dialog.objects.get().answers == {}
    # Tapped twice, it is one step.
    assert press(company, back)["text"] == "Choose."
    press(company, shown(company)["Blame"])
    assert write(company, "Slow")["text"] == f"{request_.number}: Say more."
    assert write(company, "Slower")["text"] == f"{request_.number}: blame, Slower"


def test_back_tapped_twice_is_one_step(company: Company) -> None:
    write(company, "/essay")
    write(company, "A title")
    dialog = Dialog.objects.get().pk
    press(company, f"second:{dialog}:{10**18 - 1}")
    for _time in range(2):
        press(company, f"back:{dialog}:2")
        assert Dialog.objects.get().answers.keys() == {"title", "title by message", "length"}


def test_the_back_of_an_earlier_release_leaves_the_dialog(
    company: Company, request_: PaymentRequest
) -> None:
    begin(company, request_)
    press(company, shown(company)["Praise"])
    old = f"back:{Dialog.objects.get().pk}"
    assert press(company, old)["text"] == "Nothing was changed."
    assert press(company, old)["method"] == "answerCallbackQuery"
    assert not Dialog.objects.exists()


def test_a_question_may_be_passed_over_and_asked_again(company: Company) -> None:
    write(company, "/essay")
    question = write(company, "A title")
    assert list(bot.offered(question)) == ["No second title", "← Back", "✖ Cancel"]
    press(company, bot.offered(question)["No second title"])
    assert Dialog.objects.get().answers == {
        "title": "A title", "title by message": True, "second": "", "length": 7,
    }  # fmt: skip
    press(company, f"fine:{Dialog.objects.get().pk}:2")
    assert "title" not in Dialog.objects.get().answers
    again = write(company, "Another")
    assert again["text"] == "<b>Is Another fine?</b>"
    # Nothing that was passed over is passed over once more.
    assert "out of date" in press(company, f"fine:{Dialog.objects.get().pk}:{10**18 - 1}")["text"]


def test_back_from_a_question_that_is_asked_again_keeps_its_answer(company: Company) -> None:
    write(company, "/essay")
    write(company, "A title")
    dialog = Dialog.objects.get().pk
    for data in (f"second:{dialog}:{10**18 - 1}", f"fine:{dialog}:2"):
        press(company, data)
    press(company, f"back:{dialog}:3")
    assert Dialog.objects.get().answers["title"] == "A title"


def test_what_is_refused_may_leave_the_question_open(company: Company) -> None:
    write(company, "/essay")
    write(company, "Nonsense")
    dialog = Dialog.objects.get().pk
    press(company, f"second:{dialog}:{10**18 - 1}")
    said = press(company, f"fine:{dialog}:1")
    assert said["method"] == "answerCallbackQuery"
    text = "Find a better title.\n\n<b>Is Nonsense fine?</b>"
    assert SentMessage.objects.filter(text=text).exists()
    assert Dialog.objects.get().pk == dialog
    assert "fine" not in Dialog.objects.get().answers
    press(company, f"back:{dialog}:2")
    assert "second" not in Dialog.objects.get().answers


@pytest.mark.parametrize("by", ["hour", "question", "cancel"])
def test_answers_may_be_kept_when_it_is_left(
    company: Company, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = remark.KEPT
    kept.clear()
    write(company, "/essay")
    write(company, "A title")
    bot.mark_sent(SentMessage.objects.latest("id"))
    if by == "hour":
        Dialog.objects.update(started_at=timezone.now() - timedelta(minutes=61))
        tasks.sweep()
    else:
        write(company, {"question": "/feedback", "cancel": "/cancel"}[by])
    asked = SentMessage.objects.filter(kind="answer").earliest("id")
    assert [answers["title"] for answers in kept] == ["A title"]
    if by != "cancel":
        said = SentMessage.objects.filter(text="Kept: /essay &amp; more").get()
        assert said.keyboard is None
        assert asked.pk <= said.pk
        assert SentMessage.objects.behind().filter(pk=said.pk).exists()


def test_a_dialog_about_no_task_has_no_button_on_cards(
    company: Company, request_: PaymentRequest
) -> None:
    task = company.task(request_, company.boris)
    assert "out of date" in press(company, f"feedback:{task.pk}")["text"]
    with pytest.raises(ValueError, match="feedback"):
        engine.begin(company.telegram_id(company.boris), "feedback", task)
    with pytest.raises(ValueError, match="remark"):
        engine.begin(company.telegram_id(company.boris), "remark")
    assert not Dialog.objects.exists()


def test_what_another_release_has_asked_disturbs_nobody(
    company: Company, request_: PaymentRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(company, request_)
    button = shown(company)["Praise"]
    monkeypatch.delitem(DIALOGS, "remark")
    assert APPROVE in shown(company)
    assert "out of date" in press(company, button)["text"]
    assert "I find nothing" in write(company, "Well made")["text"]
    assert write(company, "/cancel")["text"] == "Nothing was changed."
    assert not Dialog.objects.exists()


@pytest.mark.parametrize("name", [*Verb, "", "Reason", "with space", "x" * 21])
def test_a_name_whose_button_would_mean_something_else_is_none_for_a_question(name: str) -> None:
    with pytest.raises(ValueError, match="would not be a question's"):
        Question(name=name, text="?")


def test_the_shipped_dialogs_and_their_questions_are_told_apart() -> None:
    assert all(script.subject == subject for subject, script in DIALOGS.items())
    asked: list[dict[str, Any]] = [{}, {by_message("reason"): True}]
    shared = ({"what": action.value} for action in (Action.REASSIGN, Action.ADD_APPROVER))
    for answers in (*asked, *shared):
        for script in DIALOGS.values():
            names = [question.name for question in script.questions(answers)]
            assert len(names) == len(set(names))
            assert not DIALOGS.keys() & set(names)
