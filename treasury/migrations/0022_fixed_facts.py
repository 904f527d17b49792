"""Facts by which money is routed stay once requests rely on them; what goes out of use says why."""

import django.db.models.deletion
from django.db import migrations, models

from treasury.guards import guard, unguard


def raise_guards(apps, editor):
    # On SQLite they are raised when all migrations are done: see `treasury.guards.connect`.
    if editor.connection.vendor == "postgresql":
        guard(editor.connection)


def lower_guards(apps, editor):
    unguard(editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0021_makers'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='ownaccount',
            name='own_account_number_in_bank',
        ),
        migrations.AddField(
            model_name='bank',
            name='out_of_use_reason',
            field=models.CharField(blank=True, help_text='Told to whoever meets the row.', max_length=200, verbose_name='why out of use'),
        ),
        migrations.AddField(
            model_name='counterparty',
            name='out_of_use_reason',
            field=models.CharField(blank=True, help_text='Told to whoever meets the row.', max_length=200, verbose_name='why out of use'),
        ),
        migrations.AddField(
            model_name='counterpartyaccount',
            name='out_of_use_reason',
            field=models.CharField(blank=True, help_text='Told to whoever meets the row.', max_length=200, verbose_name='why out of use'),
        ),
        migrations.AddField(
            model_name='department',
            name='out_of_use_reason',
            field=models.CharField(blank=True, help_text='Told to whoever meets the row.', max_length=200, verbose_name='why out of use'),
        ),
        migrations.AddField(
            model_name='ownaccount',
            name='out_of_use_reason',
            field=models.CharField(blank=True, help_text='Told to whoever meets the row.', max_length=200, verbose_name='why out of use'),
        ),
        migrations.AlterField(
            model_name='counterpartyaccount',
            name='bank',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='treasury.bank', verbose_name='bank'),
        ),
        migrations.AlterField(
            model_name='numbersequence',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sequences', to='treasury.organization'),
        ),
        migrations.AlterField(
            model_name='ownaccount',
            name='bank',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='treasury.bank', verbose_name='bank'),
        ),
        migrations.AddConstraint(
            model_name='ownaccount',
            constraint=models.UniqueConstraint(models.F('bank'), models.F('number'), models.F('organization'), name='own_account_once', violation_error_message='There is this account already.'),
        ),
        migrations.RunPython(raise_guards, lower_guards),
    ]
