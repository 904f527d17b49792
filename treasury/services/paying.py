"""From which of the organization's accounts a request is paid: chosen together with the approval of
whoever answers for the payment."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from treasury import rights
from treasury.approval import Approval, decided
from treasury.errors import NotAllowed, NotReady
from treasury.models import ApprovalStage, ApprovalTask, Employee, OwnAccount
from treasury.services import directories
from treasury.workflow import Concern


def choose(
    approval: Approval, task: ApprovalTask, actor: Employee, account: OwnAccount
) -> str | None:
    """Set the account, under the lock of the request; which one it replaces, None when that is it.

    Nobody is asked again, and nobody becomes a maker by it. Raises `NotAllowed`, or `NotReady` when
    the account cannot pay for this request.
    """
    request, before = approval.request, approval.request.own_account
    if before and before.pk == account.pk:
        return None
    if not rights.chooses_account(approval, task, actor):
        raise NotAllowed(_("The paying account is chosen by whoever answers for the payment."))
    if before and _is_approved(approval):
        text = _("Others have approved the payment from %(account)s: change the request instead.")
        raise NotAllowed(text % {"account": before})
    chosen = directories.hold_to_pay(request, account)
    if chosen is None:
        text = _("This account cannot pay for the request: choose another one.")
        raise NotReady(by_field={"own_account": text})
    request.own_account = chosen
    return str(before or "")


def stages_ahead(approval: Approval) -> list[ApprovalStage]:
    """Those that answer for the payment and have not passed."""
    ahead = [*approval.at(ApprovalStage.State.OPEN), *approval.at(ApprovalStage.State.WAITING)]
    return [stage for stage in ahead if stage.concern == Concern.PAYMENT]


def check_chosen(approval: Approval, ahead: Collection[ApprovalStage]) -> None:
    """At none of these stages anybody approves without an account, if the organization has one to
    choose: the others' choice would not be what he has approved.

    Raises `NotReady`.
    """
    request = approval.request
    approved = any(decided(approval.tasks_at(stage)) for stage in ahead)
    if not approved or request.own_account_id:
        return
    if OwnAccount.objects.to_pay(request).exists():
        text = _("Choose the account from which it is paid.")
        raise NotReady(by_field={"own_account": text})


def _is_approved(approval: Approval) -> bool:
    """Whether somebody has already approved the payment as it stands."""
    return any(task.stage.concern == Concern.PAYMENT for task in decided(approval.tasks))
