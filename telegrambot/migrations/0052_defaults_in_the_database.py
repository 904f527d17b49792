"""For whoever has the columns of 0041 to 0049 from before the database filled them itself."""

from functools import partial

from django.db import migrations

from treasury.defaults import give

COLUMNS = {
    "chat": ["inline_id", "weekly", "digests_since", "urgent_passes", "muted", "zone"],
    "sentmessage": ["removal", "told"],
}


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0051_tallies")]

    operations = [
        migrations.RunPython(
            partial(give, app="telegrambot", columns=COLUMNS), migrations.RunPython.noop
        )
    ]
