"""A certificate of one's own for the webhook."""

from argparse import ArgumentParser
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from telegrambot import certificates, webhook
from telegrambot.management.subcommands.base import Options, Subcommand

DAYS = 3650
CERTIFICATE, KEY, PFX = "webhook.pem", "webhook.key", "webhook.pfx"


def _asks(parser: ArgumentParser) -> None:
    parser.add_argument(
        "host",
        nargs="?",
        help="a domain or an IPv4 address; that of the webhook's address if none is given",
    )
    parser.add_argument("--days", type=int, default=DAYS, help=f"for which it is valid ({DAYS})")
    parser.add_argument(
        "--folder", type=Path, default=settings.VAR_DIR / "tls", help="where the files are put"
    )
    parser.add_argument("--pfx", action="store_true", help="both in one file too, for IIS")
    parser.add_argument("--force", action="store_true", help="replace files that are there")


def make(command: BaseCommand, options: Options) -> None:
    folder: Path = options["folder"]
    host = options["host"] or urlsplit(webhook.url()).hostname or ""
    if options["days"] < 1:
        raise CommandError(_("A certificate is valid for a day at least."))
    try:
        pair = certificates.make(host, options["days"])
    except certificates.Refused:
        raise CommandError(
            _("Neither a domain nor an IPv4 address: %(host)s") % {"host": host}
        ) from None
    files = {CERTIFICATE: pair.certificate_pem, KEY: pair.key_pem}
    password = certificates.new_password()
    if options["pfx"]:
        files[PFX] = pair.pfx(password)
    try:
        certificates.write(folder, files, force=options["force"])
    except FileExistsError as exc:
        raise CommandError(
            _("There already: %(files)s; --force replaces them.") % {"files": exc}
        ) from exc
    except OSError as exc:
        raise CommandError(f"{folder}: {exc.strerror}") from exc
    for name in files:
        command.stdout.write(str(folder / name))
    if options["pfx"]:
        command.stdout.write(
            _("The password of %(file)s: %(password)s") % {"file": PFX, "password": password}
        )
    command.stdout.write(
        _(
            "Have the proxy in front serve it, set TELEGRAM_CERTIFICATE=%(path)s and run "
            "`manage.py telegram setwebhook`."
        )
        % {"path": folder / CERTIFICATE}
    )


ALL = (Subcommand("certificate", "make a self-signed certificate for the webhook", make, _asks),)
