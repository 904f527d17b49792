"""Handing a task over, or asking one more approver, from the card."""

import pytest

from telegrambot.kinds import registry
from telegrambot.models import Dialog, ReasonTemplate, SentMessage
from tests.company import TELEGRAM, Company
from tests.telegrambot import bot
from treasury.models import ApprovalTask, Decision, Employee, PaymentRequest
from treasury.services import decisions
from treasury.workflow import Action

REASON = "Это бюджет Сергея"


@pytest.fixture
def request_(company: Company) -> PaymentRequest:
    """Submitted, with Boris' card in his chat; Sergey may take over from him."""
    Employee.objects.update(language="en")
    company.may_take_over(company.sergey)
    request = company.submitted()
    bot.project()
    bot.mark_sent(card(company))
    return request


def card(company: Company) -> SentMessage:
    return bot.chat_of(company, company.boris).filter(kind="task").latest("id")


def press(company: Company, data: str, who: Employee | None = None) -> bot.Json:
    return bot.reply_to(bot.press(company.telegram_id(who or company.boris), data))


def write(company: Company, text: str) -> bot.Json:
    return bot.reply_to(bot.message(company.telegram_id(company.boris), text))


def shown(company: Company) -> dict[str, str]:
    """What the buttons of Boris' card say, by their labels."""
    keyboard = registry.render(card(company)).keyboard
    assert keyboard
    return bot.offered({"reply_markup": keyboard})


def begin(company: Company, request: PaymentRequest, label: str) -> None:
    """Boris presses “Colleagues” and what is to be done."""
    press(company, f"colleagues:{company.task(request, company.boris).pk}")
    press(company, shown(company)[label])


INSTEAD, TOO = "Decide instead of me", "Decide as well"


def test_the_card_asks_what_a_colleague_is_to_do(
    company: Company, request_: PaymentRequest
) -> None:
    press(company, shown(company)["👥 Colleagues"])
    assert list(shown(company)) == [INSTEAD, TOO, "← Back"]
    assert "What is a colleague to do?" in registry.render(card(company)).text
    press(company, shown(company)["← Back"])
    assert "✅ Approve" in shown(company)


def test_what_there_is_nobody_for_is_not_offered(
    company: Company, request_: PaymentRequest
) -> None:
    press(company, shown(company)["👥 Colleagues"])
    stale = shown(company)[INSTEAD]
    company.may_take_over()
    assert list(shown(company)) == [TOO, "← Back"]
    text = registry.render(card(company)).text
    assert "nobody to hand the task over to" in text
    assert "An administrator can hand it over" in text
    assert "out of date" in press(company, stale)["text"]
    assert "what" not in Dialog.objects.get().answers
    company.may_take_over(company.sergey)
    assert list(shown(company)) == [INSTEAD, TOO, "← Back"]
    assert "nobody to hand the task over to" not in registry.render(card(company)).text


def test_an_administrator_always_finds_somebody(company: Company, request_: PaymentRequest) -> None:
    company.may_take_over()
    gleb = company.allow(company.gleb, "reassign_task", "view_paymentrequest")
    press(company, f"details:{request_.pk}", gleb)
    [details] = bot.chat_of(company, gleb)
    press(company, f"colleagues:{company.task(request_, company.boris).pk}", gleb)
    rendered = registry.render(details)
    assert list(bot.offered({"reply_markup": rendered.keyboard})) == [INSTEAD, TOO, "← Back"]
    assert "nobody to hand the task over to" not in rendered.text


def test_a_task_is_handed_over_with_a_ready_reason(
    company: Company, request_: PaymentRequest
) -> None:
    reason = ReasonTemplate.objects.filter(action=Action.REASSIGN).earliest("position")
    begin(company, request_, INSTEAD)
    press(company, shown(company)["Посторонних Сергей"])
    assert "Why is the task handed over?" in registry.render(card(company)).text
    answer = press(company, shown(company)[reason.text])

    assert request_.number in answer["text"]
    assert "С. Посторонних" in answer["text"]
    assert not Dialog.objects.exists()
    task = company.task(request_, company.sergey)
    assert task.origin == ApprovalTask.Origin.REASSIGNED
    event = request_.events.latest("id")
    assert (event.action, event.reason) == (Action.REASSIGN, reason.text)
    bot.project()
    assert "✅ Approve" not in shown(company)
    [his] = bot.chat_of(company, company.sergey)
    rendered = registry.render(his)
    assert bot.buttons(rendered)[0] == [bot.approves(task)]
    assert f"Handed over by Б. Орлов: {reason.text}" in rendered.text
    press(company, f"details:{request_.pk}", company.sergey)
    details = bot.chat_of(company, company.sergey).get(kind="details")
    assert "Б. Орлов → Посторонних Сергей" in registry.render(details).text


