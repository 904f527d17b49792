"""A request that is asked about again: the older card gives way, the new one says what is new."""

import pytest
from django.core.files.base import ContentFile

from telegrambot.kinds.registry import render
from telegrambot.models import SentMessage
from tests.company import ADMIN, PDF, TELEGRAM, Company
from tests.telegrambot import bot
from treasury.models import Employee, PaymentRequest
from treasury.services import decisions, requests


@pytest.fixture(autouse=True)
def _english(company: Company) -> None:
    Employee.objects.update(language="en")


def cards(company: Company, who: Employee) -> list[SentMessage]:
    return list(bot.chat_of(company, who).filter(kind="task"))


def send(company: Company) -> None:
    """What is projected is in the chats."""
    bot.project()
    for number, message in enumerate(SentMessage.objects.filter(form="").order_by("id")):
        bot.mark_sent(message, 100 + number)


def text(company: Company, who: Employee, which: int = -1) -> str:
    return render(cards(company, who)[which]).text


def news(company: Company, who: Employee) -> list[str]:
    """What the newest card says under “Changed”."""
    _head, found, rest = text(company, who).partition("<b>Changed</b>\n")
    return rest.partition("\n\n")[0].splitlines() if found else []


def change(company: Company, request: PaymentRequest, **fields: object) -> None:
    request.refresh_from_db()
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)


def resubmit(company: Company, request: PaymentRequest) -> None:
    request.refresh_from_db()
    requests.submit(request=request, actor=company.anna, channel=ADMIN)
    send(company)


def returned(company: Company, request: PaymentRequest, reason: str) -> None:
    task = company.task(request, company.boris)
    decisions.return_for_rework(task=task, actor=company.boris, channel=TELEGRAM, reason=reason)
    send(company)


def test_an_older_card_points_to_the_newer_one(company: Company) -> None:
    request = company.submitted()
    send(company)
    change(company, request, **company.sums(200_000))
    bot.project()
    old, new = map(render, cards(company, company.boris))
    expected = f"{request.number} · revision 1 is replaced by revision 2: see the card below."
    assert old.text == expected
    assert bot.buttons(old) == [[f"details:{request.pk}"]]
    assert bot.buttons(new)[0] == [bot.approves(company.task(request, company.boris))]


def test_after_a_return_the_card_tells_of_it_until_the_next_one_comes(company: Company) -> None:
    request = company.submitted()
    send(company)
    company.approve(request, company.boris)
    send(company)
    task = company.task(request, company.fedor)
    decisions.return_for_rework(task=task, actor=company.fedor, channel=TELEGRAM, reason="Нет акта")
    send(company)
    for person in (company.boris, company.fedor):
        assert "Нет акта" in text(company, person)

    resubmit(company, request)
    assert "revision 1 is replaced by revision 2" in text(company, company.boris, 0)
    # He has not been asked again yet, so his only card goes on telling how things stand.
    assert "revision 2 · In approval" in text(company, company.fedor)
    company.approve(request, company.boris)
    send(company)
    assert "revision 1 is replaced by revision 2" in text(company, company.fedor, 0)


def test_of_several_older_cards_all_point_to_the_newest(company: Company) -> None:
    request = company.submitted()
    send(company)
    for amount in (200_000, 300_000):
        change(company, request, **company.sums(amount))
        send(company)
    for which, old in enumerate((1, 2)):
        assert f"revision {old} is replaced by revision 3" in text(company, company.boris, which)
    requests.withdraw(request=bot.fresh(request), actor=company.anna, channel=ADMIN)
    send(company)
    assert "replaced by revision 3" in text(company, company.boris, 0)
    assert "Withdrawn, А. Смирнова" in text(company, company.boris)


def test_a_card_that_was_never_sent_takes_the_place_of_none(company: Company) -> None:
    request = company.submitted()
    send(company)
    change(company, request, **company.sums(200_000))
    bot.project()
    company.approve(request, company.vera)
    assert render(cards(company, company.boris)[1]).text == ""
    assert "В. Лебедева" in text(company, company.boris, 0)


def test_what_matters_comes_first_and_what_was_changed_back_is_not_told(company: Company) -> None:
    request = company.submitted()
    send(company)
    change(company, request, comment="Очень срочно", contract="№ 7", **company.sums(200_000))
    change(company, request, contract="")
    send(company)
    assert news(company, company.boris) == [
        "amount: 125,000.50 → 200,000.00",
        "VAT: 22,541.07 → 36,065.57",
        "comment: Срочная поставка → Очень срочно",
    ]


def test_who_never_saw_the_former_version_is_not_told_what_differs(company: Company) -> None:
    request = company.submitted()
    send(company)
    change(company, request, **company.sums(200_000))
    send(company)
    assert news(company, company.boris)
    company.approve(request, company.boris)
    send(company)
    assert news(company, company.fedor) == []


