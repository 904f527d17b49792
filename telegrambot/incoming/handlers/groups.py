"""What an administrator sets up in a group: whose requests come there, and whether trouble does."""

from collections.abc import Iterator

from django.db import transaction
from django.utils.translation import gettext as _

from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData, Verb
from telegrambot.content.markup import plain
from telegrambot.incoming.handlers import membership, phrases
from telegrambot.incoming.replies import Reply, instead, once, send, together
from telegrambot.incoming.updates import CallbackQuery, Message
from telegrambot.models import Chat
from telegrambot.places import Place
from telegrambot.projection.news import project_group
from treasury.models import Employee, Organization

_RIGHT = "telegrambot.change_chat"
# Buttons in a message; more are chosen in the back office.
_OFFERED = 50


def alerts(message: Message, employee: Employee, argument: str = "") -> Reply:
    """Begin to tell of trouble in this chat or topic, or end it."""
    if not employee.has_perm(_RIGHT):
        return send(message.place, plain(_("Only an administrator can do that.")))
    chat = membership.open_chat(message.chat)
    ends = chat.alerts and chat.alerts_thread == message.thread_id
    chat.alerts, chat.alerts_thread = not ends, None if ends else message.thread_id
    chat.save(update_fields=["alerts", "alerts_thread"])
    if ends:
        return send(message.place, plain(_("Trouble and news are not told here any more.")))
    return send(message.place, plain(_("Trouble and news are told here. /alerts ends it.")))


def bind(message: Message, employee: Employee) -> Reply:
    """Ask privately whose requests are to come to the group: its members need not know of all."""
    if message.sender is None or not employee.has_perm(_RIGHT):
        return send(message.place, plain(_("Only an administrator can do that.")))
    group = membership.open_chat(message.chat)
    question = _("Whose requests are announced in the group “%(group)s”?") % {"group": group}
    rows = keyboards.options(Verb.BIND, group.pk, _organizations(group))
    asked = send(Place(message.sender.id), plain(question), keyboards.markup(rows))
    return together([asked, once(send(message.place, plain(phrases.answered_privately())), "note")])


def bind_in_private(message: Message, employee: Employee, argument: str) -> Reply:
    return send(message.place, plain(_("Write /bind in the group that it is for.")))


def bound(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """None for what there is not, or for whom it is not his to say."""
    group = Chat.objects.filter(pk=data.target).exclude(kind=Chat.Kind.PRIVATE).first()
    organization = Organization.objects.filter(pk=data.detail).first()
    if group is None or not employee.has_perm(_RIGHT) or (data.detail and not organization):
        return None
    chosen = [organization] if organization else []
    if [*group.organizations.all()] != chosen:
        with transaction.atomic():
            group.organizations.set(chosen)
            project_group(group)
    text = _("No requests are announced in the group “%(group)s”.")
    if organization:
        text = _("Requests of %(organization)s are announced in the group “%(group)s”.")
    said = plain(text % {"group": group, "organization": organization})
    return instead(query, send(query.own_place, said))


def _organizations(group: Chat) -> Iterator[tuple[str, int]]:
    heard_of = set(group.organizations.all())
    for organization in Organization.objects.filter(is_active=True).order_by("name")[:_OFFERED]:
        mark = "● " if organization in heard_of else ""
        yield f"{mark}{organization.name}", organization.pk
    yield _("Nobody's"), 0
