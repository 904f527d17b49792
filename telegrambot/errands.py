"""What administrators have a worker do about the webhook: asked for in the back office, where no
page may wait for Telegram."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from telegrambot import webhook
from telegrambot.delivery import client
from telegrambot.doctor import registry
from telegrambot.doctor.results import Result, explained, failure, ok
from telegrambot.models import Errand
from telegrambot.redaction import redacted, without_secrets
from treasury.models import Employee

logger = logging.getLogger(__name__)

# Whoever has begun one and has not done it by then was killed. All of them may be done twice.
LEASE = timedelta(minutes=15)
# What nobody could do for so long is done no more: who asked for it has helped himself by then.
LAPSE = timedelta(hours=1)

Told = dict[str, Any]


def ask(act: Errand.Act, employee: Employee, certificate: str = "") -> bool:
    """A worker takes it up within seconds; False while another one is open."""
    try:
        with transaction.atomic():
            Errand.objects.create(
                act=act, asked_by=employee, language=employee.language, certificate=certificate
            )
    except IntegrityError:
        return False
    return True


def to_do() -> list[int]:
    return list(_due().values_list("pk", flat=True))


def carry_out(key: int) -> None:
    """Nothing, if another worker is at it."""
    if not _due().filter(pk=key).update(begun_at=timezone.now()):
        return
    errand = Errand.objects.get(pk=key)
    with translation.override(errand.language):
        findings = list(_found(errand))
        info = _info()
    Errand.objects.filter(pk=key).update(
        findings=findings, info=info, done_at=timezone.now(), is_open=None
    )


def _due() -> QuerySet[Errand]:
    """Begun by nobody, or by somebody who was killed."""
    lost = Q(begun_at__lt=timezone.now() - LEASE)
    return Errand.objects.filter(Q(begun_at=None) | lost, is_open=True)


def _found(errand: Errand) -> Iterator[Told]:
    try:
        if errand.act == Errand.Act.EXAMINE:
            for finding in registry.examine():
                yield _told(str(finding.check.title), finding.result)
        else:
            yield _told(errand.get_act_display(), _done(errand))
    except Exception:
        # The outer edge: it would be begun anew for ever.
        logger.exception("an errand has failed: %s", errand.pk)
        remedy = _("The log of the worker says more.")
        yield _told(errand.get_act_display(), failure(_("It has failed."), remedy))


def _told(title: str, result: Result) -> Told:
    said = without_secrets(result.said)
    return {"title": title, "level": result.level, "said": said, "remedy": result.remedy}


def _done(errand: Errand) -> Result:
    if timezone.now() - errand.asked_at > LAPSE:
        said = _("No worker took it up within an hour, so nothing was done.")
        return failure(said, _("See that a worker runs, and ask once more."))
    try:
        if errand.act == Errand.Act.DELETE:
            client.call_patiently("deleteWebhook")
            return ok(_("The webhook is deleted; waiting updates are kept."))
        complaint = webhook.establish(webhook.TRIED_WITHIN)
    except webhook.Unusable as error:
        return failure(str(error), _("Correct the settings, and ask once more."))
    except client.TelegramError as error:
        return explained(redacted(error))
    if complaint:
        return explained(complaint)
    return ok(_("The webhook is set: %(url)s") % {"url": webhook.url()})


def _info() -> Told:
    """What Telegram knows of the webhook by now; nothing where it does not say."""
    try:
        info = client.call("getWebhookInfo")
    except client.TelegramError:
        return {}
    return {
        name: without_secrets(value) if isinstance(value, str) else value
        for name, value in info.items()
    }
