"""A notice may ask for a consent, by a button."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('telegrambot', '0012_inbox_by_index'),
        ('treasury', '0030_requester_consents'),
    ]

    operations = [
        migrations.AddField(
            model_name='sentmessage',
            name='consent',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='treasury.requesterconsent'),
        ),
    ]
