"""What the roles are, in words: for whoever gives them."""

from django.contrib.auth.models import Group
from django.forms import ModelMultipleChoiceField
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

# Of the roles that the migrations make, by their names; a company may add its own.
NOTES = {
    "Бухгалтер": _("prepares and submits payment requests, keeps counterparties and banks"),
    "Согласующий": _("decides on what waits for him; which stages that is, the groups and "
                     "departments say"),
    "Казначей": _("sees all requests, sets the own account, cancels; keeps counterparties and "
                  "own accounts"),
    "Аудитор": _("sees all requests, routes and journals, and changes nothing"),
    "Администратор": _("keeps people, directories and routes, looks after the bot; asks for no "
                       "payment"),
}  # fmt: skip


def note(role: Group) -> str:
    return str(NOTES.get(role.name, ""))


class RolesField(ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Each with what it may do."""

    def label_from_instance(self, obj: Group) -> SafeString:
        return format_html('{} <span class="note">{}</span>', obj.name, note(obj))
