"""The way to Telegram: the token, the line and the clock."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from telegrambot.delivery import client
from telegrambot.doctor.results import Level, Result, explained, failure, ok, warning
from telegrambot.doctor.visit import Visit

# Seconds. A call that takes longer makes a press feel lost; a clock that is off by more makes
# deadlines wrong, and from the second on no sign-in with Google succeeds.
SLOW = 3.0
CLOCK_OFF, CLOCK_WRONG = 30.0, 300.0


def check_token(visit: Visit) -> Iterator[Result]:
    try:
        me = visit.ask("getMe")
    except client.TelegramError as error:
        yield explained(error.description)
        return
    yield ok(f"@{me.get('username', '')} ({me['id']})")
    named = settings.TELEGRAM_BOT_USERNAME
    if named and named.lower() != me.get("username", "").lower():
        yield failure(
            _("TELEGRAM_BOT_USERNAME names another bot: %(name)s.") % {"name": named},
            _("Correct it: links to the chat lead to that one."),
        )


def check_line(visit: Visit) -> Iterator[Result]:
    proxy = settings.TELEGRAM_PROXY_URL
    direct = _reached(visit, "", _("directly"))
    if not proxy:
        yield direct
        return
    yield _reached(visit, proxy, _("by the proxy"))
    is_blocked = direct.level == Level.FAILURE
    yield ok(_("Directly it is not reached: the proxy is needed.")) if is_blocked else direct


def check_clock(visit: Visit) -> Iterator[Result]:
    ahead = visit.reach(settings.TELEGRAM_PROXY_URL).ahead
    if ahead is None:
        yield ok(_("Telegram's server does not tell its time."))
        return
    off = {"seconds": f"{abs(ahead):.0f}"}
    said = _("%(seconds)s s ahead of Telegram's.") if ahead > 0 else _("%(seconds)s s behind.")
    remedy = _("Have the system keep its time (chrony, systemd-timesyncd).")
    if abs(ahead) > CLOCK_WRONG:
        yield failure(said % off, remedy)
    elif abs(ahead) > CLOCK_OFF:
        yield warning(said % off, remedy)
    else:
        yield ok()


def _reached(visit: Visit, proxy: str, way: str) -> Result:
    try:
        seconds = visit.reach(proxy).seconds
    except client.TelegramError as error:
        return explained(f"{way}: {error.description}")
    said = _("%(way)s: %(seconds).2f s") % {"way": way, "seconds": seconds}
    if seconds > SLOW:
        return warning(said, _("Look for a faster line, or a proxy that is nearer."))
    return ok(said)
