"""What is behind, and the message that was pressed, are found by an index."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0010_reasons_in_words")]

    operations = [
        migrations.RemoveIndex(
            model_name='sentmessage',
            name='messages_behind',
        ),
        migrations.AddField(
            model_name='sentmessage',
            name='first_id',
            field=models.GeneratedField(db_persist=True, expression=Cast(KeyTextTransform(0, 'message_ids'), models.BigIntegerField()), output_field=models.BigIntegerField(null=True)),
        ),
        migrations.AddField(
            model_name='sentmessage',
            name='is_behind',
            field=models.GeneratedField(db_persist=True, expression=models.ExpressionWrapper(models.Q(('shown__lt', models.F('wanted')), models.Q(('state', 'failed'), _negated=True)), models.BooleanField()), output_field=models.BooleanField()),
        ),
        migrations.AlterField(
            model_name='sentmessage',
            name='chat',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='telegrambot.chat', verbose_name='chat'),
        ),
        migrations.AddIndex(
            model_name='sentmessage',
            index=models.Index(condition=models.Q(('is_behind', True)), fields=['chat', 'id'], name='messages_behind'),
        ),
        migrations.AddIndex(
            model_name='sentmessage',
            index=models.Index(fields=['chat', 'first_id'], name='message_by_first_id'),
        ),
        migrations.AddIndex(
            model_name='sentmessage',
            index=models.Index(condition=models.Q(('state__in', ['failed', 'unknown'])), fields=['state', '-id'], name='messages_in_trouble'),
        ),
    ]
