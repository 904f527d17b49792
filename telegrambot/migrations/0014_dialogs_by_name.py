"""The code knows the dialogs by their names: a new one needs no migration.

What a colleague is to do is an answer now, and no subject of its own.
"""

from django.db import migrations, models
from django.db.models import Q

DONE_BY_COLLEAGUES = ("reassign", "add_approver")
FORMER = ("decline", "return_for_rework", "colleagues", *DONE_BY_COLLEAGUES, "away")
ABOUT_A_TASK = Q(("subject", "away"), ("task__isnull", False), _connector="XOR")


def keep_the_answer(apps, schema_editor):
    """It stands among the answers already, as "what"."""
    dialogs = apps.get_model("telegrambot", "Dialog").objects
    dialogs.filter(subject__in=DONE_BY_COLLEAGUES).update(subject="colleagues")


def name_by_the_answer(apps, schema_editor):
    """Dialogs that the earlier release does not know are left, an hour long at the most."""
    dialogs = apps.get_model("telegrambot", "Dialog").objects
    dialogs.exclude(ABOUT_A_TASK, subject__in=FORMER).delete()
    for dialog in dialogs.filter(subject="colleagues"):
        dialog.subject = dialog.answers.get("what", "colleagues")
        dialog.save(update_fields=["subject"])


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0013_consents_asked")]

    operations = [
        migrations.RemoveConstraint(model_name="dialog", name="dialog_about_a_task"),
        migrations.AlterField(
            model_name="dialog",
            name="subject",
            field=models.CharField(max_length=20),
        ),
        migrations.RunPython(keep_the_answer, name_by_the_answer),
    ]
