"""Gunicorn reads this by itself; what differs between installations is on its command line."""

logger_class = "config.gunicorn.MaskingLogger"
# Workers begin as copies of a process that has loaded everything: once for all of them, and what
# none of them changes is in memory once.
preload_app = True
