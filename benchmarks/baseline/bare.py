"""What others would write: Django and DRF with no application or middleware that it needs not."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.baseline.urls"
INSTALLED_APPS = ["rest_framework"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
