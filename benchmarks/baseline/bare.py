"""What others would write: Django and DRF, and of both no more than one INSERT needs."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.baseline.urls"
INSTALLED_APPS = ["rest_framework"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
