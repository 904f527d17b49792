"""A dialog can be gone back in, and takes files."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('telegrambot', '0043_menus'),
    ]

    operations = [
        migrations.AddField(
            model_name='dialog',
            name='steps',
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name='dialog',
            name='files',
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
    ]
