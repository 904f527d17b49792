"""What an administrator sets up in a group: whose requests come there, and whether trouble does."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData, Verb
from telegrambot.content.markup import listed, plain
from telegrambot.incoming.handlers import membership, phrases
from telegrambot.incoming.replies import Reply, instead, once, send, together
from telegrambot.incoming.updates import CallbackQuery, Message
from telegrambot.models import Chat
from telegrambot.places import Place
from telegrambot.projection.news import project_group
from treasury.admin import history
from treasury.models import Department, Employee, Organization
from treasury.services import pages

_RIGHT = "telegrambot.change_chat"
# Buttons in a message, and characters of what is chosen; more is seen in the back office.
_OFFERED = 50
_LISTED = 2000
# Verb → of what, the field of the group that holds it, and what is done there. A button says what
# it does, and no mere “the other way”: two taps in a hurry are one.
_CHANGES: Mapping[str, tuple[type[Organization | Department], str, str]] = {
    Verb.BIND_SURE: (Organization, "organizations", "add"),
    Verb.UNBIND: (Organization, "organizations", "remove"),
    Verb.BIND_DEPARTMENT_SURE: (Department, "departments", "add"),
    Verb.UNBIND_DEPARTMENT: (Department, "departments", "remove"),
}
# What is asked before: all in the group are to see more than they did.
_SURE: Mapping[str, str] = {
    Verb.BIND: Verb.BIND_SURE,
    Verb.BIND_DEPARTMENT: Verb.BIND_DEPARTMENT_SURE,
}


def may_set_up(employee: Employee) -> bool:
    return employee.has_perm(_RIGHT)


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
    asked = _offer(Place(message.sender.id), membership.open_chat(message.chat))
    return together([asked, once(send(message.place, plain(phrases.answered_privately())), "note")])


def bind_in_private(message: Message, employee: Employee, argument: str) -> Reply:
    return send(message.place, plain(_("Write /bind in the group that it is for.")))


def asked(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """Ask whether all in the group are to see more; what is for nobody is so at once.

    None for what there is not, or for whom it is not his to say.
    """
    if data.verb == Verb.BIND and not data.detail:
        return _change(query, employee, data, None)
    chosen, group = _chosen(_SURE[data.verb], data), _group(employee, data)
    if group is None or chosen is None:
        return None
    text = _("All in the group “%(group)s” will see these requests: %(whose)s. Add them?")
    whose = chosen.full_name if isinstance(chosen, Department) else chosen
    page = _page_of(chosen)
    rows = [
        *keyboards.options(_SURE[data.verb], group.pk, [(_("✅ Yes, add"), chosen.pk)]),
        *keyboards.options(Verb.BINDINGS, group.pk, [(_("← No"), page.pk if page else 0)]),
    ]
    said = plain(text % {"group": group, "whose": whose})
    return instead(query, send(query.own_place, said, keyboards.markup(rows)))


def bound(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """Have the group hear of one more, or of one less; and offer all that again. None as above."""
    chosen = _chosen(data.verb, data)
    return _change(query, employee, data, chosen) if chosen else None


def _change(
    query: CallbackQuery,
    employee: Employee,
    data: CallbackData,
    chosen: Organization | Department | None,
) -> Reply | None:
    """Without any it hears of nobody."""
    group = _group(employee, data)
    if group is None:
        return None
    with transaction.atomic():
        before = _heard(group)
        if chosen:
            _model, field, change = _CHANGES[data.verb]
            getattr(getattr(group, field), change)(chosen)
        else:
            group.organizations.clear()
            group.departments.clear()
        if _heard(group) != before:
            pages.note(group, CHANGE, history.changed(group, before), employee)
            project_group(group)
    return instead(query, _offer(query.own_place, group, _page_of(chosen)))


def _chosen(verb: str, data: CallbackData) -> Organization | Department | None:
    model, _field, _change = _CHANGES[verb]
    return model._default_manager.filter(pk=data.detail).first()


def _page_of(chosen: Organization | Department | None) -> Organization | None:
    """Departments are offered beside those of their organization."""
    return chosen.organization if isinstance(chosen, Department) else None


def turned(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """To the departments of an organization, or back; None as above."""
    group = _group(employee, data)
    organization = Organization.objects.filter(pk=data.detail).first()
    if group is None or (data.detail and organization is None):
        return None
    return instead(query, _offer(query.own_place, group, organization))


def _group(employee: Employee, data: CallbackData) -> Chat | None:
    """That of the button, if he may set it up."""
    groups = Chat.objects.filter(pk=data.target).exclude(kind=Chat.Kind.PRIVATE)
    return groups.first() if employee.has_perm(_RIGHT) else None


def _heard(group: Chat) -> dict[str, list[Any]]:
    departments = group.departments.select_related("organization")
    return {"organizations": [*group.organizations.all()], "departments": [*departments]}


def _offer(place: Place, group: Chat, organization: Organization | None = None) -> Reply:
    """What the group hears of, with the organizations to tap, or the departments of one."""
    prefetch_related_objects([group], "organizations", "departments__organization")
    if organization:
        rows = [*_departments(group, organization)]
        last = keyboards.options(Verb.BINDINGS, group.pk, [(_("← Organizations"), 0)])
    else:
        rows = [*_organizations(group)]
        last = keyboards.options(Verb.BIND, group.pk, [(_("Nobody's"), 0)])
    shown = rows[: _OFFERED - 1]
    lines = [_said(group), "", plain(_("A tap adds; a tap on what has a dot takes it away."))]
    if organization in group.organizations.all():
        text = _("All requests of %(organization)s come there already.")
        lines.append(plain(text % {"organization": organization}))
    if len(rows) > len(shown):
        lines.append(plain(_("There is no room for more: the rest is chosen in the back office.")))
    return send(place, "\n".join(lines), keyboards.markup([*shown, *last]))


def _said(group: Chat) -> str:
    names = group.bound_to()
    if not names:
        text = _("No requests are announced in the group “%(group)s”.")
        return plain(text % {"group": group})
    text = _("The requests that are announced in the group “%(group)s” are those of:")
    return f"{plain(text % {'group': group})}\n{listed(names, _LISTED)}"


def _organizations(group: Chat) -> Iterator[keyboards.Row]:
    inside = {department.organization_id for department in group.departments.all()}
    with_departments = set(
        _offered(Department.objects, group).values_list("organization", flat=True)
    )
    for organization in _offered(Organization.objects, group).order_by("name")[:_OFFERED]:
        is_heard = organization in group.organizations.all()
        yield _toggle(group, organization, is_heard, Verb.BIND, Verb.UNBIND)
        if organization.pk in with_departments:
            label = _("Departments of %(organization)s") % {"organization": organization}
            mark = "● " * (organization.pk in inside)
            yield from keyboards.options(
                Verb.BINDINGS, group.pk, [(f"{mark}{label}", organization.pk)]
            )


def _departments(group: Chat, organization: Organization) -> Iterator[keyboards.Row]:
    offered = _offered(organization.departments, group).order_by("name")
    for department in offered[:_OFFERED]:
        is_heard = department in group.departments.all()
        yield _toggle(group, department, is_heard, Verb.BIND_DEPARTMENT, Verb.UNBIND_DEPARTMENT)


def _toggle(
    group: Chat, row: Organization | Department, is_heard: bool, add: str, remove: str
) -> keyboards.Row:
    verb, mark = (remove, "● ") if is_heard else (add, "")
    [button] = keyboards.options(verb, group.pk, [(f"{mark}{row}", row.pk)])
    return button


def _offered(rows: Any, group: Chat) -> QuerySet[Any]:
    """What is in use, and what the group hears of all the same."""
    return rows.filter(Q(is_active=True) | Q(chats=group)).distinct()  # type: ignore[no-any-return]
