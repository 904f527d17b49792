import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config import patience

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# All pages, which would else be loaded by the first request, and by each worker for itself.
import_module(settings.ROOT_URLCONF)
patience.limit()
