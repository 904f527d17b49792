"""Messages of a whole installation wait for the proxy that they go by, and say why."""

from .troubles import Troubles


def test_what_waits_for_a_proxy_says_why_and_arrives_when_it_is_back(troubles: Troubles) -> None:
    assert "ProxyError" in troubles.error_while_down
    assert "Connection refused" in troubles.error_while_down
    assert (troubles.heard_meanwhile, troubles.heard_at_last) == (1, 2)


def test_a_wrong_login_is_named_in_the_messages_error(troubles: Troubles) -> None:
    assert "Tunnel connection failed: 401 Unauthorized" in troubles.error_of_login


def test_the_doctor_takes_no_proxys_word_for_telegrams(troubles: Troubles) -> None:
    """The proxy is well; the token is not."""
    assert "ok — Way to Telegram: by the proxy: " in troubles.by_doctor
    assert "failure — Token: Unauthorized" in troubles.by_doctor
