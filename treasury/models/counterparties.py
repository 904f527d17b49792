"""Whom we pay, and to which accounts."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from treasury.models.facts import DirectoryRow
from treasury.models.organizations import BankAccount
from treasury.sorting import BY_NAME
from treasury.validators import (
    COMPANY_INN,
    check_kpp_of_person,
    validate_inn,
    validate_kpp,
    validate_party_name,
)


class Counterparty(DirectoryRow):
    FIXED = ("inn", "kpp")

    name = models.CharField(
        _("name"), max_length=160, db_collation=BY_NAME, validators=[validate_party_name]
    )
    inn = models.CharField(_("INN"), max_length=12, validators=[validate_inn])
    kpp = models.CharField(_("KPP"), max_length=9, blank=True, validators=[validate_kpp])

    class Meta:
        verbose_name = _("counterparty")
        verbose_name_plural = _("counterparties")
        ordering = ["name"]
        constraints = [
            # Branches of one company share the ИНН and differ by the КПП.
            models.UniqueConstraint(
                "inn", "kpp", name="counterparty_inn_and_kpp",
                violation_error_message=_("A counterparty with this INN and KPP already exists."),
            ),
        ]  # fmt: skip
        indexes = [
            # The request list sorted by payee reads the payees in this order.
            models.Index(fields=["name"], name="counterparty_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def check_facts(self) -> None:
        """Payment orders carry the КПП of a company; an entrepreneur has none."""
        if len(self.inn) == COMPANY_INN and not self.kpp:
            text = _("A company has a KPP: it stands beside the INN in the invoice.")
            raise ValidationError({"kpp": text})
        check_kpp_of_person(self.inn, self.kpp)


class CounterpartyAccountQuerySet(models.QuerySet["CounterpartyAccount"]):
    def of_other_payees(self, account: "CounterpartyAccount") -> "CounterpartyAccountQuerySet":
        """What others are paid to under the same number: of a mistake, or of a fraud."""
        in_use = self.filter(is_active=True, counterparty__is_active=True, number=account.number)
        others = in_use.exclude(counterparty=account.counterparty_id)
        return others.select_related("counterparty")


class CounterpartyAccount(BankAccount):
    FIXED = ("number", "bank", "currency", "counterparty")

    # No index of its own: the constraint's begins with it.
    counterparty = models.ForeignKey(
        Counterparty, models.PROTECT, related_name="accounts", db_index=False,
        verbose_name=_("counterparty"),
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
