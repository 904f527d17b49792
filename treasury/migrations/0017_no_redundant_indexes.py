"""Foreign keys with which another index begins need none of their own."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

journal = import_module("treasury.migrations.0002_guard_journal")


def guard_again(apps, editor) -> None:
    """SQLite builds the altered table anew, without its triggers."""
    journal.guard(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("treasury", "0016_indexes_of_lists")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, guard_again),
        migrations.AlterField(
            model_name='approvaltask',
            name='employee',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to=settings.AUTH_USER_MODEL, verbose_name='approver'),
        ),
        migrations.AlterField(
            model_name='approvaltask',
            name='stage',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='treasury.approvalstage'),
        ),
        migrations.AlterField(
            model_name='counterpartyaccount',
            name='counterparty',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='treasury.counterparty', verbose_name='counterparty'),
        ),
        migrations.AlterField(
            model_name='department',
            name='organization',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='departments', to='treasury.organization', verbose_name='organization'),
        ),
        migrations.AlterField(
            model_name='event',
            name='request',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='treasury.paymentrequest', verbose_name='request'),
        ),
        migrations.AlterField(
            model_name='paymentrequest',
            name='author',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='authored_requests', to=settings.AUTH_USER_MODEL, verbose_name='author'),
        ),
        migrations.AlterField(
            model_name='paymentrequest',
            name='counterparty',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='treasury.counterparty', verbose_name='counterparty'),
        ),
        migrations.AlterField(
            model_name='paymentrequest',
            name='department',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='treasury.department', verbose_name='department'),
        ),
        migrations.AlterField(
            model_name='paymentrequest',
            name='organization',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='treasury.organization', verbose_name='organization'),
        ),
        migrations.AlterField(
            model_name='paymentrequest',
            name='requester',
            field=models.ForeignKey(db_index=False, help_text='Who asked for the payment; hears the outcome.', on_delete=django.db.models.deletion.PROTECT, related_name='requested', to=settings.AUTH_USER_MODEL, verbose_name='requester'),
        ),
        migrations.RunPython(guard_again, migrations.RunPython.noop),
    ]
