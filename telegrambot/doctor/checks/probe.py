"""A call at the webhook, as Telegram makes them: refused without the secret, answered with it.

Nothing is stored and nothing is handled of it, see `telegrambot.incoming.probe`.
"""

import json
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from telegrambot.callers import ELSEWHERE
from telegrambot.doctor import tls
from telegrambot.doctor.address import Address
from telegrambot.doctor.results import Result, explained, failure, ok, warning
from telegrambot.doctor.visit import Visit
from telegrambot.incoming import probe
from telegrambot.redaction import HEADER, authorization

# Bytes of an answer: what is longer is not the product's.
_LARGEST = 10_000


class _Silence(Exception):
    """It is connected, and does not answer."""


class _Answer(NamedTuple):
    status: int
    reason: str
    body: bytes


def check_refusal(visit: Visit) -> Iterator[Result]:
    answer = _call(visit, _login())
    if isinstance(answer, Result):
        yield answer
    elif _is_from_elsewhere(answer):
        yield ok(_("This machine is refused as one outside of TELEGRAM_SUBNETS."))
    elif answer.status == 403:
        yield ok(_("Who does not know the secret is refused."))
        yield from _refusal_without_login(visit)
    elif answer.status < 300:
        yield failure(
            _("The address takes calls of anybody."),
            _("It leads to something else than this product: correct the proxy in front."),
        )
    else:
        yield _wrong(answer)


def check_acceptance(visit: Visit) -> Iterator[Result]:
    word = secrets.token_urlsafe(16)
    answer = _call(visit, _secret() | _login(), word)
    if isinstance(answer, Result):
        yield answer
    elif answer.status == 200 and _is_echo(answer.body, word):
        yield ok(_("Who knows the secret is let in."))
    elif answer.status == 200:
        yield failure(
            _("Another product answers there, or another version of this one."),
            _("Correct the proxy in front, or restart web after an upgrade."),
        )
    elif _is_from_elsewhere(answer):
        yield _from_elsewhere(visit)
    elif answer.status == 403 and isinstance(_read(answer.body), dict):
        yield failure(
            _("The secret of these settings is refused."),
            _("Restart web: it runs with another TELEGRAM_WEBHOOK_SECRET, or with none."),
        )
    else:
        yield _wrong(answer)


def _refusal_without_login(visit: Visit) -> Iterator[Result]:
    if not authorization():
        return
    answer = _call(visit, _secret())
    if isinstance(answer, Result):
        yield answer
    elif answer.status == 401:
        yield ok(_("Who does not know the login is refused."))
    else:
        yield failure(
            _("The login of TELEGRAM_WEBHOOK_URL is not asked for."),
            _("Restart web: it runs with another TELEGRAM_WEBHOOK_URL."),
        )


def _secret() -> dict[str, str]:
    return {HEADER: settings.TELEGRAM_WEBHOOK_SECRET}


def _login() -> dict[str, str]:
    return {"Authorization": authorization()} if authorization() else {}


def _call(visit: Visit, headers: Mapping[str, str], word: str = "") -> _Answer | Result:
    """The answer, or why there is none. A secret goes only to whom Telegram would tell it."""
    address = visit.address
    if address is None or not address.ips or isinstance(visit.served, str):
        return _not_tried(_("nobody answers there"))
    if visit.served is None and not _is_own_machine(address.ips[0]):
        return _not_tried(_("without TLS the secret would be read by others"))
    if visit.served and not visit.served.is_trusted_for(address.host):
        return _not_tried(_("the certificate is not trusted"))
    try:
        return _post(address, headers, json.dumps(probe.of(word)).encode())
    except _Silence:
        return explained("Read timeout expired")
    except HTTPException:
        return explained("Connection closed")
    except OSError as exc:
        return explained(tls.said_by(exc))


def _post(address: Address, headers: Mapping[str, str], body: bytes) -> _Answer:
    """At the very address that was looked at, whatever the name means to others."""
    connection = HTTPConnection(address.host, address.port, tls.SECONDS)
    if address.is_https:
        connection.sock = tls.connect(address, tls.trusting())
    else:
        connection.sock = socket.create_connection((address.ips[0], address.port), tls.SECONDS)
    with closing(connection):
        try:
            connection.request(
                "POST", address.path, body, {"Content-Type": "application/json", **headers}
            )
            answer = connection.getresponse()
            return _Answer(answer.status, answer.reason, answer.read(_LARGEST))
        except TimeoutError as exc:
            # Who is connected has been reached.
            raise _Silence from exc


def _is_echo(body: bytes, word: str) -> bool:
    return bool(_read(body) == probe.of(word))


def _is_from_elsewhere(answer: _Answer) -> bool:
    return answer.status == 403 and _read(answer.body) == {"detail": ELSEWHERE}


def _from_elsewhere(visit: Visit) -> Result:
    # The product itself speaks no TLS.
    if visit.served and not settings.TRUSTED_PROXIES:
        return failure(
            _("TELEGRAM_SUBNETS let nobody in: web takes the proxy in front for the caller."),
            _("Let TRUSTED_PROXIES count the proxies in front, and restart web."),
        )
    return warning(
        _("It cannot be tried from here: web lets in TELEGRAM_SUBNETS alone."),
        _(
            "Deliveries of Telegram show whether it is let in; to try it from here add this "
            "machine's address to TELEGRAM_SUBNETS."
        ),
    )


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _wrong(answer: _Answer) -> Result:
    return explained(f"Wrong response from the webhook: {answer.status} {answer.reason}")


def _not_tried(why: str) -> Result:
    return warning(
        _("Not tried: %(why)s.") % {"why": why},
        _("Mend first what is said of the address and TLS."),
    )


def _is_own_machine(ip: str) -> bool:
    return ip_address(ip).is_loopback
