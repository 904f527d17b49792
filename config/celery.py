import os
import sys
from typing import Any

from celery import Celery, Task
from celery.signals import task_postrun, task_prerun, worker_ready, worker_shutdown
from django.db import close_old_connections
from structlog.contextvars import bind_contextvars, clear_contextvars

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("treasury")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Celery would connect to the database anew for every task, which costs more than many a task.
# Django's own rule, CONN_MAX_AGE with a health check, serves the worker's threads as well.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize


@task_prerun.connect
def renew_connections(task: "Task[..., Any]", **kwargs: Any) -> None:
    # An eager task runs on its caller's connection, in the middle of whatever he does.
    if not task.request.is_eager:
        close_old_connections()


@task_prerun.connect
def name_in_logs(task_id: str, task: "Task[..., Any]", **kwargs: Any) -> None:
    if not task.request.is_eager:
        clear_contextvars()
        bind_contextvars(task=task.name, task_id=task_id)


@task_postrun.connect
def name_no_more(task: "Task[..., Any]", **kwargs: Any) -> None:
    if not task.request.is_eager:
        clear_contextvars()


@worker_ready.connect
def begin_to_count(**kwargs: Any) -> None:
    # Its models are loaded only now.
    from telegrambot import tallies

    tallies.keep_adding()


@worker_shutdown.connect
def count_the_last(**kwargs: Any) -> None:
    from telegrambot import tallies

    tallies.at_the_end()
