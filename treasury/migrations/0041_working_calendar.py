"""Days on which the company's calendar differs from the one that the library knows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0040_phone")]

    operations = [
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField(unique=True, verbose_name="day")),
                ("kind", models.CharField(choices=[("working", "Working day"), ("short", "Working day, an hour shorter"), ("off", "Day off")], max_length=10, verbose_name="what it is")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
            ],
            options={"verbose_name": "calendar day", "verbose_name_plural": "working calendar", "ordering": ["-date"]},
        ),
    ]
