"""Who says which days are working days, and who sees it."""

from functools import partial

from django.db import migrations

from treasury.roles import grant, may, withdraw

GRANTS = {
    "Аудитор": may("view", "treasury.calendarday"),
    "Администратор": may("view add change delete", "treasury.calendarday"),
}


class Migration(migrations.Migration):
    dependencies = [("treasury", "0041_working_calendar")]

    operations = [
        migrations.RunPython(partial(grant, grants=GRANTS), partial(withdraw, grants=GRANTS))
    ]
