"""A file is sent by Telegram's id only under its own name.

Back, of equal contents with several names one is left; it is uploaded anew when it is wanted.
"""

from django.db import migrations, models


def forget_named(apps, schema_editor):
    """The earlier release knows one id for each content."""
    apps.get_model("telegrambot", "TelegramFile").objects.exclude(name="").delete()


class Migration(migrations.Migration):

    dependencies = [
        ('telegrambot', '0038_topics'),
    ]

    operations = [
        migrations.AddField(
            model_name='telegramfile',
            name='name',
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.RemoveConstraint(model_name='telegramfile', name='file_once_for_a_bot'),
        migrations.AddConstraint(
            model_name='telegramfile',
            constraint=models.UniqueConstraint('sha256', 'kind', 'bot_id', 'name', name='file_once_for_a_bot'),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_named),
    ]
