"""Payees abroad, known by their country and a number of it, and banks abroad, by their SWIFT."""

import treasury.countries
import treasury.validators
from django.db import migrations, models
from django.db.migrations.exceptions import IrreversibleError

from treasury.guards import guard, unguard


def lower_guards(apps, editor):
    # PostgreSQL alters no column that a trigger names.
    unguard(editor.connection)


def raise_guards(apps, editor):
    # On SQLite they are raised when all migrations are done: see `treasury.guards.connect`.
    if editor.connection.vendor == "postgresql":
        guard(editor.connection)


def refuse_foreign(apps, editor):
    """Going back would lose by what they are known, and to whom money went."""
    abroad = [
        *apps.get_model("treasury", "Counterparty").objects.filter(inn=""),
        *apps.get_model("treasury", "Bank").objects.filter(bik=None),
    ]
    if abroad:
        names = ", ".join(row.name for row in abroad)
        raise IrreversibleError(f"There are payees or banks abroad: {names}")


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0035_whose_voice'),
    ]

    operations = [
        migrations.RunPython(lower_guards, raise_guards),
        migrations.RemoveConstraint(
            model_name='counterparty',
            name='counterparty_inn_and_kpp',
        ),
        migrations.AddField(
            model_name='bank',
            name='swift',
            field=models.CharField(blank=True, help_text='Of a bank abroad; also called BIC.', max_length=11, null=True, unique=True, validators=[treasury.validators.validate_bic], verbose_name='SWIFT'),
        ),
        migrations.AddField(
            model_name='counterparty',
            name='country',
            field=models.CharField(choices=treasury.countries.choices, default='RU', help_text='A foreign company that has an INN of its own is found under Russia.', max_length=2, verbose_name='country'),
        ),
        migrations.AddField(
            model_name='counterparty',
            name='kio',
            field=models.CharField(blank=True, help_text='Of a payee abroad: 5 digits, if the Russian tax service has given them.', max_length=5, validators=[treasury.validators.validate_kio], verbose_name='KIO'),
        ),
        migrations.AddField(
            model_name='counterparty',
            name='tax_number',
            field=models.CharField(blank=True, help_text='Of a payee abroad: what its own country knows it by.', max_length=20, validators=[treasury.validators.validate_tax_number], verbose_name='tax number'),
        ),
        migrations.AlterField(
            model_name='bank',
            name='bik',
            field=models.CharField(blank=True, help_text='Of a bank in Russia.', max_length=9, null=True, unique=True, validators=[treasury.validators.validate_bik], verbose_name='BIK'),
        ),
        migrations.AlterField(
            model_name='bank',
            name='correspondent_account',
            field=models.CharField(blank=True, help_text='Of a bank in Russia.', max_length=20, validators=[treasury.validators.validate_account_number], verbose_name='correspondent account'),
        ),
        migrations.AlterField(
            model_name='counterparty',
            name='inn',
            field=models.CharField(blank=True, help_text='Of a payee in Russia.', max_length=12, validators=[treasury.validators.validate_inn], verbose_name='INN'),
        ),
        migrations.AlterField(
            model_name='counterparty',
            name='kpp',
            field=models.CharField(blank=True, help_text='Of a company in Russia.', max_length=9, validators=[treasury.validators.validate_kpp], verbose_name='KPP'),
        ),
        migrations.AlterField(
            model_name='counterpartyaccount',
            name='number',
            field=models.CharField(help_text='20 digits at a bank in Russia; abroad the IBAN, or where there are none the number.', max_length=34, validators=[treasury.validators.validate_payee_account], verbose_name='number'),
        ),
        migrations.AddConstraint(
            model_name='bank',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bik__isnull', False), ('swift', None)), models.Q(('bik', None), ('correspondent_account', ''), ('swift__isnull', False)), _connector='OR'), name='bank_has_a_bik_or_a_swift'),
        ),
        migrations.AddConstraint(
            model_name='counterparty',
            constraint=models.UniqueConstraint(models.F('inn'), models.F('kpp'), condition=models.Q(('inn', ''), _negated=True), name='counterparty_inn_and_kpp', violation_error_message='A counterparty with this INN and KPP already exists.'),
        ),
        migrations.AddConstraint(
            model_name='counterparty',
            constraint=models.UniqueConstraint(models.F('country'), models.F('tax_number'), condition=models.Q(('tax_number', ''), _negated=True), name='counterparty_tax_number_in_country', violation_error_message='A counterparty of this country with this tax number already exists.'),
        ),
        migrations.AddConstraint(
            model_name='counterparty',
            constraint=models.UniqueConstraint(models.F('kio'), condition=models.Q(('kio', ''), _negated=True), name='counterparty_kio', violation_error_message='A counterparty with this KIO already exists.'),
        ),
        migrations.AddConstraint(
            model_name='counterparty',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('country', 'RU'), ('kio', ''), ('tax_number', ''), models.Q(('inn', ''), _negated=True)), models.Q(models.Q(('country', 'RU'), _negated=True), ('inn', ''), ('kpp', ''), models.Q(('kio', ''), ('tax_number', ''), _negated=True)), _connector='OR'), name='counterparty_is_known_in_one_way'),
        ),
        migrations.RunPython(raise_guards, lower_guards),
        migrations.RunPython(migrations.RunPython.noop, refuse_foreign),
    ]
