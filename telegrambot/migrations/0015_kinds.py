"""A kind of message is named by its module; what there is one of in a chat has a key."""

from django.db import migrations, models
from django.db.models import Case, F, Value, When
from django.db.models.functions import Cast

# For each kind, what there is one of.
KEYS = {"task": "task_id", "announcement": "request_id", "outcome": "event_id"}


def write_keys(apps, schema_editor):
    text = models.CharField(max_length=40)
    whens = [When(kind=kind, then=Cast(F(key), text)) for kind, key in KEYS.items()]
    messages = apps.get_model("telegrambot", "SentMessage").objects
    messages.update(key=Case(*whens, default=Value("")))


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0014_dialogs_by_name")]

    operations = [
        *(
            migrations.RemoveConstraint("sentmessage", name)
            for name in (
                "one_card_a_task_and_chat",
                "one_announcement_a_request_and_chat",
                "one_outcome_an_event_and_chat",
                "message_knows_what_it_is_about",
                "message_has_text_as_a_notice",
            )
        ),
        migrations.RenameField("sentmessage", "purpose", "kind"),
        migrations.AlterField(
            "sentmessage", "kind", models.CharField(max_length=20, verbose_name="kind")
        ),
        migrations.AlterField(
            "sentmessage",
            "text",
            models.TextField(
                blank=True,
                help_text="Of what is about no request, as HTML.",
                verbose_name="text",
            ),
        ),
        migrations.AddField(
            "sentmessage",
            "key",
            models.CharField(blank=True, default="", editable=False, max_length=40),
            preserve_default=False,
        ),
        migrations.RunPython(write_keys, migrations.RunPython.noop),
        migrations.AddConstraint(
            "sentmessage",
            models.UniqueConstraint(
                models.F("chat"), models.F("kind"), models.F("key"),
                condition=models.Q(("key", ""), _negated=True),
                name="message_once_in_a_chat",
            ),
        ),
        migrations.AddConstraint(
            "sentmessage",
            models.CheckConstraint(
                condition=models.Q(
                    ("request__isnull", False),
                    models.Q(("text", ""), _negated=True),
                    _connector="OR",
                ),
                name="message_knows_what_it_is_about",
            ),
        ),
    ]
