"""A file may be sent for a request that is yet to be made.

Back, those are forgotten: the earlier release would look for their requests.
"""

import django.db.models.deletion
from django.db import migrations, models


def forget(apps, schema_editor):
    apps.get_model("telegrambot", "IncomingFile").objects.filter(request=None).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('telegrambot', '0044_steps_of_dialogs'),
        ('treasury', '0044_reminders'),
    ]

    operations = [
        migrations.AddField(
            model_name='incomingfile',
            name='dialog',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='incomingfile',
            name='request',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='treasury.paymentrequest'),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget),
    ]
