"""A message may be about the person's account instead of a request."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0003_dialogs")]

    operations = [
        migrations.RemoveConstraint(
            model_name='sentmessage',
            name='message_knows_what_it_is_about',
        ),
        migrations.AddField(
            model_name='sentmessage',
            name='text',
            field=models.TextField(blank=True, help_text='Of a notice, as HTML.', verbose_name='text'),
        ),
        migrations.AlterField(
            model_name='sentmessage',
            name='purpose',
            field=models.CharField(choices=[('task', 'Asks an approver'), ('announcement', 'Announces to the group'), ('documents', 'Further documents'), ('outcome', 'Tells the outcome'), ('details', 'Answers a question about the request'), ('notice', "Tells something about the person's account")], max_length=12, verbose_name='purpose'),
        ),
        migrations.AlterField(
            model_name='sentmessage',
            name='request',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='treasury.paymentrequest', verbose_name='request'),
        ),
        migrations.AddConstraint(
            model_name='sentmessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('purpose', 'notice'), ('request__isnull', True)), models.Q(('purpose', 'task'), ('request__isnull', False), ('task__isnull', False)), models.Q(models.Q(('purpose__in', ['notice', 'task']), _negated=True), ('event__isnull', False), ('request__isnull', False)), _connector='OR'), name='message_knows_what_it_is_about'),
        ),
        migrations.AddConstraint(
            model_name='sentmessage',
            constraint=models.CheckConstraint(condition=models.Q(('purpose', 'notice'), ('text', ''), _connector='XOR'), name='message_has_text_as_a_notice'),
        ),
    ]
