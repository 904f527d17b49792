"""For whoever has the column of 0040 from before the database filled it itself."""

from functools import partial

from django.db import migrations

from treasury.defaults import give

COLUMNS = {"employee": ["phone"]}


class Migration(migrations.Migration):
    dependencies = [("treasury", "0047_backups")]

    operations = [
        migrations.RunPython(
            partial(give, app="treasury", columns=COLUMNS), migrations.RunPython.noop
        )
    ]
