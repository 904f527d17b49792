"""All settings, read from the environment; `.env.example` explains each variable.

Every secret may also come from a file whose path is in `NAME_FILE`, as container platforms mount
them.
"""

import resource
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environ.fileaware_mapping import FileAwareMapping

from config.logs import without_secrets

BASE_DIR = Path(__file__).resolve().parent.parent
# No core is left of a process that crashes: it would hold every secret that follows.
resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


class SecretFiles(FileAwareMapping):  # type: ignore[misc]  # untyped library
    """The environment, or the file in NAME_FILE without the newline that editors leave."""

    def __getitem__(self, key: str) -> str:
        return str(super().__getitem__(key)).rstrip("\r\n")


class Env(environ.Env):  # type: ignore[misc]  # untyped library
    ENVIRON = SecretFiles()


env = Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY (or SECRET_KEY_FILE): see .env.example.")
# Journals are signed with it: see `treasury.signing`.
JOURNAL_KEY = env.str("JOURNAL_KEY", default="")
JOURNAL_KEY_FALLBACKS = env.list("JOURNAL_KEY_FALLBACKS", default=[])
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
# The product's own address decides: over HTTPS every cookie and redirect is strict, and
# only a loopback address may be served over plain HTTP (oauth.E003).
HTTPS = _public.scheme == "https"
# All of the address that Telegram calls, where it is not below PUBLIC_URL: no link leads there, so
# that it may hold a login.
TELEGRAM_WEBHOOK_URL = env.str("TELEGRAM_WEBHOOK_URL", default="")
_hosts = (_public.hostname or "127.0.0.1", urlsplit(TELEGRAM_WEBHOOK_URL).hostname)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[*dict.fromkeys(filter(None, _hosts))])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "treasury",
    "telegrambot",
    "oauth",
    "demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "rest_framework",
    "social_django",
]

MIDDLEWARE = [
    "config.request_ids.RequestIdMiddleware",
    "config.limits.BodyLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "oauth.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
    "config.patience.PatienceMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

VAR_DIR = BASE_DIR / "var"
_database = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'db.sqlite3'}"
DATABASES = {"default": env.db_url_config(_database)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers queue for the lock at BEGIN instead of failing half-way, and readers never wait.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # To compile a plan takes longer than the longest of ours runs. A machine that has lost its
    # power or its network tells nobody, and what it had locked would stay so for hours: the server
    # gives it up after a minute.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options",
        "-c jit=off -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 "
        "-c tcp_keepalives_count=3",
    )
# To whom `migrate` gives what the product needs, where another role owns the tables: see
# `treasury.grants`.
APPLICATION_ROLE = env.str("APPLICATION_ROLE", default="")
# Seconds after which PostgreSQL gives up a query of a web page; 0 is never.
WEB_STATEMENT_TIMEOUT = env.int("WEB_STATEMENT_TIMEOUT", default=15)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "treasury.Employee"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# Seconds for which a link to set a password may be used.
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", default="")
GOOGLE_CLIENT_SECRET = env.str("GOOGLE_CLIENT_SECRET", default="")
GOOGLE_OIDC_ENDPOINT = (
    env.str("GOOGLE_OIDC_ENDPOINT", default="").rstrip("/") or "https://accounts.google.com"
)
GOOGLE_HOSTED_DOMAIN = env.str("GOOGLE_HOSTED_DOMAIN", default="").lower()
GOOGLE_SITE_VERIFICATION = env.str("GOOGLE_SITE_VERIFICATION", default="")
_google = urlsplit(GOOGLE_OIDC_ENDPOINT)

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    *(["oauth.google.GoogleOIDC"] if GOOGLE_CLIENT_ID else []),
    "django.contrib.auth.backends.ModelBackend",
]
SOCIAL_AUTH_GOOGLE_KEY = GOOGLE_CLIENT_ID
SOCIAL_AUTH_GOOGLE_SECRET = GOOGLE_CLIENT_SECRET
SOCIAL_AUTH_GOOGLE_OIDC_ENDPOINT = GOOGLE_OIDC_ENDPOINT
# Whoever has several accounts chooses, with the company's on top.
SOCIAL_AUTH_GOOGLE_AUTH_EXTRA_ARGUMENTS = {
    "prompt": "select_account",
    **({"hd": GOOGLE_HOSTED_DOMAIN} if GOOGLE_HOSTED_DOMAIN else {}),
}
SOCIAL_AUTH_FIELDS_STORED_IN_SESSION = ["link"]
# Google tells who somebody is and leaves no rows: the verified address decides every time.
SOCIAL_AUTH_PIPELINE = (
    "social_core.pipeline.social_auth.social_details",
    "oauth.pipeline.require_verified_email",
    "oauth.pipeline.require_company_account",
    "oauth.pipeline.find_employee",
    "oauth.pipeline.welcome",
)

