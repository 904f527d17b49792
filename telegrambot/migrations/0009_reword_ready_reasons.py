"""One more approver may decide as well, but need not: the reasons must not promise that he does."""

from django.db import migrations

REWORDED = {
    "Нужна вторая подпись": "Тоже отвечает за этот бюджет",
    "Нужно мнение специалиста": "Лучше знает этот договор",
    "Крупная сумма": "Меня может не быть на месте",
}


def reword(apps, schema_editor):
    _replace(apps, REWORDED)


def take_back(apps, schema_editor):
    _replace(apps, {new: old for old, new in REWORDED.items()})


def _replace(apps, texts):
    """Those that the administrator has changed are his."""
    reasons = apps.get_model("telegrambot", "ReasonTemplate").objects.filter(action="add_approver")
    for before, after in texts.items():
        reasons.filter(text=before).update(text=after)


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0008_roles")]

    operations = [migrations.RunPython(reword, take_back)]
