"""A group hears of departments too; and labels of the chat's page are in plain words."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telegrambot", "0036_organizations_of_groups"),
        ("treasury", "0039_journal_of_no_channel"),
    ]

    operations = [
        migrations.AddField(
            "chat",
            "departments",
            models.ManyToManyField(
                "treasury.department",
                related_name="chats",
                blank=True,
                verbose_name="departments",
                help_text="And those of these departments, whose organization need not be chosen.",
            ),
        ),
        migrations.AlterField(
            "chat",
            "not_before",
            models.DateTimeField(null=True, blank=True, verbose_name="paused until"),
        ),
        migrations.AlterField(
            "chat",
            "lease_until",
            models.DateTimeField(null=True, blank=True, verbose_name="sending, at the latest until"),
        ),
    ]
