"""The payment request and its documents."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from treasury import search
from treasury.models.counterparties import Counterparty, CounterpartyAccount
from treasury.models.organizations import (
    CashFlowItem,
    Currency,
    Department,
    Employee,
    Organization,
    OwnAccount,
    VatRate,
)
from treasury.models.reading import NUMBER_END, PaymentRequestQuerySet
from treasury.models.rules import at_once
from treasury.prepared import Prepared
from treasury.validators import PURPOSE_MAX_LENGTH, validate_purpose
from treasury.workflow import PaymentStatus, Status

# What the first entry of a journal follows.
GENESIS = "0" * 64
# In what a word is looked for. What is likely to have it comes first: of each row the others are
# then not compared.
SEARCHED = (
    "purpose__finds", "number__finds", "invoice_number__finds", "counterparty__name__finds",
    "counterparty__inn__finds", "counterparty__kio__finds", "counterparty__tax_number__finds",
)  # fmt: skip


class Priority(models.TextChoices):
    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


class NumberSequence(models.Model):
    """The last request number of an organization in a year."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="sequences")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint("organization", "year", name="one_sequence_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}/{self.year}: {self.last}"


class PaymentRequest(models.Model):
    # Its columns as the database has them, of a locked one: see `treasury.journal`.
    stored: Mapping[str, Any] = MappingProxyType({})

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    # Without an index of their own are those with which an index below begins.
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="requests", db_index=False,
        verbose_name=_("organization"),
    )  # fmt: skip
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="requests", db_index=False,
        verbose_name=_("department"),
    )  # fmt: skip
    cash_flow_item = models.ForeignKey(
        CashFlowItem, models.PROTECT, related_name="requests", verbose_name=_("cash-flow item")
    )
    counterparty = models.ForeignKey(
        Counterparty, models.PROTECT, related_name="requests", db_index=False,
        verbose_name=_("counterparty"),
    )  # fmt: skip
    counterparty_account = models.ForeignKey(
        CounterpartyAccount, models.PROTECT, related_name="requests",
        verbose_name=_("counterparty account"),
    )  # fmt: skip
    own_account = models.ForeignKey(
        OwnAccount, models.PROTECT, related_name="requests", null=True, blank=True,
        verbose_name=_("own account"),
    )  # fmt: skip
    amount = models.DecimalField(
        _("amount"),
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    currency = models.CharField(
        _("currency"), max_length=3, choices=Currency.choices, default=Currency.RUB
    )
    vat_rate = models.ForeignKey(
        VatRate, models.PROTECT, related_name="+", verbose_name=_("VAT rate")
    )
    vat_amount = models.DecimalField(
        _("VAT"), max_digits=18, decimal_places=2, default=Decimal("0.00"),
        validators=[MinValueValidator(Decimal("0.00"))],
    )  # fmt: skip
    purpose = models.CharField(
        _("purpose"), max_length=PURPOSE_MAX_LENGTH, validators=[validate_purpose]
    )
    invoice_number = models.CharField(_("invoice number"), max_length=60, blank=True)
    invoice_date = models.DateField(_("invoice date"), null=True, blank=True)
    contract = models.CharField(
        _("contract"), max_length=120, blank=True, help_text=_("Number and date.")
    )
    desired_date = models.DateField(_("desired date"))
    priority = models.CharField(
        _("priority"), max_length=10, choices=Priority.choices, default=Priority.NORMAL
    )
    comment = models.TextField(_("comment"), max_length=1000, blank=True)
    author = models.ForeignKey(
        Employee, models.PROTECT, related_name="authored_requests", db_index=False,
        editable=False, verbose_name=_("author"),
    )  # fmt: skip
    requester = models.ForeignKey(
        Employee, models.PROTECT, related_name="requested", db_index=False,
        verbose_name=_("requester"),
        help_text=_("Who asked for the payment; hears the outcome."),
    )  # fmt: skip
    # The keys of the others who have changed what is paid: whoever makes does not decide.
    makers = models.JSONField(default=list, editable=False)
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, related_name="copies", null=True, blank=True, editable=False,
        verbose_name=_("copied from"),
    )  # fmt: skip
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    stage = models.ForeignKey(
        "treasury.ApprovalStage", models.SET_NULL, related_name="+", null=True, blank=True,
        editable=False, verbose_name=_("open stage"),
    )  # fmt: skip
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    # What is being approved, or was; none while the request is prepared or reworked.
    snapshot = models.ForeignKey(
        "treasury.Revision", models.PROTECT, related_name="+", null=True, editable=False,
        db_index=False,
    )  # fmt: skip
    payment_status = models.CharField(
        _("payment"), max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.NONE,
        editable=False,
    )  # fmt: skip
    # Of the page whose form made it: sent twice, even at once, it makes one.
    form_token = models.UUIDField(null=True, editable=False)
    # The end of the request's chain in the journal: a tail that was cut off would show.
    journal_length = models.PositiveIntegerField(default=0, editable=False)
    journal_hash = models.CharField(max_length=64, default=GENESIS, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = PaymentRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment request")
        verbose_name_plural = _("payment requests")
        ordering = ["-id"]
        permissions = [
            ("cancel_paymentrequest", "Can cancel an approved request"),
            ("reassign_task", "Can reassign anyone's approval task"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="request_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(vat_amount__gte=0) & Q(vat_amount__lt=F("amount")),
                name="request_vat_is_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="request_status_is_known"
            ),
            # A request is in approval exactly when a stage of it is open.
            models.CheckConstraint(
                condition=Q(status=Status.IN_APPROVAL, stage__isnull=False)
                | (~Q(status=Status.IN_APPROVAL) & Q(stage__isnull=True)),
                name="request_has_a_stage_in_approval",
            ),
            # What is asked of approvers stands written.
            models.CheckConstraint(
                condition=Q(status__in=[Status.DRAFT, Status.RETURNED], snapshot__isnull=True)
                | Q(
                    status__in=[Status.IN_APPROVAL, Status.APPROVED, Status.DECLINED],
                    snapshot__isnull=False,
                )
                | Q(status=Status.CANCELLED),
                name="request_has_a_snapshot_in_approval",
            ),
            # Money moves only on what was approved.
            models.CheckConstraint(
                condition=Q(payment_status=PaymentStatus.NONE) | Q(status=Status.APPROVED),
                name="request_is_paid_only_when_approved",
            ),
            models.UniqueConstraint("author", "form_token", name="request_once_of_a_form"),
        ]
        indexes = [
            # The request list filters by these and shows the newest first.
            models.Index(fields=["status", "-id"], name="request_by_status"),
            models.Index(fields=["organization", "-id"], name="request_by_organization"),
            models.Index(
                fields=["organization", "status", "-id"], name="request_by_organization_status"
            ),
            models.Index(fields=["department", "-id"], name="request_by_department"),
            # … and the payees that a search has found; the form asks for the last one of a payee.
            models.Index(fields=["counterparty", "-id"], name="request_by_counterparty"),
            # Who may read a request because he asked for it: `visible_to`, «I am the author».
            models.Index(fields=["author", "-id"], name="request_by_author"),
            models.Index(fields=["requester", "-id"], name="request_by_requester"),
            # The first page counts a person's own by status.
            models.Index(fields=["author", "status"], name="request_by_author_status"),
            # The list sorted by a column, the newest first among equals; a few equals are sorted
            # when they are read, so that one index serves both directions. Of a status are many.
            models.Index(fields=["-status", "-id"], name="request_by_status_backward"),
            models.Index(fields=["amount", "id"], name="request_by_amount"),
            models.Index(fields=["desired_date", "id"], name="request_by_desired_date"),
            # What is approved and not yet on its way: the first page of those who pay.
            models.Index(
                fields=["desired_date", "id"],
                condition=Q(
                    status=Status.APPROVED,
                    payment_status__in=[PaymentStatus.NONE, PaymentStatus.FAILED],
                ),
                name="request_to_pay",
            ),
            # What was paid in a week.
            models.Index(
                fields=["updated_at"],
                condition=Q(payment_status=PaymentStatus.PAID),
                name="request_paid_lately",
            ),
            # `/request 17` in the chat.
            models.Index(NUMBER_END, name="request_by_number_end"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        return [(model, at_once(rules)) for model, rules in super().get_constraints()]

    def clean(self) -> None:
        """What several fields must agree on; every problem is said at its field."""
        problems: dict[str, Any] = {}
        if self.department_id and self.department.organization_id != self.organization_id:
            problems["department"] = _("This department belongs to another organization.")
        if self.counterparty_account_id:
            account = self.counterparty_account
            if account.counterparty_id != self.counterparty_id:
                problems["counterparty_account"] = _(
                    "This account belongs to another counterparty."
                )
            elif account.currency != self.currency:
                problems["currency"] = _("The counterparty's account is in %(code)s.") % {
                    "code": account.currency
                }
        if self.own_account_id and self.own_account:
            if self.own_account.organization_id != self.organization_id:
                problems["own_account"] = _("This account belongs to another organization.")
            elif self.own_account.currency != self.currency:
                problems["own_account"] = _("This account is in %(code)s.") % {
                    "code": self.own_account.currency
                }
        if self.amount is not None and self.vat_amount and self.vat_amount >= self.amount:
            problems["vat_amount"] = _("VAT must be less than the amount.")
        if problems:
            raise ValidationError(problems)

    @classmethod
    def found_by(cls, text: str) -> Q:
        """Every word is found in it, or it has this amount or short number."""
        wanted = search.with_amounts(text, model=cls, fields=SEARCHED, amount="amount")
        if text.isdecimal() and len(text) < search.INDEXED:
            wanted |= Q(pk__in=cls.objects.ending_with(text).values("pk"))
        return wanted

    @property
    def asked_by(self) -> set[int]:
        """The pks of those who ask for the money, as `acting.asks`."""
        return {self.author_id, self.requester_id}

    @property
    def asking(self) -> set[int]:
        """The pks of those who ask for the money or have changed what is paid, and so never decide
        whether it is."""
        return self.asked_by | {*self.makers}

    @property
    def is_urgent(self) -> bool:
        """Whether it is to be decided before the others."""
        return self.priority == Priority.HIGH

    @property
    def documents(self) -> "models.QuerySet[Attachment]":
        return self.attachments.filter(removed_at=None)

    def document_names(self) -> dict[str, str]:
        """By the SHA-256 in hex."""
        return {document.sha256: document.name for document in _NAMED(self.pk)}


class Stored(Protocol):
    sha256: str


def attachment_path(stored: Stored, name: str) -> str:
    """By content, so that a name cannot leave the folder; each its own, so that none is shared."""
    suffix = "." + name.rsplit(".", 1)[-1].lower() if "." in name else ""
    safe = suffix if suffix[1:].isalnum() and len(suffix) <= 6 else ""
    sha256 = stored.sha256
    return f"attachments/{sha256[:2]}/{sha256}-{secrets.token_hex(4)}{safe}"


def sha256_of(file: "File[bytes]") -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


class Attachment(models.Model):
    """A document of a request. A removed one stays, for whoever reads the journal."""

    request = models.ForeignKey(
        PaymentRequest, models.CASCADE, related_name="attachments", verbose_name=_("request")
    )
    file = models.FileField(_("file"), upload_to=attachment_path, max_length=200)
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveBigIntegerField(_("size"), help_text=_("Bytes."))
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["id"]
        constraints = [
            # The same file twice on one request is a slip of the hand.
            models.UniqueConstraint(
                "request", "sha256", condition=Q(removed_at=None), name="document_once_on_request"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="document_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


_NAMED = Prepared(
    lambda request: Attachment.objects.filter(request=request, removed_at=None),
    int,
    columns=("id", "sha256", "name"),
)
