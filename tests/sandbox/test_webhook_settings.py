from typing import Any

import pytest

from .harness import Person, Receiver, Sandbox, until


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"url": "https://"}, "invalid webhook URL specified"),
        ({"url": "https://a.b:port/"}, "invalid webhook URL specified"),
        ({"url": "https://8.8.8.8/", "secret_token": "x" * 257}, "secret token is too long"),
        (
            {"url": "https://8.8.8.8/", "secret_token": "a b"},
            "secret token contains unallowed characters",
        ),
        (
            {"url": "http://8.8.8.8/"},
            "bad webhook: An HTTPS URL must be provided for webhook",
        ),
        (
            {"url": "https://8.8.8.8:8000/"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ({"url": "https://127.0.0.1/"}, "bad webhook: IP address 127.0.0.1 is reserved"),
        (
            {"url": "https://8.8.8.8/", "ip_address": "192.168.0.1"},
            "bad webhook: IP address 192.168.0.1 is reserved",
        ),
        ({"url": "https://[2001:4860::1]/"}, "bad webhook: IPv6-only addresses are not allowed"),
    ],
)
def test_a_faulty_webhook_is_refused(
    public: Sandbox, params: dict[str, str], description: str
) -> None:
    assert public.error("setWebhook", **params) == f"Bad Request: {description}"
    assert public.bot("getWebhookInfo")["url"] == ""


def test_a_public_webhook_is_accepted(public: Sandbox) -> None:
    public.bot(
        "setWebhook",
        url="https://8.8.8.8:8443/hook",
        max_connections=500,
        drop_pending_updates=True,
    )
    info = public.bot("getWebhookInfo")
    assert info == {
        "url": "https://8.8.8.8:8443/hook",
        "has_custom_certificate": False,
        "pending_update_count": 0,
        "max_connections": 100,
        "ip_address": "8.8.8.8",
    }
    assert public.bot("deleteWebhook") is True
    assert public.bot("getWebhookInfo")["url"] == ""


def test_a_certificate_is_a_file(sandbox: Sandbox) -> None:
    url = "https://127.0.0.1:1/"
    sandbox.bot("setWebhook", url=url, certificate="-----BEGIN CERTIFICATE-----")
    assert sandbox.bot("getWebhookInfo")["has_custom_certificate"] is False
    assert _upload(sandbox, url, b"pem").ok
    assert sandbox.bot("getWebhookInfo")["has_custom_certificate"] is True
    # Whatever is not given again is gone.
    sandbox.bot("setWebhook", url=url)
    assert sandbox.bot("getWebhookInfo")["has_custom_certificate"] is False


def test_a_certificate_may_not_be_huge(sandbox: Sandbox) -> None:
    size = (3 << 20) + 1
    response = _upload(sandbox, "https://127.0.0.1:1/", b"x" * size)
    description = f"Bad Request: certificate size is too big ({size} bytes)"
    assert response.json()["description"] == description


def _upload(sandbox: Sandbox, url: str, content: bytes) -> Any:
    return sandbox.upload("setWebhook", {"certificate": ("cert.pem", content)}, url=url)


def test_a_second_call_within_a_second_must_wait(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.settings(webhook={"set_interval": 1})
    response = sandbox.call("setWebhook", url=receiver.url)
    assert response.headers["Retry-After"] == "1"
    assert response.json()["description"] == "Too Many Requests: retry after 1"


def test_the_secret_is_sent_and_not_shown(
    sandbox: Sandbox, receiver: Receiver, alice: Person
) -> None:
    sandbox.bot("setWebhook", url=receiver.url, secret_token="open-Sesame_1")
    alice.say("hello")
    headers = receiver.wait("message")[0].headers
    assert headers["X-Telegram-Bot-Api-Secret-Token"] == "open-Sesame_1"
    assert "open-Sesame_1" not in str(sandbox.bot("getWebhookInfo"))


def test_allowed_updates_are_kept_until_given_again(
    sandbox: Sandbox, receiver: Receiver, alice: Person
) -> None:
    sandbox.bot("setWebhook", url=receiver.url, allowed_updates=["callback_query", "nonsense"])
    assert sandbox.bot("getWebhookInfo")["allowed_updates"] == ["callback_query"]
    sandbox.bot("setWebhook", url=receiver.url)
    alice.say("not delivered")
    sandbox.bot("setWebhook", url=receiver.url, allowed_updates=["nonsense"])
    assert "allowed_updates" not in sandbox.bot("getWebhookInfo")
    alice.say("delivered")
    texts = [delivery.update["message"]["text"] for delivery in receiver.wait("message")]
    assert texts == ["delivered"]


def test_pending_updates_are_delivered_to_a_new_webhook(
    sandbox: Sandbox, receiver: Receiver, alice: Person
) -> None:
    sandbox.bot("deleteWebhook")
    alice.say("waiting")
    assert sandbox.bot("getWebhookInfo")["pending_update_count"] == 1
    sandbox.bot("setWebhook", url=receiver.url)
    assert receiver.wait("message")[0].update["message"]["text"] == "waiting"
    until(lambda: sandbox.bot("getWebhookInfo")["pending_update_count"] == 0)


def test_pending_updates_are_dropped_on_demand(sandbox: Sandbox, alice: Person) -> None:
    alice.say("dropped")
    sandbox.bot("deleteWebhook", drop_pending_updates=True)
    assert sandbox.bot("getWebhookInfo")["pending_update_count"] == 0
    assert sandbox.bot("getUpdates") == []
