"""Who pays and who works there: employees, organizations, their accounts and departments."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from treasury.countries import RUSSIA
from treasury.labels import Labelled, labelled
from treasury.models.facts import DirectoryRow, FixedFacts
from treasury.sorting import BY_NAME
from treasury.validators import (
    account_currency,
    bic_country,
    check_account_key,
    check_kpp_of_person,
    compact_bic,
    validate_account_number,
    validate_bic,
    validate_bik,
    validate_inn,
    validate_kpp,
    validate_party_name,
)

if TYPE_CHECKING:
    from treasury.models.requests import PaymentRequest


class EmployeeManager(BaseUserManager["Employee"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Employee":
        employee = self.model(email=self.normalize_email(email).lower(), **fields)
        employee.set_password(password)
        employee.save()
        return employee

    def create_superuser(self, email: str, password: str | None, **fields: Any) -> "Employee":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "Employee":
        return self.get(email__iexact=username)


class Employee(AbstractBaseUser, PermissionsMixin):
    """A person of the company; the e-mail address ties the log-in, Google and Telegram together."""

    class Language(models.TextChoices):
        RU = "ru", _("Russian")
        EN = "en", _("English")

    email = models.EmailField(_("e-mail"), unique=True)
    last_name = models.CharField(_("last name"), max_length=80, db_collation=BY_NAME)
    first_name = models.CharField(_("first name"), max_length=80, db_collation=BY_NAME)
    patronymic = models.CharField(_("patronymic"), max_length=80, db_collation=BY_NAME, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=Language.choices, default=Language.RU
    )
    # Given by himself, and taken back by himself.
    phone = models.CharField(
        _("telephone"), max_length=16, blank=True, default="", db_default="", editable=False
    )
    is_active = models.BooleanField(_("works here"), default=True)
    is_staff = models.BooleanField(_("may enter the back office"), default=False)
    date_joined = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    objects = EmployeeManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["last_name", "first_name"]

    class Meta:
        verbose_name = _("employee")
        verbose_name_plural = _("employees")
        ordering = ["last_name", "first_name"]
        constraints = [
            # One address is one person, however it was typed.
            models.UniqueConstraint(
                Lower("email"),
                name="employee_email_is_one_person",
                violation_error_message=_("There is an employee with this e-mail already."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        return " ".join(filter(None, [self.last_name, self.first_name, self.patronymic]))

    def get_short_name(self) -> str:
        """«Б. Орлов»: enough for a card, where space is dear."""
        return f"{self.first_name[:1]}. {self.last_name}"

    def get_session_auth_hash(self) -> str:
        """A session ends with the password or the address by which it was begun."""
        of_password = super().get_session_auth_hash()
        return salted_hmac("treasury.session", f"{of_password}{self.email}").hexdigest()

    @cached_property
    def is_asked(self) -> bool:
        """Whether he decides anything: by the routes, by a colleague's wish, or for an absent one.

        Kept, as every page of the back office asks it several times for its navigation.
        """
        ties = (self.memberships, self.departments, self.tasks, self.deputising)
        found = reduce(or_, (Exists(tie.all()) for tie in ties))
        return Employee.objects.filter(found, pk=self.pk).exists()


class Bank(DirectoryRow):
    """In Russia it is known by its БИК, abroad by its SWIFT, whose letters also say where."""

    FIXED = ("bik", "swift", "correspondent_account")

    # Of the two one is null, and not empty: so each is there once, by an index without condition,
    # which `load_banks` needs.
    bik = models.CharField(
        _("BIK"), max_length=9, unique=True, null=True, blank=True, validators=[validate_bik],
        help_text=_("Of a bank in Russia."),
    )  # fmt: skip
    swift = models.CharField(
        _("SWIFT"), max_length=11, unique=True, null=True, blank=True, validators=[validate_bic],
        help_text=_("Of a bank abroad; also called BIC."),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=160, db_collation=BY_NAME)
    city = models.CharField(_("city"), max_length=80, blank=True)
    correspondent_account = models.CharField(
        _("correspondent account"), max_length=20, blank=True,
        validators=[validate_account_number], help_text=_("Of a bank in Russia."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("bank")
        verbose_name_plural = _("banks")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(bik__isnull=False, swift=None)
                | Q(bik=None, swift__isnull=False, correspondent_account=""),
                name="bank_has_a_bik_or_a_swift",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.bik or self.swift})"

    @property
    def is_abroad(self) -> bool:
        return bool(self.swift)

    @property
    def code(self) -> Labelled:
        """By what it is known."""
        return labelled(self, "swift" if self.is_abroad else "bik")

    def is_relied_on(self) -> bool:
        """Whether a request that names an account at this bank was ever submitted."""
        accounts = (self.counterpartyaccounts, self.ownaccounts)
        return any(rows.filter(requests__revision__gt=0).exists() for rows in accounts)

    def clean(self) -> None:
        self.swift = compact_bic(self.swift or "") or None
        super().clean()

    def check_facts(self) -> None:
        problems: dict[str, Any] = {}
        if not self.bik and not self.swift:
            problems["bik"] = _("Fill in the BIK; of a bank abroad the SWIFT.")
        if self.swift and bic_country(self.swift) == RUSSIA:
            problems["swift"] = _("This bank is in Russia: fill in its BIK instead.")
        elif self.swift and self.bik:
            problems["swift"] = _("A bank in Russia is known by its BIK: leave this empty.")
        elif self.swift and self.correspondent_account:
            problems["correspondent_account"] = _("A bank abroad has none here: leave this empty.")
        if problems:
            raise ValidationError(problems)
        if self.correspondent_account and self.bik:
            check_account_key(self.correspondent_account, self.bik)


class Currency(models.TextChoices):
    RUB = "RUB", _("Russian rouble")
    USD = "USD", _("US dollar")
    EUR = "EUR", _("Euro")
    CNY = "CNY", _("Chinese yuan")


class Organization(FixedFacts):
    FIXED = ("code",)
    WHY_FIXED = _("Numbers of requests begin with this code already, so it stays.")

    name = models.CharField(
        _("name"), max_length=160, db_collation=BY_NAME, validators=[validate_party_name]
    )
    code = models.CharField(
        _("code"), max_length=6, unique=True, help_text=_("Begins the numbers of its requests.")
    )
    inn = models.CharField(_("INN"), max_length=12, unique=True, validators=[validate_inn])
    kpp = models.CharField(_("KPP"), max_length=9, blank=True, validators=[validate_kpp])
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def is_relied_on(self) -> bool:
        """Whether a request has got a number of this organization."""
        return self.sequences.exists()

    def clean(self) -> None:
        super().clean()
        check_kpp_of_person(self.inn, self.kpp)


class BankAccount(DirectoryRow):
    """What our accounts and the counterparties' have in common."""

    bank = models.ForeignKey(
        Bank, models.PROTECT, related_name="%(class)ss", verbose_name=_("bank")
    )
    number = models.CharField(_("number"), max_length=20, validators=[validate_account_number])
    currency = models.CharField(
        _("currency"), max_length=3, choices=Currency.choices, default=Currency.RUB
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.number}, {self.bank.name}"

    def get_short_name(self) -> str:
        """«…0013, ПАО Сбербанк»: how people tell one account from another."""
        return f"…{self.number[-4:]}, {self.bank.name}"

    def check_facts(self) -> None:
        if not self.bank_id or not self.number:
            return
        try:
            carried = self._carried_currency()
        except ValidationError as problem:
            raise ValidationError({"number": problem}) from problem
        if carried not in ("", self.currency):
            raise ValidationError(
                {"currency": _("The account number is of a %(code)s account.") % {"code": carried}}
            )

    def _carried_currency(self) -> str:
        """What digits 6-8 of the number say, or nothing. Its key must fit the bank: else raises."""
        check_account_key(self.number, self.bank.bik or "")
        return account_currency(self.number)


