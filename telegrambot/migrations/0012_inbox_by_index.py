"""The inbox is sorted, filtered and pruned by indexes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0011_messages_found_by_index")]

    operations = [
        migrations.AddIndex(
            model_name='update',
            index=models.Index(fields=['received_at', 'id'], name='update_by_received'),
        ),
        migrations.AddIndex(
            model_name='update',
            index=models.Index(fields=['kind', '-id'], name='update_by_kind'),
        ),
    ]
