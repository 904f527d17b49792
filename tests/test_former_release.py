"""The last release at work beside a database that the code as it is has migrated: it is, while web
and worker are replaced, and on the other machines of an installation that has several."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from telegrambot.kinds import registry
from telegrambot.models import Chat, IncomingFile, SentMessage
from tests import databases, release
from tests.company import TELEGRAM
from tests.databases import Own
from tests.telegrambot import bot
from treasury.models import Employee, PaymentRequest
from treasury.services import comments, decisions

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("former_release")]

HISTORY = Path(__file__).with_name("former_release.py")
# Of its own suite what writes to each of the tables that were changed since.
ITS_TESTS = (
    "tests/treasury/test_people.py", "tests/treasury/test_delegations.py",
    "tests/telegrambot/test_handlers.py", "tests/telegrambot/test_alerts.py",
)  # fmt: skip
ITS_TEMPLATE = """
import os
from tests import databases
its = databases.of(os.environ["DATABASE_URL"])
databases.VAR.mkdir(exist_ok=True)
print(its.name_for("migrated_" + databases._state_of_the_code()))
"""
Json = dict[str, Any]


class Former:
    """Its code in a folder, which writes to the database with this address."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        # It is no worker of ours.
        ours = {key: value for key, value in os.environ.items() if "PYTEST" not in key}
        self._environment = {**ours, "DATABASE_URL": address}

    def run(self, *arguments: str, told: str = "") -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=self._environment, input=told,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def live(self, part: str, **facts: Any) -> Json:
        """A part of the history; from standard input, so that nothing of ours is imported."""
        said = self.run("-", part, json.dumps(facts), told=HISTORY.read_text())
        lived: Json = json.loads(said.splitlines()[-1])
        return lived


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("former")
    release.check_out(folder)
    # It can migrate nothing by its own migrations.
    (folder / "manage.py").unlink()
    return folder


@pytest.fixture
def former(checkout: Path, own_database: Own, transactional_db: None) -> Former:
    """On the database of the test."""
    address = databases.of(os.environ["DATABASE_URL"]).address(own_database.name)
    return Former(checkout, address)


@pytest.mark.django_db
def test_all_its_columns_are_there_and_all_others_fill_themselves() -> None:
    """For it knows none of them: a row that it adds has only its own."""
    loader = MigrationExecutor(connection).loader
    its = loader.project_state(list(release.LAST_RELEASE)).apps
    for model in its.get_models(include_auto_created=True):
        with connection.cursor() as cursor:
            table = connection.introspection.get_table_description(cursor, model._meta.db_table)
        known = {field.column for field in model._meta.concrete_fields}
        assert known <= {column.name for column in table}, model
        added = [column for column in table if column.name not in known]
        wanting = [each.name for each in added if not each.null_ok and each.default is None]
        assert not wanting, f"{model._meta.db_table}: {wanting} want a db_default"


def test_it_writes_and_the_new_release_goes_on_and_it_goes_on_again(former: Former) -> None:
    lived = former.live("begin")
    written = SentMessage.objects.count()
    assert Chat.objects.get(telegram_id=lived["new_group"]).muted == []
    assert Employee.objects.get(pk=lived["hired"]).phone == ""
    assert IncomingFile.objects.get().dialog is None
    _go_on(PaymentRequest.objects.get(pk=lived["request"]))
    assert SentMessage.objects.count() > written

    lived = former.live("go_on", **lived)
    assert lived["answer"].startswith("Approved")
    assert lived["status"] == "approved"
    assert lived["pages"] == [200] * 4
    _prove()


def _go_on(request: PaymentRequest) -> None:
    """As the new worker and the new web do, while the former web is still there."""
    _prove()
    bot.project()
    task = request.tasks.get(status="open")
    with transaction.atomic():
        comments.add(request=request, author=task.employee, channel=TELEGRAM, text="Где договор?")
    decisions.approve(task=task, actor=task.employee, channel=TELEGRAM)
    bot.project()


def _prove() -> None:
    call_command("verify_journal")
    for message in SentMessage.objects.all():
        registry.render(message)


def test_its_own_tests_of_what_writes_pass(checkout: Path) -> None:
    """They make copies of a database that is migrated already, and find ours in its place."""
    ours = databases.of(os.environ["DATABASE_URL"])
    former = Former(checkout, f"{os.environ['DATABASE_URL']}_former")
    template = former.run("-c", ITS_TEMPLATE).strip()
    try:
        ours.copy(template)
        former.run("-m", "config.translations", "compile")
        former.run("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *ITS_TESTS)
    finally:
        ours.drop(template)
