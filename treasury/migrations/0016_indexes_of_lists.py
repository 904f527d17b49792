"""The request list, and who may read what, are found by indexes."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0015_violations_in_words")]

    operations = [
        migrations.RemoveIndex(
            model_name='paymentrequest',
            name='request_by_desired_date',
        ),
        migrations.RemoveIndex(
            model_name='paymentrequest',
            name='request_by_invoice',
        ),
        migrations.AddIndex(
            model_name='paymentrequest',
            index=models.Index(condition=models.Q(('payment_status__in', ['none', 'failed']), ('status', 'approved')), fields=['desired_date', 'id'], name='request_to_pay'),
        ),
        migrations.AddIndex(
            model_name='approvaltask',
            index=models.Index(fields=['employee', '-request'], name='task_by_employee'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(condition=models.Q(('on_behalf_of__isnull', False)), fields=['decided_by', '-request'], name='decision_by_deputy'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['action', '-id'], name='decision_by_action'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['action', '-id'], name='event_by_action'),
        ),
        migrations.AddIndex(
            model_name='paymentrequest',
            index=models.Index(fields=['organization', '-id'], name='request_by_organization'),
        ),
        migrations.AddIndex(
            model_name='paymentrequest',
            index=models.Index(fields=['department', '-id'], name='request_by_department'),
        ),
        migrations.AddIndex(
            model_name='paymentrequest',
            index=models.Index(fields=['counterparty', '-id'], name='request_by_counterparty'),
        ),
        migrations.AddIndex(
            model_name='paymentrequest',
            index=models.Index(fields=['author', '-id'], name='request_by_author'),
        ),
        migrations.AddIndex(
            model_name='paymentrequest',
            index=models.Index(fields=['requester', '-id'], name='request_by_requester'),
        ),
        migrations.AddIndex(
            model_name='paymentrequest',
            index=models.Index(fields=['author', 'status'], name='request_by_author_status'),
        ),
        migrations.AddIndex(
            model_name='paymentrequest',
            index=models.Index(fields=['-status', '-id'], name='request_by_status_backward'),
        ),
        migrations.AddIndex(
            model_name='paymentrequest',
            index=models.Index(fields=['amount', 'id'], name='request_by_amount'),
        ),
        migrations.AddIndex(
            model_name='paymentrequest',
            index=models.Index(fields=['desired_date', 'id'], name='request_by_desired_date'),
        ),
        migrations.AddIndex(
            model_name='paymentrequest',
            index=models.Index(django.db.models.functions.text.Right('number', 5), name='request_by_number_end'),
        ),
        migrations.AddIndex(
            model_name="counterparty",
            index=models.Index(fields=["name"], name="counterparty_by_name"),
        ),
    ]
