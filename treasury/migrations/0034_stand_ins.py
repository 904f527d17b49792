from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0033_min_people")]

    operations = [
        migrations.AddField(
            model_name="routestage",
            name="stand_ins",
            field=models.ManyToManyField(blank=True, help_text="To whom, besides those of this role, a task may be handed over; and who is asked when an approver is the requester himself and the stage needs his voice.", related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="may take over"),
        ),
    ]
