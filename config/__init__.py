# Django loads this package first, so `shared_task` finds this project's Celery application.
from config.celery import app as celery_app

__all__ = ["celery_app"]
