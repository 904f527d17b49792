"""What people say to each other about a request."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from treasury.models.approvals import Decision
from treasury.models.organizations import Employee
from treasury.models.requests import PaymentRequest

# Characters.
COMMENT_LENGTH = 2000


class CommentQuerySet(models.QuerySet["Comment"]):
    def open_questions(self) -> "CommentQuerySet":
        """Those that whoever asks for the money has not answered yet."""
        return self.filter(is_question=True, answer=None)


class Comment(models.Model):
    """It stays: its author may edit it, and the journal keeps each of its texts."""

    # No index of its own: that of the numbers begins with it.
    request = models.ForeignKey(
        PaymentRequest, models.PROTECT, related_name="comments", db_index=False,
        verbose_name=_("request"),
    )  # fmt: skip
    # Of those of the request, without gaps: the newest tells how many there are.
    number = models.PositiveIntegerField(_("no."))
    author = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", db_index=False, verbose_name=_("who")
    )
    text = models.TextField(_("text"), max_length=COMMENT_LENGTH)
    # To whoever asks for the money.
    is_question = models.BooleanField(default=False)
    # That by which a question was answered.
    answer = models.ForeignKey(
        "self", models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Decision.Channel.choices)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["request", "number"]
        # Whoever reads a request reads what is said of it, and says something himself.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint("request", "number", name="comment_number_in_request"),
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(
                condition=Q(answer=None) | Q(is_question=True) & ~Q(answer=F("pk")),
                name="comment_answered_was_a_question",
            ),
        ]
        indexes = [
            # Cards and the list of requests ask whether something is to be answered.
            models.Index(
                fields=["request"],
                condition=Q(is_question=True, answer=None),
                name="comment_open_question",
            ),
            # How many of a person's came a moment ago.
            models.Index(fields=["author", "created_at"], name="comment_by_author"),
        ]

    def __str__(self) -> str:
        return f"{self.request} · {self.number}"
