"""What `finds` looks for in requests and payees is found by an index, on PostgreSQL.

SQLite has none for parts of words: there a search reads the column.
"""

from django.db import migrations

# Index → table and column. Of number and invoice, people remember the end; of a purpose, a word.
INDEXES = {
    "request_number_trigrams": ("treasury_paymentrequest", "number"),
    "request_invoice_trigrams": ("treasury_paymentrequest", "invoice_number"),
    "request_purpose_trigrams": ("treasury_paymentrequest", "purpose"),
    "counterparty_name_trigrams": ("treasury_counterparty", "name"),
    "counterparty_inn_trigrams": ("treasury_counterparty", "inn"),
}


def build(apps, editor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for name, (table, column) in INDEXES.items():
        # The expression of the lookup (`treasury.search`), or the index is of no use.
        folded = f"REPLACE(UPPER({column}), 'Ё', 'Е')"
        editor.execute(f"CREATE INDEX {name} ON {table} USING gin (({folded}) gin_trgm_ops)")


def drop(apps, editor) -> None:
    """The extension stays: others may use it."""
    if editor.connection.vendor == "postgresql":
        for name in INDEXES:
            editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("treasury", "0017_no_redundant_indexes")]

    operations = [migrations.RunPython(build, drop)]
