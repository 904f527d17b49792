"""Whoever has changed what is paid is among those who never decide on it."""

from collections import defaultdict

from django.db import migrations, models


def fill(apps, editor) -> None:
    """From the journal, which names who has made each material change."""
    changes = apps.get_model("treasury", "Event").objects.filter(
        action="change", data__material=True
    ).exclude(
        actor=models.F("request__author")
    ).exclude(
        actor=models.F("request__requester")
    )
    makers = defaultdict(set)
    for request, actor in changes.values_list("request", "actor").order_by("id").iterator():
        makers[request].add(actor)
    requests = apps.get_model("treasury", "PaymentRequest").objects
    for request, people in makers.items():
        requests.filter(pk=request).update(makers=sorted(people))


class Migration(migrations.Migration):
    dependencies = [("treasury", "0020_people_journal")]

    operations = [
        migrations.AddField(
            model_name="paymentrequest",
            name="makers",
            field=models.JSONField(default=list, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
