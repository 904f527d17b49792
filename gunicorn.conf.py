"""Gunicorn reads this by itself; what differs between installations is on its command line."""

logger_class = "config.gunicorn.MaskingLogger"
