"""What ties a Telegram account to an employee."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from treasury.models import Employee
from treasury.prepared import Prepared


class UserTokenQuerySet(models.QuerySet["UserToken"]):
    def valid(self) -> "UserTokenQuerySet":
        return self.filter(revoked_at=None, employee__is_active=True)

    def tie_of(self, telegram_id: int) -> "UserToken | None":
        """What ties this Telegram account to an active employee, who is loaded with it."""
        return _TIE.first(str(telegram_id))

    def employee_of(self, telegram_id: int) -> Employee | None:
        """The active employee behind a Telegram account, or None for a stranger."""
        token = self.tie_of(telegram_id)
        return token.employee if token else None

    def telegram_ids(self, employees: "models.QuerySet[Employee]") -> dict[int, int]:
        """Employee pk → Telegram id, for those who are linked."""
        rows = self.valid().filter(kind=UserToken.Kind.TELEGRAM, employee__in=employees)
        return {employee: int(token) for employee, token in rows.values_list("employee", "token")}

    def telegram(self, telegram_id: int) -> "UserTokenQuerySet":
        return self.filter(kind=UserToken.Kind.TELEGRAM, token=str(telegram_id))

    def open_links(self, telegram_id: int) -> "UserTokenQuerySet":
        """The link that was given out last and not used yet, perhaps too old: one at most."""
        return self.filter(kind=UserToken.Kind.LINK, telegram_id=telegram_id, revoked_at=None)

    def expired(self, now: datetime) -> "UserTokenQuerySet":
        return self.filter(expires_at__lte=now)


class UserToken(models.Model):
    """A key by which an employee is known from outside, or a link by which he will be.

    `token` is the Telegram id itself, or the SHA-256 of a secret that is stored nowhere. A link
    belongs to a Telegram account from the start and to an employee once he has signed in.
    """

    class Kind(models.TextChoices):
        TELEGRAM = "telegram", _("Telegram id")
        LINK = "link", _("one-time link")
        API = "api", _("API token")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    token = models.CharField(_("token"), max_length=64)
    employee = models.ForeignKey(
        Employee, models.CASCADE, related_name="tokens", null=True, blank=True,
        verbose_name=_("employee"),
    )  # fmt: skip
    telegram_id = models.BigIntegerField(_("Telegram id"), null=True, blank=True)
    telegram_name = models.CharField(_("Telegram name"), max_length=160, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("codes tried"), default=0)

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
            # A newer link makes the older one void.
            models.UniqueConstraint(
                "telegram_id", condition=Q(revoked_at=None, kind="link"),
                name="telegram_account_has_one_open_link",
            ),
            # Only a link may be nobody's yet, and it always says whose Telegram account it is for.
            models.CheckConstraint(
                condition=Q(kind="link", telegram_id__isnull=False, expires_at__isnull=False)
                | Q(kind__in=["telegram", "api"], employee__isnull=False, telegram_id=None),
                name="token_belongs_to_someone",
            ),
            # What tie_of, the hottest query, relies on: being linked does not expire.
            models.CheckConstraint(
                condition=~Q(kind="telegram") | Q(expires_at=None),
                name="telegram_account_does_not_expire",
            ),
            models.CheckConstraint(
                condition=Q(attempts=0) | Q(kind="link", attempts__lte=5),
                name="only_links_have_a_few_tries",
            ),
        ]  # fmt: skip
        indexes = [
            # The sweep looks for what has expired.
            models.Index(
                fields=["expires_at"], condition=Q(expires_at__isnull=False),
                name="tokens_that_expire",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.employee or self.telegram_name}"

    @property
    def is_open(self) -> bool:
        """May one still sign in by this link?"""
        return not (self.revoked_at or self.employee_id or self.is_expired)

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


_TIE = Prepared(
    lambda token: UserToken.objects.valid().filter(kind=UserToken.Kind.TELEGRAM, token=token),
    str,
    related={"employee": ()},
)
