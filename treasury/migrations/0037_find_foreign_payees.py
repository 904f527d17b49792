"""What `finds` looks for in the numbers of payees abroad is found by an index too: see 0018."""

from django.db import migrations

COLUMNS = ("kio", "tax_number")


def build(apps, editor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    for column in COLUMNS:
        editor.execute(
            f"CREATE INDEX counterparty_{column}_trigrams ON treasury_counterparty "
            f"USING gin ((REPLACE(UPPER({column}), 'Ё', 'Е')) gin_trgm_ops)"
        )


def drop(apps, editor) -> None:
    if editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            editor.execute(f"DROP INDEX counterparty_{column}_trigrams")


class Migration(migrations.Migration):
    dependencies = [("treasury", "0036_foreign_payees")]

    operations = [migrations.RunPython(build, drop)]
