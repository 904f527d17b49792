"""Whom we pay, and to which accounts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from treasury.models.organizations import BankAccount
from treasury.validators import validate_inn, validate_kpp, validate_party_name


class Counterparty(models.Model):
    name = models.CharField(_("name"), max_length=160, validators=[validate_party_name])
    inn = models.CharField(_("INN"), max_length=12, validators=[validate_inn])
    kpp = models.CharField(_("KPP"), max_length=9, blank=True, validators=[validate_kpp])
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("counterparty")
        verbose_name_plural = _("counterparties")
        ordering = ["name"]
        constraints = [
            # Branches of one company share the ИНН and differ by the КПП.
            models.UniqueConstraint("inn", "kpp", name="counterparty_inn_and_kpp"),
        ]

    def __str__(self) -> str:
        return self.name


class CounterpartyAccount(BankAccount):
    counterparty = models.ForeignKey(
        Counterparty, models.PROTECT, related_name="accounts", verbose_name=_("counterparty")
    )

    class Meta:
        verbose_name = _("counterparty account")
        verbose_name_plural = _("counterparty accounts")
        ordering = ["counterparty", "number"]
        constraints = [
            models.UniqueConstraint(
                "counterparty", "bank", "number", name="counterparty_account_once"
            ),
        ]
