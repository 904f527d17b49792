"""Whom we pay, and to which accounts."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from treasury.models.organizations import BankAccount
from treasury.sorting import BY_NAME
from treasury.validators import validate_inn, validate_kpp, validate_party_name

# How many digits their ИНН has.
COMPANY_INN, PERSON_INN = 10, 12


class Counterparty(models.Model):
    name = models.CharField(
        _("name"), max_length=160, db_collation=BY_NAME, validators=[validate_party_name]
    )
    inn = models.CharField(_("INN"), max_length=12, validators=[validate_inn])
    kpp = models.CharField(_("KPP"), max_length=9, blank=True, validators=[validate_kpp])
    is_active = models.BooleanField(_("in use"), default=True)

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

    def clean(self) -> None:
        """Payment orders carry the КПП of a company; an entrepreneur has none."""
        if len(self.inn) == COMPANY_INN and not self.kpp:
            text = _("A company has a KPP: it stands beside the INN in the invoice.")
            raise ValidationError({"kpp": text})
        if len(self.inn) == PERSON_INN and self.kpp:
            text = _("An entrepreneur, whose INN has 12 digits, has no KPP: leave it empty.")
            raise ValidationError({"kpp": text})


class CounterpartyAccount(BankAccount):
    # No index of its own: the constraint's begins with it.
    counterparty = models.ForeignKey(
        Counterparty, models.PROTECT, related_name="accounts", db_index=False,
        verbose_name=_("counterparty"),
    )  # fmt: skip

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
