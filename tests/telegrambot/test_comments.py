"""Words in answer to a card are a comment: on the card, and with those whom it concerns."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from oauth import linking
from telegrambot.content import brief
from telegrambot.incoming import inbox
from telegrambot.kinds.passed_on import content
from telegrambot.models import Chat, CommentSource, SentMessage, Topic, Update
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.telegrambot import bot
from tests.telegrambot.bot import accept_inserts, refuse_inserts
from tests.telegrambot.forums import put_forum
from tests.telegrambot.phone import Line, Phone, PhoneOf
from tests.telegrambot.sandbox import Sandbox
from treasury.errors import CommentRefused
from treasury.models import Comment, Employee, Event, PaymentRequest
from treasury.models.comments import COMMENT_LENGTH
from treasury.services import comments, decisions, delegations
from treasury.workflow import Action, Status

STRANGER = 6001
WORDS = {
    "en": ("Answered", "Question asked", "❓ Question, Б. Орлов", "not yours to see"),
    "ru": ("Ответ отправлен", "Вопрос задан", "❓ Вопрос, Б. Орлов", "она вам недоступна"),
}


@pytest.fixture
def request_(line: Line, company: Company) -> PaymentRequest:
    with line.committed():
        request = company.submitted()
    line.deliver()
    return request


@pytest.fixture
def anna(request_: PaymentRequest, company: Company, phone: PhoneOf) -> Phone:
    return phone(company.anna)


@pytest.fixture
def vera(request_: PaymentRequest, company: Company, phone: PhoneOf) -> Phone:
    return phone(company.vera)


@pytest.fixture
def group(request_: PaymentRequest, boris: Phone) -> Phone:
    """Boris looks into the group."""
    return boris.in_group(GROUP_CHAT)


def card(phone: Phone) -> str:
    """The first message of the bot's in the chat."""
    return phone.reads()[0]


def said() -> list[str]:
    return list(Comment.objects.order_by("pk").values_list("text", flat=True))


def kept() -> str:
    return str(list(Update.objects.values_list("payload", flat=True)))


# In private.


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_answer_to_the_card_is_a_comment_on_it_and_its_answer_comes_back(
    boris: Phone, vera: Phone, anna: Phone, request_: PaymentRequest, language: str
) -> None:
    Employee.objects.update(language=language)
    answered, asked, marked, _refused = WORDS[language]
    assert boris.answers(request_.number, "Договор <b>где</b>?") == (
        f"{asked}: {request_.number}. " + {
            "en": "The answer comes here. Whoever sees its card reads it, also in groups.",
            "ru": "Ответ придёт сюда. Вопрос и ответ увидят все, кто видит карточку, в том числе "
            "в группах.",
        }[language]
    )  # fmt: skip
    for reader in (boris, vera):
        assert f"{marked}: Договор <b>где</b>?" in card(reader)
    heard = anna.reads()[-1]
    assert heard.startswith(
        f"❓ Б. Орлов: Договор <b>где</b>?\n{request_.number} · АО «Северсталь»"
    )
    assert vera.reads()[-1].startswith("❓ Б. Орлов: Договор <b>где</b>?")
    assert PaymentRequest.objects.get().status == Status.IN_APPROVAL

    assert anna.answers("❓ Б. Орлов", "Во вложении 2").startswith(answered)
    answer = boris.find("💬 А. Смирнова: Во вложении 2")
    assert answer["reply_to_message"]["text"] == "Договор <b>где</b>?"
    assert marked not in card(boris)
    assert "💬 2 · А. Смирнова: Во вложении 2" in card(boris)
    # What was asked waits for nothing any more.
    assert anna.find("Б. Орлов: Договор")["text"].startswith("💬")
    assert said() == ["Договор <b>где</b>?", "Во вложении 2"]


def test_everyone_is_told_once_and_below_his_card(
    boris: Phone, vera: Phone, anna: Phone, request_: PaymentRequest, line: Line
) -> None:
    boris.answers(request_.number, "Договор на месте")
    for _time in range(2):
        line.carry()
        for reader in (vera, anna):
            assert sum(text.startswith("💬 Б. Орлов") for text in reader.reads()) == 1
    assert not any(text.startswith("💬") for text in boris.reads())
    boris.answers("waits for", "И счёт тоже")
    for words in ("Договор на месте\n", "И счёт тоже\n"):
        told = vera.find(words)
        assert told["reply_to_message"]["message_id"] == vera.find("waits for")["message_id"]


