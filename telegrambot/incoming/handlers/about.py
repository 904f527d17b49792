"""What a person may ask about himself: who he is here, and why a request came to him."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from telegrambot.content.markup import bold, listed, plain
from telegrambot.incoming.handlers import finding, phrases
from telegrambot.incoming.replies import Reply, send
from telegrambot.incoming.updates import Message
from telegrambot.projection.deputies import told_to_deputy, told_to_principal
from treasury import explanation
from treasury.approval import read
from treasury.models import Delegation, Employee, RouteStage

# Characters: three such blocks fit into a message, with their headings and the person's name.
_BLOCK_LENGTH = 1100


def whoami(message: Message, employee: Employee, argument: str) -> Reply:
    blocks = [
        "\n".join(
            [
                bold(employee.get_full_name()),
                *(plain(line) for line in (employee.email, employee.phone) if line),
            ]
        ),
        _block(_("Roles"), _roles(employee)),
        _block(_("Stages at which you decide"), _stages(employee)),
        _block(_("Delegations"), _delegations(employee)),
    ]
    return send(message.place, "\n\n".join(filter(None, blocks)))


def why(message: Message, employee: Employee, argument: str) -> Reply:
    """Why a request came to him. Of several with the same digits the number decides."""
    if not argument:
        return send(message.place, _how_to_ask(employee))
    found = finding.by_number(employee, argument)
    if not found:
        return send(message.place, plain(phrases.not_found()))
    if len(found) > 1:
        numbers = ", ".join(request.number for request in found)
        text = _("Which of them? Give the whole number: %(numbers)s") % {"numbers": numbers}
        return send(message.place, plain(text))
    [request] = found
    reasons = explanation.why(read(request), employee) or [
        _("You have not been asked to decide on it.")
    ]
    return send(message.place, _block(request.number, reasons))


def _how_to_ask(employee: Employee) -> str:
    """Who chooses the command in a menu cannot give a number with it, nor have it in mind."""
    how = _("Give the number, for example /why 17")
    numbers = ", ".join(request.number for request in finding.newest(employee))
    newest = _("The newest requests: %(numbers)s") % {"numbers": numbers}
    return plain(f"{how}\n{newest}" if numbers else how)


def _block(heading: str, lines: Iterable[str]) -> str:
    text = listed(lines, _BLOCK_LENGTH)
    return f"{bold(heading)}\n{text}" if text else ""


def _roles(employee: Employee) -> list[str]:
    """What he holds in approvals, and what he may do in the back office."""
    departments = employee.departments.filter(is_active=True).select_related("organization")
    memberships = employee.memberships.select_related("group", "organization")
    everywhere = _("all organizations")
    return [
        *(
            _("Budget holder: %(department)s, %(organization)s")
            % {"department": department.name, "organization": department.organization.name}
            for department in departments
        ),
        *(
            f"{member.group.name}: {member.organization or everywhere}"
            for member in memberships.order_by("group__name", "organization__name")
        ),
        *(
            _("In the back office: %(role)s") % {"role": name}
            for name in employee.groups.values_list("name", flat=True)
        ),
    ]


def _stages(employee: Employee) -> list[str]:
    """The stages of the routes in use that ask for one of his roles."""
    # (group or None for a budget holder, organization or None for all): primary keys.
    held: set[tuple[int | None, int | None]] = {
        *((None, organization) for organization in _organizations(employee)),
        *employee.memberships.values_list("group", "organization"),
    }
    stages = RouteStage.objects.filter(route__is_active=True).select_related("route")
    return [
        f"{stage.route}: {stage.position}. {stage}"
        for stage in stages.order_by("route__name", "position")
        if any(_is_asked(stage, group, organization) for group, organization in held)
    ]


def _organizations(employee: Employee) -> Iterable[int]:
    return employee.departments.filter(is_active=True).values_list("organization", flat=True)


def _is_asked(stage: RouteStage, group: int | None, organization: int | None) -> bool:
    place = stage.route.organization_id
    return stage.group_id == group and (None in (place, organization) or place == organization)


def _delegations(employee: Employee) -> list[str]:
    concerning = Delegation.objects.not_over().concerning(employee).order_by("since")
    scope = ("principal", "deputy", "organization", "stage__route")
    return [
        told_to_principal(delegation)
        if delegation.principal_id == employee.pk
        else told_to_deputy(delegation)
        for delegation in concerning.select_related(*scope)
    ]