def test_a_card_gets_its_buttons_back_with_the_task(
    company: Company, request_: PaymentRequest
) -> None:
    before = shown(company)
    mine = company.task(request_, company.boris)
    his = decisions.reassign(
        task=mine, to=company.sergey, actor=company.boris, channel=TELEGRAM, reason=REASON
    )
    bot.project()
    assert "✅ Approve" not in shown(company)
    bot.mark_sent(card(company))
    decisions.reassign(
        task=his, to=company.boris, actor=company.sergey, channel=TELEGRAM, reason=REASON
    )
    bot.project()
    assert SentMessage.objects.behind().filter(pk=card(company).pk).exists()
    assert shown(company) == before
    press(company, before["✅ Approve"])
    assert Decision.objects.get().task == mine


def test_one_more_approver_is_asked_with_a_typed_reason(
    company: Company, request_: PaymentRequest
) -> None:
    begin(company, request_, TOO)
    asked = registry.render(card(company)).text
    press(company, shown(company)["Посторонних Сергей"])
    answer = write(company, REASON)

    assert "С. Посторонних" in answer["text"]
    added = company.task(request_, company.sergey)
    assert added.origin == ApprovalTask.Origin.ADDED
    assert "waits for the colleague too" in asked
    assert request_.events.latest("id").reason == REASON
    bot.project()
    assert "✅ Approve" in shown(company)
    [his] = bot.chat_of(company, company.sergey)
    press(company, bot.buttons(registry.render(his))[0][0], company.sergey)
    assert Decision.objects.get().decided_by == company.sergey


def test_only_those_who_can_take_part_are_offered(
    company: Company, request_: PaymentRequest
) -> None:
    Employee.objects.filter(pk=company.gleb.pk).update(is_active=False)
    begin(company, request_, TOO)
    # Neither the author, nor those who are asked already, nor who has left.
    people = {"Белова Тамара", "Климов Фёдор", "Посторонних Сергей"}
    offered = {label.partition(" · ")[0] for label in shown(company)}
    assert offered == {*people, "← Back", "✖ Cancel"}
    dialog = Dialog.objects.get()
    for person in (company.anna, company.vera, company.gleb):
        press(company, f"person:{dialog.pk}:{person.pk}")
    assert "person" not in Dialog.objects.get().answers


def test_a_task_is_offered_to_the_role_and_to_whom_the_route_lets_take_over(
    company: Company, request_: PaymentRequest
) -> None:
    company.department.budget_holders.add(company.gleb)
    begin(company, request_, INSTEAD)
    assert "only by an administrator" in registry.render(card(company)).text
    assert list(shown(company)) == [
        "Чужов Глеб · Маркетинг",
        "Посторонних Сергей",
        "← Back",
        "✖ Cancel",
    ]
    dialog = Dialog.objects.get()
    press(company, f"person:{dialog.pk}:{company.fedor.pk}")
    assert "person" not in Dialog.objects.get().answers


def test_the_people_have_pages(company: Company, request_: PaymentRequest) -> None:
    for number in range(16):
        Employee.objects.create_user(f"p{number}@example.com", last_name=f"Яшин{number}")
    begin(company, request_, TOO)
    first = shown(company)
    assert len([data for data in first.values() if data.startswith("person:")]) == 8
    assert "←" not in first
    press(company, first["→"])
    second = shown(company)
    assert not (first.keys() & second.keys()) - {"→", "← Back", "✖ Cancel"}
    press(company, second["→"])
    assert "→" not in shown(company)
    press(company, shown(company)["←"])
    assert shown(company) == second


