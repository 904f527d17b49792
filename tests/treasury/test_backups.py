"""One file brings back all of it, or nothing happens and the reason is said."""

import os
import shutil
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings, settings
from django.core.checks import run_checks
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pyrage.x25519 import Identity

from telegrambot.models import Sought
from tests import databases, services
from tests.backups import Elsewhere, documents, elsewhere_of, files, made, run
from tests.company import Company
from tests.telegrambot import bot
from treasury import proving, witness
from treasury.models import Attachment, Hold, LastBackup, PaymentRequest

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
SHELL = shutil.which("sh")


@pytest.fixture
def request_(company: Company) -> PaymentRequest:
    return company.approved(documents=2)


@pytest.fixture
def archive(request_: PaymentRequest, backups: Path) -> Path:
    return made(backups)


def refusal(command: str, *args: object, **options: object) -> str:
    with pytest.raises(CommandError) as refused:
        run(command, *args, **options)
    return str(refused.value)


def is_untouched(elsewhere: Elsewhere) -> bool:
    """Nothing stands there, not even in part."""
    with elsewhere.at_work():
        tables = connection.introspection.table_names()
    left = {path for path in documents(elsewhere.media) if path != ".restoring.lock"}
    return not tables and not left


def test_all_comes_back(
    company: Company, request_: PaymentRequest, archive: Path, elsewhere: Elsewhere
) -> None:
    made_at = LastBackup.objects.get().made_at
    heads, names = witness.heads(), set(Attachment.objects.values_list("file", flat=True))
    ours = {path: content for path, content in documents().items() if path in names}
    assert len(ours) == 2
    with elsewhere.at_work():
        said, complaints = run("restore", archive)
        assert "the journals end as the backup says" in said
        assert complaints == ""
        assert witness.heads() == heads
        assert list(proving.faults()) == []
        assert PaymentRequest.objects.get().number == request_.number
        assert {path: documents()[path] for path in ours} == ours
        assert Hold.objects.get().backed_up_at == made_at
        # Keys go on from where they were.
        company.submitted()
    assert not Hold.objects.exists()


def test_what_was_restored_can_be_backed_up_and_restored_in_its_place(
    company: Company, archive: Path, elsewhere: Elsewhere, backups: Path
) -> None:
    with elsewhere.at_work():
        run("restore", archive)
        company.submitted()
        heads = witness.heads()
        second = made(backups)
        company.submitted()
        assert "--replace" in refusal("restore", second)
        assert PaymentRequest.objects.count() == 3
        run("restore", second, replace=True, yes=True)
        assert witness.heads() == heads
        assert PaymentRequest.objects.count() == 2
        assert list(proving.faults()) == []


def test_nobody_else_reads_the_file_and_its_age_is_known(
    request_: PaymentRequest, backups: Path
) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=2), tick=False):
        file = made(backups)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(backups.stat().st_mode) == 0o700
    known = LastBackup.objects.get()
    assert (known.name, known.size) == (file.name, file.stat().st_size)
    assert datetime.now(UTC) - known.made_at > timedelta(hours=1)
    made(backups)
    assert LastBackup.objects.get().made_at > known.made_at


def test_a_backup_that_is_made_while_requests_are_submitted_is_of_one_moment(
    company: Company, backups: Path, elsewhere: Elsewhere
) -> None:
    company.submitted()
    first, enough = threading.Semaphore(0), threading.Event()

    def work(number: int) -> None:
        if number:
            while not enough.is_set():
                company.submitted()
                first.release()
        else:
            try:
                # Both are at it.
                assert first.acquire(timeout=30)
                assert first.acquire(timeout=30)
                for _time in range(3):
                    made(backups)
            finally:
                enough.set()

    bot.in_threads(3, work)
    written = PaymentRequest.objects.count()
    for file in sorted(files(backups)):
        with elsewhere.at_work():
            run("restore", file, replace=True, yes=True)
            assert list(proving.faults()) == []
            assert 0 < PaymentRequest.objects.count() <= written
            assert set(Attachment.objects.values_list("file", flat=True)) <= documents().keys()


def test_a_document_that_is_not_there_is_told(
    request_: PaymentRequest, backups: Path, elsewhere: Elsewhere
) -> None:
    lost, kept = request_.attachments.all()
    Path(lost.file.path).unlink()
    said, complaints = run("backup", backups)
    assert "1 documents, 1 missing" in said
    assert str(lost.file) in complaints
    [file] = files(backups)
    with elsewhere.at_work():
        _said, complaints = run("restore", file)
        assert str(lost.file) in complaints
        assert str(kept.file) in documents()