def test_of_two_questions_that_is_answered_which_is_replied_to(
    boris: Phone, vera: Phone, anna: Phone, request_: PaymentRequest
) -> None:
    boris.answers("waits for", "Где договор?")
    vera.answers("waits for", "Где счёт?")
    anna.answers("Где счёт?", "Во вложении")
    assert "❓ Question, Б. Орлов: Где договор?" in card(vera)
    assert vera.find("Во вложении\n")["reply_to_message"]["text"] == "Где счёт?"
    assert anna.find("Где договор?\n")["text"].startswith("❓")


def test_every_message_about_a_request_can_be_answered(
    boris: Phone, anna: Phone, request_: PaymentRequest
) -> None:
    for label in ("Details", "Documents"):
        boris.presses(label)
        # One document goes alone, under the words of all.
        boris.says(f"К ответу: {label}", reply_to_message_id=boris.newest())
    assert said() == ["К ответу: Details", "К ответу: Documents"]
    anna.answers("К ответу: Details", "И к этому")
    assert len(said()) == 3


def test_what_answers_nothing_about_a_request_is_no_comment(
    boris: Phone, request_: PaymentRequest
) -> None:
    assert "I find nothing" in boris.says("Договор на месте")
    assert "I find nothing for “Что именно?”" in boris.answers("I find nothing", "Что именно?")
    assert "There is nothing to cancel." in boris.answers(request_.number, "/cancel")
    assert said() == []


