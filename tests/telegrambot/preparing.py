"""What the tests of requests that are prepared in the chat have in common."""

import contextlib
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from telegrambot.dialogs import known
from telegrambot.models import Dialog
from tests.company import Company
from tests.telegrambot.papers import pdf
from tests.telegrambot.phone import Phone
from treasury.validators import check_account_key

RATE = "22 %"
DAY = f"{timezone.localdate() + timedelta(days=30):%d.%m.%Y}"
SBERBANK = "044525225"
NEW_ACCOUNT = "40702810400000000021"
NEW_INN = "7707049388"


def at_unknown_bank() -> str:
    """With the key that this БИК wants."""
    for key in range(10):
        number = f"40702810{key}00000000021"
        with contextlib.suppress(ValidationError):
            check_account_key(number, "044525974")
            return number
    raise AssertionError


def answers() -> dict[str, object]:
    return dict(Dialog.objects.get().answers)


def starts(anna: Phone, beginning: str) -> str:
    """The newest button whose label begins so."""
    return [label for label in anna.offers() if label.startswith(beginning)][-1]


def up_to_amount(anna: Phone) -> None:
    anna.says("/new")
    anna.says("3528000597")


def up_to_purpose(anna: Phone) -> None:
    up_to_amount(anna)
    anna.says("125 тыс")
    anna.presses(RATE)
    anna.presses("Производство")


def up_to_papers(anna: Phone) -> None:
    up_to_purpose(anna)
    anna.says("Оплата по счёту 45 за металлопрокат")
    anna.says("45 от 10.11.2026")
    anna.says(DAY)


def up_to_summary(anna: Phone) -> None:
    up_to_papers(anna)
    anna.answers_with(("document", "Счёт 45.pdf", pdf()), to=0)
    anna.presses("Go on")


def rest(company: Company) -> dict[str, object]:
    """The answers that are neither payee nor amount."""
    return {
        known.VAT: company.vat_rate.pk, known.ITEM: company.item.pk,
        known.OF_DEPARTMENT: company.department.pk, known.PURPOSE: "Счёт 45",
        known.INVOICE: "", known.DAY: "2036-11-28", known.PAPERS: "none",
        known.COMMENT: "Без документов",
    }  # fmt: skip
