"""What the product stands on: database, broker, worker, disk, backups."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from telegrambot import alone, lag, readiness
from telegrambot.doctor.results import Result, failure, ok, warning
from telegrambot.doctor.visit import Visit
from treasury.bucket_address import BucketAddress
from treasury.models import LastBackup

# Bytes of the disk that documents are kept on.
LITTLE, TOO_LITTLE = 2_000_000_000, 200_000_000
# Seconds in which a worker answers, however much it has to do.
WORKER_ANSWERS = 2.0
# One is made every night: two were missed. So long the rules for Prometheus wait too.
BACKUP_OLD = timedelta(days=2)


def check_database(visit: Visit) -> Iterator[Result]:
    yield _ready(readiness.database(), _("See that it runs, and that DATABASE_URL is right."))


def check_migrations(visit: Visit) -> Iterator[Result]:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        first, _backwards = missing[0]
        yield failure(
            _("Not applied: %(count)d, from %(name)s on.")
            % {"count": len(missing), "name": f"{first.app_label}.{first.name}"},
            _("Run `manage.py migrate`."),
        )
    else:
        yield ok()


def check_broker(visit: Visit) -> Iterator[Result]:
    if settings.REDIS_URL:
        yield _ready(readiness.broker(), _("See that it runs, and that REDIS_URL is right."))
    else:
        yield ok(_("There is none: one worker does everything."))


def check_worker(visit: Visit) -> Iterator[Result]:
    if not settings.REDIS_URL:
        if alone.is_at_work():
            yield ok()
        else:
            yield failure(_("None is at work."), _("Start `manage.py telegram work`."))
        return
    try:
        answers = current_app.control.ping(timeout=WORKER_ANSWERS)
    except (OperationalError, OSError) as error:
        yield _ready(type(error).__name__, _("See that it runs, and that REDIS_URL is right."))
        return
    if answers:
        yield ok(", ".join(name for answer in answers for name in answer))
    else:
        yield failure(
            _("None answers."),
            _("Start `celery --app config worker`, and one `celery --app config beat`."),
        )


def check_lag(visit: Visit) -> Iterator[Result]:
    seconds = lag.seconds()
    if seconds > settings.LAG_LIMIT:
        yield failure(
            _("What people wait for is %(seconds)d s late.") % {"seconds": seconds},
            _("See that worker and beat run, and look at their logs."),
        )
    else:
        yield ok()


def check_channel(visit: Visit) -> Iterator[Result]:
    yield _ready(readiness.held_back(), _("See that no other installation speaks for this bot."))


def check_documents(visit: Visit) -> Iterator[Result]:
    if settings.STORAGE_URL:
        yield _in_bucket()
    else:
        yield _in_folder(Path(settings.MEDIA_ROOT))


def _in_bucket() -> Result:
    try:
        name = default_storage.save("probe", ContentFile(b"probe"))
        with default_storage.open(name):
            default_storage.delete(name)
    except OSError as error:
        return failure(
            str(error.strerror),
            _(
                "See that the bucket of STORAGE_URL is there, and that its key may list, read, "
                "write and delete in it."
            ),
        )
    return ok(BucketAddress.read(settings.STORAGE_URL).bucket)


def _in_folder(root: Path) -> Result:
    try:
        root.mkdir(parents=True, exist_ok=True)
        # A place in which nothing can be written says so only then.
        with tempfile.TemporaryFile(dir=root) as file:
            file.write(b"probe")
        free = shutil.disk_usage(root).free
    except OSError as error:
        return failure(
            f"{root}: {error.strerror}",
            _("Let the user of web and worker write to MEDIA_ROOT, and make room there."),
        )
    said = _("%(path)s, free: %(size)d MB") % {"path": root, "size": free // 1_000_000}
    remedy = _("Make room there: documents that cannot be kept are refused.")
    if free < TOO_LITTLE:
        return failure(said, remedy)
    return warning(said, remedy) if free < LITTLE else ok(said)


def check_backup(visit: Visit) -> Iterator[Result]:
    last = LastBackup.objects.first()
    if last is None:
        yield warning(_("None was made yet."), _("Have `manage.py backup` run every night."))
        return
    age = timezone.now() - last.made_at
    hours = {"name": last.name, "hours": age // timedelta(hours=1)}
    said = _("%(name)s, %(hours)d h old") % hours
    if age > BACKUP_OLD:
        yield failure(said, _("Look at what its timer has said, and run `manage.py backup`."))
    else:
        yield ok(said)


def _ready(state: str, remedy: str) -> Result:
    return ok() if state == readiness.OK else failure(state, remedy)
