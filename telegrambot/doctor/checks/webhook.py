"""What Telegram knows of the webhook, and what it last complained of."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from telegrambot import webhook
from telegrambot.doctor.results import Result, explained, failure, ok, warning
from telegrambot.doctor.visit import Visit
from telegrambot.incoming.updates import ALLOWED_UPDATES
from telegrambot.redaction import without_secrets
from telegrambot.watching import RECENT

LONGEST_SECRET = 256
# So many that wait are more than those of a moment.
MANY = 20
_SECRET = re.compile(r"[A-Za-z0-9_-]+")


def check_secret(visit: Visit) -> Iterator[Result]:
    secret = settings.TELEGRAM_WEBHOOK_SECRET
    if not secret:
        yield failure(
            _("There is none: the webhook refuses everything."), _("Set TELEGRAM_WEBHOOK_SECRET.")
        )
    elif len(secret) > LONGEST_SECRET:
        yield explained("secret token is too long")
    elif not _SECRET.fullmatch(secret):
        yield explained("secret token contains unallowed characters")
    else:
        yield ok()


def check_settings(visit: Visit) -> Iterator[Result]:
    info, again = visit.ask("getWebhookInfo"), _("Run `manage.py telegram setwebhook`.")
    wanted, actual = webhook.whole_url(), info.get("url")
    if not actual:
        yield failure(
            _("It is not set."),
            _("%(again)s Where none is possible, `manage.py telegram poll` does without.")
            % {"again": again},
        )
        return
    shown = {"actual": without_secrets(actual), "wanted": without_secrets(wanted)}
    if shown["actual"] != shown["wanted"]:
        yield failure(_("It is %(actual)s; wanted: %(wanted)s") % shown, again)
        return
    if actual != wanted:
        yield failure(_("Telegram has another login than TELEGRAM_WEBHOOK_URL."), again)
        return
    yield ok(shown["actual"])
    if bool(info.get("has_custom_certificate")) != webhook.has_own_certificate():
        yield failure(_("Telegram has not the certificate that TELEGRAM_CERTIFICATE says."), again)
    # What is not told is what everybody gets, and that has all of ours.
    if missing := set(ALLOWED_UPDATES) - set(info.get("allowed_updates", ALLOWED_UPDATES)):
        names = {"names": ", ".join(sorted(missing))}
        yield failure(_("Telegram does not tell of: %(names)s.") % names, again)
    ips = visit.address.ips if visit.address else ()
    if ips and info.get("ip_address") not in (None, *ips):
        yield warning(
            _("Telegram still calls %(ip)s.") % {"ip": info["ip_address"]},
            _("It looks the name up again within half an hour, or by `setwebhook`."),
        )


def check_deliveries(visit: Visit) -> Iterator[Result]:
    info = visit.ask("getWebhookInfo")
    waiting = info.get("pending_update_count", 0)
    if waiting > MANY:
        yield warning(
            _("Updates that wait to be delivered: %(count)d.") % {"count": waiting},
            _("Look at what Telegram complains of, and whether web is overrun."),
        )
    yield _last_error(info)
    if _age(info, "last_synchronization_error_date") < RECENT:
        yield warning(
            _("Telegram has trouble among its own data centres."), _("Wait: it mends itself.")
        )


def _last_error(info: dict[str, Any]) -> Result:
    said = without_secrets(str(info.get("last_error_message", "")))
    age = _age(info, "last_error_date")
    if not said or age == timedelta.max:
        return ok()
    dated = f"{webhook.when(info['last_error_date'])}: {said}"
    # It stays there for ever, and is tried again within two minutes.
    return explained(dated) if age < RECENT else ok(dated)


def _age(info: dict[str, Any], name: str) -> timedelta:
    stamp = info.get(name)
    return timezone.now() - datetime.fromtimestamp(stamp, UTC) if stamp else timedelta.max
