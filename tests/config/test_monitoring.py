"""What the example of a monitoring looks at is told by /metrics; it calls people when it should."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from telegrambot import figures
from telegrambot.models import Chat
from tests import services
from tests.company import Company
from treasury.models import LastBackup

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "monitoring"
NAME = re.compile(r"\btreasury_[a-z_]+")


@pytest.fixture(scope="module")
def promtool() -> str:
    return services.needed(shutil.which("promtool"), "promtool", "prometheus")


def told(client: Client) -> set[str]:
    """As they are asked for: of what is counted the sum, of what is measured the parts."""
    text = client.get("/metrics").content.decode()
    endings = {"counter": ("_total",), "histogram": ("_bucket",)}
    return {
        family.name + ending
        for family in text_string_to_metric_families(text)
        for ending in endings.get(family.type, ("",))
    }


def expressions(dashboard: str) -> set[str]:
    panels = json.loads(dashboard)["panels"]
    return {
        name for panel in panels for one in panel["targets"] for name in NAME.findall(one["expr"])
    }


def test_what_is_watched_is_told_and_what_is_told_is_drawn(
    company: Company, client: Client, settings: LazySettings
) -> None:
    settings.METRICS_TOKEN = ""
    Chat.objects.update(delivered_at=timezone.now())
    figures.keep_pending(0)
    figures.keep_expiry(timezone.now())
    LastBackup.objects.create(made_at=timezone.now(), name="treasury.tar", size=1)
    exported = told(client)
    watched = set(NAME.findall((FOLDER / "alerts.yml").read_text()))
    assert watched
    assert watched <= exported
    assert expressions((FOLDER / "dashboard.json").read_text()) == exported


def test_no_panel_of_the_dashboard_lies_on_another() -> None:
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    covered = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(covered) == len(set(covered))
    assert max(x for x, _y in covered) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)


@pytest.mark.parametrize(
    "check",
    [
        ("check", "rules", "alerts.yml"),
        ("check", "config", "--syntax-only", "prometheus.yml"),
        # People are called when something is wrong, and only then.
        ("test", "rules", "alerts_test.yml"),
    ],
)
def test_prometheus_understands_it(promtool: str, check: tuple[str, ...]) -> None:
    done = subprocess.run(
        [promtool, *check], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
