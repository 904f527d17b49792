"""To what somebody was appointed, in words, as an entry of the journal of accounts keeps it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _


def in_words(data: Mapping[str, Any]) -> str:
    """«budget holder: Production, ООО «Ромашка»», or «Treasurers: all organizations»"""
    organization = data["organization_name"] or _("all organizations")
    if "group" in data:
        return f"{data['name']}: {organization}"
    return _("budget holder: %(department)s, %(organization)s") % {
        "department": data["name"],
        "organization": organization,
    }
