"""What the last release lives through; run by its own code, as `test_former_release.py` says.

It knows what the last release knew, and prints a line of JSON.
"""

import json
import os
import sys
from datetime import timedelta
from itertools import count
from typing import Any

import django
from django.conf import settings

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
# A real one takes a second for each person.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.ALLOWED_HOSTS = ["*"]

from django.contrib.auth.models import Group  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from oauth.models import UserToken  # noqa: E402
from telegrambot.kinds import alert  # noqa: E402
from tests import company as casts  # noqa: E402
from tests.telegrambot import bot  # noqa: E402
from treasury.models import Employee, PaymentRequest  # noqa: E402
from treasury.services import decisions, delegations, people, requests  # noqa: E402

OFFICE, NEW_GROUP, STRANGER = casts.ADMIN, -100500, 999
Json = dict[str, Any]


def begin() -> Json:
    """A company is founded and asks for payments; its people write, press, come and go."""
    company = casts._found()
    Employee.objects.update(language="en")
    request = company.submitted()
    _press(company, company.boris, request)
    declined = company.submitted(invoice_number="46")
    decisions.decline(
        task=company.task(declined, company.vera), actor=company.vera, channel=OFFICE,
        reason="Такой поставки не было",
    )  # fmt: skip
    _rework(company)
    withdrawn = company.submitted(invoice_number="47")
    requests.withdraw(request=withdrawn, actor=company.anna, channel=OFFICE)
    company.approved(invoice_number="49")
    bot.project()
    _talk(company, request)
    hired = _change_people(company)
    alert.report(alert.Subject.LAG, 1, "Поздно")
    bot.project()
    return {"request": request.pk, "hired": hired.pk, "new_group": NEW_GROUP}


def _press(company: casts.Company, who: Employee, request: PaymentRequest) -> str:
    task = company.task(request, who)
    data = f"approve:{task.pk}"
    return str(bot.reply_to(bot.press(company.telegram_id(who), data))["text"])


def _rework(company: casts.Company) -> None:
    request = company.submitted(invoice_number="48")
    decisions.return_for_rework(
        task=company.task(request, company.boris), actor=company.boris, channel=OFFICE,
        reason="Приложите договор",
    )  # fmt: skip
    file = ContentFile(casts.PDF + b"%contract", name="Договор.pdf")
    attached = requests.attach(request=request, actor=company.anna, channel=OFFICE, file=file)
    requests.detach(attachment=attached, actor=company.anna, channel=OFFICE)
    changes = {"comment": "Договор в пути"}
    requests.change(request=request, actor=company.anna, channel=OFFICE, fields=changes)
    requests.submit(
        request=request, actor=company.anna, channel=OFFICE, reason="Вторая часть поставки"
    )


def _talk(company: casts.Company, request: PaymentRequest) -> None:
    anna = company.telegram_id(company.anna)
    bot.post(bot.message(STRANGER, "/start"))
    bot.post(bot.message(anna, f"/request {request.number}"))
    bot.post(bot.message(company.telegram_id(company.boris), "/away"))
    sent = {"file_id": "BQACAgIAAxk", "file_unique_id": "a", "file_name": "Счёт.pdf"}
    card = bot.mark_sent(bot.chat_of(company, company.anna).filter(request=request).latest("pk"))
    answered = {
        "message_id": card.message_id,
        "date": 1,
        "chat": bot.private(anna),
        "text": request.number,
    }
    bot.post(bot.message(anna, "", document=sent, reply_to_message=answered))
    place = {"id": NEW_GROUP, "type": "group", "title": "Закупки"}
    standing = {"status": "member", "user": bot.person(2)}
    joined = {
        "chat": place, "from": bot.person(1), "date": 1_790_000_000,
        "old_chat_member": standing | {"status": "left"}, "new_chat_member": standing,
    }  # fmt: skip
    bot.post(bot.update(my_chat_member=joined))


def _change_people(company: casts.Company) -> Employee:
    company.gleb.groups.set(Group.objects.filter(name="Администратор"))
    hired = people.hire(
        email="new@example.com", last_name="Новиков", first_name="Кирилл", actor=company.gleb,
        channel=OFFICE, roles=Group.objects.filter(name="Бухгалтер"),
    )  # fmt: skip
    until = timezone.now() + timedelta(days=3)
    delegations.begin(
        principal=company.vera, deputy=company.sergey, until=until, actor=company.vera,
        channel=OFFICE,
    )  # fmt: skip
    return hired


def go_on(request: int, **_facts: Any) -> Json:
    """The new release has opened the next stage, and said more than this one knows of."""
    bot._update_ids = count(800_000_000)
    call_command("verify_journal", verbosity=0, stdout=sys.stderr)
    asked = PaymentRequest.objects.get(pk=request)
    task = asked.tasks.get(status="open")
    tie = UserToken.objects.get(kind=UserToken.Kind.TELEGRAM, employee=task.employee)
    answer = bot.reply_to(bot.press(int(tie.token), f"approve:{task.pk}"))
    bot.project()
    asked.refresh_from_db()
    return {"answer": answer["text"], "status": asked.status, "pages": _pages(asked)}


def _pages(request: PaymentRequest) -> list[int]:
    """What the back office answers where the rows of the new release stand among its own."""
    client = Client()
    client.force_login(Employee.objects.create_superuser("root@example.com", "secret-of-root"))
    lists = ("telegrambot/sentmessage", "telegrambot/chat", "treasury/employee")
    page = f"/admin/treasury/paymentrequest/{request.pk}/change/"
    addresses = [*(f"/admin/{name}/" for name in lists), page]
    return [client.get(address).status_code for address in addresses]


def main() -> None:
    part, facts = sys.argv[1], json.loads(sys.argv[2])
    lived = begin() if part == "begin" else go_on(**facts)
    print(json.dumps(lived))  # noqa: T201


main()
