"""The journals: of requests, which is audit trail and outbox in one, of people's accounts and
appointments, and of routes."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from treasury import signing
from treasury.facts import canonical
from treasury.models.approvals import Decision
from treasury.models.organizations import Employee
from treasury.models.requests import GENESIS, PaymentRequest
from treasury.workflow import Action, Status


class Link(models.Model):
    """An entry of a journal, chained to the one before it and signed: see `treasury.signing`.

    A row that was changed, or taken out, behind our back breaks the chain, and who has only the
    database cannot mend it.
    """

    sequence = models.PositiveIntegerField(_("no."))
    # The name of the key by which it is signed.
    key = models.CharField(max_length=16, editable=False)
    previous_hash = models.CharField(max_length=64, editable=False)
    hash = models.CharField(max_length=64, editable=False)

    class Meta:
        abstract = True

    def told(self) -> dict[str, Any]:
        """What the entry says, as JSON holds it."""
        raise NotImplementedError

    def follow(self, length: int, last_hash: str) -> None:
        """Become the next of a chain that is so long and ends so."""
        self.sequence, self.previous_hash, self.key = length + 1, last_hash, signing.current()
        self.hash = self.computed_hash()

    def computed_hash(self) -> str:
        """Of the hash before it and what it says. Raises `signing.UnknownKey`."""
        return signing.sign(f"{self.previous_hash}{canonical(self.told())}", self.key)


class Event(Link):
    """One thing that happened to one request; each request has a chain of its own.

    Append-only: a database trigger refuses every update and delete. Who tells of it elsewhere keeps
    in mind himself how far he has read: an entry is committed after those before it in its chain,
    though not always after those with a lower id.
    """

    # No index of its own: the chain's begins with it.
    request = models.ForeignKey(
        PaymentRequest, models.PROTECT, related_name="events", db_index=False,
        verbose_name=_("request"),
    )  # fmt: skip
    action = models.CharField(_("action"), max_length=20, choices=Action.choices)
    actor = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("who"))
    on_behalf_of = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("on behalf of"),
    )  # fmt: skip
    channel = models.CharField(_("channel"), max_length=10, choices=Decision.Channel.choices)
    revision = models.PositiveIntegerField(_("revision"))
    status = models.CharField(_("status after"), max_length=20, choices=Status.choices)
    reason = models.TextField(_("reason"), blank=True)
    data = models.JSONField(_("details"), default=dict)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        ordering = ["id"]
        constraints = [
            # The chain has no forks.
            models.UniqueConstraint("request", "sequence", name="event_sequence_in_request"),
        ]
        indexes = [
            # The journal filters by what happened and shows the newest first.
            models.Index(fields=["action", "-id"], name="event_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.request} #{self.sequence} {self.get_action_display()}"

    def told(self) -> dict[str, Any]:
        return {
            "request": self.request_id,
            "sequence": self.sequence,
            "action": str(self.action),
            "actor": self.actor_id,
            "on_behalf_of": self.on_behalf_of_id,
            "channel": str(self.channel),
            "revision": self.revision,
            "status": str(self.status),
            "reason": self.reason,
            "data": self.data,
            "at": self.at.isoformat(),
        }


class JournalEnd(models.Model):
    """The end of a journal that is one chain; whoever goes on with it holds this row."""

    class Journal(models.TextChoices):
        ACCOUNTS = "accounts"
        ROUTES = "routes"

    journal = models.CharField(max_length=10, primary_key=True, choices=Journal.choices)
    length = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.journal}: {self.length}"


class AccountEvent(Link):
    """One thing that happened to a person's account, or to what he approves.

    Append-only: a database trigger refuses every update and delete.
    """

    class Action(models.TextChoices):
        LINKED = "linked", pgettext_lazy("account", "Telegram linked")
        UNLINKED = "unlinked", pgettext_lazy("account", "Telegram unlinked")
        REVOKED = "revoked", pgettext_lazy("account", "Access revoked")
        AWAY = "away", pgettext_lazy("account", "Deputy appointed")
        BACK = "back", pgettext_lazy("account", "Delegation ended")
        HIRED = "hired", pgettext_lazy("account", "Employee added")
        CHANGED = "changed", pgettext_lazy("account", "Data changed")
        EMAIL = "email", pgettext_lazy("account", "E-mail changed")
        RIGHTS = "rights", pgettext_lazy("account", "Roles and rights changed")
        LEFT = "left", pgettext_lazy("account", "Works here no longer")
        RETURNED = "returned", pgettext_lazy("account", "Works here again")
        PASSWORD_LINK = "password_link", pgettext_lazy("account", "Link to set a password")
        PASSWORD_SET = "password_set", pgettext_lazy("account", "Password set")
        APPOINTED = "appointed", pgettext_lazy("account", "Appointed as approver")
        DISMISSED = "dismissed", pgettext_lazy("account", "Approver no longer")
        CONSENT_ASKED = "consent_asked", pgettext_lazy("account", "Asked to confirm an author")
        CONSENT_GIVEN = "consent_given", pgettext_lazy("account", "Author confirmed")
        PHONE_GIVEN = "phone_given", pgettext_lazy("account", "Telephone number given")
        PHONE_FORGOTTEN = "phone_forgotten", pgettext_lazy("account", "Telephone number deleted")
        CONSENT_REVOKED = (
            "consent_revoked",
            pgettext_lazy("account", "Author not confirmed any more"),
        )

    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="account_events", verbose_name=_("employee")
    )
    action = models.CharField(_("action"), max_length=20, choices=Action.choices)
    actor = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("who")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Decision.Channel.choices)
    at = models.DateTimeField(_("when"), default=timezone.now)
    data = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("account event")
        verbose_name_plural = _("journal of accounts")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint("sequence", name="account_event_sequence")]

    def __str__(self) -> str:
        return f"{self.employee}: {self.get_action_display()}"

    def told(self) -> dict[str, Any]:
        return {
            "sequence": self.sequence,
            "employee": self.employee_id,
            "action": str(self.action),
            "actor": self.actor_id,
            "channel": str(self.channel),
            "data": self.data,
            "at": self.at.isoformat(),
        }


class RouteEvent(Link):
    """One change of an approval route with its stages.

    `data` has the route before and after, `old` and `new`, of which one is None for a route that
    was added or deleted. Append-only: a database trigger refuses every update and delete.
    """

    # No foreign key: the journal outlives the route.
    route = models.BigIntegerField(_("route no."))
    name = models.CharField(_("approval route"), max_length=120)
    actor = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("who"))
    channel = models.CharField(_("channel"), max_length=10, choices=Decision.Channel.choices)
    at = models.DateTimeField(_("when"), default=timezone.now)
    data = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("route event")
        verbose_name_plural = _("journal of routes")
        ordering = ["-id"]
        # Read by whoever reads the journal of accounts, and written by nobody.
        default_permissions = ()
        constraints = [models.UniqueConstraint("sequence", name="route_event_sequence")]

    def __str__(self) -> str:
        return self.name

    def told(self) -> dict[str, Any]:
        return {
            "sequence": self.sequence,
            "route": self.route,
            "name": self.name,
            "actor": self.actor_id,
            "channel": str(self.channel),
            "data": self.data,
            "at": self.at.isoformat(),
        }
