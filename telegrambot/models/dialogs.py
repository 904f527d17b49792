"""What people are asked and told beside the cards: dialogs, ready reasons, deputies."""

from django.db import models
from django.db.models import Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from treasury.models import ApprovalTask, Delegation, Employee
from treasury.workflow import Action


class Dialog(models.Model):
    """What the bot has asked a person: one thing at a time, until everything is answered.

    The subjects are in `telegrambot.dialogs.registry`, and need no migration.
    """

    telegram_id = models.BigIntegerField(_("Telegram id"), unique=True)
    # A script's, which also says whether the dialog has a task.
    subject = models.CharField(max_length=20)
    # The question stands on the cards of this task; without one in a message of its own.
    task = models.ForeignKey(ApprovalTask, models.CASCADE, related_name="+", null=True, blank=True)
    # The question's name → what was answered: a primary key, a date (ISO), a reason. Also which
    # of them were answered by a message: see `telegrambot.dialogs.script.by_message`.
    answers = models.JSONField(default=dict)
    # The answers as they were before each that he has given: by them he goes back.
    steps = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    # What he has sent: each with its `upload`, `name` and `size` (bytes).
    files = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    # Where the person is in the list from which he chooses.
    search = models.CharField(max_length=80, blank=True)
    page = models.PositiveIntegerField(default=1)
    # When what is asked now was asked: the hour begins with each question.
    started_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.telegram_id}: {self.subject} {self.task_id or ''}".rstrip()


class BegunRequest(models.Model):
    """The answers for a new request of who was asked something else, or said nothing for an hour;
    as in `Dialog`, which goes on with them."""

    # No index of its own: the other begins with it.
    employee = models.ForeignKey(Employee, models.CASCADE, related_name="+", db_index=False)
    answers = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            # A person's own, the newest first.
            models.Index(fields=["employee", "-updated_at"], name="begun_request_of_person"),
            # What is old is forgotten every hour.
            models.Index(fields=["updated_at"], name="begun_request_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.employee} {timezone.localtime(self.updated_at):%d.%m.%Y %H:%M}"


class Deputising(models.Model):
    """A delegation of which its deputy has been told, and whose end he has yet to be told.

    It outlives the delegation, which may be deleted before it begins.
    """

    delegation = models.OneToOneField(
        Delegation, models.SET_NULL, related_name="+", null=True, blank=True
    )
    principal = models.ForeignKey(Employee, models.CASCADE, related_name="+")
    deputy = models.ForeignKey(Employee, models.CASCADE, related_name="+")
    # Its hour has come, and the deputy's earlier cards have been given their buttons.
    has_begun = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.principal} → {self.deputy}"


# What is done in the chat and needs a reason; in the words that follow «for».
REASONED = {
    Action.DECLINE: pgettext_lazy("reason for", "declining"),
    Action.RETURN: pgettext_lazy("reason for", "returning for rework"),
    Action.REASSIGN: pgettext_lazy("reason for", "handing over to a colleague"),
    Action.ADD_APPROVER: pgettext_lazy("reason for", "adding an approver"),
}


class ReasonTemplate(models.Model):
    """A ready reason, offered as a button to whoever declines, returns or hands over."""

    action = models.CharField(
        _("for"), max_length=20,
        choices=[(action.value, words) for action, words in REASONED.items()],
    )  # fmt: skip
    text = models.CharField(_("text"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("ready reason")
        verbose_name_plural = _("ready reasons")
        ordering = ["action", "position"]

    def __str__(self) -> str:
        return self.text
