from treasury.models.approvals import ApprovalStage, ApprovalTask, Decision
from treasury.models.backups import Hold, LastBackup
from treasury.models.calendar import CalendarDay
from treasury.models.comments import Comment
from treasury.models.consents import RequesterConsent
from treasury.models.counterparties import Counterparty, CounterpartyAccount
from treasury.models.delegations import Delegation
from treasury.models.journal import AccountEvent, Event, JournalEnd, RouteEvent
from treasury.models.organizations import (
    Bank,
    CashFlowItem,
    Currency,
    Department,
    Employee,
    Organization,
    OwnAccount,
    VatRate,
)
from treasury.models.reading import PaymentRequestQuerySet
from treasury.models.reminders import Reminder
from treasury.models.requests import (
    Attachment,
    NumberSequence,
    PaymentRequest,
    Priority,
)
from treasury.models.revisions import Revision
from treasury.models.routes import (
    ApprovalRoute,
    ApproverGroup,
    Approvers,
    GroupMembership,
    Quorum,
    RouteStage,
    SamePerson,
)
from treasury.models.uploads import Upload

__all__ = [
    "AccountEvent",
    "ApprovalRoute",
    "ApprovalStage",
    "ApprovalTask",
    "ApproverGroup",
    "Approvers",
    "Attachment",
    "Bank",
    "CalendarDay",
    "CashFlowItem",
    "Comment",
    "Counterparty",
    "CounterpartyAccount",
    "Currency",
    "Decision",
    "Delegation",
    "Department",
    "Employee",
    "Event",
    "GroupMembership",
    "Hold",
    "JournalEnd",
    "LastBackup",
    "NumberSequence",
    "Organization",
    "OwnAccount",
    "PaymentRequest",
    "PaymentRequestQuerySet",
    "Priority",
    "Quorum",
    "Reminder",
    "RequesterConsent",
    "Revision",
    "RouteEvent",
    "RouteStage",
    "SamePerson",
    "Upload",
    "VatRate",
]
