"""Which facts a card shows below what is decided: those that its organization has chosen."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from telegrambot.models import CardLayout
from treasury.errors import Text
from treasury.prepared import Prepared

# In the order in which a card has them, if nobody has chosen.
FIELDS: Mapping[str, Text] = {
    "desired_date": _("Desired date"),
    "cash_flow_item": _("Cash-flow item"),
    "requester": _("Requester"),
    "documents": _("Documents"),
    "own_account": _("Paid from"),
    "vat": _("VAT"),
    "country": _("Country"),
    "number": _("INN or another number of the payee"),
    "invoice": _("Invoice"),
    "contract": _("Contract"),
    "organization": _("Organization"),
    "department": _("Department"),
    "comment": _("Comment"),
}
_LAYOUT = Prepared(lambda organization: CardLayout.objects.filter(organization=organization), int)


def chosen(organization_pk: int) -> tuple[str, ...]:
    """The names of those that the organization's cards show, in their order."""
    layout = _LAYOUT.first(organization_pk)
    names = layout.names if layout else FIELDS
    return tuple(name for name in names if name in FIELDS)
