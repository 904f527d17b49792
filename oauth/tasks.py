from celery import shared_task
from django.core.management import call_command

from oauth import linking


@shared_task
def expire() -> None:
    """Throw away what has expired: links, sessions, and what sign-ins with Google left half-way."""
    linking.forget_old()
    call_command("clearsocial", age=1)
    call_command("clearsessions")
