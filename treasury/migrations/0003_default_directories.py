"""What every company starts with: the route of three stages, its two groups, the VAT rates."""

from datetime import date
from decimal import Decimal

from django.db import migrations

GROUPS = {"financial_managers": "Финансовые менеджеры", "treasurers": "Казначеи"}
STAGES = (
    ("Держатель бюджета", "budget_holders", None, "budget"),
    ("Финансовый менеджер", "group", "financial_managers", "payee"),
    ("Казначей", "group", "treasurers", "payment"),
)
VAT_RATES = (
    ("22 %", Decimal("22"), date(2026, 1, 1), None),
    ("20 %", Decimal("20"), date(2019, 1, 1), date(2025, 12, 31)),
    ("10 %", Decimal("10"), None, None),
    ("0 %", Decimal("0"), None, None),
    ("Без НДС", None, None, None),
)
ROUTE = "Основной маршрут"


def create(apps, schema_editor):
    group_model = apps.get_model("treasury", "ApproverGroup")
    groups = {
        code: group_model.objects.create(code=code, name=name) for code, name in GROUPS.items()
    }
    route = apps.get_model("treasury", "ApprovalRoute").objects.create(name=ROUTE)
    for position, (name, approvers, group, concern) in enumerate(STAGES, start=1):
        apps.get_model("treasury", "RouteStage").objects.create(
            route=route,
            position=position,
            name=name,
            approvers=approvers,
            group=groups.get(group),
            concern=concern,
        )
    for name, percent, since, until in VAT_RATES:
        apps.get_model("treasury", "VatRate").objects.create(
            name=name, percent=percent, since=since, until=until
        )


def remove(apps, schema_editor):
    apps.get_model("treasury", "ApprovalRoute").objects.filter(name=ROUTE).delete()
    apps.get_model("treasury", "ApproverGroup").objects.filter(code__in=GROUPS).delete()
    names = [name for name, *_ in VAT_RATES]
    apps.get_model("treasury", "VatRate").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [("treasury", "0002_guard_journal")]

    operations = [migrations.RunPython(create, remove)]
