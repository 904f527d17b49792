"""What Telegram refuses before it has called, and what it does not put under a button.

https://core.telegram.org/bots/webhooks#the-verbose-version
"""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from telegrambot import webhook
from telegrambot.doctor.address import Address, is_public
from telegrambot.doctor.results import Level, Result, explained, failure, ok, warning
from telegrambot.doctor.visit import Visit

PORTS = (443, 80, 88, 8443)


def check(visit: Visit) -> Iterator[Result]:
    refusals = list(_refusals(visit.address))
    if visit.address and not refusals:
        yield ok(f"{webhook.url()} ({', '.join(visit.address.ips)})")
    for said, is_always in refusals:
        yield explained(said, Level.FAILURE if visit.is_strict or is_always else Level.WARNING)


def check_buttons(visit: Visit) -> Iterator[Result]:
    """Links to the back office stand under messages. Refused is a host without a dot in it:
    https://github.com/tdlib/td, LinkManager::check_link."""
    address = Address.of(settings.PUBLIC_URL)
    host = address.host if address else ""
    if "." not in host:
        yield failure(
            _("Telegram refuses messages with a button that leads to %(host)s.") % {"host": host},
            _("Let PUBLIC_URL name a domain."),
        )
    elif address and any(not is_public(ip) for ip in address.ips):
        yield warning(
            _("A button that leads to %(host)s opens only within the own network.")
            % {"host": host},
            _("Let PUBLIC_URL name what people can open from their telephones."),
        )
    else:
        yield ok()


def _refusals(address: Address | None) -> Iterator[tuple[str, bool]]:
    """As Telegram words them, and whether also a server of one's own would."""
    if address is None:
        yield "invalid webhook URL specified", True
        return
    if not address.is_https:
        yield "An HTTPS URL must be provided for webhook", False
    if address.port not in PORTS:
        yield "Webhook can be set up only on ports 80, 88, 443 or 8443", False
    if not address.ips:
        alone = "IPv6-only addresses are not allowed"
        unknown = "Failed to resolve host: Name or service not known"
        yield (alone if address.has_ipv6 else unknown), True
    for ip in address.ips:
        if not is_public(ip):
            yield f"IP address {ip} is reserved", False