def test_a_part_of_a_name_finds_the_person(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_, INSTEAD)
    answer = write(company, "посТОР")
    found = ["Посторонних Сергей", "← Back", "✖ Cancel"]
    assert list(bot.offered(answer)) == found
    assert list(shown(company)) == found

    message = bot.press(
        company.telegram_id(company.boris),
        bot.offered(answer)["Посторонних Сергей"],
        message_id=77,
    )
    assert bot.reply_to(message)["method"] == "answerCallbackQuery"
    assert "Why is the task handed over?" in registry.render(card(company)).text


def test_a_name_that_nobody_has_is_asked_for_again(
    company: Company, request_: PaymentRequest
) -> None:
    begin(company, request_, INSTEAD)
    assert "“&lt;Nemo&gt;”" in write(company, "<Nemo>")["text"]
    assert "Посторонних Сергей" in shown(company)


def test_a_second_tap_on_a_person_does_not_answer_the_next_question(
    company: Company, request_: PaymentRequest
) -> None:
    # The person's number is a ready reason's number as well.
    ready = {"action": Action.REASSIGN, "text": "Ухожу в отпуск"}
    ReasonTemplate.objects.update_or_create(pk=company.sergey.pk, defaults=ready)
    begin(company, request_, INSTEAD)
    person = shown(company)["Посторонних Сергей"]
    press(company, person)
    press(company, person)
    assert Dialog.objects.get().answers.keys() == {"whose", "what", "person"}
    assert not request_.events.filter(action=Action.REASSIGN).exists()


def test_what_only_buttons_answer_cannot_be_typed(
    company: Company, request_: PaymentRequest
) -> None:
    press(company, f"colleagues:{company.task(request_, company.boris).pk}")
    assert "with a button" in write(company, "Instead of me")["text"]
    assert Dialog.objects.get().answers.keys() == {"whose"}


def test_too_short_a_reason_is_asked_for_again(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_, TOO)
    press(company, shown(company)["Посторонних Сергей"])
    write(company, "ну")
    assert not request_.tasks.filter(employee=company.sergey).exists()
    write(company, REASON)
    assert request_.tasks.filter(employee=company.sergey).exists()


@pytest.mark.parametrize("text", ["/cancel", "/start"])
def test_cancel_leaves_the_question(company: Company, request_: PaymentRequest, text: str) -> None:
    begin(company, request_, INSTEAD)
    write(company, text)
    assert Dialog.objects.exists() == (text != "/cancel")
    assert ("✅ Approve" in shown(company)) == (text == "/cancel")


def test_a_decision_meanwhile_ends_the_dialog_with_its_reason(
    company: Company, request_: PaymentRequest
) -> None:
    begin(company, request_, INSTEAD)
    press(company, shown(company)["Посторонних Сергей"])
    company.approve(request_, company.vera)
    assert "В. Лебедева" in write(company, REASON)["text"]
    assert not Dialog.objects.exists()
    assert not request_.tasks.filter(employee=company.sergey).exists()


@pytest.mark.parametrize("name", ["anna", "vera", "gleb", "sergey"])
def test_nobody_else_shares_the_task(company: Company, request_: PaymentRequest, name: str) -> None:
    task = company.task(request_, company.boris)
    answer = press(company, f"colleagues:{task.pk}", getattr(company, name))
    assert "not entitled" in answer["text"]
    assert not Dialog.objects.exists()


def test_a_task_that_is_closed_is_out_of_date(company: Company, request_: PaymentRequest) -> None:
    task = company.task(request_, company.boris)
    company.approve(request_, company.boris)
    assert "out of date" in press(company, f"colleagues:{task.pk}")["text"]
    assert "out of date" in press(company, "colleagues:999999")["text"]
    assert not Dialog.objects.exists()


def test_the_right_is_checked_again_at_the_end(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_, INSTEAD)
    press(company, shown(company)["Посторонних Сергей"])
    company.department.budget_holders.remove(company.boris)
    assert "not entitled" in write(company, REASON)["text"]
    assert not request_.tasks.filter(employee=company.sergey).exists()