class OwnAccountQuerySet(models.QuerySet["OwnAccount"]):
    def to_pay(self, request: "PaymentRequest") -> "OwnAccountQuerySet":
        """Those from which the request can be paid: the organization's, in its currency, in use."""
        fitting = self.filter(organization=request.organization_id, currency=request.currency)
        return fitting.in_use()

    def in_use(self) -> "OwnAccountQuerySet":
        return self.filter(is_active=True, bank__is_active=True)


class OwnAccount(BankAccount):
    FIXED = ("number", "bank", "currency", "organization")

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="accounts", verbose_name=_("organization")
    )

    objects = OwnAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("own account")
        verbose_name_plural = _("own accounts")
        ordering = ["organization", "number"]
        constraints = [
            # Of another organization it may be once more: so a wrong one is corrected.
            models.UniqueConstraint(
                "bank", "number", "organization", name="own_account_once",
                violation_error_message=_("There is this account already."),
            ),
        ]  # fmt: skip

    def check_facts(self) -> None:
        if self.bank_id and self.bank.is_abroad:
            text = _("Our accounts are at banks in Russia: choose one with a BIK.")
            raise ValidationError({"bank": text})
        super().check_facts()


class Department(DirectoryRow):
    FIXED = ("organization",)

    # No index of its own: the constraint's begins with it.
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="departments", db_index=False,
        verbose_name=_("organization"),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=120, db_collation=BY_NAME)
    budget_holders = models.ManyToManyField(
        Employee, related_name="departments", blank=True, verbose_name=_("budget holders")
    )
    head = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("head"),
        help_text=_("Hears of it when a request waits here beyond its deadline."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["organization", "name"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                "name",
                name="department_name_in_organization",
                violation_error_message=_("The organization has such a department already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """«Производство, ООО «Ромашка»»: where those of several organizations stand together."""
        return f"{self.name}, {self.organization}"


class CashFlowItem(models.Model):
    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("cash-flow item")
        verbose_name_plural = _("cash-flow items")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class VatRate(models.Model):
    """A VAT rate and the days on which it holds: the general rate is 22 % from 2026."""

    name = models.CharField(_("name"), max_length=40)
    percent = models.DecimalField(
        _("percent"), max_digits=4, decimal_places=2, null=True, blank=True,
        help_text=_("Empty: the payment is not subject to VAT."),
    )  # fmt: skip
    since = models.DateField(_("valid from"), null=True, blank=True)
    until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("VAT rate")
        verbose_name_plural = _("VAT rates")
        ordering = ["-percent"]

    def __str__(self) -> str:
        return self.name

    def holds_on(self, day: date) -> bool:
        begun = self.since is None or self.since <= day
        return begun and (self.until is None or day <= self.until)

    def included_in(self, amount: Decimal) -> Decimal:
        """The VAT inside a gross amount; half a kopeck is a whole one, as the form counts too."""
        if not self.percent:
            return Decimal("0.00")
        exact = amount * self.percent / (100 + self.percent)
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
