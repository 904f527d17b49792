"""What several checks need, asked for once."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.conf import settings

from telegrambot import webhook
from telegrambot.delivery import client
from telegrambot.doctor import tls
from telegrambot.doctor.address import Address

TELEGRAMS_OWN = "https://api.telegram.org"


class Visit:
    """One look at everything. Its answers may be read, and are not asked for again."""

    def __init__(self) -> None:
        self._answers: dict[str, Any] = {}

    def ask(self, method: str) -> Any:
        """The result of a method without parameters. Raises a `client.TelegramError`."""
        if method != "getMe":
            # Whoever does not answer that is not waited for again.
            self.ask("getMe")
        return self._once(method, lambda: client.call(method))

    def reach(self, proxy: str) -> client.Reached:
        """Raises a `client.TelegramError`."""
        reached: client.Reached = self._once(f"by {proxy}", lambda: client.reach(proxy))
        return reached

    def _once(self, name: str, call: Callable[[], Any]) -> Any:
        if name not in self._answers:
            try:
                self._answers[name] = call()
            except client.TelegramError as error:
                self._answers[name] = error
        answer = self._answers[name]
        if isinstance(answer, client.TelegramError):
            raise answer
        return answer

    @property
    def is_answered(self) -> bool:
        try:
            self.ask("getMe")
        except client.TelegramError:
            return False
        return True

    @property
    def is_strict(self) -> bool:
        """One's own server may have been told to call any address."""
        return bool(settings.TELEGRAM_API_URL == TELEGRAMS_OWN)

    @cached_property
    def address(self) -> Address | None:
        """None for one that cannot be read."""
        return Address.of(webhook.url())

    @cached_property
    def served(self) -> tls.Served | str | None:
        """What is served there by TLS, or in words why nothing is; None where no TLS is meant, or
        nobody is there to be asked."""
        if self.address and self.address.is_https and self.address.ips:
            return tls.look_at(self.address)
        return None