def test_what_is_encrypted_is_read_with_its_key_alone(
    request_: PaymentRequest, backups: Path, elsewhere: Elsewhere, tmp_path: Path,
    settings: LazySettings,
) -> None:  # fmt: skip
    key, another = Identity.generate(), Identity.generate()
    settings.BACKUP_AGE_RECIPIENT = [str(key.to_public())]
    file = made(backups)
    assert file.suffix == ".age"
    content = file.read_bytes()
    assert b"treasury_" not in content
    assert b"%PDF" not in content
    ours, others = tmp_path / "key.txt", tmp_path / "another.txt"
    ours.write_text(f"# created: today\n{key}\n")
    others.write_text(f"{another}\n")
    with elsewhere.at_work():
        assert "--identity" in refusal("restore", file)
        assert "another's key" in refusal("restore", file, identity=others)
        assert "no key of age" in refusal("restore", file, identity=file.parent / ".lock")
        cut = tmp_path / "cut.tar.age"
        cut.write_bytes(content[:-100])
        assert "cut off" in refusal("restore", cut, identity=ours)
    assert is_untouched(elsewhere)
    with elsewhere.at_work():
        run("restore", file, identity=ours)
        assert list(proving.faults()) == []
    assert "age1" in refusal("backup", backups, recipient=["age1nobody"])
    assert files(backups) == {file}


