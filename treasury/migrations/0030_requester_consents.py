"""Whoever is named as requester by somebody else confirms it once."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0029_approvers_follow'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accountevent',
            name='action',
            field=models.CharField(choices=[('linked', 'Telegram linked'), ('unlinked', 'Telegram unlinked'), ('revoked', 'Access revoked'), ('away', 'Deputy appointed'), ('back', 'Delegation ended'), ('hired', 'Employee added'), ('changed', 'Data changed'), ('email', 'E-mail changed'), ('rights', 'Roles and rights changed'), ('left', 'Works here no longer'), ('returned', 'Works here again'), ('password_link', 'Link to set a password'), ('password_set', 'Password set'), ('appointed', 'Appointed as approver'), ('dismissed', 'Approver no longer'), ('consent_asked', 'Asked to confirm an author'), ('consent_given', 'Author confirmed'), ('consent_revoked', 'Author not confirmed any more')], max_length=20, verbose_name='action'),
        ),
        migrations.CreateModel(
            name='RequesterConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('given_at', models.DateTimeField(blank=True, null=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('requester', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='consents', to=settings.AUTH_USER_MODEL, verbose_name='requester')),
            ],
            options={
                'ordering': ['id'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(models.F('requester'), models.F('author'), name='one_consent_a_pair'), models.CheckConstraint(condition=models.Q(('requester', models.F('author')), _negated=True), name='nobody_consents_to_himself')],
            },
        ),
    ]