# Five wrong passwords for one person from one address close both for an hour. Not the person
# alone, or anyone could lock a colleague out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 1
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "oauth.throttling.typed_name"
AXES_CLIENT_IP_CALLABLE = "oauth.throttling.client_address"
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "link", "csrfmiddlewaretoken"]
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Moscow")
USE_TZ = True
WORKING_HOURS = env.list("WORKING_HOURS", default=["09:00-13:00", "14:00-18:00"])
# For so much working time an author who has reminded of his request does not remind of it again.
NUDGE_PAUSE = timedelta(hours=env.int("NUDGE_HOURS", default=4))

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Without `collectstatic` (the demo, the tests) files are served from where they lie.
WHITENOISE_USE_FINDERS = not STATIC_ROOT.exists()
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(VAR_DIR / "media"))()
# Where `manage.py backup` writes to, and who alone can read it: public keys of age.
BACKUP_DIR = env.path("BACKUP_DIR", default=str(VAR_DIR / "backups"))()
BACKUP_AGE_RECIPIENT = env.list("BACKUP_AGE_RECIPIENT", default=[])
# Who is asked about every document before it is kept: see `treasury.scanning`.
CLAMD_SOCKET = env.str("CLAMD_SOCKET", default="")
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    # As Django's own, but a full disk is an error of the form.
    "treasury.admin.spool.Spool",
]
# A bucket that all machines reach; without one documents are in MEDIA_ROOT.
STORAGE_URL = env.str("STORAGE_URL", default="")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "treasury.bucket.Bucket", "OPTIONS": {"url": STORAGE_URL}}
    if STORAGE_URL
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_ROOT.exists()
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# One policy for every page, the admin included: nothing inline, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        # A browser holds this rule against the redirect of a form as well: to sign in is one.
        "form-action": [
            SELF,
            *([f"{_google.scheme}://{_google.netloc}"] if GOOGLE_CLIENT_ID else []),
        ],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
if HTTPS:
    # The proxy in front must set this header itself, whatever comes in.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    # Browsers that know the list refuse plain HTTP to the whole domain, for years: whoever asks for
    # that has to mean it, and so the checks that miss it are silent.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
# The health checks come from inside, over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]

REDIS_URL = env.str("REDIS_URL", default="")
# Nothing that must not be lost. A silent Redis must hold up no answer.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {"socket_timeout": 1.0, "socket_connect_timeout": 1.0},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}

# Seconds for a broker that accepts and stays silent: neither web nor health checks wait longer.
BROKER_TIMEOUT = 2
# Without Redis no task leaves its process: `manage.py telegram work` is worker and beat in one.
CELERY_BROKER_URL = REDIS_URL or "memory://"
# The broker forgets a task once a worker has it: any may be lost, and the sweep finds its work.
# To keep and restore such tasks would cost two calls each, and a worker that loses the broker with
# one in its hands dies of the attempt (kombu 5.7: "'NoneType' object has no attribute 'hostname'").
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "ack_emulation": False,
        "socket_timeout": BROKER_TIMEOUT,
        "socket_connect_timeout": BROKER_TIMEOUT,
    }
    if REDIS_URL
    # Seconds between two looks into its own memory.
    else {"polling_interval": 0.05}
)
CELERY_BROKER_CONNECTION_TIMEOUT = BROKER_TIMEOUT
# To try again would take as long again, and a task that is not sent is one that was lost.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "telegrambot.tasks.sweep", "schedule": 2.0, "options": {"expires": 2.0}},
    "deputies": {"task": "telegrambot.tasks.ask_deputies", "schedule": 60.0},
    "appointments": {"task": "telegrambot.tasks.follow_appointments", "schedule": 600.0},
    "remind": {
        "task": "telegrambot.tasks.remind",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "digests": {
        "task": "telegrambot.tasks.tell_digests",
        "schedule": 30.0,
        "options": {"expires": 30.0},
    },
    "watch": {"task": "telegrambot.tasks.watch", "schedule": 60.0, "options": {"expires": 60.0}},
    "menus": {"task": "telegrambot.tasks.keep_menus", "schedule": 60.0},
    "prune": {"task": "telegrambot.tasks.prune", "schedule": 3600.0},
    "expire": {"task": "oauth.tasks.expire", "schedule": crontab(hour="4", minute="20")},
}