def test_what_was_cut_off_or_changed_is_refused(
    archive: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    whole = archive.read_bytes()
    broken = tmp_path / "broken.tar"
    # In a document, whose words stand there as they are.
    changed = whole.replace(b"/Type/Catalog", b"/Type/Catalox", 1)
    for content, words in (
        (b"", "not whole"),
        (b"no archive at all" * 100, "no backup"),
        (whole[: len(whole) // 2], "not whole"),
        (whole[: whole.rindex(b"manifest.json")], "its end is missing"),
        (changed, "not what was written"),
    ):
        broken.write_bytes(content)
        with elsewhere.at_work():
            assert words in refusal("restore", broken)
        assert is_untouched(elsewhere)


def test_what_would_leave_its_folder_is_refused(elsewhere: Elsewhere, tmp_path: Path) -> None:
    for name in ("media/../../outside", "/etc/outside"):
        evil = tmp_path / "evil.tar"
        with tarfile.open(evil, "w") as tar:
            member = tarfile.TarInfo(name)
            member.size = 1
            tar.addfile(member, BytesIO(b"x"))
        with elsewhere.at_work():
            assert "no backup of ours" in refusal("restore", evil)
    assert not list(tmp_path.rglob("outside"))


def test_a_backup_of_a_newer_release_is_refused(
    request_: PaymentRequest, backups: Path, elsewhere: Elsewhere
) -> None:
    MigrationRecorder(connection).record_applied("treasury", "9999_of_tomorrow")
    file = made(backups)
    with elsewhere.at_work():
        assert "treasury.9999_of_tomorrow" in refusal("restore", file)
    assert is_untouched(elsewhere)


def test_a_backup_of_another_engine_is_refused(archive: Path, tmp_path: Path) -> None:
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        pytest.skip("there is no server")
    there = elsewhere_of(databases.InFiles(), tmp_path)
    environment = {
        **os.environ, **services.FIXED, "DATABASE_URL": there.address,
        "MEDIA_ROOT": str(there.media), "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    said = subprocess.run(
        [sys.executable, "manage.py", "restore", str(archive)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 1
    assert "The backup is of postgresql" in said.stderr
    assert not documents(there.media).keys() - {".restoring.lock"}


@pytest.mark.parametrize("answer", ["no\n", ""])
def test_without_a_yes_nothing_is_replaced(
    company: Company, archive: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path, answer: str,
) -> None:  # fmt: skip
    with elsewhere.at_work():
        run("restore", archive)
        company.submitted()
        answered = tmp_path / "answer"
        answered.write_text(answer)
        with answered.open() as stream:
            monkeypatch.setattr(sys, "stdin", stream)
            assert "Nothing was changed" in refusal("restore", archive, replace=True)
        assert PaymentRequest.objects.count() == 2


def test_a_folder_that_cannot_be_written_to_is_told(
    archive: Path, elsewhere: Elsewhere, settings: LazySettings, tmp_path: Path
) -> None:
    # Nobody may, not even root.
    for folder in (Path("/sys/backups"), archive / "folder"):
        assert "may write to" in refusal("backup", folder)
        with elsewhere.at_work():
            settings.MEDIA_ROOT = str(folder)
            assert str(folder) in refusal("restore", archive)
    assert is_untouched(elsewhere)
    missing = tmp_path / "nothing.tar"
    with elsewhere.at_work():
        assert f"{missing}: No such file" in refusal("restore", missing)


def limited(
    kilobytes: int, *command: object, **environment: str
) -> subprocess.CompletedProcess[str]:
    """As on a disk that is full when a file is so large."""
    return subprocess.run(
        ["bash", "-c", f'ulimit -f {kilobytes}; exec "$0" manage.py "$@"', sys.executable,
         *map(str, command)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, **services.FIXED, "DJANGO_SETTINGS_MODULE": "config.settings",
             "MEDIA_ROOT": settings.MEDIA_ROOT, **environment},
    )  # fmt: skip


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_a_full_disk_leaves_nothing_that_looks_whole(
    archive: Path, elsewhere: Elsewhere, backups: Path, is_encrypted: bool
) -> None:
    ours = databases.of(os.environ["DATABASE_URL"])
    here = ours.address(str(connection.settings_dict["NAME"]))
    options = ["--recipient", str(Identity.generate().to_public())] if is_encrypted else []
    said = limited(64, "backup", backups, *options, DATABASE_URL=here)
    assert said.returncode == 1
    assert "No backup was made" in said.stderr
    assert "Traceback" not in said.stderr
    assert files(backups) == {archive}
    assert {path.name for path in backups.iterdir()} == {archive.name, ".lock"}

    there = {"DATABASE_URL": elsewhere.address, "MEDIA_ROOT": str(elsewhere.media)}
    said = limited(64, "restore", archive, **there)
    assert said.returncode == 1
    assert "Nothing was changed" in said.stderr
    assert is_untouched(elsewhere)


def test_a_restore_that_fails_half_way_leaves_what_was_there(
    company: Company, request_: PaymentRequest, archive: Path, elsewhere: Elsewhere, backups: Path
) -> None:
    """Something of the database's own is in the way, which the backup has as well."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's file is copied as it is")
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA reports; CREATE TABLE reports.kept (id int)")
    file = made(backups)
    with elsewhere.at_work():
        run("restore", file)
        company.submitted()
        Path(request_.attachments.all()[0].file.path).write_text("of another history")
        before = documents()
        assert "psql has failed" in refusal("restore", file, replace=True, yes=True)
        assert PaymentRequest.objects.count() == 2
        assert documents() == before
        run("restore", archive, replace=True, yes=True)
        assert PaymentRequest.objects.count() == 1
        assert b"of another history" not in documents().values()


def test_a_backup_of_an_older_release_is_brought_up_to_date(
    archive: Path, elsewhere: Elsewhere, backups: Path
) -> None:
    with elsewhere.at_work():
        run("restore", archive)
        run("migrate", "telegrambot", "0049", verbosity=0)
        older = made(backups)
        said, _complaints = run("restore", older, replace=True, yes=True)
        assert "migrations applied" in said
        assert Sought.objects.count() == 0
        run("migrate", "treasury", "0046", verbosity=0)
        assert "manage.py migrate" in refusal("backup", backups)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has PATH be a folder with such a `pg_dump` alone."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def only(script: str) -> None:
        if script:
            program = folder / "pg_dump"
            program.write_text(f"#!{SHELL}\n{script}\n")
            program.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))

    return only


def test_a_pg_dump_that_is_missing_old_or_fails_is_told(
    request_: PaymentRequest, backups: Path, programs: Callable[[str], None]
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite needs none")
    for script, words in (
        ("", "pg_dump is not on PATH"),
        ("echo 'pg_dump (PostgreSQL) 9.6.1'", "of version 9"),
        (
            "echo 'pg_dump (PostgreSQL) 99.1 (Debian)'; echo half; echo no >&2; exit 3",
            "changed: no",
        ),
    ):
        programs(script)
        assert words in refusal("backup", backups)
        assert not files(backups)


def test_a_backup_that_was_killed_is_cleared_away(request_: PaymentRequest, backups: Path) -> None:
    first = made(backups)
    (backups / f"{first.name}.partial").write_text("half")
    (backups / "another.tar.partial").write_text("not ours")
    made(backups)
    left = {path.name for path in backups.glob("*.partial")}
    assert left == {"another.tar.partial"}


def test_old_backups_are_thrown_away_but_nothing_else_and_never_the_newest(
    request_: PaymentRequest, backups: Path
) -> None:
    now = datetime.now(UTC)
    for days in (30, 8, 6):
        with time_machine.travel(now - timedelta(days=days), tick=False):
            made(backups)
    others = {
        backups / name
        for name in (
            "elsewhere.example.com-20200101T000000Z.tar",
            "127.0.0.1_8000-20209999T000000Z.tar",
            "notes-of-2020.tar",
        )
    }
    for other in others:
        other.write_text("another's")
    old = {path for path in files(backups) - others if path.name < _name(now - timedelta(days=7))}
    assert len(old) == 2
    said, _complaints = run("backup", backups, keep=7)
    assert "2 old backups thrown away" in said
    assert files(backups) & old == set()
    assert others <= files(backups)
    assert len(files(backups) - others) == 2
    with time_machine.travel(now - timedelta(days=90)):
        run("backup", backups, keep=7)
    assert len(files(backups) - others) == 3
    assert "from 1 on" in refusal("backup", backups, keep=0)


def _name(moment: datetime) -> str:
    return f"127.0.0.1_8000-{moment:%Y%m%dT%H%M%SZ}.tar"


def test_a_recipient_that_is_none_is_a_failed_check(settings: LazySettings) -> None:
    assert "treasury.E003" not in {problem.id for problem in run_checks()}
    settings.BACKUP_AGE_RECIPIENT = ["age1nobody"]
    assert "treasury.E003" in {problem.id for problem in run_checks()}
