"""What Telegram says when something is wrong, what it means, and what mends it.

The texts are those of https://github.com/tdlib/telegram-bot-api and of the systems below it; they
come alone, in getWebhookInfo, or within a refusal.
"""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Explanation:
    cause: Promise
    remedy: Promise

    def __str__(self) -> str:
        return f"{self.cause} {self.remedy}"


def explain(said: str) -> Explanation | None:
    """Of the first text in it that is known; None for one that nobody has foreseen."""
    for pattern, explanation in _KNOWN:
        if pattern.search(said):
            return explanation
    return None


def explained(said: str) -> str:
    """What was said, and in the active language what it means, if that is known."""
    explanation = explain(said)
    return f"{said}\n{explanation}" if explanation else said


def _row(pattern: str, cause: Promise, remedy: Promise) -> tuple[re.Pattern[str], Explanation]:
    return re.compile(pattern, re.IGNORECASE), Explanation(cause, remedy)


# The first that is found decides: what is special stands before what is general.
_KNOWN = (
    # --- Calls of ours that do not arrive: what a proxy answers, the names of exceptions ---
    _row(
        r"40[17] .*not a Bot API answer|tunnel connection failed: 40[17]|SOCKS5 authentication",
        _("The proxy towards Telegram does not accept the user or the password."),
        _(
            "Correct them in TELEGRAM_PROXY_URL; characters such as @ / : % are written %40 %2F "
            "%3A %25 there."
        ),
    ),
    _row(
        r"Tunnel connection failed: 40[35]|0x02: ",
        _("The proxy is there, and does not let us through to Telegram."),
        _("Allow our address and our user api.telegram.org there, port 443."),
    ),
    _row(
        r"Tunnel connection failed|0x0[13456]: ",
        _("The proxy is there, and does not reach Telegram itself."),
        _("See whether its machine knows the name api.telegram.org and reaches its port 443."),
    ),
    _row(
        r"ProxyError|SOCKS|ProxySchemeUnknown|InvalidProxyURL",
        _("The proxy towards Telegram does not answer."),
        _("See whether it runs, and whether TELEGRAM_PROXY_URL has its scheme, host and port."),
    ),
    _row(
        r"SSLError",
        _("What answers in Telegram's place is not trusted here: something stands in between."),
        _("Look for a proxy that opens TLS, and for the certificates of this system."),
    ),
    _row(
        r"ConnectTimeout|ConnectionError|NewConnectionError|TimeoutError|ReadTimeout",
        _("Telegram cannot be reached from here: the network is away, or it is blocked."),
        _("Where it is blocked set TELEGRAM_PROXY_URL."),
    ),
    # --- setWebhook: https://core.telegram.org/bots/api#setwebhook ---
    _row(
        r"secret token is too long",
        _("The webhook's secret has more than 256 characters."),
        _("Set a shorter TELEGRAM_WEBHOOK_SECRET."),
    ),
    _row(
        r"secret token contains unallowed characters",
        _("The webhook's secret may only have the characters A-Z a-z 0-9 _ -."),
        _("Set another TELEGRAM_WEBHOOK_SECRET."),
    ),
    _row(
        r"invalid webhook URL specified",
        _("Telegram cannot read the webhook's address."),
        _("Correct PUBLIC_URL: https://, the host and at most a port."),
    ),
    _row(
        r"certificate size is too big",
        _("The certificate that was uploaded has more than 3 MB: it is some other file."),
        _("Let TELEGRAM_CERTIFICATE name the certificate alone, as PEM, without the key."),
    ),
    _row(
        r"can be set up only on ports",
        _("Telegram calls webhooks on the ports 443, 80, 88 and 8443 only."),
        _("Have the proxy in front listen on one of these, and put it into PUBLIC_URL."),
    ),
    _row(
        r"an HTTPS URL must be provided",
        _("Telegram calls webhooks by HTTPS only."),
        _("Let PUBLIC_URL begin with https://, and serve it with a certificate."),
    ),
    _row(
        r"is reserved",
        _("The address is that of a private network, or of one machine: it is not reached."),
        _("Let the name of PUBLIC_URL lead to a public IPv4 address."),
    ),
    _row(
        r"IPv6-only addresses are not allowed",
        _("The name has no IPv4 address, and Telegram uses no other."),
        _("Add an A record for the host of PUBLIC_URL."),
    ),
    _row(
        r"invalid IP address specified",
        _("Telegram cannot read the IP address that it was given."),
        _("Run `manage.py telegram setwebhook`: it lets Telegram look up the name."),
    ),
    _row(
        r"failed to resolve host|name or service not known|no address associated",
        _("The name of PUBLIC_URL is not known to Telegram's name servers."),
        _("Correct the name or its A record; a new one may take an hour to be known everywhere."),
    ),
    _row(
        r"terminated by other setWebhook",
        _("Somebody else has set the webhook at the same time."),
        _("See that only one installation has this bot, and set the webhook again."),
    ),
    _row(
        r"terminated by setWebhook request",
        _("A webhook was set while updates were being fetched."),
        _("Choose one way: `setwebhook`, or `poll`."),
    ),
    # --- getUpdates ---
    _row(
        r"can't use getUpdates method while webhook is active",
        _("Updates go to a webhook, so they cannot be fetched as well."),
        _("`manage.py telegram poll` sets the webhook aside while it runs."),
    ),
    _row(
        r"terminated by other getUpdates request",
        _("Another process fetches this bot's updates."),
        _("Stop the other one: each installation needs a bot of its own."),
    ),
    # --- getWebhookInfo, last_error_message: TLS ---
    _row(
        r"certificate verify failed|self[- ]signed certificate|unable to get local issuer",
        _(
            "Telegram does not trust the certificate: another one was uploaded than is served, "
            "its name is not that of PUBLIC_URL, it has expired, or the intermediate ones are "
            "missing."
        ),
        _(
            "`manage.py telegram doctor` says which. With a certificate of one's own set "
            "TELEGRAM_CERTIFICATE and run `setwebhook`; else serve the whole chain "
            "(fullchain.pem)."
        ),
    ),
    _row(
        r"protocol version|unsupported protocol|no protocols available",
        _("The server takes no version of TLS that Telegram speaks: 1.2 or newer."),
        _("Allow TLSv1.2 and TLSv1.3 in the proxy in front."),
    ),
    _row(
        r"wrong version number|http request|packet length too long|unknown protocol",
        _("What answers on this port speaks no TLS."),
        _("Serve HTTPS there (nginx: `listen 443 ssl`), or correct the port of PUBLIC_URL."),
    ),
    _row(
        r"handshake failure|unrecognized name|no shared cipher",
        _("The server breaks off the TLS handshake: it knows no such name, or no common cipher."),
        _("Have the proxy in front serve the host of PUBLIC_URL, with the usual ciphers."),
    ),
    _row(
        r"SSL error|can't create an SSL connection|SSL routines|SSL_",
        _("No TLS connection comes about."),
        _("`manage.py telegram doctor` tries it as Telegram does, and says where it ends."),
    ),
    # --- … HTTP ---
    _row(
        r"wrong response from the webhook: 401",
        _(
            "The product, or what stands in front, asks for a user name and a password, or for "
            "other ones."
        ),
        _(
            "Put them into TELEGRAM_WEBHOOK_URL, restart web and run `manage.py telegram "
            "setwebhook`; or let /telegram/webhook/ pass without: its secret protects it."
        ),
    ),
    _row(
        r"wrong response from the webhook: 403",
        _("The call was refused: the secret is another one, or a firewall does not let it pass."),
        _(
            "Run `manage.py telegram setwebhook` after each change of TELEGRAM_WEBHOOK_SECRET; "
            "let 149.154.160.0/20 and 91.108.4.0/22 pass; where TELEGRAM_SUBNETS is set, let "
            "TRUSTED_PROXIES count the proxies in front."
        ),
    ),
    _row(
        r"wrong response from the webhook: (404|405)",
        _("The address leads to something else than this product."),
        _("Correct PUBLIC_URL, or the proxy in front, and run `manage.py telegram setwebhook`."),
    ),
    _row(
        r"wrong response from the webhook: 3\d\d",
        _("The server redirects, and Telegram does not follow."),
        _("Put the final address into PUBLIC_URL, and run `manage.py telegram setwebhook`."),
    ),
    _row(
        r"wrong response from the webhook: 400",
        _("The product does not answer for this host, or the port speaks plain HTTP."),
        _("Add the host of PUBLIC_URL to ALLOWED_HOSTS, and see that the proxy passes it on."),
    ),
    _row(
        r"wrong response from the webhook: 410",
        _("The address is said to be gone; after 23 hours of that Telegram gives the webhook up."),
        _("Correct the proxy in front: the product never answers so."),
    ),
    _row(
        r"wrong response from the webhook: 413",
        _("The proxy in front takes no bodies of this size."),
        _("Allow 10 MB for /telegram/webhook/, as deploy/nginx.conf does."),
    ),
    _row(
        r"wrong response from the webhook: 429",
        _("The proxy in front limits how often it is called."),
        _("Take the limit from /telegram/webhook/: Telegram sends again, and more."),
    ),
    _row(
        r"wrong response from the webhook: 500",
        _("The product has failed, or the address is that of another one."),
        _("Look at its log, and at *Inbox* in the back office."),
    ),
    _row(
        r"wrong response from the webhook: (502|504)",
        _("The proxy in front does not reach the product, or waits for it in vain."),
        _("See that web runs, and that the proxy has its right address and port."),
    ),
    _row(
        r"wrong response from the webhook: 503",
        _("The product cannot reach its database, or is just being started."),
        _("Look at /readyz and at the log; Telegram sends again by itself."),
    ),
    _row(
        r"wrong response from the webhook",
        _("The webhook has not answered as it should: with 200."),
        _("Look at the logs of the proxy in front and of the product."),
    ),
    _row(
        r"read timeout expired|write timeout expired",
        _("The webhook has not answered within a minute."),
        _("See whether the database is locked or overrun, and how many threads web has."),
    ),
    # --- … network ---
    _row(
        r"connection refused",
        _("The machine is there, but nothing listens on this port."),
        _("Start the proxy in front, or correct the port of PUBLIC_URL."),
    ),
    _row(
        r"connection timed out|no route to host|network is unreachable|connection timeout",
        _("Nobody answers at this address: another network, or a firewall in between."),
        _(
            "Open the port to 149.154.160.0/20 and 91.108.4.0/22, and see that the name leads to "
            "this machine."
        ),
    ),
    _row(
        r"connection reset|broken pipe",
        _("Something breaks the connection off: the service is not reachable from outside."),
        _("Look at the firewall, the router and the proxy in front."),
    ),
    _row(
        r"can't connect to the webhook",
        _("Telegram does not reach the address at all."),
        _("Open its port to the internet, and see that the name leads to this machine."),
    ),
    _row(
        r"connection closed",
        _("The server has hung up before it answered."),
        _("Let the proxy in front keep connections for longer than a minute."),
    ),
    # --- Calls of ours that are refused ---
    _row(
        r"TELEGRAM_BOT_TOKEN is not set",
        _("There is no token, so there is no bot."),
        _("Take it from @BotFather, and set TELEGRAM_BOT_TOKEN."),
    ),
    _row(
        r"Unauthorized|^Not Found$",
        _("Telegram does not know this token: it was mistyped, or taken back."),
        _("Take it from @BotFather again (/token), and set TELEGRAM_BOT_TOKEN."),
    ),
    _row(
        r"too many requests",
        _("Telegram asks to wait."),
        _("Try again after so many seconds."),
    ),
    _row(
        r"chat not found|chat_id is empty",
        _("The bot knows no such chat."),
        _("Take the number of the chat from the back office, and have its people write /start."),
    ),
    _row(
        r"bot was blocked by the user|user is deactivated|can't initiate conversation",
        _("The bot may not write to this person."),
        _("He has to open the bot and press “Start”."),
    ),
    _row(
        r"bot was kicked from|bot is not a member of|group chat was deleted",
        _("The bot is not in this group."),
        _("Add it again."),
    ),
    _row(
        r"not enough rights|have no write access|need administrator rights",
        _("The bot may not write in this chat."),
        _("Give it the right in the settings of the group."),
    ),
)  # fmt: skip