def test_what_was_reworked_is_told_to_who_had_returned_it(company: Company) -> None:
    request = company.submitted()
    send(company)
    task = company.task(request, company.boris)
    decisions.return_for_rework(task=task, actor=company.boris, channel=TELEGRAM, reason="Дорого!")
    change(company, request, **company.sums(100_000))
    resubmit(company, request)
    assert news(company, company.boris) == [
        "amount: 125,000.50 → 100,000.00",
        "VAT: 22,541.07 → 18,032.79",
    ]


def note(company: Company, who: Employee) -> str:
    """What the newest card says of the return."""
    lines = text(company, who).splitlines()
    return next((line for line in lines if line.startswith("↩️ Returned by")), "")


def test_all_who_decide_are_told_who_returned_it_why_and_what_was_changed(company: Company) -> None:
    request = company.submitted()
    send(company)
    returned(company, request, "Нет акта <3\nи счёта.")
    resubmit(company, request)
    said = "↩️ Returned by Б. Орлов: “Нет акта &lt;3 и счёта”."
    for person in (company.boris, company.vera):
        assert note(company, person) == f"{said} Nothing has been changed since."
    # Whatever is changed: also what asks nobody again.
    change(company, request, comment="Акт в пути")
    assert note(company, company.boris) == f"{said} Changed since: comment."
    change(company, request, comment="Срочная поставка")
    assert "Nothing has been changed" in note(company, company.boris)
    file = ContentFile(PDF + b"3", name="Акт.pdf")
    requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)
    assert note(company, company.vera) == f"{said} Changed since: documents."


def test_who_is_asked_after_him_is_told_until_he_approves(company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    task = company.task(request, company.fedor)
    decisions.return_for_rework(task=task, actor=company.fedor, channel=TELEGRAM, reason="Нет акта")
    resubmit(company, request)
    assert "Returned by Ф. " in note(company, company.boris)
    for person in (company.boris, company.fedor):
        company.approve(request, person)
    send(company)
    assert text(company, company.tamara)
    assert note(company, company.tamara) == ""


def test_an_earlier_return_is_no_news_after_an_approval(company: Company) -> None:
    request = company.submitted()
    send(company)
    returned(company, request, "Нет акта")
    resubmit(company, request)
    company.approve(request, company.boris)
    change(company, request, **company.sums(200_000))
    send(company)
    assert note(company, company.boris) == ""
    assert news(company, company.boris)


def test_all_that_differs_from_what_one_has_approved_is_told(company: Company) -> None:
    request = company.submitted()
    send(company)
    company.approve(request, company.boris)
    for amount in (200_000, 300_000):
        change(company, request, **company.sums(amount))
    send(company)
    assert news(company, company.boris) == [
        "amount: 125,000.50 → 300,000.00",
        "VAT: 22,541.07 → 54,098.36",
    ]


def test_of_a_long_purpose_only_the_differences_are_told(company: Company) -> None:
    middle = "от 10.11.2026 за металлопрокат по договору поставки № 7 для цеха"
    request = company.submitted(purpose=f"Оплата по счёту 45 {middle}. К акту на 87675.41, срочно")
    send(company)
    purpose = f"Оплата по счёту 46 {middle}. К акту на 268003.28, срочно"
    change(company, request, purpose=purpose)
    send(company)
    line = (
        "purpose: Оплата по счёту 45 от 10.11.2026 за ме…для цеха. К акту на 87675.41, срочно → "
        "Оплата по счёту 46 от 10.11.2026 за ме…для цеха. К акту на 268003.28, срочно"
    )
    assert news(company, company.boris) == [line]
    bot.reply_to(bot.message(company.telegram_id(company.boris), f"/request {request.number}"))
    details = render(bot.chat_of(company, company.boris).latest("id")).text
    assert line in details.partition("Journal")[2]


def test_what_is_alike_on_both_sides_of_a_difference_is_left_out(company: Company) -> None:
    words = "Оплата по счёту за металлопрокат по договору поставки номер семь для цеха"
    request = company.submitted(purpose=f"{words} 1 {words}")
    send(company)
    change(company, request, purpose=f"{words} 2 {words}")
    send(company)
    [line] = news(company, company.boris)
    assert line == "purpose: …номер семь для цеха 1 Оплата по счёту за … → " + (
        "…номер семь для цеха 2 Оплата по счёту за …"
    )


def test_documents_added_and_removed_are_told(company: Company) -> None:
    request = company.submitted(documents=2)
    send(company)
    first, _second = request.documents
    requests.detach(attachment=first, actor=company.anna, channel=ADMIN)
    send(company)
    assert news(company, company.boris) == ["documents: − Счёт 1.pdf"]
