"""Reasons that nearly every company needs; the administrator changes them as he likes."""

from django.db import migrations

REASONS = {
    "decline": (
        "Нет средств в бюджете",
        "Не согласовано с руководителем",
        "Нарушены условия договора",
        "Повторная заявка",
    ),
    "return_for_rework": (
        "Приложите счёт или договор",
        "Проверьте реквизиты получателя",
        "Исправьте сумму или НДС",
        "Уточните назначение платежа",
        "Укажите верную статью ДДС",
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
    dependencies = [("telegrambot", "0001_initial")]

    operations = [migrations.RunPython(create, remove)]
