"""Gunicorn reads this by itself; what differs between installations is on its command line."""

from typing import Any

logger_class = "config.gunicorn.MaskingLogger"
# Who, what, status, bytes, from where, by what; when it was and how long it took the line itself
# says.
access_log_format = '%(h)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'
# Workers begin as copies of a process that has loaded everything: once for all of them, and what
# none of them changes is in memory once.
preload_app = True


def post_worker_init(worker: Any) -> None:
    # Not before the application is loaded: its models are in there.
    from telegrambot import tallies

    tallies.keep_adding()


def worker_exit(server: Any, worker: Any) -> None:
    from telegrambot import tallies

    tallies.at_the_end()
