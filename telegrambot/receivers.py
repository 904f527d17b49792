"""What the channel does when accounts, roles and delegations change elsewhere."""

from collections.abc import Collection

from django.db.models import Model, Q, QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils import translation
from django.utils.translation import gettext as _

from oauth import signals as oauth
from oauth.models import UserToken
from telegrambot import doorbell, menus
from telegrambot.content.markup import plain
from telegrambot.dialogs import engine
from telegrambot.kinds.alert import Subject, report, say
from telegrambot.kinds.answer import withdraw
from telegrambot.kinds.notice import tell_account
from telegrambot.models import Chat
from telegrambot.projection import personal, reminding
from telegrambot.projection.news import (
    show_anew_what_rests_on,
    show_everything_anew,
    show_undecided_anew_to,
)
from treasury import signals as treasury
from treasury import standing
from treasury.models import (
    AccountEvent,
    ApprovalTask,
    Approvers,
    Delegation,
    Department,
    Employee,
    GroupMembership,
    Reminder,
)


def connect() -> None:
    """Once, when the application is ready."""
    listeners = (
        (treasury.journal_grew, _ring),
        (treasury.account_event, _account_event),
        (treasury.journal_proved, _proved),
        (treasury.work_ended, _work_ended),
        (treasury.reminded, _reminded),
        (oauth.linked, _linked),
        (oauth.unlinked, _unlinked),
        (oauth.refused, _refused),
    )
    for signal, listener in listeners:
        signal.connect(listener, dispatch_uid=f"telegrambot{listener.__name__}")
    post_save.connect(_employee_saved, sender=Employee, dispatch_uid="telegrambot.employee")
    for changed in (post_save, post_delete):
        changed.connect(
            _membership_changed, sender=GroupMembership, dispatch_uid="telegrambot.membership"
        )
    m2m_changed.connect(
        _budget_holders_changed,
        sender=Department.budget_holders.through,
        dispatch_uid="telegrambot.budget_holders",
    )
    for model in standing.NAMED_BY:
        uid = f"telegrambot.{model.__name__}"
        post_save.connect(_directory_saved, sender=model, dispatch_uid=uid)
    for through in (Employee.groups.through, Employee.user_permissions.through):
        m2m_changed.connect(
            _permissions_changed, sender=through, dispatch_uid=f"telegrambot.{through.__name__}"
        )


def _directory_saved(*, instance: Model, created: bool, **_facts: object) -> None:
    if not created:
        show_anew_what_rests_on(instance)


def _ring(**_facts: object) -> None:
    doorbell.ring()


def _proved(*, faults: int, first: str, **_facts: object) -> None:
    report(Subject.JOURNAL, faults, first)


def _work_ended(*, text: str, **_facts: object) -> None:
    say(text)


def _reminded(
    *, reminder: Reminder, asked: Collection[tuple[ApprovalTask, int]], **_facts: object
) -> None:
    reminding.tell(reminder, asked)


def _account_event(*, event: AccountEvent, **_facts: object) -> None:
    personal.tell(event)
    personal.show_consent_anew(event)
    if "language" in event.data.get("changes", {}):
        _speak_otherwise(Employee.objects.filter(pk=event.employee_id))


def _speak_otherwise(people: QuerySet[Employee]) -> None:
    telegram_ids = UserToken.objects.telegram_ids(people).values()
    show_everything_anew(Chat.objects.filter(telegram_id__in=telegram_ids))
    menus.offer(people)


def _linked(
    *, employee: Employee, telegram_id: int, previous_telegram_id: int | None, **_facts: object
) -> None:
    show_everything_anew(Chat.objects.filter(telegram_id=telegram_id))
    menus.offer(Employee.objects.filter(pk=employee.pk))
    if previous_telegram_id is None:
        return
    with translation.override(employee.language):
        text = _(
            "Your account has been linked to another Telegram account, and this one has no access "
            "any more. If it was not you, tell the administrator at once."
        )
    tell_account(previous_telegram_id, plain(text))
    _shut(previous_telegram_id)


def _unlinked(*, telegram_id: int, **_facts: object) -> None:
    _shut(telegram_id)


def _refused(*, telegram_id: int, reason: str, **_facts: object) -> None:
    text = _("Signing in has failed. %(reason)s") % {"reason": reason}
    tell_account(telegram_id, plain(text))


def _employee_saved(
    *, instance: Employee, created: bool, update_fields: Collection[str] | None, **_facts: object
) -> None:
    """He may have been switched off, or on again."""
    if created or "is_active" not in (update_fields or ["is_active"]):
        return
    ties = UserToken.objects.filter(kind=UserToken.Kind.TELEGRAM, revoked_at=None)
    for telegram_id in ties.filter(employee=instance).values_list("token", flat=True):
        _shut(int(telegram_id))
    # Nobody decides for one who has left.
    standing_in = Delegation.objects.running().filter(principal=instance)
    show_undecided_anew_to(Employee.objects.filter(pk__in=standing_in.values("deputy")))


def _membership_changed(*, instance: GroupMembership, **_facts: object) -> None:
    _role_changed(ApprovalTask.objects.filter(stage__group=instance.group_id))


def _budget_holders_changed(
    *, instance: Department | Employee, action: str, **_facts: object
) -> None:
    if not action.startswith("post_"):
        return
    tasks = ApprovalTask.objects.filter(stage__approvers=Approvers.BUDGET_HOLDERS)
    of_department = isinstance(instance, Department)
    whose = {"request__department": instance} if of_department else {"employee": instance}
    _role_changed(tasks.filter(**whose))


def _role_changed(tasks: QuerySet[ApprovalTask]) -> None:
    """Some of those who are asked by it may decide no more, or again, and their deputies."""
    asked = tasks.filter(status=ApprovalTask.Status.OPEN).values("employee")
    deputies = Delegation.objects.running().filter(principal__in=asked).values("deputy")
    show_undecided_anew_to(Employee.objects.filter(Q(pk__in=asked) | Q(pk__in=deputies)))


def _permissions_changed(
    *, instance: Employee | Model, action: str, pk_set: Collection[int] | None, **_facts: object
) -> None:
    if action.startswith("post_"):
        people = [instance.pk] if isinstance(instance, Employee) else pk_set or ()
        show_undecided_anew_to(Employee.objects.filter(pk__in=people))
        menus.offer(Employee.objects.filter(pk__in=people))


def _shut(telegram_id: int) -> None:
    """Nothing waits for an answer any more, and every card shows what its reader may see now."""
    engine.end(telegram_id)
    withdraw(telegram_id)
    menus.take_back(telegram_id)
    show_everything_anew(Chat.objects.filter(telegram_id=telegram_id))
