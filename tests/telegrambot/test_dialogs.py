"""Decline and return: the card asks for the reason, a button or a message gives it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from telegrambot import tasks
from telegrambot.content.markup import TEXT_LIMIT, visible_length
from telegrambot.dialogs import engine
from telegrambot.models import Dialog, ReasonTemplate, SentMessage, Update
from tests.company import Company
from tests.telegrambot import bot
from treasury.models import Decision, Employee, PaymentRequest
from treasury.workflow import Action, Status


@pytest.fixture
def request_(company: Company) -> PaymentRequest:
    """Submitted, with Boris' card in his chat."""
    bot.ready_reasons()
    request = company.submitted()
    bot.project()
    bot.mark_sent(card(company))
    return request


def card(company: Company) -> SentMessage:
    return bot.chat_of(company, company.boris).filter(kind="task").latest("id")


def begin(company: Company, request: PaymentRequest, verb: str = "decline") -> str:
    task = company.task(request, company.boris)
    return str(
        bot.reply_to(bot.press(company.telegram_id(company.boris), f"{verb}:{task.pk}"))["text"]
    )


def write(company: Company, text: str) -> str:
    return str(said(company, text)["text"])


def said(company: Company, text: str) -> bot.Json:
    return bot.reply_to(bot.message(company.telegram_id(company.boris), text))


def confirm(company: Company) -> str:
    """Press the button that says what will be done with a typed reason."""
    data = f"confirm:{Dialog.objects.get().pk}:1"
    return str(bot.reply_to(bot.press(company.telegram_id(company.boris), data))["text"])


@pytest.mark.parametrize("verb", ["decline", "return_for_rework"])
def test_a_refusal_turns_the_card_into_a_question(
    company: Company, request_: PaymentRequest, verb: str
) -> None:
    assert begin(company, request_, verb)

    assert not Decision.objects.exists()
    assert (card(company).wanted, card(company).shown) == (2, 1)
    (rendered,) = bot.shown([card(company)])
    action = Action.DECLINE if verb == "decline" else Action.RETURN
    ready = ReasonTemplate.objects.filter(action=action)
    dialog = Dialog.objects.get()
    assert ready.exists()
    assert bot.buttons(rendered) == [
        *[[f"reason:{dialog.pk}:{reason.pk}"] for reason in ready],
        [f"back:{dialog.pk}"],
    ]
    assert request_.number in rendered.text


