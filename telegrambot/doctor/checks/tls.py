"""Whether Telegram would trust what is served: TLS 1.2 or newer, the whole chain, the host's name.

https://core.telegram.org/bots/webhooks#the-verbose-version
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone
from django.utils.translation import gettext as _

from telegrambot import webhook
from telegrambot.doctor import tls
from telegrambot.doctor.address import Address
from telegrambot.doctor.results import Result, explained, failure, ok, warning
from telegrambot.doctor.visit import Visit

SOON = timedelta(days=14)
# https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_SELF_SIGNED, _EXPIRED, _NOT_YET = 18, 10, 9


def check(visit: Visit) -> Iterator[Result]:
    address, served = visit.address, visit.served
    if address is None or served is None:
        yield warning(
            _("There is no certificate to look at."), _("Mend first what is said of the address.")
        )
    elif isinstance(served, str):
        yield explained(served)
    else:
        yield from _of_version(served)
        yield from _of_trust(served)
        yield from _of_name(served, address)
        yield from _of_days(served.certificate)


def _of_version(served: tls.Served) -> Iterator[Result]:
    if served.takes_old:
        yield warning(
            _("The server also speaks TLS 1.1 or older, which is broken."),
            _("Allow TLSv1.2 and TLSv1.3 alone in the proxy in front."),
        )
    else:
        yield ok(served.version)


def _of_trust(served: tls.Served) -> Iterator[Result]:
    # The days are looked at apart.
    is_trusted = served.distrust in (0, _EXPIRED, _NOT_YET)
    if webhook.has_own_certificate():
        yield from _of_uploaded(served, is_trusted=is_trusted)
    elif is_trusted:
        yield ok(_("The chain is complete, and trusted."))
    elif served.distrust == _SELF_SIGNED:
        yield failure(
            _("The certificate is self-signed, and Telegram was not given it."),
            _("Set TELEGRAM_CERTIFICATE to its path, and run `manage.py telegram setwebhook`."),
        )
    else:
        yield failure(
            _("An intermediate certificate is missing, or the root is not trusted: %(reason)s.")
            % {"reason": served.reason},
            _(
                "Serve the whole chain (fullchain.pem); the root of an authority of one's own "
                "becomes TELEGRAM_CERTIFICATE."
            ),
        )


def _of_uploaded(served: tls.Served, *, is_trusted: bool) -> Iterator[Result]:
    try:
        given = x509.load_pem_x509_certificate(webhook.own_certificate())
    except (webhook.Unusable, ValueError) as exc:
        said = str(exc) if isinstance(exc, webhook.Unusable) else f"TELEGRAM_CERTIFICATE: {exc}"
        yield failure(
            said,
            _("Let it name a certificate as PEM: `manage.py telegram certificate` makes one."),
        )
        return
    if given.public_bytes(Encoding.DER) == served.certificate.public_bytes(Encoding.DER):
        yield ok(_("The certificate that Telegram is given is the one that is served."))
    elif is_trusted:
        yield ok(_("What is served is signed by the certificate that Telegram is given."))
    else:
        yield failure(
            _("Another certificate is served than TELEGRAM_CERTIFICATE."),
            _("Have the proxy in front serve that one, and run `manage.py telegram setwebhook`."),
        )


def _of_name(served: tls.Served, address: Address) -> Iterator[Result]:
    name = served.matching(address.host)
    if not name:
        yield failure(
            _("The certificate is not for %(host)s.") % {"host": address.host},
            _("Let its CN or its DNS name be the host of PUBLIC_URL; for an IP address the CN."),
        )
    elif name.startswith("*"):
        yield warning(
            _("%(host)s is in the certificate only as %(name)s, which Telegram's guide excludes.")
            % {"host": address.host, "name": name},
            _("If Telegram complains, take a certificate with the host itself."),
        )


def _of_days(certificate: x509.Certificate) -> Iterator[Result]:
    until, now = certificate.not_valid_after_utc, datetime.now(UTC)
    day = {"date": f"{timezone.localtime(until):%d.%m.%Y %H:%M}"}
    renew = _("Renew it; one of one's own is made by `manage.py telegram certificate --force`.")
    if until <= now:
        yield failure(_("The certificate has expired: %(date)s.") % day, renew)
    elif certificate.not_valid_before_utc > now:
        begins = timezone.localtime(certificate.not_valid_before_utc)
        yield failure(
            _("The certificate is not valid yet: it begins %(date)s.")
            % {"date": f"{begins:%d.%m.%Y %H:%M}"},
            _("Set this machine's clock, or have the certificate made anew."),
        )
    elif until - now < SOON:
        yield warning(_("The certificate expires soon: %(date)s.") % day, renew)
    else:
        yield ok(_("The certificate is valid until %(date)s.") % day)
