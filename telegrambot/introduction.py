"""How the bot introduces itself, in its users' languages."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from telegrambot.delivery import client


def tell() -> None:
    """Raises a `client.TelegramError`."""
    # All at first: what is said of an error is in the caller's language.
    for code, profile in [(code, _profile()) for code in each_language()]:
        for name, (kind, text) in profile.items():
            # Telegram lets nobody rename a bot often, and asks to wait for hours then.
            if client.call(f"getMy{name}", {"language_code": code})[kind] != text:
                client.call(f"setMy{name}", {kind: text, "language_code": code})


def each_language() -> Iterator[str | None]:
    """Its code for Telegram, while it is the language of all texts.

    The default is for everyone whose language has none of its own.
    """
    for language in (settings.LANGUAGE_CODE, "en"):
        with translation.override(language):
            yield None if language == settings.LANGUAGE_CODE else language


def _profile() -> dict[str, tuple[str, str]]:
    """For each method's name its parameter and the text: at most 64, 120 and 512 characters."""
    about = _("Payment requests: approve or decline them right here, in Telegram.")
    purpose = _(
        "I bring the payment requests that wait for your decision, with their documents, and tell "
        "how they end. Press “Start” and sign in with your account at work."
    )
    return {
        "Name": ("name", pgettext("bot", "Treasury")),
        "ShortDescription": ("short_description", about),
        "Description": ("description", purpose),
    }