def test_the_question_is_in_nobody_elses_chat(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    (rendered,) = bot.shown(bot.chat_of(company, company.vera))
    assert bot.buttons(rendered)[0] == [bot.approves(company.task(request_, company.vera))]


def test_a_ready_reason_is_one_more_tap(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    reason = ReasonTemplate.objects.filter(action=Action.DECLINE).latest("id")
    data = f"reason:{Dialog.objects.get().pk}:{reason.pk}"
    answer = bot.reply_to(bot.press(company.telegram_id(company.boris), data))

    assert request_.number in answer["text"]
    decision = Decision.objects.get()
    assert (decision.action, decision.reason) == (Action.DECLINE, reason.text)
    assert bot.fresh(request_).status == Status.DECLINED
    assert not Dialog.objects.exists()


@pytest.mark.parametrize(
    ("verb", "label", "status"),
    [
        ("decline", "❌ Decline", Status.DECLINED),
        ("return_for_rework", "↩️ Return for rework", Status.RETURNED),
    ],
)
def test_a_message_is_the_reason_once_it_is_confirmed(
    company: Company, request_: PaymentRequest, verb: str, label: str, status: Status
) -> None:
    Employee.objects.update(language="en")
    begin(company, request_, verb)
    asked = said(company, "  Счёт без печати <b>&  ")

    assert not Decision.objects.exists()
    facts = (request_.number, "125,000.50\u202f₽", "АО «Северсталь»")
    for fact in (*facts, "Reason: Счёт без печати &lt;b&gt;&amp;\n"):
        assert fact in asked["text"]
    assert list(bot.offered(asked)) == [label, "← Back", "✖ Cancel"]
    (rendered,) = bot.shown([card(company)])
    assert asked["text"] in rendered.text
    confirming, *ways = bot.offered(asked).values()
    assert bot.buttons(rendered) == [[confirming], ways]

    assert request_.number in confirm(company)
    assert Decision.objects.get().reason == "Счёт без печати <b>&"
    assert bot.fresh(request_).status == status
    assert not Dialog.objects.exists()
    bot.project()
    (rendered,) = bot.shown([card(company)])
    assert "Счёт без печати &lt;b&gt;&amp;" in rendered.text


@pytest.mark.parametrize("text", ["", "нет", "    . ", "x" * 1001])
def test_a_reason_that_says_nothing_or_too_much_is_asked_for_again(
    company: Company, request_: PaymentRequest, text: str
) -> None:
    begin(company, request_)
    answer = write(company, text)
    # The card may be far above by now.
    assert request_.number in answer
    assert "/cancel" in answer
    assert not Decision.objects.exists()
    write(company, "Теперь подробнее")
    confirm(company)
    assert Decision.objects.get().reason == "Теперь подробнее"


def test_what_is_typed_to_a_forgotten_question_decides_nothing(
    company: Company, request_: PaymentRequest
) -> None:
    other = company.submitted()
    begin(company, request_)
    company.approve(other, company.boris)
    for text in ("Спасибо", "И хорошего дня!"):
        assert request_.number in write(company, text)
    assert bot.fresh(request_).status == Status.IN_APPROVAL
    write(company, "/cancel")
    assert bot.fresh(request_).status == Status.IN_APPROVAL


def test_only_a_button_confirms_a_typed_reason(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    write(company, "Слишком дорого")
    for text in ("да", "Нет в бюджете", "❌ Отклонить"):
        assert "кнопкой" in write(company, text)
    assert not Decision.objects.exists()
    confirm(company)
    assert Decision.objects.get().reason == "Слишком дорого"


@pytest.mark.parametrize("typed", ["", "Слишком дорого"])
def test_a_number_in_full_opens_that_request_and_is_no_answer(
    company: Company, request_: PaymentRequest, typed: str
) -> None:
    other = company.submitted()
    begin(company, request_)
    if typed:
        write(company, typed)
    assert said(company, other.number) == {}
    assert bot.chat_of(company, company.boris).get(kind="details").request == other
    assert Dialog.objects.get().answers.get("reason", "") == typed
    assert not Decision.objects.exists()


def test_a_long_reason_leaves_the_card_within_what_telegram_takes(company: Company) -> None:
    request = company.submitted(purpose="Ц" * 210, comment="К" * 5000)
    bot.project()
    bot.mark_sent(card(company))
    for text in ("", "П" * 1000):
        begin(company, request)
        if text:
            write(company, text)
        (rendered,) = bot.shown([card(company)])
        assert text in rendered.text
        assert visible_length(rendered.text) <= TEXT_LIMIT


def test_cancel_leaves_everything_as_it_was(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    write(company, "/cancel")

    assert not Dialog.objects.exists()
    assert card(company).wanted == 3
    (rendered,) = bot.shown([card(company)])
    assert bot.buttons(rendered)[0] == [bot.approves(company.task(request_, company.boris))]
    write(company, "Просто сообщение")
    assert not Decision.objects.exists()


def test_back_brings_the_buttons_back(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    data = f"back:{Dialog.objects.get().pk}"
    answer = bot.reply_to(bot.press(company.telegram_id(company.boris), data))
    assert answer["method"] == "answerCallbackQuery"
    assert not Dialog.objects.exists()
    assert card(company).wanted == 3


def test_only_who_may_decide_is_asked(company: Company, request_: PaymentRequest) -> None:
    task = company.task(request_, company.boris)
    for person in (company.gleb, company.anna, company.vera):
        bot.reply_to(bot.press(company.telegram_id(person), f"decline:{task.pk}"))
    bot.reply_to(bot.press(999, f"decline:{task.pk}"))
    assert not Dialog.objects.exists()


def test_a_colleague_who_was_faster_ends_the_dialog(
    company: Company, request_: PaymentRequest
) -> None:
    begin(company, request_)
    write(company, "Слишком дорого")
    company.approve(request_, company.vera)
    assert "В. Лебедева" in confirm(company)
    assert not Dialog.objects.exists()
    assert Decision.objects.get().decided_by == company.vera


def test_a_ready_reason_that_comes_too_late_ends_the_dialog(
    company: Company, request_: PaymentRequest
) -> None:
    begin(company, request_)
    company.approve(request_, company.vera)
    reason = ReasonTemplate.objects.filter(action=Action.DECLINE).latest("id")
    data = f"reason:{Dialog.objects.get().pk}:{reason.pk}"
    answer = bot.reply_to(bot.press(company.telegram_id(company.boris), data))
    assert "В. Лебедева" in answer["text"]
    assert not Dialog.objects.exists()
    assert Decision.objects.count() == 1


def test_a_person_is_asked_one_thing_at_a_time(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    other = company.submitted()
    begin(company, other, "return_for_rework")

    assert Dialog.objects.get().task == company.task(other, company.boris)
    assert card(company).wanted == 3
    write(company, "Приложите договор")
    confirm(company)
    assert bot.fresh(other).status == Status.RETURNED
    assert bot.fresh(request_).status == Status.IN_APPROVAL


def test_a_forgotten_dialog_ends_after_an_hour(company: Company, request_: PaymentRequest) -> None:
    begin(company, request_)
    engine.expire()
    assert Dialog.objects.exists()

    Dialog.objects.update(started_at=timezone.now() - timedelta(minutes=61))
    engine.expire()

    assert not Dialog.objects.exists()
    assert card(company).wanted == 3


def test_a_dialog_that_cannot_be_ended_keeps_its_question_and_holds_nothing_up(
    company: Company, request_: PaymentRequest, caplog: pytest.LogCaptureFixture
) -> None:
    other = company.submitted(invoice_number="46")
    bot.project()
    begin(company, request_)
    task = company.task(other, company.vera)
    bot.reply_to(bot.press(company.telegram_id(company.vera), f"decline:{task.pk}"))
    Dialog.objects.update(started_at=timezone.now() - timedelta(minutes=61))
    new = company.submitted(invoice_number="47")
    boris = bot.chat_of(company, company.boris).get(request=request_)
    bot.refuse_updates("telegrambot_sentmessage", "refused", f"NEW.chat_id = {boris.chat_id}")

    tasks.sweep()
    assert Dialog.objects.get().telegram_id == company.telegram_id(company.boris)
    assert "cannot end a dialog" in caplog.text
    assert new.messages.exists()

    bot.accept_updates("telegrambot_sentmessage")
    tasks.sweep()
    assert not Dialog.objects.exists()
    assert bot.chat_of(company, company.boris).get(request=request_).wanted == boris.wanted + 1


def test_a_message_out_of_the_blue_decides_nothing(
    company: Company, request_: PaymentRequest
) -> None:
    assert write(company, "согласен")
    assert not Decision.objects.exists()


def test_a_ready_reason_of_an_earlier_question_is_out_of_date(
    company: Company, request_: PaymentRequest
) -> None:
    begin(company, request_)
    reason = ReasonTemplate.objects.filter(action=Action.DECLINE).latest("id")
    old = f"reason:{Dialog.objects.get().pk}:{reason.pk}"
    begin(company, request_, "return_for_rework")
    for data in (old, old.replace("reason", "turn"), old.replace("reason", "back")):
        bot.reply_to(bot.press(company.telegram_id(company.boris), data))
    assert not Decision.objects.exists()
    assert Dialog.objects.get().subject == Action.RETURN


@pytest.mark.parametrize("change", [{"is_active": False}, {"action": Action.RETURN}])
def test_a_ready_reason_that_is_not_offered_is_out_of_date(
    company: Company, request_: PaymentRequest, change: dict[str, object]
) -> None:
    begin(company, request_)
    reason = ReasonTemplate.objects.filter(action=Action.DECLINE).latest("id")
    ReasonTemplate.objects.filter(pk=reason.pk).update(**change)
    data = f"reason:{Dialog.objects.get().pk}:{reason.pk}"
    bot.reply_to(bot.press(company.telegram_id(company.boris), data))
    assert not Decision.objects.exists()


@pytest.mark.parametrize("verb", ["until", "turn"])
@pytest.mark.parametrize("number", [10**17, 10**18 - 1])
def test_a_button_with_a_number_that_nobody_offered_is_out_of_date(
    company: Company, verb: str, number: int
) -> None:
    write(company, "/away")
    data = f"{verb}:{Dialog.objects.get().pk}:{number}"
    answer = bot.reply_to(bot.press(company.telegram_id(company.boris), data))
    assert answer["text"] == "Эта кнопка устарела."
    assert Update.objects.latest("id").handled_at
    assert Dialog.objects.get().answers == {}


def test_another_persons_dialog_cannot_be_answered(
    company: Company, request_: PaymentRequest
) -> None:
    begin(company, request_)
    reason = ReasonTemplate.objects.filter(action=Action.DECLINE).latest("id")
    for verb in ("reason", "turn", "back"):
        data = f"{verb}:{Dialog.objects.get().pk}:{reason.pk}"
        bot.reply_to(bot.press(company.telegram_id(company.vera), data))
    assert not Decision.objects.exists()
    assert Dialog.objects.exists()