def test_an_answer_to_a_question_of_the_bots_is_none(
    boris: Phone, request_: PaymentRequest, company: Company, line: Line
) -> None:
    with line.committed():
        other = company.submitted(invoice_number="46")
    line.deliver()
    number = boris.find(request_.number)["message_id"]
    boris.taps(number, "❌ Decline")
    boris.says("Нет средств в бюджете", reply_to_message_id=number)
    assert said() == []
    assert "Reason: Нет средств в бюджете" in card(boris)
    # He may mean another request meanwhile, and is told what was done.
    assert f"Comment added: {other.number}." in boris.answers(other.number, "А тут всё есть")
    boris.taps(number, "❌ Decline")
    assert PaymentRequest.objects.get(pk=request_.pk).status == Status.DECLINED
    assert said() == ["А тут всё есть"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_who_has_lost_his_right_is_refused_and_told_so(
    company: Company, request_: PaymentRequest, sergey: Phone, boris: Phone, line: Line,
    language: str,
) -> None:  # fmt: skip
    with line.committed():
        delegation = delegations.begin(
            principal=company.boris, deputy=company.sergey, actor=company.boris, channel=ADMIN,
            until=timezone.now() + timedelta(days=1),
        )  # fmt: skip
    line.deliver()
    sergey.answers(request_.number, "Замещаю Орлова")
    boris.answers("Замещаю Орлова", "Спасибо")
    assert "Спасибо" in sergey.reads()[-1]
    with line.committed():
        delegations.end(delegation=delegation, actor=company.boris, channel=ADMIN)
    line.deliver()
    Employee.objects.update(language=language)
    refused = sergey.says("И ещё", reply_to_message_id=sergey.find(request_.number)["message_id"])
    assert WORDS[language][3] in refused
    assert said() == ["Замещаю Орлова", "Спасибо"]
    # What others have said is closed to him, and so is what he would make of his own.
    assert not any("Спасибо" in text for text in sergey.reads())
    sergey.edits("Замещаю Орлова", "Замещал Орлова")
    assert WORDS[language][3] in sergey.reads()[-1]
    assert said() == ["Замещаю Орлова", "Спасибо"]


def test_too_much_and_too_often_is_refused_in_words(
    boris: Phone, request_: PaymentRequest, company: Company
) -> None:
    number = boris.find(request_.number)["message_id"]
    refused = boris.says("я" * 2001, reply_to_message_id=number)
    assert refused == f"{request_.number}: The comment is too long: at most 2000 characters."
    for one in range(20):
        comments.add(request=request_, author=company.boris, channel=ADMIN, text=f"№ {one}")
    assert "20 comments within a minute" in boris.says("И ещё", reply_to_message_id=number)
    assert len(said()) == 20


def test_the_same_update_twice_is_one_comment(company: Company) -> None:
    request = company.submitted()
    bot.project()
    sent = bot.mark_sent(bot.chat_of(company, company.boris).get(request=request))
    update = bot.message(
        company.telegram_id(company.boris), "Договор на месте",
        reply_to_message={"message_id": sent.message_ids[0]},
    )  # fmt: skip
    bot.post(update)
    bot.post(update)
    assert said() == ["Договор на месте"]


def test_what_another_bot_has_numbered_the_same_before_hinders_nothing(
    boris: Phone, request_: PaymentRequest
) -> None:
    boris.answers(request_.number, "Договор на месте")
    CommentSource.objects.update(message_id=boris.newest() + 1)
    boris.answers("waits for", "И счёт тоже")
    boris.edits("И счёт тоже", "И акт тоже")
    assert said() == ["Договор на месте", "И акт тоже"]


def test_who_is_called_by_a_username_hears_of_it(
    boris: Phone, anna: Phone, request_: PaymentRequest, company: Company, phone: PhoneOf
) -> None:
    auditor = company.allow(company.sergey, "view_paymentrequest")
    for employee, name in ((auditor, "s_outside"), (company.gleb, "gleb_ch")):
        linking._link(employee, company.telegram_id(employee) + 100, f"Имя (@{name})")
        Chat.objects.filter(telegram_id=company.telegram_id(employee)).update(
            telegram_id=company.telegram_id(employee) + 100
        )
    boris.answers(request_.number, "Взгляните, @S_Outside и @gleb_ch (почта a@gleb_ch)")
    chats = SentMessage.objects.filter(kind="comment").values_list("chat__telegram_id", flat=True)
    assert company.telegram_id(auditor) + 100 in chats
    assert company.telegram_id(company.gleb) + 100 not in chats


# Edits.


def test_an_edited_message_edits_the_comment_wherever_it_stands(
    boris: Phone, vera: Phone, anna: Phone, request_: PaymentRequest
) -> None:
    boris.answers(request_.number, "Где договор?")
    before = len(vera.reads())
    boris.edits("Где договор?", "Договор нашёл")
    assert said() == ["Договор нашёл"]
    assert anna.reads()[-1].startswith("💬 Б. Орлов: Договор нашёл\n")
    assert "edited" in anna.reads()[-1]
    assert "💬 1 · Б. Орлов: Договор нашёл (edited)" in card(vera)
    assert "Question" not in card(vera)
    assert len(vera.reads()) == before
    entry = Event.objects.latest("pk")
    assert (entry.action, entry.data["former"], entry.data["text"]) == (
        Action.EDIT_COMMENT, "Где договор?", "Договор нашёл",
    )  # fmt: skip


def test_who_is_named_by_an_edit_alone_hears_of_it_then(
    boris: Phone,
    anna: Phone,
    request_: PaymentRequest,
    company: Company,
    phone: PhoneOf,
    line: Line,
) -> None:
    with line.committed():
        company.approve(request_, company.boris)
    line.deliver()
    vera = phone(company.vera)
    before = len(vera.reads())
    boris.answers(request_.number, "Договор у секретаря")
    assert len(vera.reads()) == before
    boris.edits("у секретаря", "Договор у Лебедева Вера")
    assert vera.reads()[-1].startswith("💬 Б. Орлов: Договор у Лебедева Вера")


def test_what_became_no_comment_is_edited_unheard(
    boris: Phone, request_: PaymentRequest, company: Company
) -> None:
    boris.says("Договор на месте")
    boris.edits("Договор на месте", "Секретные слова")
    assert said() == []
    assert "Секретные слова" not in kept()
    edited = Update.objects.get(kind="edited_message")
    assert (edited.removed, edited.handled_at is None) == ("unaddressed", False)


def test_nobody_edits_what_another_has_said(boris: Phone, request_: PaymentRequest) -> None:
    """The account may belong to somebody else by now."""
    boris.answers(request_.number, "Договор на месте")
    Comment.objects.update(author=request_.author)
    boris.edits("Договор на месте", "Договора нет")
    assert said() == ["Договор на месте"]
    assert "Договора нет" not in kept()


def test_an_edit_that_comes_too_late_is_refused(boris: Phone, request_: PaymentRequest) -> None:
    boris.answers(request_.number, "Договор на месте")
    Comment.objects.update(created_at=timezone.now() - timedelta(hours=48))
    boris.edits("Договор на месте", "Договора нет")
    assert "too late to edit" in boris.reads()[-1]
    assert said() == ["Договор на месте"]


def test_an_edit_that_failed_undoes_none_that_came_after_it(
    boris: Phone, request_: PaymentRequest, company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    boris.answers(request_.number, "Первый текст")
    bot.refuse_updates("treasury_comment", "away", "NEW.text = 'Второй текст'")
    boris.edits("Первый текст", "Второй текст")
    bot.accept_updates("treasury_comment")
    boris.edits("Второй текст", "Третий текст")
    failed = Update.objects.poisoned().get()
    assert failed.payload["edited_message"]["text"] == "Второй текст"
    inbox.retry(failed.pk)
    assert said() == ["Третий текст"]
    assert not Update.objects.poisoned().exists()


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> Callable[[Phone, str, str], Update]:
    """Says something in answer to a message, which fails so far."""

    def fail(phone: Phone, words: str, text: str) -> Update:
        refuse_inserts("treasury_comment", "no room")
        with monkeypatch.context() as patch:
            patch.setattr(inbox, "retry", lambda _pk: None)
            phone.answers(words, text)
        accept_inserts("treasury_comment")
        return Update.objects.poisoned().get()

    return fail


@pytest.mark.parametrize("where", ["private", "group"])
def test_what_is_edited_before_it_became_a_comment_becomes_it_in_the_newest_words(
    boris: Phone, request_: PaymentRequest, line: Line, where: str,
    untried: Callable[[Phone, str, str], Update], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    phone = boris.in_group(GROUP_CHAT) if where == "group" else boris
    failed = untried(phone, request_.number, "Договора нет")
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "retry", lambda _pk: None)
        for former, text in (("Договора нет", "Договор есть"), ("Договор есть", "/drafts")):
            phone.edits(former, text)
    assert said() == []
    assert not Update.objects.filter(kind="edited_message").poisoned().exists()
    with line.committed():
        inbox.retry(failed.pk)
    assert said() == ["Договор есть"]
    phone.edits("/drafts", "Договор подписан")
    assert said() == ["Договор подписан"]


def test_an_edit_that_no_comment_may_have_leaves_what_was_said_before_it_became_one(
    boris: Phone, request_: PaymentRequest, line: Line,
    untried: Callable[[Phone, str, str], Update], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    failed = untried(boris, request_.number, "Договора нет")
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "retry", lambda _pk: None)
        boris.edits("Договора нет", "x" * (COMMENT_LENGTH + 1))
    why = f"The comment is too long: at most {COMMENT_LENGTH} characters."
    assert boris.reads()[-1] == f"{request_.number}: {why}"
    with line.committed():
        inbox.retry(failed.pk)
    assert said() == ["Договора нет"]


def test_of_what_failed_and_becomes_no_comment_no_edit_is_kept(
    boris: Phone, request_: PaymentRequest, company: Company,
    untried: Callable[[Phone, str, str], Update],
) -> None:  # fmt: skip
    untried(boris, request_.number, "Договора нет")
    number = Update.objects.poisoned().get().payload["message"]["message_id"]
    edit = {"message_id": number, "date": 1, "chat": bot.private(boris.telegram_id)}
    bot.post(bot.update(edited_message={**edit, "from": bot.person(6001), "text": "Чужие слова"}))
    linking.unlink(telegram_id=boris.telegram_id, channel="telegram")
    own = bot.person(boris.telegram_id)
    bot.post(bot.update(edited_message={**edit, "from": own, "text": "Уже не сотрудник"}))
    assert "Чужие слова" not in kept()
    assert "Уже не сотрудник" not in kept()
    assert "Договора нет" in kept()


# In a group.


def test_an_answer_to_the_groups_card_is_a_comment_that_it_shows(
    group: Phone, boris: Phone, anna: Phone, request_: PaymentRequest
) -> None:
    before = len(group.reads()), len(boris.reads())
    group.answers(request_.number, "Договор где?")
    assert said() == ["Договор где?"]
    assert "❓ Вопрос, Б. Орлов: Договор где?" in group.reads()[0]
    assert (len(group.reads()), len(boris.reads())) == before
    assert anna.reads()[-1].startswith("❓ Б. Орлов: Договор где?")
    # The answer comes to him, whose question the others have seen.
    anna.answers("❓ Б. Орлов", "Во вложении")
    assert boris.reads()[-1].startswith("💬 А. Смирнова: Во вложении")
    assert "💬 2 · А. Смирнова: Во вложении" in group.reads()[0]
    group.edits("Договор где?", "Договор нужен")
    assert Comment.objects.order_by("pk")[0].text == "Договор нужен"


def test_in_a_topic_only_an_answer_to_its_card_is_one(
    telegram: Sandbox, company: Company, line: Line, boris: Phone
) -> None:
    """Whatever is written there answers, as Telegram gives it, that by which the topic began."""
    put_forum(telegram, company)
    Chat.objects.filter(telegram_id=GROUP_CHAT).update(is_forum=True, topic_per="request")
    with line.committed():
        request = company.submitted()
    line.deliver()
    [topic] = Topic.objects.filter(request=request)
    group, where = boris.in_group(GROUP_CHAT), {"message_thread_id": int(topic.thread_id or 0)}
    group.says("Просто разговор", **where)
    assert said() == []
    assert "Просто разговор" not in kept()
    group.answers(request.number, "Договор где?")
    assert said() == ["Договор где?"]
    assert "❓ Вопрос, Б. Орлов: Договор где?" in group.find(request.number)["caption"]


def test_what_people_say_to_each_other_there_is_nobody_elses(
    group: Phone, telegram: Sandbox, line: Line, company: Company, request_: PaymentRequest
) -> None:
    """Of an administrator's rights, with which the bot hears all of it, too."""
    telegram.put_people(STRANGER)
    members = [*company.telegram_ids.values(), STRANGER]
    group_ = {"id": GROUP_CHAT, "title": "A group", "type": "supergroup", "members": members}
    telegram.post("/control/groups", **group_, bot_rights=[])
    line.carry()
    heard = Update.objects.count()
    group.says("Тайный разговор")
    assert Update.objects.count() == heard + 1
    stranger = Phone(line, STRANGER, GROUP_CHAT)
    answers = len(stranger.reads())
    stranger.answers(request_.number, "Чужие слова")
    gleb = Phone(line, company.telegram_id(company.gleb), GROUP_CHAT)
    gleb.answers(request_.number, "Не мои дела")
    assert len(stranger.reads()) == answers
    for words in ("Тайный разговор", "Чужие слова", "Не мои дела"):
        assert words not in kept()
    assert said() == []
    assert "not yours to see" in gleb.in_group(gleb.telegram_id).reads()[-1]


def test_only_a_comment_of_a_group_is_kept_for_another_try(
    group: Phone, request_: PaymentRequest
) -> None:
    group.answers(request_.number, "Договор на месте")
    assert "Договор на месте" in kept()
    group.edits("Договор на месте", "Договор готов")
    assert "Договор готов" in kept()
    assert CommentSource.objects.get().said_in == GROUP_CHAT


# On cards.


def test_the_mark_stands_before_what_is_folded_and_a_long_comment_is_cut(
    boris: Phone, request_: PaymentRequest
) -> None:
    boris.answers(request_.number, "Слово " * 300)
    lines = card(boris).splitlines()
    [mark] = [number for number, text in enumerate(lines) if text.startswith("💬 1 · Б. Орлов")]
    assert lines[mark].endswith("…")
    assert len(lines[mark]) < 200
    waits = next(number for number, text in enumerate(lines) if "waits for" in text)
    folded = next(number for number, text in enumerate(lines) if text.startswith("Desired date"))
    assert waits < mark < folded


def test_the_details_tell_the_newest_with_their_times(
    boris: Phone, anna: Phone, request_: PaymentRequest, company: Company
) -> None:
    for number in range(9):
        comments.add(request=request_, author=company.boris, channel=ADMIN, text=f"Слово {number}")
    boris.presses("Details")
    details = boris.find("Journal")["text"]
    said_at = timezone.localtime(Comment.objects.latest("pk").created_at)
    assert f"💬 {said_at:%d.%m %H:%M} Б. Орлов: Слово 8" in details
    assert "Слово 1" not in details
    assert details.index("Слово 8") < details.index("Journal")
    # The journal tells the deeds.
    assert details.count("Слово 8") == 1


def test_a_rich_card_shows_it_too(boris: Phone, request_: PaymentRequest, company: Company) -> None:
    Chat.objects.filter(telegram_id=boris.telegram_id).update(dress="rich")
    comments.add(request=request_, author=company.vera, channel=ADMIN, text="Договор <b>где</b>?")
    bot.project()
    sent = bot.chat_of(company, company.boris).get(request=request_, kind="task")
    [rendered] = bot.shown([sent])
    told = [block for block in rendered.blocks if block["type"] == "paragraph"]
    assert told[-1]["text"] == "❓ Question, В. Лебедева: Договор <b>где</b>?"


def test_who_reads_where_it_was_passed_on_sees_nothing_of_it(
    boris: Phone, request_: PaymentRequest
) -> None:
    boris.answers(request_.number, "Договор где?")
    [loaded] = brief.loaded(PaymentRequest.objects.all())
    for is_full in (False, True):
        assert "Договор где?" not in content(loaded, is_full=is_full, is_sure=False).text


def test_a_comment_of_the_back_office_comes_to_the_chat(
    boris: Phone, anna: Phone, request_: PaymentRequest, company: Company, line: Line
) -> None:
    with line.committed():
        comments.add(request=request_, author=company.boris, channel=ADMIN, text="Договор где?")
    line.deliver()
    anna.answers("❓ Б. Орлов", "Во вложении")
    # There is no message of his that it could answer but his card.
    answer = boris.find("💬 А. Смирнова: Во вложении")
    assert answer["reply_to_message"]["message_id"] == boris.find("waits for")["message_id"]


def test_what_was_decided_meanwhile_is_told_in_the_same_breath(
    boris: Phone, vera: Phone, request_: PaymentRequest, company: Company, line: Line
) -> None:
    with line.committed():
        comments.add(request=request_, author=company.vera, channel=ADMIN, text="Согласна")
        decisions.approve(
            task=company.task(request_, company.vera), actor=company.vera, channel=ADMIN
        )
    line.deliver()
    assert "💬 1 · В. Лебедева: Согласна" in card(boris)


@pytest.mark.parametrize("where", ["private", "group"])
def test_a_comment_that_failed_once_is_not_lost_by_another_question(
    line: Line, company: Company, boris: Phone, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    with line.committed():
        request = company.submitted()
    line.deliver()
    phone = boris.in_group(GROUP_CHAT) if where == "group" else boris
    refuse_inserts("treasury_comment", "no room")
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "retry", lambda _pk: None)
        phone.answers(request.number, "Нужен договор")
    accept_inserts("treasury_comment")
    boris.says("/away")
    [failed] = Update.objects.filter(handled_at=None)
    with line.committed():
        inbox.retry(failed.pk)
    assert Comment.objects.get().text == "Нужен договор"


def test_edits_have_the_pace_of_comments(company: Company) -> None:
    request = company.submitted()
    said = comments.add(request=request, author=company.boris, channel=ADMIN, text="0")
    for number in range(1, comments.A_MINUTE):
        comments.edit(comment=said, actor=company.boris, channel=ADMIN, text=str(number))
    with pytest.raises(CommentRefused):
        comments.edit(comment=said, actor=company.boris, channel=ADMIN, text="more")


def test_who_wants_no_comments_hears_what_he_has_asked_for(
    line: Line, company: Company, boris: Phone, phone: PhoneOf
) -> None:
    with line.committed():
        request = company.submitted()
    line.deliver()
    Chat.objects.update(muted=["comment"])
    boris.answers(request.number, "Где договор?")
    anna = phone(company.anna)
    assert any("Где договор?" in said.splitlines()[0] for said in anna.reads())
    anna.answers("Где договор?", "Приложен")
    assert any("Приложен" in said.splitlines()[0] for said in boris.reads())
    vera = phone(company.vera).reads()
    assert not any("Где договор?" in said.splitlines()[0] for said in vera)
