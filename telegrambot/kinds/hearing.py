"""Which groups hear of a request."""

from django.db.models import Q

from telegrambot.models import Chat
from treasury.models import PaymentRequest
from treasury.prepared import Prepared

# The chat itself, if it is a group where requests of the organization or the department come.
_HEARING = Prepared(
    lambda chat, organization, department: Chat.objects.hearing_of(
        organization, department
    ).filter(pk=chat),
    int, int, int,
    columns=("id",),
)  # fmt: skip


def heard_in(chat: Chat) -> Q:
    """Of requests: those that come to the group."""
    organizations, departments = chat.organizations.all(), chat.departments.all()
    return Q(organization__in=organizations) | Q(department__in=departments)


def hears_of(chat: Chat, request: PaymentRequest) -> bool:
    return bool(_HEARING(chat.pk, request.organization_id, request.department_id))
