"""Whom we pay, and to which accounts."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from treasury import countries
from treasury.countries import RUSSIA
from treasury.labels import Labelled, labelled
from treasury.models.facts import DirectoryRow
from treasury.models.organizations import BankAccount
from treasury.sorting import BY_NAME
from treasury.validators import (
    COMPANY_INN,
    check_account_abroad,
    check_kpp_of_person,
    is_iban,
    validate_inn,
    validate_kio,
    validate_kpp,
    validate_party_name,
    validate_payee_account,
    validate_tax_number,
)

IN_RUSSIA, ABROAD = ("inn", "kpp"), ("kio", "tax_number")


class Counterparty(DirectoryRow):
    """In Russia it is known by its ИНН and КПП; abroad by its country, with the КИО or the number
    that it has there, or both."""

    FIXED = ("country", "inn", "kpp", "kio", "tax_number")

    name = models.CharField(
        _("name"), max_length=160, db_collation=BY_NAME, validators=[validate_party_name]
    )
    country = models.CharField(
        _("country"), max_length=2, choices=countries.choices, default=RUSSIA,
        help_text=_("A foreign company that has an INN of its own is found under Russia."),
    )  # fmt: skip
    inn = models.CharField(
        _("INN"), max_length=12, blank=True, validators=[validate_inn],
        help_text=_("Of a payee in Russia."),
    )  # fmt: skip
    kpp = models.CharField(
        _("KPP"), max_length=9, blank=True, validators=[validate_kpp],
        help_text=_("Of a company in Russia."),
    )  # fmt: skip
    kio = models.CharField(
        _("KIO"), max_length=5, blank=True, validators=[validate_kio],
        help_text=_("Of a payee abroad: 5 digits, if the Russian tax service has given them."),
    )  # fmt: skip
    tax_number = models.CharField(
        _("tax number"), max_length=20, blank=True, validators=[validate_tax_number],
        help_text=_("Of a payee abroad: what its own country knows it by."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("counterparty")
        verbose_name_plural = _("counterparties")
        ordering = ["name"]
        constraints = [
            # Branches of one company share the ИНН and differ by the КПП.
            models.UniqueConstraint(
                "inn", "kpp", condition=~Q(inn=""), name="counterparty_inn_and_kpp",
                violation_error_message=_("A counterparty with this INN and KPP already exists."),
            ),
            models.UniqueConstraint(
                "country", "tax_number", condition=~Q(tax_number=""),
                name="counterparty_tax_number_in_country",
                violation_error_message=_(
                    "A counterparty of this country with this tax number already exists."
                ),
            ),
            # One service gives them, so no country needs to be asked.
            models.UniqueConstraint(
                "kio", condition=~Q(kio=""), name="counterparty_kio",
                violation_error_message=_("A counterparty with this KIO already exists."),
            ),
            models.CheckConstraint(
                condition=Q(country=RUSSIA, kio="", tax_number="") & ~Q(inn="")
                | ~Q(country=RUSSIA) & Q(inn="", kpp="") & ~Q(kio="", tax_number=""),
                name="counterparty_is_known_in_one_way",
            ),
        ]  # fmt: skip
        indexes = [
            # The request list sorted by payee reads the payees in this order.
            models.Index(fields=["name"], name="counterparty_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_abroad(self) -> bool:
        return self.country != RUSSIA

    @property
    def foreign_country(self) -> str:
        """Its name; empty in Russia, where most are."""
        return str(self.get_country_display()) if self.is_abroad else ""

    @property
    def numbers(self) -> list[Labelled]:
        """What tells it from any other company of its country; branches differ by the КПП too."""
        names = ABROAD if self.is_abroad else ["inn"]
        return [labelled(self, name) for name in names if getattr(self, name)]

    @property
    def company(self) -> str | int:
        """The same for it and its branches: see `same_company`."""
        return self.pk if self.is_abroad else self.inn

    @property
    def same_company(self) -> Q:
        """Finds it, and its branches, which share the ИНН; abroad each number is there once."""
        return Q(pk=self.pk) if self.is_abroad else Q(inn=self.inn)

    def check_facts(self) -> None:
        """Each is known in its own way. Payment orders carry the КПП of a company; an entrepreneur
        has none."""
        if problems := self._misplaced() or self._missing():
            raise ValidationError(problems)
        check_kpp_of_person(self.inn, self.kpp)

    def _misplaced(self) -> dict[str, Any]:
        if self.is_abroad:
            text = _("Of a payee abroad leave this empty, or choose Russia as the country.")
            return {name: text for name in IN_RUSSIA if getattr(self, name)}
        text = _("Of a payee in Russia leave this empty, or choose another country.")
        return {name: text for name in ABROAD if getattr(self, name)}

    def _missing(self) -> dict[str, Any]:
        if self.is_abroad:
            is_known = any(getattr(self, name) for name in ABROAD)
            text = _("Fill in the tax number, or the KIO: they stand in the contract.")
            return {} if is_known else {"tax_number": text}
        if not self.inn:
            text = _("Fill in the INN from the invoice. Of a payee abroad choose the country.")
            return {"inn": text}
        if len(self.inn) == COMPANY_INN and not self.kpp:
            return {"kpp": _("A company has a KPP: it stands beside the INN in the invoice.")}
        return {}


class CounterpartyAccountQuerySet(models.QuerySet["CounterpartyAccount"]):
    def of_other_payees(self, account: "CounterpartyAccount") -> "CounterpartyAccountQuerySet":
        """What others are paid to under the same number: of a mistake, or of a fraud."""
        in_use = self.filter(is_active=True, counterparty__is_active=True, number=account.number)
        if account.bank.is_abroad and not is_iban(account.number):
            # Each bank there numbers its accounts from one.
            in_use = in_use.filter(bank=account.bank_id)
        others = in_use.exclude(counterparty=account.counterparty_id)
        return others.select_related("counterparty")


class CounterpartyAccount(BankAccount):
    FIXED = ("number", "bank", "currency", "counterparty")

    # No index of its own: the constraint's begins with it.
    counterparty = models.ForeignKey(
        Counterparty, models.PROTECT, related_name="accounts", db_index=False,
        verbose_name=_("counterparty"),
    )  # fmt: skip
    number = models.CharField(
        _("number"), max_length=34, validators=[validate_payee_account],
        help_text=_("20 digits at a bank in Russia; abroad the IBAN, or where there are none the "
                    "number."),
    )  # fmt: skip

    objects = CounterpartyAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("counterparty account")
        verbose_name_plural = _("counterparty accounts")
        ordering = ["counterparty", "number"]
        constraints = [
            models.UniqueConstraint(
                "counterparty", "bank", "number", name="counterparty_account_once",
                violation_error_message=_("The counterparty has this account already."),
            ),
        ]  # fmt: skip

    def _carried_currency(self) -> str:
        if not self.bank.is_abroad:
            return super()._carried_currency()
        check_account_abroad(self.number, self.bank.swift or "")
        return ""