if not REDIS_URL:
    # Nobody else can ring.
    CELERY_BEAT_SCHEDULE["look"] = {
        "task": "telegrambot.tasks.project", "schedule": 0.5, "options": {"expires": 0.5},
    }  # fmt: skip

# Without it no letter is sent, and none pretended: see treasury.services.passwords.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="") or f"treasury@{_public.hostname}"
# A page waits for the mail server.
EMAIL_TIMEOUT = 10

TELEGRAM_API_URL = env.str("TELEGRAM_API_URL", default="https://api.telegram.org").rstrip("/")
TELEGRAM_BOT_TOKEN = env.str("TELEGRAM_BOT_TOKEN", default="")
TELEGRAM_WEBHOOK_SECRET = env.str("TELEGRAM_WEBHOOK_SECRET", default="")
try:
    TELEGRAM_SUBNETS = [ip_network(text) for text in env.list("TELEGRAM_SUBNETS", default=[])]
except ValueError as exc:
    raise ImproperlyConfigured(f"TELEGRAM_SUBNETS: {exc}.") from exc
# Of one file. Telegram's own server takes 50 MB, one's own with --local 2000 MB.
TELEGRAM_UPLOAD_BYTES = env.int("TELEGRAM_UPLOAD_MB", default=50) * 1_000_000
TELEGRAM_PROXY_URL = env.str("TELEGRAM_PROXY_URL", default="")
TELEGRAM_CERTIFICATE = env.str("TELEGRAM_CERTIFICATE", default="")
TELEGRAM_BOT_USERNAME = env.str("TELEGRAM_BOT_USERNAME", default="").lstrip("@")
TELEGRAM_LINK_URL = env.str("TELEGRAM_LINK_URL", default="https://t.me").rstrip("/")
# Telegram's own limits (messages a second over all, a second in a private chat, a minute in a
# group), approached and never touched: bursts and network jitter must fit below them. Over all two
# at once, for most presses change two cards and the second need not wait for the first.
TELEGRAM_PACE = {"overall": (26, 1.0, 2), "private": (1, 1.0, 2), "group": (15, 60.0, 4)}

# For how long the channel's tables keep what; a worker forgets the rest every hour.
KEPT = {
    # What an update carried, once it was handled.
    "payloads": timedelta(hours=48),
    # Its number, kind and outcome; and all of one that could not be handled.
    "updates": timedelta(days=60),
    # Messages that are about no request.
    "notices": timedelta(days=90),
    # What administrators were told of, since it was over; with its file.
    "alerts": timedelta(days=90),
    # Messages of a request that has ended, since its last event: they are edited no more.
    "messages": timedelta(days=365),
    # What one person alone has seen in a group: Telegram's own library forgets it then.
    "whispers": timedelta(days=7),
    # The private chat of somebody who is not linked, and a group that has removed the bot and
    # belongs to no organization, since anything was last said to the bot there.
    "strangers": timedelta(days=30),
    # What was asked to be approved by one tap, and what came of each.
    "bulk": timedelta(days=60),
    # Telegram's id of a file, since it was last sent by it: then it is uploaded again.
    "files": timedelta(days=365),
    # What became of a file that somebody has sent; the document itself stays with its request.
    "incoming": timedelta(days=30),
    # A new request that was begun in the chat and not gone on with.
    "begun": timedelta(days=30),
    # The words by which the pages under a search are turned.
    "sought": timedelta(days=30),
}
# Seconds for which news or messages may wait before something must be wrong with the worker.
LAG_LIMIT = 300

LOG_FORMAT = env.str("LOG_FORMAT", default="text")
if LOG_FORMAT not in ("text", "json"):
    raise ImproperlyConfigured("LOG_FORMAT may be text or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "plain": {"()": "config.logs.PlainFilter"},
        "repeats": {"()": "config.logs.RepeatsFilter"},
        "secrets": {"()": "config.logs.SecretsFilter"},
    },
    "formatters": {"line": {"()": "config.logs.formatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["plain", "repeats", "secrets"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django.server": {"handlers": ["console"], "propagate": False}},
}

SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    # Every process would pay a tenth of a second for what it does not use.
    import sentry_sdk

    sentry_sdk.init(
        dsn=SENTRY_DSN,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=without_secrets,
    )
