"""Tells Telegram's ids of files by bot and kind, and when each was last used."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0031_rights_of_the_bot")]

    operations = [
        migrations.AddField(
            "telegramfile", "bot_id", models.BigIntegerField(default=0), preserve_default=False
        ),
        migrations.AddField(
            "telegramfile",
            "kind",
            models.CharField(
                choices=[
                    ("document", "Document"),
                    ("photo", "Photo"),
                    ("video", "Video"),
                    ("voice", "Voice"),
                ],
                default="document",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "telegramfile",
            "used_at",
            models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterField("telegramfile", "sha256", models.CharField(max_length=64)),
        migrations.AddConstraint(
            "telegramfile",
            models.UniqueConstraint("sha256", "kind", "bot_id", name="file_once_for_a_bot"),
        ),
        migrations.AddIndex(
            "telegramfile", models.Index(fields=["used_at"], name="file_by_use")
        ),
    ]
