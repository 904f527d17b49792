"""As the product's `gunicorn.conf.py`, without what needs the product's models."""

logger_class = "config.gunicorn.MaskingLogger"
preload_app = True
