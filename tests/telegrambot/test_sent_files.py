"""A file in answer to a card becomes a document of its request, or its sender hears why not."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from telegrambot import tasks
from telegrambot.incoming import enclosed, fetching
from telegrambot.incoming.enclosed import Enclosed
from telegrambot.incoming.handlers import files
from telegrambot.incoming.updates import parse
from telegrambot.models import IncomingFile, TelegramFile, Update
from tests.clamd import EICAR, Clamd
from tests.company import GROUP_CHAT, TELEGRAM, Company
from tests.telegrambot import bot, lanes, papers
from tests.telegrambot.papers import MP4, VOICE, pdf, picture
from tests.telegrambot.phone import Line, Phone, PhoneOf
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Comment, Employee, PaymentRequest
from treasury.services import requests


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ALBUM_PAUSE", timedelta(0))


@pytest.fixture
def draft(telegram: Sandbox, company: Company) -> PaymentRequest:
    return company.draft(documents=0)


@pytest.fixture
def anna(company: Company, phone: PhoneOf, draft: PaymentRequest) -> Phone:
    """The author, with the card of her draft before her."""
    anna = phone(company.anna)
    anna.says(f"/request {draft.number}")
    return anna


def documents(request: PaymentRequest) -> list[str]:
    return [document.name for document in request.documents.order_by("id")]


def answers(anna: Phone) -> list[str]:
    return [text for text in anna.reads() if text[0] in "✅❌" and "ttached to" in text]


def test_a_file_in_answer_to_the_card_is_attached(anna: Phone, draft: PaymentRequest) -> None:
    anna.answers_with(("document", "Счёт 45.pdf", pdf()))
    assert answers(anna) == [f"✅ Attached to {draft.number}:\nСчёт 45.pdf, 69 bytes"]
    [document] = draft.documents
    with document.file.open() as kept:
        assert kept.read() == pdf()
    event = draft.events.latest("id")
    assert (event.channel, event.actor) == (TELEGRAM, draft.author)


def test_a_file_for_nothing_is_told_where_files_belong(
    anna: Phone, phone: PhoneOf, company: Company
) -> None:
    boris = phone(company.boris)
    for person in (anna, boris):
        person.says("/help")
        person.answers_with(("photo", "a.jpg", picture()), to=0)
    answers_to_card = "To attach a file, send it in answer to a message about its request."
    assert boris.reads()[-1] == answers_to_card
    of_new = "For a new request write /new, and send the invoice then."
    assert anna.reads()[-1] == f"{answers_to_card}\n{of_new}"


@pytest.mark.parametrize(
    ("kind", "content", "extension"),
    [("photo", picture(), ".jpg"), ("video", MP4, ".mp4"), ("voice", VOICE, ".ogg")],
    ids=["photo", "video", "voice"],
)
def test_what_a_phone_records_is_attached_by_a_name_of_the_day(
    anna: Phone, draft: PaymentRequest, kind: str, content: bytes, extension: str
) -> None:
    anna.answers_with((kind, f"any{extension}", content))
    [name] = documents(draft)
    word = {"photo": "Photo", "video": "any.mp4", "voice": "Voice message"}[kind]
    assert name.startswith(word)
    assert name.endswith(extension)
    if kind != "video":
        assert f"{timezone.localdate():%d.%m.%Y}" in name


def test_what_is_written_under_a_file_is_a_comment(anna: Phone, draft: PaymentRequest) -> None:
    anna.answers_with(("document", "Акт.pdf", pdf()), caption="Подпишем до пятницы")
    assert documents(draft) == ["Акт.pdf"]
    [comment] = draft.comments.all()
    assert (comment.text, comment.author) == ("Подпишем до пятницы", draft.author)
    first, second = anna.reads()[-2:]
    assert first.startswith(f"Comment added: {draft.number}.")
    assert second.startswith(f"✅ Attached to {draft.number}:")
    anna.edits("Подпишем", "Подпишем в среду")
    comment.refresh_from_db()
    assert comment.text == "Подпишем в среду"


def test_so_it_is_if_the_file_is_not_taken(
    company: Company, draft: PaymentRequest, phone: PhoneOf, line: Line
) -> None:
    with line.committed():
        request = company.submitted()
    line.deliver()
    boris = phone(company.boris)
    boris.answers_with(("document", "Акт.pdf", pdf()), caption="Это другой акт?")
    assert [comment.text for comment in request.comments.all()] == ["Это другой акт?"]
    said = boris.reads()[-2:]
    assert "documents are attached by whoever prepares the request" in said[0]
    assert said[1].startswith(f"Question asked: {request.number}.")


def test_so_it_is_in_the_group(
    company: Company, draft: PaymentRequest, phone: PhoneOf, line: Line
) -> None:
    with line.committed():
        request = company.submitted()
    line.deliver()
    phone(company.anna).in_group(GROUP_CHAT).answers_with(
        ("document", "Акт.pdf", pdf()), caption="Акт подписан"
    )
    assert [comment.text for comment in request.comments.all()] == ["Акт подписан"]
    assert "Акт.pdf" in documents(request)


def test_under_a_file_that_answers_no_card_nothing_is_said(anna: Phone) -> None:
    anna.answers_with(("document", "Акт.pdf", pdf()), to=0, caption="nobody keeps this")
    assert not Comment.objects.exists()
    assert "nobody keeps this" not in str(list(Update.objects.values_list("payload", flat=True)))


def test_an_album_is_attached_whole_and_answered_once(anna: Phone, draft: PaymentRequest) -> None:
    anna.answers_with(
        ("document", "1.pdf", pdf(1)),
        ("document", "2.exe", b"MZ\0\0"),
        ("document", "3.pdf", pdf(3)),
    )
    assert documents(draft) == ["1.pdf", "3.pdf"]
    [said] = answers(anna)
    assert said.startswith(f"✅ Attached to {draft.number}:\n1.pdf, 70")
    assert f"❌ Not attached to {draft.number}:\n“2.exe”: such files are not taken." in said


def test_what_of_an_album_comes_later_has_its_own_answer(
    anna: Phone, draft: PaymentRequest, telegram: Sandbox, line: Line
) -> None:
    telegram.fail("error", method="getFile", error_code=500, description="Internal Server Error")
    anna.answers_with(*(("document", f"{n}.pdf", pdf(n)) for n in (1, 2, 3)))
    assert documents(draft) == ["2.pdf", "3.pdf"]
    [said] = answers(anna)
    assert "1.pdf" not in said
    IncomingFile.objects.update(not_before=timezone.now())
    line.deliver()
    assert documents(draft) == ["2.pdf", "3.pdf", "1.pdf"]
    [_said, later] = answers(anna)
    assert later.startswith(f"✅ Attached to {draft.number}:\n1.pdf")
    assert "2.pdf" not in later


def test_the_rest_of_an_album_is_waited_for(
    anna: Phone, draft: PaymentRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ALBUM_PAUSE", timedelta(seconds=30))
    anna.answers_with(*(("document", f"{n}.pdf", pdf(n)) for n in (1, 2)))
    assert documents(draft) == []
    assert lanes.in_seconds(IncomingFile.objects.latest("id").not_before) > 20


def test_the_same_update_twice_attaches_once(anna: Phone, draft: PaymentRequest) -> None:
    anna.answers_with(("document", "1.pdf", pdf()))
    update = Update.objects.latest("id")
    Update.objects.filter(pk=update.pk).update(update_id=1)
    bot.post(update.payload)
    tasks.sweep()
    assert IncomingFile.objects.count() == 1
    assert documents(draft) == ["1.pdf"]
    assert len(answers(anna)) == 1


def test_the_same_file_again_is_one_document(anna: Phone, draft: PaymentRequest) -> None:
    card = anna.newest()
    for _time in range(2):
        anna.answers_with(("document", "1.pdf", pdf()), to=card)
    assert documents(draft) == ["1.pdf"]
    assert len(answers(anna)) == 2


def test_what_came_by_telegram_is_never_uploaded(
    anna: Phone, draft: PaymentRequest, telegram: Sandbox
) -> None:
    anna.answers_with(("document", "1.pdf", pdf()))
    requests.submit(request=draft, actor=draft.author, channel=TELEGRAM)
    bot.project()
    lanes.deliver(lanes.announcement(draft).chat_id)
    [seen] = telegram.messages(GROUP_CHAT)
    assert seen["document"]["file_name"] == "1.pdf"
    [call] = telegram.calls("sendDocument", chat_id=GROUP_CHAT)
    assert call["params"]["document"] == TelegramFile.objects.get().file_id


def test_a_late_document_says_so(anna: Phone, draft: PaymentRequest, company: Company) -> None:
    card = anna.newest()
    anna.answers_with(("document", "1.pdf", pdf(1)))
    requests.submit(request=draft, actor=draft.author, channel=TELEGRAM)
    company.approve(draft, company.boris)
    anna.answers_with(("document", "Акт.pdf", pdf(2)), to=card)
    assert documents(draft) == ["1.pdf", "Акт.pdf"]
    bot.project()
    fedor = bot.chat_of(company, company.fedor).latest("id")
    assert "Акт.pdf" in bot.shown([fedor])[0].text


def test_a_file_that_answers_nothing_is_told_where_to_go(
    anna: Phone, draft: PaymentRequest
) -> None:
    anna.answers_with(("document", "1.pdf", pdf()), to=0)
    assert anna.reads()[-1].startswith("To attach a file, send it in answer to")
    assert not IncomingFile.objects.exists()


def test_who_may_not_change_the_request_is_told_before_anything_is_fetched(
    telegram: Sandbox, company: Company, boris: Phone, line: Line
) -> None:
    request = lanes.submit(company)
    line.deliver()
    boris.answers_with(("document", "1.pdf", pdf()))
    assert boris.reads()[-1] == (
        f"{request.number}: documents are attached by whoever prepares the request."
    )
    assert telegram.calls("getFile") == []
    assert documents(request) == ["Счёт 1.pdf"]


def test_a_request_that_has_ended_takes_none(anna: Phone, draft: PaymentRequest) -> None:
    requests.cancel(request=draft, actor=draft.author, channel=TELEGRAM)
    anna.answers_with(("document", "1.pdf", pdf()))
    assert anna.reads()[-1] == f"{draft.number}: The request is “Cancelled” now."


def test_who_has_lost_the_right_meanwhile_is_told(
    anna: Phone, draft: PaymentRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "FETCHERS", 0)
    anna.answers_with(("document", "1.pdf", pdf()))
    draft.author.user_permissions.clear()
    monkeypatch.undo()
    anna.says("/help")
    assert documents(draft) == []
    assert answers(anna) == [
        f"❌ Not attached to {draft.number}:\n“1.pdf”: You have no right to do this."
    ]


def test_more_than_telegram_gives_is_refused_with_the_way_around_it(
    anna: Phone, draft: PaymentRequest, telegram: Sandbox
) -> None:
    anna.answers_with(("document", "Проект.pdf", pdf(enclosed.LARGEST)))
    said = anna.reads()[-1]
    assert said.startswith(f"{draft.number}: “Проект.pdf” is too large: Telegram gives me files of")
    assert "up to 20 MB" in said
    assert "the back office" in said
    assert telegram.calls("getFile") == []


def test_what_is_larger_than_it_said_is_refused_too(
    anna: Phone, draft: PaymentRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LARGEST", 1000)
    anna.answers_with(("document", "Проект.pdf", pdf(2000)))
    [said] = answers(anna)
    assert "“Проект.pdf” is too large" in said
    assert documents(draft) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "error_code": 500, "description": "Internal Server Error"},
        {"kind": "error", "error_code": 400,
         "description": "Bad Request: wrong file_id or the file is temporarily unavailable"},
        {"kind": "drop_before"},
        {"kind": "retry_after", "seconds": 3},
    ],
    ids=["server", "unavailable", "dropped", "flood"],
)  # fmt: skip
def test_what_telegram_does_not_give_now_comes_later(
    anna: Phone, draft: PaymentRequest, telegram: Sandbox, fault: dict[str, Any], line: Line
) -> None:
    telegram.fail(method="getFile", **fault)
    anna.answers_with(("document", "1.pdf", pdf()))
    file = IncomingFile.objects.get()
    assert (file.state, file.attempts, answers(anna)) == ("waiting", 1, [])
    assert lanes.in_seconds(file.not_before) > 2
    assert file.error
    line.deliver()
    assert IncomingFile.objects.get().attempts == 1

    IncomingFile.objects.update(not_before=timezone.now())
    line.deliver()
    assert documents(draft) == ["1.pdf"]
    assert len(answers(anna)) == 1


def test_after_some_hours_it_is_given_up_and_told(
    anna: Phone, draft: PaymentRequest, telegram: Sandbox, line: Line
) -> None:
    fault = {"error_code": 500, "description": "Internal Server Error"}
    telegram.fail("error", method="getFile", count=2, **fault)
    anna.answers_with(("document", "1.pdf", pdf()))
    long_ago = timezone.now() - fetching.GIVEN_UP - timedelta(minutes=1)
    IncomingFile.objects.update(not_before=long_ago, created_at=long_ago)
    line.deliver()
    [said] = answers(anna)
    assert "Telegram does not give it to me. Send it once more" in said
    assert IncomingFile.objects.get().state == "refused"


def test_what_telegram_never_gives_is_told_at_once(
    anna: Phone, draft: PaymentRequest, telegram: Sandbox
) -> None:
    telegram.fail("error", method="getFile", error_code=400, description="Bad Request: nonsense")
    anna.answers_with(("document", "1.pdf", pdf()))
    [said] = answers(anna)
    assert "Telegram does not give it to me" in said


def test_a_virus_is_refused(anna: Phone, draft: PaymentRequest, clamd: Clamd) -> None:
    anna.answers_with(("document", "Письмо.txt", EICAR), ("document", "1.pdf", pdf()))
    [said] = answers(anna)
    assert "“Письмо.txt” has a virus in it (Eicar-Test-Signature): it is not taken." in said
    assert documents(draft) == ["1.pdf"]


def test_while_the_scanner_is_away_a_file_waits(
    anna: Phone, draft: PaymentRequest, settings: Any, line: Line
) -> None:
    settings.CLAMD_SOCKET = "/nonexistent/clamd"
    anna.answers_with(("document", "1.pdf", pdf()))
    assert (documents(draft), answers(anna)) == ([], [])
    settings.CLAMD_SOCKET = ""
    IncomingFile.objects.update(not_before=timezone.now())
    line.deliver()
    assert documents(draft) == ["1.pdf"]


def test_a_worker_that_was_killed_is_followed_by_another(
    anna: Phone, draft: PaymentRequest, monkeypatch: pytest.MonkeyPatch, line: Line
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "FETCHERS", 0)
        anna.answers_with(("document", "1.pdf", pdf()))
    now = timezone.now()
    IncomingFile.objects.update(held_until=now + timedelta(minutes=1))
    line.deliver()
    assert documents(draft) == []
    IncomingFile.objects.update(held_until=now)
    line.deliver()
    assert documents(draft) == ["1.pdf"]


def test_who_signs_out_meanwhile_attaches_nothing(
    anna: Phone,
    company: Company,
    draft: PaymentRequest,
    monkeypatch: pytest.MonkeyPatch,
    line: Line,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "FETCHERS", 0)
        anna.answers_with(("document", "1.pdf", pdf()))
    Employee.objects.filter(pk=company.anna.pk).update(is_active=False)
    line.deliver()
    assert documents(draft) == []
    assert IncomingFile.objects.get().state == "refused"


def test_in_the_group_a_file_in_answer_to_the_card_is_attached_and_answered_in_private(
    telegram: Sandbox, company: Company, phone: PhoneOf, line: Line
) -> None:
    request = papers.submit(company, ("0.pdf", pdf(1)), ("1.pdf", pdf(2)), ("2.pdf", pdf(3)))
    line.deliver()
    anna = phone(company.anna)
    album = [seen["message_id"] for seen in telegram.messages(GROUP_CHAT)]
    anna.in_group(GROUP_CHAT).answers_with(("document", "3.pdf", pdf(4)), to=album[0])
    # Also in answer to any of an album.
    anna.in_group(GROUP_CHAT).answers_with(("document", "4.pdf", pdf(5)), to=album[2])
    assert documents(request)[3:] == ["3.pdf", "4.pdf"]
    assert [text.splitlines()[1][:5] for text in answers(anna)] == ["3.pdf", "4.pdf"]
    assert not any("ttached to" in text for text in lanes.texts(telegram, GROUP_CHAT))


def test_a_file_in_the_group_that_is_not_for_a_request_is_not_kept(
    company: Company,
) -> None:
    said = bot.message(
        company.telegram_id(company.anna), "",
        chat={"id": GROUP_CHAT, "type": "supergroup", "title": "Платежи"},
        document={"file_id": "BQACAgIAAxk", "file_name": "Зарплаты.pdf"},
        reply_to_message={"message_id": 4711},
    )  # fmt: skip
    bot.post(said)
    assert Update.objects.get().payload == {}


def test_of_a_strangers_file_nothing_is_kept() -> None:
    bot.post(bot.message(4711, "", document={"file_id": "BQACAgIAAxk", "file_name": "a.pdf"}))
    assert "BQACAgIAAxk" not in str(Update.objects.get().payload)


def test_of_a_photo_the_largest_size_is_taken() -> None:
    sizes = [{"file_id": name, "file_size": size} for name, size in (("s", 1), ("m", 2), ("x", 3))]
    said = parse(bot.message(5, "", photo=sizes, media_group_id="138", reply_to_message={}))
    assert said.file == Enclosed("photo", "x", "", 3)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "document", [None, [], "x", {}, {"file_id": 5}, {"file_id": ""}, {"file_id": "x" * 256}, [[]]]
)
def test_what_is_no_file_is_none(document: Any) -> None:
    said = parse(bot.message(5, "", document=document, reply_to_message="x"))
    assert said.file is None  # type: ignore[union-attr]
