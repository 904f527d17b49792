"""How a test signs somebody in whose Telegram account is not linked."""

from oauth import linking
from oauth.models import UserToken
from tests.company import Company
from tests.telegrambot import bot
from tests.telegrambot.bot import Say
from treasury.models import Employee

STRANGER = 999


def english(telegram_id: int) -> dict[str, object]:
    return {"from": bot.person(telegram_id, "en")}


def link_of(answer: bot.Json) -> UserToken:
    """The link behind the address that the bot has given out."""
    addresses = set(bot.offered(answer).values())
    [address] = addresses
    return linking.find(address.rstrip("/").rsplit("/", 1)[-1])


def signed_in(say: Say, telegram_id: int, employee: Employee) -> str:
    """The code that the browser shows to whoever signs in on the link of this account."""
    link = link_of(say(telegram_id, "/login"))
    linking.signed_in(link=link, employee=employee)
    link.refresh_from_db()
    return linking.code_of(link)


def unlinked(company: Company, employee: Employee) -> int:
    """The Telegram id of an employee who has yet to sign in."""
    UserToken.objects.filter(employee=employee).delete()
    return company.telegram_id(employee)
