"""Gunicorn configures its loggers itself, apart from the settings."""

from typing import Any

from gunicorn.glogging import Logger

from config.logs import SecretsFilter


class MaskingLogger(Logger):  # type: ignore[misc]  # untyped library
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.addFilter(SecretsFilter())
