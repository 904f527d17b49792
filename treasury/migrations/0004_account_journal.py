import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0003_default_directories")]

    operations = [
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("action", models.CharField(choices=[("linked", "Telegram linked"), ("unlinked", "Telegram unlinked"), ("revoked", "Access revoked"), ("away", "Deputy appointed"), ("back", "Delegation ended")], max_length=20, verbose_name="action")),
                ("channel", models.CharField(choices=[("telegram", "Telegram"), ("admin", "Back office"), ("api", "API"), ("policy", "By an earlier approval")], max_length=10, verbose_name="channel")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("data", models.JSONField(default=dict, verbose_name="details")),
                ("actor", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="who")),
                ("employee", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="account_events", to=settings.AUTH_USER_MODEL, verbose_name="employee")),
            ],
            options={
                "verbose_name": "account event",
                "verbose_name_plural": "journal of accounts",
                "ordering": ["-id"],
            },
        ),
    ]
