"""Names are sorted as Russian readers look for them, by a collation of their own."""

import treasury.validators
from django.db import migrations, models


def create_collation(apps, schema_editor):
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute("CREATE COLLATION by_name (provider = icu, locale = 'und')")


def drop_collation(apps, schema_editor):
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute('DROP COLLATION by_name')


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0010_delegations_begun_by_somebody'),
    ]

    operations = [
        # SQLite gets its own with the connection.
        migrations.RunPython(create_collation, drop_collation),
        migrations.AlterField(
            model_name='approvalroute',
            name='name',
            field=models.CharField(db_collation='by_name', max_length=120, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='approvergroup',
            name='name',
            field=models.CharField(db_collation='by_name', max_length=80, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='bank',
            name='name',
            field=models.CharField(db_collation='by_name', max_length=160, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='counterparty',
            name='name',
            field=models.CharField(db_collation='by_name', max_length=160, validators=[treasury.validators.validate_party_name], verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='department',
            name='name',
            field=models.CharField(db_collation='by_name', max_length=120, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='employee',
            name='first_name',
            field=models.CharField(db_collation='by_name', max_length=80, verbose_name='first name'),
        ),
        migrations.AlterField(
            model_name='employee',
            name='last_name',
            field=models.CharField(db_collation='by_name', max_length=80, verbose_name='last name'),
        ),
        migrations.AlterField(
            model_name='employee',
            name='patronymic',
            field=models.CharField(blank=True, db_collation='by_name', max_length=80, verbose_name='patronymic'),
        ),
        migrations.AlterField(
            model_name='organization',
            name='name',
            field=models.CharField(db_collation='by_name', max_length=160, validators=[treasury.validators.validate_party_name], verbose_name='name'),
        ),
    ]
