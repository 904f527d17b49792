"""Gunicorn configures its loggers itself, apart from the settings."""

import os
from typing import Any

from gunicorn.glogging import Logger
from structlog.contextvars import bound_contextvars

from config.logs import SecretsFilter, formatter
from config.request_ids import HEADER

# The logger comes before the application.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class MaskingLogger(Logger):  # type: ignore[misc]  # untyped library
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.addFilter(SecretsFilter())
            for handler in log.handlers:
                handler.setFormatter(formatter())

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """The request is over by now, and its id in the answer."""
        request_id = dict(resp.headers).get(HEADER, "")
        seconds = request_time.total_seconds()
        with bound_contextvars(request_id=request_id, seconds=seconds):
            super().access(resp, req, environ, request_time)
