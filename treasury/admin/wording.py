"""Phrases of Django's admin that our catalogue translates instead of Django's own.

Into a Russian sentence Django puts the name of a thing unbent: «Изменить сотрудник», «Организация
был добавлен». Named here they reach our catalogue, which comes before Django's and needs only the
name as it is: «Выбор: этап маршрута». No code asks for this list: `makemessages` has to find it.
Where the phrase is ours to say, the name is bent: «Добавить контрагента».
"""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

PHRASES = (
    gettext_noop("Select %s"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    gettext_noop("The %(name)s “%(obj)s” was deleted successfully."),
    # Django's own is cut off by the narrow column above which it stands.
    gettext_noop("Start typing to filter…"),
)


def accusative(opts: Any) -> str:
    """The name of a model as what is added or changed: «контрагента»."""
    bent = {
        "VAT rate": pgettext("whom or what", "VAT rate"),
        "approval route": pgettext("whom or what", "approval route"),
        "approver group": pgettext("whom or what", "approver group"),
        "bank": pgettext("whom or what", "bank"),
        "cash-flow item": pgettext("whom or what", "cash-flow item"),
        "chat": pgettext("whom or what", "chat"),
        "counterparty": pgettext("whom or what", "counterparty"),
        "counterparty account": pgettext("whom or what", "counterparty account"),
        "delegation": pgettext("whom or what", "delegation"),
        "department": pgettext("whom or what", "department"),
        "employee": pgettext("whom or what", "employee"),
        "member": pgettext("whom or what", "member"),
        "organization": pgettext("whom or what", "organization"),
        "own account": pgettext("whom or what", "own account"),
        "payment request": pgettext("whom or what", "payment request"),
        "ready reason": pgettext("whom or what", "ready reason"),
        "role": pgettext("whom or what", "role"),
        "route stage": pgettext("whom or what", "route stage"),
        "topic": pgettext("whom or what", "topic"),
    }
    return bent.get(opts.verbose_name_raw, str(opts.verbose_name))


def adding(opts: Any) -> str:
    return _("Add %s") % accusative(opts)


def changing(opts: Any) -> str:
    return _("Change %s") % accusative(opts)
