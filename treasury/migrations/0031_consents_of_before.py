"""Those who have submitted together need not be asked any more."""

from django.db import migrations, models


def give(apps, editor) -> None:
    """One consent for each requester and author of a request that was ever submitted."""
    submitted = apps.get_model("treasury", "PaymentRequest").objects.filter(revision__gt=0)
    together = submitted.exclude(author=models.F("requester")).order_by()
    consent = apps.get_model("treasury", "RequesterConsent")
    pairs = together.values_list("requester", "author").annotate(first=models.Min("created_at"))
    consent.objects.bulk_create(
        [
            consent(requester_id=requester, author_id=author, asked_at=first, given_at=first)
            for requester, author, first in pairs
        ],
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [("treasury", "0030_requester_consents")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
