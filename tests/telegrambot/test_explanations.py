"""Every text by which Telegram says that something is wrong is explained, in both languages."""

from pathlib import Path

import pytest
from django.utils import translation

from telegrambot.doctor.explanations import explain, explained

HANDBOOK = Path(__file__).resolve().parents[2] / "deploy" / "TROUBLESHOOTING.md"
# Each with a word of its explanation in English, by which it is not that of another.
REFUSALS = {
    "Bad Request: secret token is too long": "256 characters",
    "Bad Request: secret token contains unallowed characters": "A-Z a-z 0-9",
    "Bad Request: invalid webhook URL specified": "cannot read the webhook's address",
    "Bad Request: certificate size is too big (4000000 bytes)": "3 MB",
    "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443":
        "8443 only",
    "Bad Request: bad webhook: An HTTPS URL must be provided for webhook": "by HTTPS only",
    "Bad Request: bad webhook: IP address 10.0.0.1 is reserved": "private network",
    "Bad Request: bad webhook: IPv6-only addresses are not allowed": "A record",
    "Bad Request: bad webhook: Invalid IP address specified": "cannot read the IP",
    "Bad Request: bad webhook: Failed to resolve host: Name or service not known": "name servers",
    "Bad Request: bad webhook: Failed to resolve host: No address associated with hostname":
        "name servers",
    "Bad Request: bad webhook: Connection refused": "nothing listens",
    "Too Many Requests: retry after 1": "asks to wait",
    "Conflict: terminated by other setWebhook": "at the same time",
    "Conflict: terminated by setWebhook request": "while updates were being fetched",
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete "
    "the webhook first": "cannot be fetched as well",
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is "
    "running": "Another process",
    "Unauthorized": "does not know this token",
    "Not Found": "does not know this token",
    "TELEGRAM_BOT_TOKEN is not set": "no token",
}  # fmt: skip
DELIVERIES = {
    "SSL error {error:0A000086:SSL routines::certificate verify failed}": "does not trust",
    "SSL error {error:14090086:SSL routines:ssl3_get_server_certificate:certificate verify failed}":
        "does not trust",
    "SSL error {error:1416F086:SSL routines:tls_process_server_certificate:certificate verify "
    "failed}": "does not trust",
    "SSL error {error:0A00010B:SSL routines::wrong version number}": "speaks no TLS",
    "SSL error {error:0A00042E:SSL routines::tlsv1 alert protocol version}": "1.2 or newer",
    "SSL error {error:0A000102:SSL routines::unsupported protocol}": "1.2 or newer",
    "SSL error {error:0A000410:SSL routines::sslv3 alert handshake failure}": "breaks off",
    "SSL error {error:0A000126:SSL routines::unexpected eof while reading}": "No TLS connection",
    "Can't create an SSL connection: Connection closed": "No TLS connection",
    "Wrong response from the webhook: 301 Moved Permanently": "redirects",
    "Wrong response from the webhook: 302 Found": "redirects",
    "Wrong response from the webhook: 307 Temporary Redirect": "redirects",
    "Wrong response from the webhook: 400 Bad Request": "ALLOWED_HOSTS",
    "Wrong response from the webhook: 401 Unauthorized": "user name and a password",
    "Wrong response from the webhook: 403 Forbidden": "149.154.160.0/20",
    "Wrong response from the webhook: 404 Not Found": "something else",
    "Wrong response from the webhook: 405 Method Not Allowed": "something else",
    "Wrong response from the webhook: 410 Gone": "23 hours",
    "Wrong response from the webhook: 413 Request Entity Too Large": "this size",
    "Wrong response from the webhook: 429 Too Many Requests": "limits how often",
    "Wrong response from the webhook: 500 Internal Server Error": "has failed",
    "Wrong response from the webhook: 502 Bad Gateway": "does not reach the product",
    "Wrong response from the webhook: 503 Service Unavailable": "its database",
    "Wrong response from the webhook: 504 Gateway Timeout": "does not reach the product",
    "Wrong response from the webhook: 520 Unknown": "with 200",
    "Read timeout expired": "within a minute",
    "Write timeout expired": "within a minute",
    "Can't connect to the webhook": "at all",
    "Connection refused": "nothing listens",
    "Connection timed out": "firewall in between",
    "No route to host": "firewall in between",
    "Network is unreachable": "firewall in between",
    "Connection reset by peer": "breaks the connection off",
    "Connection closed": "hung up",
    "Webhook connection closed": "hung up",
}  # fmt: skip
CALLS = {
    "Bad Request: chat not found": "no such chat",
    "Forbidden: bot was blocked by the user": "this person",
    "Forbidden: user is deactivated": "this person",
    "Forbidden: bot can't initiate conversation with a user": "this person",
    "Forbidden: bot was kicked from the supergroup chat": "not in this group",
    "Forbidden: bot is not a member of the channel chat": "not in this group",
    "Bad Request: not enough rights to send text messages to the chat": "may not write in this",
    "getMe: ProxyError: Cannot connect to proxy": "The proxy towards Telegram",
    "getMe: InvalidSchema: Missing dependencies for SOCKS support.": "The proxy towards Telegram",
    "getMe: ProxyError: … (Caused by ProxyError('…', [Errno 111] Connection refused))":
        "The proxy towards Telegram",
    "getMe: ProxyError: … 'Tunnel connection failed: 407 Proxy Authentication Required'":
        "does not accept the user",
    "getMe: ProxyError: … 'Tunnel connection failed: 401 Unauthorized'":
        "does not accept the user",
    "getMe: ConnectionError: SOCKSHTTPSConnectionPool… SOCKS5 authentication failed":
        "does not accept the user",
    "getMe: ConnectionError: … All offered SOCKS5 authentication methods were rejected":
        "does not accept the user",
    "407 Proxy Authentication Required, not a Bot API answer": "does not accept the user",
    "401 Unauthorized, not a Bot API answer": "does not accept the user",
    "getMe: ProxyError: … 'Tunnel connection failed: 403 Forbidden'":
        "does not let us through",
    "getMe: ConnectionError: SOCKSHTTPSConnectionPool… 0x02: Connection not allowed by ruleset":
        "does not let us through",
    "getMe: ProxyError: … 'Tunnel connection failed: 503 Service Unavailable'":
        "does not reach Telegram itself",
    "getMe: ConnectionError: SOCKSHTTPSConnectionPool… 0x05: Connection refused":
        "does not reach Telegram itself",
    "getMe: ConnectionError: SOCKSHTTPSConnectionPool… [Errno 111] Connection refused":
        "The proxy towards Telegram does not answer",
    "getMe: SSLError: … [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed":
        "something stands in between",
    "getMe: ConnectionError: … [Errno -2] Name or service not known": "cannot be reached from here",
    "getMe: ConnectTimeout: timed out": "cannot be reached from here",
    "getMe: ConnectionError: refused": "cannot be reached from here",
}  # fmt: skip
ALL = REFUSALS | DELIVERIES | CALLS


@pytest.mark.parametrize("said", ALL)
def test_what_is_said_is_explained_in_both_languages(said: str) -> None:
    with translation.override("en"):
        english = explained(said)
    with translation.override("ru"):
        russian = str(explain(said))
    assert english.startswith(f"{said}\n")
    assert ALL[said] in english.removeprefix(said)
    assert set(russian.lower()) & set("абвгдежзиклмнопрстуфхцчшщыьэюя")
    assert russian not in english


def test_what_nobody_has_foreseen_is_left_as_it_is() -> None:
    assert explain("Bad Request: the moon is full") is None
    assert explained("Bad Request: the moon is full") == "Bad Request: the moon is full"
    assert explain("") is None


@pytest.mark.parametrize("said", ALL)
def test_what_is_explained_stands_in_the_handbook(said: str) -> None:
    explanation = explain(said)
    assert explanation
    with translation.override("en"):
        row = f"| `{said}` | {explanation.cause} | {explanation.remedy} |"
    assert row in HANDBOOK.read_text().splitlines()
