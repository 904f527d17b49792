"""Why a task usually goes to a colleague; the administrator changes it as he likes."""

from django.db import migrations

REASONS = {
    "reassign": (
        "Не моя зона ответственности",
        "Ухожу в отпуск",
        "Нужно решение руководителя",
    ),
    "add_approver": (
        "Нужна вторая подпись",
        "Нужно мнение специалиста",
        "Крупная сумма",
    ),
}


def create(apps, schema_editor):
    template = apps.get_model("telegrambot", "ReasonTemplate")
    for action, texts in REASONS.items():
        for position, text in enumerate(texts, start=1):
            template.objects.create(action=action, text=text, position=position)


def remove(apps, schema_editor):
    template = apps.get_model("telegrambot", "ReasonTemplate")
    for action, texts in REASONS.items():
        template.objects.filter(action=action, text__in=texts).delete()


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0005_deputising")]

    operations = [migrations.RunPython(create, remove)]
