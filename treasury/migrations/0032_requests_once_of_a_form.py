"""The same form sent twice at once makes one request."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0031_consents_of_before")]

    operations = [
        migrations.AddField(
            model_name="paymentrequest",
            name="form_token",
            field=models.UUIDField(null=True, editable=False),
        ),
        migrations.AddConstraint(
            model_name="paymentrequest",
            constraint=models.UniqueConstraint(
                "author", "form_token", name="request_once_of_a_form"
            ),
        ),
    ]
