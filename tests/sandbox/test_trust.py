"""Whom the sandbox trusts by a certificate that was uploaded, and by what it proves itself."""

import base64
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509

from tests.telegrambot.front import ADDRESS, Front, serving, sign, tls_of

from .harness import Person, Receiver, Sandbox, until

IP = x509.IPAddress(ipaddress.ip_address(ADDRESS))
DNS = x509.DNSName


@pytest.mark.parametrize(
    ("common", "names", "is_trusted"),
    [
        (ADDRESS, [], True),
        (ADDRESS, [IP], True),
        ("x", [DNS(ADDRESS)], True),
        ("x", [DNS("*.0.0.1")], True),
        ("x", [IP], False),
        (ADDRESS, [DNS("other")], False),
        ("x", [DNS("*.0.1")], False),
    ],
)
def test_the_host_is_compared_as_a_name_though_it_is_an_address(
    sandbox: Sandbox,
    alice: Person,
    tmp_path: Path,
    common: str,
    names: list[x509.GeneralName],
    is_trusted: bool,
) -> None:
    """https://github.com/tdlib/td, SslStream.cpp."""
    served = sign(common, *names)
    with serving(Front(), tls_of(served.write(tmp_path))) as port:
        file = {"certificate": ("webhook.pem", served.pem)}
        assert sandbox.upload("setWebhook", file, url=f"https://{ADDRESS}:{port}/").ok
        alice.say("hello")
        until(lambda: sandbox.get("/control/deliveries"), "a delivery")
        info = sandbox.bot("getWebhookInfo")
        sandbox.bot("deleteWebhook", drop_pending_updates=True)
    refused = "SSL error {error:0A000086:SSL routines::certificate verify failed}"
    assert info.get("last_error_message", "") == ("" if is_trusted else refused)


def test_a_login_in_the_address_is_sent_as_it_is_written(
    sandbox: Sandbox, listener: Receiver, alice: Person
) -> None:
    """https://github.com/tdlib/telegram-bot-api, WebhookActor.cpp."""
    url = listener.url.replace("://", "://user:p%40ss@word@")
    sandbox.bot("setWebhook", url=url)
    alice.say("hello")
    given = listener.wait("message")[0].headers["Authorization"]
    assert given == f"Basic {base64.b64encode(b'user:p%40ss@word').decode()}"
    assert sandbox.bot("getWebhookInfo")["url"] == url
