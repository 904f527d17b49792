"""Phrases of Django's admin that our catalogue translates instead of Django's own.

Into a Russian sentence Django puts the name of a thing unbent: «Изменить сотрудник», «Организация
был добавлен». Named here they reach our catalogue, which comes before Django's and needs only the
name as it is: «Изменение: сотрудник». No code asks for this list: `makemessages` has to find it.
"""

from django.utils.translation import gettext_noop

PHRASES = (
    gettext_noop("Add %s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Select %s"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
    gettext_noop("Add %(name)s"),
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    gettext_noop("The %(name)s “%(obj)s” was deleted successfully."),
    # Django's own is cut off by the narrow column above which it stands.
    gettext_noop("Start typing to filter…"),
)
