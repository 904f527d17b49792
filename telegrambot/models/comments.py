"""Where in Telegram a comment was said."""

from django.db import models

from treasury.models import Comment


class CommentSource(models.Model):
    """The message of a person's that became a comment: edited, it edits the comment, and what was
    asked in it is answered there."""

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="+")
    # The Telegram ids of the chat and of the message in it.
    said_in = models.BigIntegerField()
    message_id = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            # However often its update comes.
            models.UniqueConstraint("said_in", "message_id", name="comment_once_of_a_message"),
        ]

    def __str__(self) -> str:
        return str(self.comment)
