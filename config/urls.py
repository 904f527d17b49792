from csp.decorators import csp_exempt
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from config import health
from telegrambot.views import Webhook
from treasury.admin import own_password

# No browser reads what it answers.
webhook = csp_exempt()(login_not_required(Webhook.as_view()))

urlpatterns = [
    path("", include("oauth.urls")),
    path("admin/password_change/", admin.site.admin_view(own_password.change, cacheable=True)),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("telegram/webhook/", webhook, name="telegram-webhook"),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", health.metrics),
]
