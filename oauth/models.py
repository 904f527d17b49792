"""What ties a Telegram account to an employee."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from treasury.models import Employee


class UserTokenQuerySet(models.QuerySet["UserToken"]):
    def valid(self) -> "UserTokenQuerySet":
        return self.filter(revoked_at=None, employee__is_active=True)

    def employee_of(self, telegram_id: int) -> Employee | None:
        """The active employee behind a Telegram account, or None for a stranger."""
        token = (
            self.valid()
            .filter(kind=UserToken.Kind.TELEGRAM, token=str(telegram_id))
            .select_related("employee")
            .first()
        )
        return token.employee if token else None

    def telegram_ids(self, employees: "models.QuerySet[Employee]") -> dict[int, int]:
        """Employee pk → Telegram id, for those who are linked."""
        rows = self.valid().filter(kind=UserToken.Kind.TELEGRAM, employee__in=employees)
        return {employee: int(token) for employee, token in rows.values_list("employee", "token")}


class UserToken(models.Model):
    """A key by which an employee is known from outside."""

    class Kind(models.TextChoices):
        TELEGRAM = "telegram", _("Telegram id")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    token = models.CharField(_("token"), max_length=64)
    employee = models.ForeignKey(
        Employee, models.CASCADE, related_name="tokens", verbose_name=_("employee")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = UserTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("user token")
        verbose_name_plural = _("user tokens")
        ordering = ["-id"]
        constraints = [
            # One Telegram account is one employee, and the other way round.
            models.UniqueConstraint(
                "kind", "token", condition=Q(revoked_at=None), name="token_leads_to_one_employee"
            ),
            models.UniqueConstraint(
                "kind", "employee", condition=Q(revoked_at=None, kind="telegram"),
                name="employee_has_one_telegram_account",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.employee}"
