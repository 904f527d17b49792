"""Says in words what a person did who met these rules; the tables stay as they are."""

from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0014_banks_in_use'),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name='approvalroute',
            name='one_active_route_an_organization',
            constraint=models.UniqueConstraint(models.F('organization'), condition=models.Q(('is_active', True)), name='one_active_route_an_organization', violation_error_message='Another route of this organization is in use.'),
        ),
        migrations.AlterConstraint(
            model_name='approvalroute',
            name='one_active_general_route',
            constraint=models.UniqueConstraint(models.F('is_active'), condition=models.Q(('is_active', True), ('organization', None)), name='one_active_general_route', violation_error_message='Another route for all organizations is in use.'),
        ),
        migrations.AlterConstraint(
            model_name='counterparty',
            name='counterparty_inn_and_kpp',
            constraint=models.UniqueConstraint(models.F('inn'), models.F('kpp'), name='counterparty_inn_and_kpp', violation_error_message='A counterparty with this INN and KPP already exists.'),
        ),
        migrations.AlterConstraint(
            model_name='counterpartyaccount',
            name='counterparty_account_once',
            constraint=models.UniqueConstraint(models.F('counterparty'), models.F('bank'), models.F('number'), name='counterparty_account_once', violation_error_message='The counterparty has this account already.'),
        ),
        migrations.AlterConstraint(
            model_name='department',
            name='department_name_in_organization',
            constraint=models.UniqueConstraint(models.F('organization'), models.F('name'), name='department_name_in_organization', violation_error_message='The organization has such a department already.'),
        ),
        migrations.AlterConstraint(
            model_name='employee',
            name='employee_email_is_one_person',
            constraint=models.UniqueConstraint(Lower('email'), name='employee_email_is_one_person', violation_error_message='There is an employee with this e-mail already.'),
        ),
        migrations.AlterConstraint(
            model_name='ownaccount',
            name='own_account_number_in_bank',
            constraint=models.UniqueConstraint(models.F('bank'), models.F('number'), name='own_account_number_in_bank', violation_error_message='There is this account already.'),
        ),
    ]
