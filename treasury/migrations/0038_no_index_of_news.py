"""The journal is not asked for what a channel has yet to consume: each channel keeps that itself.

Apart from what follows, so that the channels' own migrations stand between the two whichever way
one goes: on the way back they fill in the column before it is searched again.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("treasury", "0037_find_foreign_payees")]

    operations = [migrations.RemoveIndex("event", "events_to_project")]
