# One image for web, worker, beat and migrations. 3.11 is the version that the tests run on.
FROM python:3.11.15-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/opt/venv/bin:$PATH
WORKDIR /app

FROM base AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gettext \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY . .
# The key serves these two commands alone and stays in no layer of the final image.
RUN export SECRET_KEY=build-only \
    && python manage.py compilemessages \
    && mkdir staticfiles \
    && python manage.py collectstatic --noinput

FROM base
# pg_dump and pg_restore for `manage.py backup`: no older than the server of docker-compose.yml, which
# Debian's own are.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -y --no-install-recommends postgresql-client-17 \
    && apt-get purge -y --auto-remove postgresql-common \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin treasury \
    && install --directory --owner treasury /app/var
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
USER treasury
VOLUME /app/var
EXPOSE 8000
# Of the web; needs 127.0.0.1 in ALLOWED_HOSTS.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", \
         "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
# Threads, because a request waits for the database and never for Telegram. Whoever keeps idle
# connections to us must be the one who closes them, or a post falls into the closing.
CMD ["gunicorn", "config.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", \
     "--threads=8", "--keep-alive=75", "--worker-tmp-dir=/dev/shm", "--no-control-socket", \
     "--graceful-timeout=30", "--access-logfile=-"]
