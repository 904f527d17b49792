"""The end of each journal stands on its request's row, where a tail cut off would show."""

from django.db import migrations, models

FILL = """
    UPDATE treasury_paymentrequest SET
        journal_length = (
            SELECT COALESCE(MAX(sequence), 0) FROM treasury_event
            WHERE request_id = treasury_paymentrequest.id
        ),
        journal_hash = COALESCE((
            SELECT hash FROM treasury_event WHERE request_id = treasury_paymentrequest.id
            ORDER BY sequence DESC LIMIT 1
        ), journal_hash)
"""


class Migration(migrations.Migration):
    dependencies = [("treasury", "0018_search_by_trigrams")]

    operations = [
        migrations.AddField(
            model_name="paymentrequest",
            name="journal_length",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="paymentrequest",
            name="journal_hash",
            field=models.CharField(default="0" * 64, editable=False, max_length=64),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
